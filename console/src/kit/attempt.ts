/* A change at the press of a button, with no form around it: what became of it is told above the page. */
import {problemOf} from "~/api/problem";
import {invalidate, type Kind} from "~/data/cache";
import {reportOutcome} from "~/data/connection";
import {notify} from "~/shell/notices";

export async function attempt(
	done: string,
	change: () => Promise<unknown>,
	...kinds: Kind[]
): Promise<void> {
	try {
		await change();
		notify("success", done);
	} catch (error) {
		const problem = problemOf(error, "");
		reportOutcome(problem);
		const forbidden = problem.kind === "forbidden" && problem.action;
		notify(
			"error",
			forbidden
				? `No policy of yours allows ${problem.action}.`
				: problem.message,
		);
	} finally {
		invalidate(...kinds);
	}
}
