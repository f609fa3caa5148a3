/* One session: what it copies from where to where, and how it is doing. */
import {useQuery} from "~/data/use";
import {Details} from "~/kit/Details";
import {Id} from "~/kit/Id";
import {SessionState} from "~/kit/SessionState";
import {type Session, sessionQuery} from "~/nouns/sessions";
import {type SessionStatus, statusQuery} from "~/nouns/status";
import {nameTag, tagsText} from "~/nouns/tags";
import type {PageProps} from "./routes";

export default function SessionPage({parameters}: PageProps) {
	const id = parameters["id"]!;
	const session = useQuery(sessionQuery(id));
	const status = useQuery(statusQuery(id));
	return (
		<Details
			query={session}
			noun="Session"
			title={(item) => nameTag(item.tagSet) || id}
			values={(item) => describe(item, status.value)}
		/>
	);
}

function describe(session: Session, status: SessionStatus | undefined) {
	return [
		{label: "Session", value: session.trafficMirrorSessionId},
		{
			label: "State",
			value: <SessionState state={status?.state} reason={status?.reason} />,
		},
		{label: "Source", value: <Id id={session.networkInterfaceId} />},
		{label: "Filter", value: <Id id={session.trafficMirrorFilterId} />},
		{label: "Target", value: <Id id={session.trafficMirrorTargetId} />},
		{label: "Session number", value: session.sessionNumber},
		{label: "Virtual network id", value: session.virtualNetworkId},
		{label: "Packet length", value: session.packetLength ?? "Whole packets"},
		{label: "Description", value: session.description || "–"},
		{label: "Tags", value: tagsText(session.tagSet) || "–"},
	];
}
