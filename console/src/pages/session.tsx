/* One session: what it copies from where to where, how it is doing, and what became of its copies. */
import Button from "@cloudscape-design/components/button";
import ButtonDropdown from "@cloudscape-design/components/button-dropdown";
import SpaceBetween from "@cloudscape-design/components/space-between";
import {useState} from "react";
import {useQuery} from "~/data/use";
import {attempt} from "~/kit/attempt";
import {Details} from "~/kit/Details";
import {Id} from "~/kit/Id";
import {RouteButton} from "~/kit/RouteLink";
import {SessionState} from "~/kit/SessionState";
import {boundReason, pauseSession, type Session, sessionQuery} from "~/nouns/sessions";
import {type SessionStatus, statusQuery} from "~/nouns/status";
import {nameTag} from "~/nouns/tags";
import {TagTable} from "~/kit/TagTable";
import {navigate} from "~/shell/location";
import {formatDate, parseDate} from "~/text/dates";
import {formatPacketRate, formatShort} from "~/text/numbers";
import {DeleteSessions} from "./session-delete";
import {SessionPackets} from "./session-packets";
import {SessionTraffic} from "./session-traffic";
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
			actions={(item) => <Actions session={item} />}
			values={(item) => describe(item, status.value)}
			help={help}
			tabs={(item) => [
				{
					id: "traffic",
					label: "Traffic",
					content: <SessionTraffic id={id} status={status.value} />,
				},
				{
					id: "packets",
					label: "Packets",
					content: <SessionPackets id={id} />,
				},
				{
					id: "tags",
					label: "Tags",
					content: <TagTable id={id} tags={item.tagSet ?? []} />,
				},
			]}
		/>
	);
}

function Actions({session}: {session: Session}) {
	const id = session.trafficMirrorSessionId;
	const paused = session.extension.paused === "true";
	const [asking, ask] = useState(false);
	const reason = boundReason(session);
	const bound = {disabled: reason !== undefined, disabledReason: reason};
	const toggle = () =>
		attempt(
			`${id} is ${paused ? "resumed" : "paused"}.`,
			() => pauseSession(id, !paused),
			"session",
		);
	return (
		<SpaceBetween direction="horizontal" size="xs">
			<Button onClick={toggle} {...bound}>
				{paused ? "Resume" : "Pause"}
			</Button>
			<RouteButton to={`/sessions/${id}/modify`} {...bound}>
				Modify
			</RouteButton>
			<ButtonDropdown
				items={[
					{id: "clone", text: "Clone"},
					{id: "delete", text: "Delete", ...bound},
				]}
				onItemClick={({detail}) =>
					detail.id === "delete"
						? ask(true)
						: navigate(`/sessions/create?clone=${id}`)
				}
			>
				More
			</ButtonDropdown>
			{asking && (
				<DeleteSessions
					ids={[id]}
					onDone={() => navigate("/sessions")}
					onClose={() => ask(false)}
				/>
			)}
		</SpaceBetween>
	);
}

function describe(session: Session, status: SessionStatus | undefined) {
	const source = status?.device && `${status.device} on ${status.host}`;
	return [
		{label: "Session", value: session.trafficMirrorSessionId},
		{
			label: "State",
			value: <SessionState state={status?.state} reason={status?.reason} />,
		},
		{label: "Source", value: <Id id={session.networkInterfaceId} text={source} />},
		{label: "Session number", value: session.sessionNumber},
		{label: "Target", value: <Id id={session.trafficMirrorTargetId} />},
		{label: "Filter", value: <Id id={session.trafficMirrorFilterId} />},
		{label: "Virtual network id", value: session.virtualNetworkId},
		{label: "Packet length", value: session.packetLength ?? "Whole packets"},
		{label: "Description", value: session.description || "–"},
		...describeSelector(session.extension.trafficMirrorSelectorId),
		...describeOptions(session),
	];
}

function describeSelector(selector: string | undefined) {
	return selector ? [{label: "Selector", value: <Id id={selector} />}] : [];
}

/* Only those that differ from what AWS's sessions do. */
export function describeOptions({extension}: Pick<Session, "extension">) {
	const rows: [label: string, value: string | undefined][] = [
		["Sampling", sampling(extension.packetSampling, extension.flowSampling)],
		["Cap of bits", chosen(extension.maxBitsPerSecond, (n) => formatShort(n, "bit/s"))],
		["Cap of packets", chosen(extension.maxPacketsPerSecond, formatPacketRate)],
		["Priority", chosen(extension.priority, String)],
		[
			"Continues",
			extension.continue === "true" ? "To the source's next session" : undefined,
		],
		[
			"Ends",
			extension.expirationTime && formatDate(parseDate(extension.expirationTime)),
		],
		["Encapsulation", extension.encapsulation === "vxlan" ? undefined : "Geneve"],
		["Outer DSCP", chosen(extension.outerDscp, String)],
		["Outer UDP port", chosen(extension.outerDestinationPort, String)],
		["Outer source address", extension.outerSourceAddress],
	];
	return rows.flatMap(([label, value]) => (value ? [{label, value}] : []));
}

function sampling(packets: string, flows: string): string | undefined {
	if (Number(packets) > 1) return `1 in ${Number(packets).toLocaleString()} packets`;
	if (Number(flows) > 1) return `1 in ${Number(flows).toLocaleString()} flows`;
	return undefined;
}

function chosen(text: string, format: (value: number) => string): string | undefined {
	return Number(text) > 0 ? format(Number(text)) : undefined;
}

const help = (
	<>
		<p>
			A session copies what passes its source, if its filter takes it, to its
			target. The source's sessions are asked in the order of their numbers.
		</p>
		<h3>Where copies stay</h3>
		<p>
			Accepted copies are shipped or lost, and each loss has a reason. “Sampled
			out” and “Above the cap” are what you asked for; “Ring full” means that the
			host has no time for more.
		</p>
	</>
);
