/* Changes of many objects: at the pace at which the controller takes them, and with a count of what is done.
 *
 * The one hard idea: "busy" is no refusal.  Who asks too fast is told so before anything is done, so the same request is
 * sent again after a pause.  Of what is really refused, the first ends it all, but only once everything under way has ended:
 * whoever is told of a refusal may rely on it that nothing more happens. */
import {holdUser} from "./keys";
import {Problem, problemOf} from "./problem";

export interface Pace {
	/* How many are done by now. */
	told?(done: number): void;
	signal?: AbortSignal; // No further ones are begun.
	sleep?(milliseconds: number): Promise<void>;
}

const atOnce = 4;
const firstPause = 500;
const longestPause = 8000;
const mostTries = 12;

export async function patiently<T>(request: () => Promise<T>, sleep = sleepFor): Promise<T> {
	for (
		let tries = 1, pause = firstPause;
		;
		tries++, pause = Math.min(2 * pause, longestPause)
	)
		try {
			return await request();
		} catch (error) {
			if (problemOf(error, "").kind !== "busy" || tries === mostTries)
				throw error;
			await sleep(pause);
		}
}

/* The same change of each; returns of how many.  A refusal says how many were done before. */
export async function changeEach<T>(
	items: readonly T[],
	change: (item: T) => Promise<unknown>,
	{told, signal, sleep}: Pace = {},
): Promise<number> {
	const waiting = [...items];
	const checkUser = holdUser();
	let done = 0;
	let refusal: Problem | undefined;
	const worker = async () => {
		while (waiting.length > 0 && !refusal && !signal?.aborted) {
			const item = waiting.shift()!;
			const request = () => {
				checkUser();
				return change(item);
			};
			try {
				await patiently(request, sleep);
				done++;
				told?.(done);
			} catch (error) {
				refusal ??= problemOf(error, "");
			}
		}
	};
	await Promise.all(Array.from({length: atOnce}, worker));
	if (!refusal) return done;
	const {kind, code, message, action} = refusal;
	const before = items.length > 1 ? `${done} of ${items.length} are done. ` : "";
	throw new Problem(kind, code, before + message, action);
}

function sleepFor(milliseconds: number): Promise<void> {
	return new Promise((done) => setTimeout(done, milliseconds));
}
