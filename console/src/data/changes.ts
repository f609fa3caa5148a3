/* The change feed: a request that waits at the controller until some kind of object has changed, again and again.
 *
 * It runs while somebody is signed in and the page can be seen.  A controller that lacks the action, or a policy that
 * forbids it, ends it; queries are then as fresh as their own pace makes them. */
import {getSignedIn, type SignedIn, watchSignedIn} from "~/api/keys";
import {problemOf} from "~/api/problem";
import {query} from "~/api/query";
import {invalidate, type Kind} from "./cache";
import {onHealed, reportOutcome} from "./connection";

interface Answer {
	revision: string;
	changedKindSet: Kind[];
}

const waitSeconds = 25;
const pauseAfterProblem = 3000;
let running: AbortController | undefined;

export function followChanges(): void {
	watchSignedIn(restart);
	onHealed(restart);
	document.addEventListener("visibilitychange", restart);
	restart();
}

function restart(): void {
	running?.abort();
	running = undefined;
	const who = getSignedIn();
	if (!who || document.visibilityState === "hidden") return;
	running = new AbortController();
	void follow(who, running.signal);
}

/* The first answer only tells where to begin; so what was seen before a pause is fetched anew. */
async function follow(who: SignedIn, signal: AbortSignal): Promise<void> {
	let since: string | undefined;
	while (!signal.aborted) {
		try {
			const answer = await ask(who, since, signal);
			since = answer.revision;
			if (answer.changedKindSet.length > 0) invalidate(...answer.changedKindSet);
		} catch (error) {
			if (signal.aborted) return;
			const problem = problemOf(error, "DescribeTrafficMirrorChanges");
			if (problem.kind === "forbidden" || problem.kind === "refused") return;
			reportOutcome(problem);
			await new Promise((done) => setTimeout(done, pauseAfterProblem));
		}
	}
}

function ask(who: SignedIn, since: string | undefined, signal: AbortSignal): Promise<Answer> {
	const parameters = since === undefined ? {} : {Since: since, WaitSeconds: waitSeconds};
	return query<Answer>("DescribeTrafficMirrorChanges", parameters, {keys: who.keys, signal});
}
