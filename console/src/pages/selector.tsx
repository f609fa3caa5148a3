/* One selector: what it selects, the sessions that it has made, and the interfaces where it could not. */
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import {useMemo} from "react";
import {useQuery, useStable} from "~/data/use";
import {AskButton} from "~/kit/AskButton";
import type {Column} from "~/kit/columns";
import {Details} from "~/kit/Details";
import {Id} from "~/kit/Id";
import {ResourceTable} from "~/kit/ResourceTable";
import {RouteButton} from "~/kit/RouteLink";
import {SessionList} from "~/kit/SessionList";
import {TagTable} from "~/kit/TagTable";
import {
	type Refusal,
	refusalsQuery,
	type Selector,
	selectorQuery,
	tagFiltersOf,
} from "~/nouns/selectors";
import {nameTag} from "~/nouns/tags";
import {navigate} from "~/shell/location";
import {formatDate, parseDate} from "~/text/dates";
import {formatCount} from "~/text/numbers";
import {tagFilterText} from "~/text/tag-filters";
import type {PageProps} from "./routes";
import {DeleteSelector, pause, RefusalCount, SelectorState} from "./selectors";
import {describeOptions} from "./session";

const columns: Column<Refusal>[] = [
	{
		id: "source",
		header: "Source",
		value: ({networkInterfaceId}) => networkInterfaceId,
		cell: ({networkInterfaceId}) => <Id id={networkInterfaceId} />,
		width: 230,
	},
	{id: "reason", header: "Why it is not mirrored", value: ({reason}) => reason, width: 480},
	{id: "since", header: "Since", value: ({since}) => parseDate(since), width: 200},
];

export default function SelectorPage({parameters}: PageProps) {
	const id = parameters["id"]!;
	const selector = useQuery(selectorQuery(id));
	return (
		<Details
			query={selector}
			noun="Selector"
			title={(item) => nameTag(item.tagSet) || id}
			actions={(item) => <Actions selector={item} />}
			values={describe}
			tabs={(item) => [
				{
					id: "sessions",
					label: "Sessions",
					content: (
						<SessionList
							of={({extension}) =>
								extension.trafficMirrorSelectorId ===
								id
							}
							empty="No interface has these tags."
						/>
					),
				},
				{
					id: "refusals",
					label: "Not mirrored",
					content: <Refusals id={id} />,
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

function Actions({selector}: {selector: Selector}) {
	const id = selector.trafficMirrorSelectorId;
	const isPaused = selector.extension.paused === "true";
	return (
		<SpaceBetween direction="horizontal" size="xs">
			<Button onClick={() => void pause(id, !isPaused)}>
				{isPaused ? "Resume" : "Pause"}
			</Button>
			<RouteButton to={`/selectors/${id}/modify`}>Modify</RouteButton>
			<AskButton text="Delete">
				{(close) => (
					<DeleteSelector
						selector={selector}
						onDone={() => navigate("/selectors")}
						onClose={close}
					/>
				)}
			</AskButton>
		</SpaceBetween>
	);
}

function Refusals({id}: {id: string}) {
	const refusals = useQuery(refusalsQuery);
	const own = useStable(
		useMemo(
			() => refusals.value?.filter((row) => row.trafficMirrorSelectorId === id),
			[refusals.value, id],
		),
	);
	return (
		<ResourceTable
			name="selector-refusals"
			title="Not mirrored"
			noun="interfaces"
			variant="container"
			description="Tried again by itself."
			query={{...refusals, value: own}}
			columns={columns}
			keyOf={({networkInterfaceId}) => networkInterfaceId}
			empty="Whatever is selected is mirrored."
		/>
	);
}

function describe(item: Selector) {
	return [
		{label: "Selector", value: item.trafficMirrorSelectorId},
		{label: "State", value: <SelectorState selector={item} />},
		{label: "Selects interfaces whose", value: tagFilterText(tagFiltersOf(item))},
		{label: "Sessions", value: formatCount(Number(item.sessionCount))},
		{label: "Not mirrored", value: <RefusalCount selector={item} />},
		{label: "Target", value: <Id id={item.trafficMirrorTargetId} />},
		{label: "Filter", value: <Id id={item.trafficMirrorFilterId} />},
		{label: "Session number", value: item.sessionNumber},
		{
			label: "Virtual network id",
			value: item.virtualNetworkId ?? "Each session's own",
		},
		{label: "Packet length", value: item.packetLength ?? "Whole packets"},
		{label: "Description", value: item.description || "–"},
		{label: "Created", value: formatDate(parseDate(item.createTime))},
		...describeOptions(item),
	];
}
