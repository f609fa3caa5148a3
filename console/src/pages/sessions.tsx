/* All sessions of the account: what is copied from where to where, and how it is doing. */
import {useMemo} from "react";
import {useQuery, useStable} from "~/data/use";
import type {Column} from "~/kit/columns";
import {Id} from "~/kit/Id";
import {useHelp, usePageTitle} from "~/kit/Page";
import {ResourceTable} from "~/kit/ResourceTable";
import {RouteButton, RouteLink} from "~/kit/RouteLink";
import {SessionState, stateText} from "~/kit/SessionState";
import {type Session, sessionsQuery} from "~/nouns/sessions";
import {type SessionStatus, statusesQuery} from "~/nouns/status";
import {nameTag, tagsText} from "~/nouns/tags";

interface Line {
	session: Session;
	status?: SessionStatus;
}

const columns: Column<Line>[] = [
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
	{id: "description", header: "Description", value: ({session}) => session.description},
	{id: "tags", header: "Tags", value: ({session}) => tagsText(session.tagSet), hidden: true},
];

export default function Sessions() {
	usePageTitle("Sessions");
	useHelp("Sessions", help);
	const sessions = useQuery(sessionsQuery);
	const statuses = useQuery(statusesQuery);
	const lines = useStable(
		useMemo(
			() => sessions.value && joinStatus(sessions.value, statuses.value ?? []),
			[sessions.value, statuses.value],
		),
	);
	return (
		<ResourceTable
			name="sessions"
			title="Sessions"
			noun="sessions"
			query={{...sessions, value: lines}}
			columns={columns}
			keyOf={({session}) => session.trafficMirrorSessionId}
			selection="multi"
			empty={<RouteButton to="/sessions/create">Create a session</RouteButton>}
		/>
	);
}

function SourceCell({session, status}: Line) {
	const id = session.networkInterfaceId;
	const text = status?.device ? `${status.device} on ${status.host}` : id;
	return <RouteLink to={`/sources/${id}`}>{text}</RouteLink>;
}

function joinStatus(sessions: Session[], statuses: SessionStatus[]): Line[] {
	const byId = new Map(statuses.map((status) => [status.id, status]));
	return sessions.map((session) => ({
		session,
		status: byId.get(session.trafficMirrorSessionId),
	}));
}

const help = <p>A session copies the traffic of one source to one target, through one filter.</p>;
