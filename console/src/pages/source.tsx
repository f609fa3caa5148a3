/* One interface: where it is, what mirrors it, and a packet to test that with. */
import {useQuery} from "~/data/use";
import {Details} from "~/kit/Details";
import {Id} from "~/kit/Id";
import {RouteButton} from "~/kit/RouteLink";
import {SessionList} from "~/kit/SessionList";
import {TagTable} from "~/kit/TagTable";
import {type Source, sourceQuery, sourceText} from "~/nouns/sources";
import {formatDate} from "~/text/dates";
import {PacketTest} from "./packet-test";
import type {PageProps} from "./routes";

export default function SourcePage({parameters}: PageProps) {
	const id = parameters["id"]!;
	const source = useQuery(sourceQuery(id));
	return (
		<Details
			query={source}
			noun="Source"
			title={(item) => sourceText(item)}
			actions={(item) => (
				<RouteButton
					variant="primary"
					to={`/sessions/create?source=${item.id}`}
				>
					Mirror it
				</RouteButton>
			)}
			values={describe}
			tabs={(item) => [
				{
					id: "sessions",
					label: "Sessions",
					content: (
						<SessionList
							of={(session) =>
								session.networkInterfaceId === id
							}
							empty="Nothing mirrors this source."
						/>
					),
				},
				{
					id: "test",
					label: "Test a packet",
					content: <PacketTest sources={[item.id]} />,
				},
				{
					id: "tags",
					label: "Tags",
					content: <TagTable id={item.id} tags={item.tags} />,
				},
			]}
		/>
	);
}

function describe(source: Source) {
	return [
		{label: "Interface", value: source.id},
		{label: "Host", value: source.host || "–"},
		{label: "Device", value: source.device || "–"},
		{label: "Instance", value: <Id id={source.instance} />},
		{label: "Addresses", value: source.addresses.join(", ") || "–"},
		{label: "MAC address", value: source.mac ?? "–"},
		{label: "Orientation", value: source.orientation ?? "–"},
		{label: "Seen since", value: formatDate(source.attachedAt)},
		{label: "VPC", value: source.vpc ?? "–"},
		{label: "Subnet", value: source.subnet ?? "–"},
		{label: "Zone", value: source.zone ?? "–"},
		{label: "Status", value: source.status ?? "–"},
	];
}
