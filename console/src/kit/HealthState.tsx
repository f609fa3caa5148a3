/* How an appliance does, and a group of them: a word with a sign and on demand the reason. */
import Popover from "@cloudscape-design/components/popover";
import StatusIndicator, {
	type StatusIndicatorProps,
} from "@cloudscape-design/components/status-indicator";
import type {Member} from "~/nouns/groups";

interface Look {
	type: StatusIndicatorProps.Type;
	text: string;
}

const looks: Record<string, Look> = {
	healthy: {type: "success", text: "Healthy"},
	unhealthy: {type: "error", text: "Unhealthy"},
	initial: {type: "in-progress", text: "Being checked"},
	draining: {type: "pending", text: "Draining"},
	unused: {type: "stopped", text: "Unused"},
	unavailable: {type: "info", text: "Not checked"},
};

export function healthText(state: string): string {
	return looks[state]?.text ?? state;
}

export function HealthState({health}: {health: Member["TargetHealth"]}) {
	const look = looks[health.State] ?? {type: "info" as const, text: health.State};
	const indicator = <StatusIndicator type={look.type}>{look.text}</StatusIndicator>;
	if (!health.Description) return indicator;
	return (
		<Popover
			header={look.text}
			content={`${health.Description}. (${health.Reason})`}
			dismissButton={false}
			renderWithPortal
		>
			{indicator}
		</Popover>
	);
}

/* What is worst is said first. */
export function GroupState({members}: {members?: Member[]}) {
	if (!members) return <StatusIndicator type="loading">Loading</StatusIndicator>;
	if (members.length === 0)
		return <StatusIndicator type="warning">No appliances</StatusIndicator>;
	return <StatusIndicator type={groupLook(members)}>{groupText(members)}</StatusIndicator>;
}

export function groupText(members: Member[] | undefined): string {
	const text = ["unhealthy", "initial", "draining", "unused", "unavailable", "healthy"]
		.map((state) => [healthText(state), countState(members ?? [], state)] as const)
		.filter(([, count]) => count > 0)
		.map(([word, count]) => `${count} ${word.toLowerCase()}`)
		.join(", ");
	return text;
}

function groupLook(members: Member[]): StatusIndicatorProps.Type {
	const unhealthy = countState(members, "unhealthy");
	if (unhealthy === members.length) return "error";
	if (unhealthy > 0) return "warning";
	if (countState(members, "healthy") > 0) return "success";
	return countState(members, "initial") > 0 ? "in-progress" : "stopped";
}

function countState(members: Member[], state: string): number {
	return members.filter(({TargetHealth}) => TargetHealth.State === state).length;
}
