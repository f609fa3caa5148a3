/* All filters of the account. */
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import {useMemo, useState} from "react";
import {useChange, useQuery, useStable} from "~/data/use";
import type {Column} from "~/kit/columns";
import {Confirm} from "~/kit/Confirm";
import {Id} from "~/kit/Id";
import {useHelp, usePageTitle} from "~/kit/Page";
import {ResourceTable} from "~/kit/ResourceTable";
import {RouteButton} from "~/kit/RouteLink";
import {deleteFilter, type Filter, filtersQuery} from "~/nouns/filters";
import {sessionsQuery} from "~/nouns/sessions";
import {nameTag, tagsText} from "~/nouns/tags";
import {notify} from "~/shell/notices";

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
	const sessions = useQuery(sessionsQuery);
	const lines = useStable(
		useMemo(() => {
			const counts = new Map<string, number>();
			for (const {trafficMirrorFilterId: id} of sessions.value ?? [])
				counts.set(id, (counts.get(id) ?? 0) + 1);
			return filters.value?.map((filter) => ({
				filter,
				sessions: sessions.value && (counts.get(filter.id) ?? 0),
			}));
		}, [filters.value, sessions.value]),
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
	const [asking, ask] = useState(false);
	return (
		<SpaceBetween direction="horizontal" size="xs">
			<Button disabled={!filter} onClick={() => ask(true)}>
				Delete
			</Button>
			<RouteButton variant="primary" to="/filters/create">
				Create a filter
			</RouteButton>
			{asking && filter && (
				<DeleteFilter
					id={filter.id}
					onDone={() => ask(false)}
					onCancel={() => ask(false)}
				/>
			)}
		</SpaceBetween>
	);
}

export function DeleteFilter(props: {id: string; onDone(): void; onCancel(): void}) {
	const deletion = useChange(deleteFilter, "filter");
	const confirm = async () => {
		if (!(await deletion.run(props.id))) return;
		notify("success", `${props.id} is deleted.`);
		props.onDone();
	};
	return (
		<Confirm
			title={`Delete ${props.id}?`}
			deed="Delete"
			word="delete"
			running={deletion.running}
			problem={deletion.problem}
			onConfirm={confirm}
			onCancel={props.onCancel}
		>
			The filter goes with all its rules. One that sessions use cannot be deleted.
		</Confirm>
	);
}

const help = (
	<p>
		A filter's rules are asked in the order of their numbers, and the first that matches
		says whether a packet is copied. What no rule matches is not.
	</p>
);
