/* All filters of the account. */
import SpaceBetween from "@cloudscape-design/components/space-between";
import {useMemo} from "react";
import {useQuery, useStable} from "~/data/use";
import {AskButton} from "~/kit/AskButton";
import type {Column} from "~/kit/columns";
import {ConfirmChange} from "~/kit/ConfirmChange";
import {Id} from "~/kit/Id";
import {useHelp, usePageTitle} from "~/kit/Page";
import {ResourceTable} from "~/kit/ResourceTable";
import {RouteButton} from "~/kit/RouteLink";
import {useSessionCounts} from "~/kit/session-counts";
import {deleteFilter, type Filter, filtersQuery} from "~/nouns/filters";
import {nameTag, tagsText} from "~/nouns/tags";

interface Line {
	filter: Filter;
	sessions?: number;
}

const columns: Column<Line>[] = [
	{
		id: "id",
		header: "Filter",
		value: ({filter}) => filter.id,
		cell: ({filter}) => <Id id={filter.id} />,
		width: 220,
	},
	{id: "name", header: "Name", value: ({filter}) => nameTag(filter.tags)},
	{
		id: "description",
		header: "Description",
		value: ({filter}) => filter.description,
		width: 240,
	},
	{
		id: "accepting",
		header: "Accepting rules",
		value: ({filter}) => filter.rules.filter(({action}) => action === "accept").length,
	},
	{
		id: "rejecting",
		header: "Rejecting rules",
		value: ({filter}) => filter.rules.filter(({action}) => action === "reject").length,
	},
	{id: "sessions", header: "Sessions", value: ({sessions}) => sessions},
	{id: "dns", header: "Amazon DNS", value: ({filter}) => filter.dns, hidden: true},
	{id: "tags", header: "Tags", value: ({filter}) => tagsText(filter.tags), hidden: true},
];

export default function Filters() {
	usePageTitle("Filters");
	useHelp("Filters", help);
	const filters = useQuery(filtersQuery);
	const sessions = useSessionCounts("trafficMirrorFilterId");
	const lines = useStable(
		useMemo(
			() =>
				filters.value?.map((filter) => ({
					filter,
					sessions: sessions(filter.id),
				})),
			[filters.value, sessions],
		),
	);
	return (
		<ResourceTable
			name="filters"
			title="Filters"
			noun="filters"
			query={{...filters, value: lines}}
			columns={columns}
			keyOf={({filter}) => filter.id}
			selection="single"
			actions={([line]) => <Actions filter={line?.filter} />}
			empty={<RouteButton to="/filters/create">Create a filter</RouteButton>}
		/>
	);
}

function Actions({filter}: {filter?: Filter}) {
	return (
		<SpaceBetween direction="horizontal" size="xs">
			<DeleteFilter id={filter?.id} />
			<RouteButton variant="primary" to="/filters/create">
				Create a filter
			</RouteButton>
		</SpaceBetween>
	);
}

export function DeleteFilter({id = "", onDone}: {id?: string; onDone?(): void}) {
	return (
		<AskButton text="Delete" disabled={!id}>
			{(close) => (
				<ConfirmChange
					title={`Delete ${id}?`}
					deed="Delete"
					word="delete"
					change={() => deleteFilter(id)}
					kinds={["filter"]}
					done={`${id} is deleted.`}
					onDone={onDone}
					onClose={close}
				>
					The filter goes with all its rules. One that sessions use
					cannot be deleted.
				</ConfirmChange>
			)}
		</AskButton>
	);
}

const help = (
	<p>
		A filter's rules are asked in the order of their numbers, and the first that matches
		says whether a packet is copied. What no rule matches is not.
	</p>
);
