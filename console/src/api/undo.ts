/* Taking back what was done when a later step is refused.  What cannot be taken back is named beside the refusal. */
import {holdUser} from "./keys";
import {patiently} from "./patience";
import {Problem, problemOf} from "./problem";

export interface Made {
	what: string; // As in "the filter tmf-1".
	undo(): Promise<unknown>;
}

/* Does the steps, which add to 'made' what they make; if one is refused, takes the last one back first. */
export async function orUndo<T>(steps: () => Promise<T>, made: Made[]): Promise<T> {
	const checkUser = holdUser();
	try {
		return await steps();
	} catch (error) {
		const left: string[] = [];
		for (const {what, undo} of [...made].reverse())
			try {
				await patiently(() => {
					checkUser();
					return undo();
				});
			} catch {
				left.push(what);
			}
		throw left.length > 0 ? withLeftovers(problemOf(error, ""), left) : error;
	}
}

function withLeftovers({kind, code, message, action}: Problem, left: string[]): Problem {
	const text = `${message} What was done before could not all be taken back: ${left.join(", ")}.`;
	return new Problem(kind, code, text, action);
}
