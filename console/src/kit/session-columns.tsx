/* The columns of tables of sessions, each with its status. */
import {type Session} from "~/nouns/sessions";
import type {SessionStatus} from "~/nouns/status";
import {nameTag, tagsText} from "~/nouns/tags";
import type {Column} from "./columns";
import {Id} from "./Id";
import {RouteLink} from "./RouteLink";
import {SessionState, stateText} from "./SessionState";

export interface SessionLine {
	session: Session;
	status?: Pick<SessionStatus, "state" | "reason" | "host" | "device">;
}

export const sessionColumns: Column<SessionLine>[] = [
	{
		id: "id",
		header: "Session",
		value: ({session}) => session.trafficMirrorSessionId,
		cell: ({session}) => <Id id={session.trafficMirrorSessionId} />,
		width: 220,
	},
	{id: "name", header: "Name", value: ({session}) => nameTag(session.tagSet)},
	{
		id: "state",
		header: "State",
		value: ({status}) => stateText(status?.state),
		cell: ({status}) => <SessionState state={status?.state} reason={status?.reason} />,
		choices: true,
	},
	{
		id: "source",
		header: "Source",
		value: ({session, status}) =>
			[status?.device, status?.host, session.networkInterfaceId]
				.filter(Boolean)
				.join(" "),
		cell: ({session, status}) => <SourceCell session={session} status={status} />,
		width: 240,
	},
	{
		id: "target",
		header: "Target",
		value: ({session}) => session.trafficMirrorTargetId,
		cell: ({session}) => <Id id={session.trafficMirrorTargetId} />,
	},
	{
		id: "filter",
		header: "Filter",
		value: ({session}) => session.trafficMirrorFilterId,
		cell: ({session}) => <Id id={session.trafficMirrorFilterId} />,
	},
	{id: "number", header: "Number", value: ({session}) => Number(session.sessionNumber)},
	{
		id: "vni",
		header: "VNI",
		value: ({session}) => Number(session.virtualNetworkId),
		hidden: true,
	},
	{
		id: "host",
		header: "Host",
		value: ({status}) => status?.host,
		choices: true,
		hidden: true,
	},
	{
		id: "selector",
		header: "Selector",
		value: ({session}) => session.extension.trafficMirrorSelectorId,
		cell: ({session}) => <Id id={session.extension.trafficMirrorSelectorId} />,
		hidden: true,
	},
	{id: "description", header: "Description", value: ({session}) => session.description},
	{id: "tags", header: "Tags", value: ({session}) => tagsText(session.tagSet), hidden: true},
];

function SourceCell({session, status}: SessionLine) {
	const id = session.networkInterfaceId;
	const text = status?.device ? `${status.device} on ${status.host}` : id;
	return <RouteLink to={`/sources/${id}`}>{text}</RouteLink>;
}

/* Without the counters, which change all the time: so a line stays the same as long as what it shows does. */
export function joinStatus(sessions: Session[], statuses: SessionStatus[]): SessionLine[] {
	const byId = new Map(
		statuses.map(({id, state, reason, host, device}) => [
			id,
			{state, reason, host, device},
		]),
	);
	return sessions.map((session) => ({
		session,
		status: byId.get(session.trafficMirrorSessionId),
	}));
}
