/* A problem in place of what could not be shown, with what can be done about it. */
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import type {Problem, ProblemKind} from "~/api/problem";
import {Loading} from "./Loading";

interface Words {
	type: "error" | "warning" | "info";
	header: string;
	advice?(problem: Problem): string;
}

const words: Record<ProblemKind, Words> = {
	forbidden: {
		type: "warning",
		header: "You may not see this",
		advice: ({action}) =>
			`No policy of yours allows ${action || "this action"}. Ask who administers your account.`,
	},
	"signed-out": {type: "info", header: "Please sign in again"},
	offline: {type: "warning", header: "The controller does not answer"},
	busy: {
		type: "warning",
		header: "Too much at once",
		advice: () => "Try again in a moment.",
	},
	missing: {
		type: "error",
		header: "There is no such object",
		advice: () => "It may have been deleted.",
	},
	refused: {type: "error", header: "This could not be fetched"},
};

export function ProblemView({problem, onRetry}: {problem: Problem; onRetry?(): void}) {
	const {type, header, advice} = words[problem.kind];
	if (problem.kind === "offline") return <Loading what="Waiting for the controller" />;
	return (
		<Alert
			type={type}
			header={header}
			action={onRetry && <Button onClick={onRetry}>Try again</Button>}
		>
			{advice && <Box color="inherit">{advice(problem)}</Box>}
			<Box color="inherit" fontSize="body-s">
				{problem.message}
			</Box>
		</Alert>
	);
}

/* Above a form or in a question: the change that was not done. */
export function ChangeProblem({problem}: {problem?: Problem}) {
	if (!problem) return null;
	return (
		<Alert type="error" header={changeHeader(problem)}>
			{problem.message}
		</Alert>
	);
}

/* The same in one line, for where there is no form. */
export function changeText(problem: Problem): string {
	return problem.kind === "forbidden" ? `${changeHeader(problem)}.` : problem.message;
}

function changeHeader({kind, action}: Problem): string {
	if (kind === "forbidden") return `No policy of yours allows ${action || "this"}`;
	if (kind === "offline") return "The controller does not answer";
	return kind === "busy" ? "This was too much at once" : "The controller refused this";
}
