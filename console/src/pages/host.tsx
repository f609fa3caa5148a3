/* One host: its agent and kernel, its sessions, its interfaces. */
import {useMemo} from "react";
import {useQuery, useStable} from "~/data/use";
import type {Column} from "~/kit/columns";
import {Details} from "~/kit/Details";
import {Id} from "~/kit/Id";
import {ResourceTable} from "~/kit/ResourceTable";
import {SessionList} from "~/kit/SessionList";
import {type Host, hostQuery, isBehind} from "~/nouns/hosts";
import {type Source, sourcesQuery} from "~/nouns/sources";
import {statusesQuery} from "~/nouns/status";
import {navigate} from "~/shell/location";
import {formatDate, parseDate} from "~/text/dates";
import {lossText, sumLosses} from "~/kit/losses";
import {ForgetHost, HostState} from "./hosts";
import type {PageProps} from "./routes";

const columns: Column<Source>[] = [
	{
		id: "device",
		header: "Device",
		value: ({device}) => device,
		cell: ({id, device}) => <Id id={id} text={device || id} />,
	},
	{id: "id", header: "Interface", value: ({id}) => id, width: 220},
	{
		id: "addresses",
		header: "Addresses",
		value: ({addresses}) => addresses.join(", "),
		width: 260,
	},
	{
		id: "orientation",
		header: "Orientation",
		value: ({orientation}) => orientation,
		choices: true,
	},
];

export default function HostPage({parameters}: PageProps) {
	const name = parameters["name"]!;
	const host = useQuery(hostQuery(name));
	const sources = useQuery(sourcesQuery);
	const statuses = useQuery(statusesQuery);
	const own = useMemo(
		() => statuses.value?.filter((status) => status.host === name),
		[statuses.value, name],
	);
	const interfaces = useStable(
		useMemo(
			() => sources.value?.filter((source) => source.host === name),
			[sources.value, name],
		),
	);
	const sessions = new Set(own?.map(({id}) => id));
	return (
		<Details
			query={host}
			noun="Host"
			title={(item) => item.hostName}
			actions={() => <ForgetHost name={name} onDone={() => navigate("/hosts")} />}
			values={(item) => [
				...describe(item),
				{
					label: "Lost copies",
					value: own ? lossText(sumLosses(own)) : "–",
				},
			]}
			tabs={() => [
				{
					id: "sessions",
					label: "Sessions",
					content: (
						<SessionList
							of={({trafficMirrorSessionId: id}) =>
								sessions.has(id)
							}
							empty="Nothing on this host is mirrored."
						/>
					),
				},
				{
					id: "interfaces",
					label: "Interfaces",
					content: (
						<ResourceTable
							name="interfaces"
							title="Interfaces"
							noun="interfaces"
							variant="container"
							query={{...sources, value: interfaces}}
							columns={columns}
							keyOf={({id}) => id}
							empty="It has told of none."
						/>
					),
				},
			]}
		/>
	);
}

function describe(host: Host) {
	const last = host.lastReattachment;
	return [
		{label: "State", value: <HostState host={host} />},
		{label: "Last contact", value: formatDate(parseDate(host.lastReport))},
		{label: "First contact", value: formatDate(parseDate(host.firstReport))},
		{label: "Agent", value: host.agentVersion ?? "–"},
		{label: "Kernel", value: host.kernelVersion ?? "–"},
		{label: "Instance", value: host.instanceId},
		{
			label: "Plan",
			value: isBehind(host) ? "Not yet the newest" : "The newest",
		},
		{
			label: "Put back into first place",
			value: last
				? `${host.reattachments} times, last on ${last.deviceName}, ${formatDate(parseDate(last.time))}: ${last.reason}`
				: "Never",
		},
	];
}
