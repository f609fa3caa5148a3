/* A change of objects, whatever page it is asked for on: what became of it, and who is to hear of it.
 *
 * Whatever shows objects of these kinds follows.  Keys that are no longer taken end the sign-in, but only that of
 * him who asked: an answer may come when the next one has signed in. */
import {getSignedIn} from "~/api/keys";
import {type Problem, problemOf} from "~/api/problem";
import {invalidate, type Kind} from "./cache";
import {reportOutcome} from "./connection";

export type Outcome<T> = {value: T; problem?: undefined} | {value?: undefined; problem: Problem};

export async function perform<T>(change: () => Promise<T>, ...kinds: Kind[]): Promise<Outcome<T>> {
	const who = getSignedIn();
	try {
		return {value: await change()};
	} catch (error) {
		const problem = problemOf(error, "");
		if (getSignedIn() === who) reportOutcome(problem);
		return {problem};
	} finally {
		invalidate(...kinds);
	}
}
