/* One filter: its rules, a packet to test them with, its tags. */
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import {useQuery} from "~/data/use";
import {attempt} from "~/kit/attempt";
import {Details} from "~/kit/Details";
import {Loading} from "~/kit/Loading";
import {RouteLink} from "~/kit/RouteLink";
import {TagTable} from "~/kit/TagTable";
import {type Filter, filterQuery, setDns} from "~/nouns/filters";
import {type Session, sessionsQuery} from "~/nouns/sessions";
import {nameTag} from "~/nouns/tags";
import {navigate} from "~/shell/location";
import {writeFilter} from "~/text/filter-text";
import {DeleteFilter} from "./filters";
import {PacketTest} from "./packet-test";
import {RuleEditor} from "./rule-editor";
import type {PageProps} from "./routes";

export default function FilterPage({parameters}: PageProps) {
	const id = parameters["id"]!;
	const filter = useQuery(filterQuery(id));
	const users = useQuery(sessionsQuery).value?.filter(
		(session) => session.trafficMirrorFilterId === id,
	);
	return (
		<Details
			query={filter}
			noun="Filter"
			title={(item) => nameTag(item.tags) || item.description || id}
			actions={(item) => <Actions filter={item} />}
			help={help}
			values={(item) => [
				{label: "Filter", value: item.id},
				{label: "Description", value: item.description || "–"},
				{label: "Amazon DNS", value: item.dns ? "Taken, too" : "Not taken"},
				{label: "Sessions", value: <Users id={id} count={users?.length} />},
			]}
			tabs={(item) => [
				{
					id: "rules",
					label: "Rules",
					content: <RuleEditor filter={item} />,
				},
				{
					id: "test",
					label: "Test a packet",
					content: users ? (
						<PacketTest sources={sourcesOf(users)} />
					) : (
						<Loading />
					),
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

function sourcesOf(sessions: Session[]): string[] {
	return [...new Set(sessions.map(({networkInterfaceId}) => networkInterfaceId))];
}

function Users({id, count}: {id: string; count?: number}) {
	if (!count) return <>{count === 0 ? "None uses it" : "–"}</>;
	const tokens = [{propertyKey: "filter", operator: "=", value: id}];
	const filter = encodeURIComponent(writeFilter({operation: "and", tokens}));
	return <RouteLink to={`/sessions?filter=${filter}`}>{count.toLocaleString()}</RouteLink>;
}

function Actions({filter}: {filter: Filter}) {
	const toggleDns = () =>
		attempt(
			`Amazon DNS is ${filter.dns ? "no longer taken" : "taken, too"}.`,
			() => setDns(filter.id, !filter.dns),
			"filter",
		);
	return (
		<SpaceBetween direction="horizontal" size="xs">
			<Button onClick={toggleDns}>
				{filter.dns ? "Leave Amazon DNS out" : "Take Amazon DNS, too"}
			</Button>
			<DeleteFilter id={filter.id} onDone={() => navigate("/filters")} />
		</SpaceBetween>
	);
}

const help = (
	<>
		<p>
			Rules are asked in the order of their numbers, for each direction on its
			own. Drag a rule by its handle, or press the arrow keys on it, to move it;
			its number follows.
		</p>
		<p>
			Nothing changes until you save. Agents then have the new rules within
			moments.
		</p>
	</>
);
