/* The change feed: a request that waits at the controller until some kind of object has changed, again and again.
 *
 * It runs while somebody is signed in and the page can be seen.  Of the tabs of one user a single one asks, which is
 * whoever holds a lock, and tells the others; so a browser takes one of the few places there are for those who wait.  A
 * controller that lacks the action, or a policy that forbids it, ends it; queries are then as fresh as their own pace
 * makes them. */
import {getSignedIn, type SignedIn, watchSignedIn} from "~/api/keys";
import {problemOf} from "~/api/problem";
import {query} from "~/api/query";
import {pauseAfter, waitSeconds} from "~/text/pauses";
import {invalidate, invalidateAll, type Kind} from "./cache";
import {onHealed, reportOutcome} from "./connection";

interface Answer {
	revision: string;
	changedKindSet: Kind[];
}

const pauseAfterProblem = 3000;
let running: AbortController | undefined;
let known: {arn: string; revision: string} | undefined; // Up to where changes were heard of, also before a pause.

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
	if (who?.identity.arn !== known?.arn) known = undefined;
	if (!who || document.visibilityState === "hidden") return;
	running = new AbortController();
	share(who, running.signal).catch((error: unknown) => {
		if (!(error instanceof DOMException && error.name === "AbortError")) throw error;
	});
}

/* Listens to the tab that asks, and becomes that one when there is no other. */
async function share(who: SignedIn, signal: AbortSignal): Promise<void> {
	const name = `tmirror-changes ${who.identity.arn}`;
	const others = new BroadcastChannel(name);
	others.onmessage = ({data}: MessageEvent<Answer>) => hear(who, data);
	try {
		await catchUp(who, signal);
		await navigator.locks.request(name, {signal}, () => follow(who, others, signal));
	} finally {
		others.close();
	}
}

/* What changed while nobody looked, which the tab that asks has told the others long ago. */
async function catchUp(who: SignedIn, signal: AbortSignal): Promise<void> {
	if (!known) return;
	const {revision: Since} = known;
	const options = {keys: who.keys, signal};
	const answer = await query<Answer>("DescribeTrafficMirrorChanges", {Since}, options).catch(
		() => undefined,
	);
	if (signal.aborted) return;
	if (answer) hear(who, answer);
	else invalidateAll();
}

async function follow(who: SignedIn, others: BroadcastChannel, signal: AbortSignal): Promise<void> {
	let pause = 0;
	while (!signal.aborted) {
		try {
			const waits = known !== undefined;
			const start = performance.now();
			const answer = await ask(who, signal);
			hear(who, answer);
			others.postMessage(answer);
			const changed = !waits || answer.changedKindSet.length > 0;
			pause = pauseAfter(changed, performance.now() - start, pause);
		} catch (error) {
			if (signal.aborted) return;
			const problem = problemOf(error, "DescribeTrafficMirrorChanges");
			if (problem.kind === "forbidden" || problem.kind === "refused") return;
			reportOutcome(problem);
			pause = pauseAfterProblem;
		}
		if (pause > 0) await sleep(pause, signal);
	}
}

function hear(who: SignedIn, answer: Answer): void {
	known = {arn: who.identity.arn, revision: answer.revision};
	if (answer.changedKindSet.length > 0) invalidate(...answer.changedKindSet);
}

/* Without a revision to begin with, the answer comes at once and tells one. */
function ask(who: SignedIn, signal: AbortSignal): Promise<Answer> {
	const parameters = known ? {Since: known.revision, WaitSeconds: waitSeconds} : {};
	return query<Answer>("DescribeTrafficMirrorChanges", parameters, {keys: who.keys, signal});
}

/* Shorter if the signal says so, since whoever sleeps holds the lock. */
function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
	return new Promise((done) => {
		const timer = setTimeout(done, milliseconds);
		signal.addEventListener("abort", () => (clearTimeout(timer), done()), {once: true});
	});
}
