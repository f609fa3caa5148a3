/* All interfaces that can be mirrored, where they are, and what mirrors them. */
import {useMemo} from "react";
import {useQuery, useStable} from "~/data/use";
import type {Column} from "~/kit/columns";
import {useHelp, usePageTitle} from "~/kit/Page";
import {ResourceTable} from "~/kit/ResourceTable";
import {RouteButton, RouteLink} from "~/kit/RouteLink";
import {useSessionCounts} from "~/kit/session-counts";
import {type Source, sourcesQuery} from "~/nouns/sources";
import {tagsText} from "~/nouns/tags";

interface Line {
	source: Source;
	sessions?: number;
}

const columns: Column<Line>[] = [
	{
		id: "id",
		header: "Interface",
		value: ({source}) => source.id,
		cell: ({source}) => <RouteLink to={`/sources/${source.id}`}>{source.id}</RouteLink>,
		width: 220,
	},
	{id: "host", header: "Host", value: ({source}) => source.host, choices: true},
	{id: "device", header: "Device", value: ({source}) => source.device},
	{id: "name", header: "Name", value: ({source}) => source.name},
	{id: "sessions", header: "Sessions", value: ({sessions}) => sessions},
	{
		id: "addresses",
		header: "Addresses",
		value: ({source}) => source.addresses.join(", "),
		width: 200,
	},
	{
		id: "orientation",
		header: "Orientation",
		value: ({source}) => source.orientation,
		choices: true,
	},
	{id: "instance", header: "Instance", value: ({source}) => source.instance, choices: true},
	{id: "mac", header: "MAC address", value: ({source}) => source.mac, hidden: true},
	{id: "type", header: "Type", value: ({source}) => source.type, choices: true, hidden: true},
	{id: "subnet", header: "Subnet", value: ({source}) => source.subnet, hidden: true},
	{
		id: "attached",
		header: "Seen since",
		value: ({source}) => source.attachedAt,
		hidden: true,
	},
	{
		id: "tags",
		header: "Tags",
		value: ({source}) => tagsText(source.tags),
		hidden: true,
		width: 300,
	},
];

export default function Sources() {
	usePageTitle("Sources");
	useHelp("Sources", help);
	const sources = useQuery(sourcesQuery);
	const sessions = useSessionCounts("networkInterfaceId");
	const lines = useStable(
		useMemo(
			() =>
				sources.value?.map((source) => ({
					source,
					sessions: sessions(source.id),
				})),
			[sources.value, sessions],
		),
	);
	return (
		<ResourceTable
			name="sources"
			title="Sources"
			noun="sources"
			query={{...sources, value: lines}}
			columns={columns}
			keyOf={({source}) => source.id}
			selection="single"
			firstSorting={{column: "host"}}
			actions={([line]) => (
				<RouteButton
					variant="primary"
					disabled={!line}
					to={`/sessions/create?source=${line?.source.id ?? ""}`}
				>
					Mirror it
				</RouteButton>
			)}
			empty="Interfaces appear when the agent on their host reports. Start tmirror-agent on a host."
		/>
	);
}

const help = (
	<p>
		A source is a network interface of a host whose agent reports. Guests' interfaces
		(taps and veths) are sources as well as the host's own; ingress is what the guest
		receives.
	</p>
);
