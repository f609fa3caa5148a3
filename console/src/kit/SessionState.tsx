/* A session's state, as a word with a sign and on demand the reason. */
import Popover from "@cloudscape-design/components/popover";
import StatusIndicator, {
	type StatusIndicatorProps,
} from "@cloudscape-design/components/status-indicator";

interface Look {
	type: StatusIndicatorProps.Type;
	text: string;
	advice?: string;
}

/* The states of docs/extensions.md, the first that applies. */
export const states: Record<string, Look> = {
	"no-agent": {
		type: "error",
		text: "No agent",
		advice: "Nobody has heard of the agent on the source's host. Is it running, and can it reach the controller?",
	},
	paused: {type: "stopped", text: "Paused"},
	"source-detached": {
		type: "warning",
		text: "Source detached",
		advice: "The interface is on no host now. Mirroring goes on when it is back.",
	},
	"target-unreachable": {type: "error", text: "Target unreachable"},
	"filter-empty": {
		type: "warning",
		text: "Filter empty",
		advice: "A filter without accepting rules takes nothing. Add a rule.",
	},
	pending: {type: "pending", text: "Pending"},
	failed: {type: "error", text: "Failed"},
	overtaken: {
		type: "warning",
		text: "Overtaken",
		advice: "Another program on the host keeps taking the first place on the interface.",
	},
	"targets-unhealthy": {type: "error", text: "Targets unhealthy"},
	active: {type: "success", text: "Active"},
};

export function stateText(state: string | undefined): string {
	return state ? (states[state]?.text ?? state) : "";
}

export function SessionState({state, reason}: {state?: string; reason?: string}) {
	if (!state) return <StatusIndicator type="loading">Loading</StatusIndicator>;
	const look = states[state] ?? {type: "info" as const, text: state};
	const indicator = <StatusIndicator type={look.type}>{look.text}</StatusIndicator>;
	const more = [reason, look.advice].filter(Boolean).join(" ");
	if (!more) return indicator;
	return (
		<Popover header={look.text} content={more} dismissButton={false} renderWithPortal>
			{indicator}
		</Popover>
	);
}
