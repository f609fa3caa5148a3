/* A change at the press of a button, with no form around it: what became of it is told above the page. */
import type {Kind} from "~/data/cache";
import {perform} from "~/data/perform";
import {notify, notifyProgress} from "~/shell/notices";
import {changeText} from "./ProblemView";

export async function attempt(
	done: string,
	change: () => Promise<unknown>,
	...kinds: Kind[]
): Promise<void> {
	const {problem} = await perform(change, ...kinds);
	notify(problem ? "error" : "success", problem ? changeText(problem) : done);
}

/* Of many objects: while it runs, how many of them are done. */
export async function attemptEach(
	done: string,
	count: number,
	change: (told: (done: number) => void) => Promise<unknown>,
	...kinds: Kind[]
): Promise<void> {
	const progress = notifyProgress(`0 of ${count}`);
	const told = (number: number) => progress.tell(`${number} of ${count}`);
	await attempt(done, () => change(told).finally(progress.end), ...kinds);
}
