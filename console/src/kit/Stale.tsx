/* Beside what is still shown: since when it is old, and why it is not fetched anew. */
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import type {Shown} from "~/data/use";
import {formatDate} from "~/text/dates";
import {changeText} from "./ProblemView";

/* While no answer comes at all, the frame says so for everything. */
export function Stale({query}: {query: Omit<Shown<unknown>, "refresh">}) {
	const {value, problem, fetchedAt} = query;
	if (value === undefined || !problem || problem.kind === "offline") return null;
	const time = fetchedAt ? formatDate(new Date(fetchedAt)) : "before";
	return (
		<div role="status">
			<StatusIndicator type="warning">
				{`As of ${time}. ${changeText(problem)}`}
			</StatusIndicator>
		</div>
	);
}
