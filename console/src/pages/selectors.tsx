/* All selectors: what is mirrored by its tags, and where that does not succeed. */
import ButtonDropdown from "@cloudscape-design/components/button-dropdown";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import {useState} from "react";
import {useQuery} from "~/data/use";
import {attempt} from "~/kit/attempt";
import type {Column} from "~/kit/columns";
import {ConfirmChange} from "~/kit/ConfirmChange";
import {Id} from "~/kit/Id";
import {useHelp, usePageTitle} from "~/kit/Page";
import {ResourceTable} from "~/kit/ResourceTable";
import {RouteButton} from "~/kit/RouteLink";
import {
	deleteSelector,
	isSettling,
	pauseSelector,
	type Selector,
	selectorsQuery,
	tagFiltersOf,
} from "~/nouns/selectors";
import {nameTag, tagsText} from "~/nouns/tags";
import {navigate} from "~/shell/location";
import {parseDate} from "~/text/dates";
import {formatCount} from "~/text/numbers";
import {tagFilterText} from "~/text/tag-filters";

const columns: Column<Selector>[] = [
	{
		id: "id",
		header: "Selector",
		value: (selector) => selector.trafficMirrorSelectorId,
		cell: (selector) => <Id id={selector.trafficMirrorSelectorId} />,
		width: 230,
	},
	{id: "name", header: "Name", value: ({tagSet}) => nameTag(tagSet)},
	{
		id: "selects",
		header: "Selects interfaces whose",
		value: (selector) => tagFilterText(tagFiltersOf(selector)),
		width: 300,
	},
	{
		id: "state",
		header: "State",
		value: stateText,
		cell: (selector) => <SelectorState selector={selector} />,
		choices: true,
		width: 130,
	},
	{
		id: "sessions",
		header: "Sessions",
		value: ({sessionCount}) => Number(sessionCount),
		width: 110,
	},
	{
		id: "refusals",
		header: "Not mirrored",
		value: ({refusalCount}) => Number(refusalCount),
		cell: (selector) => <RefusalCount selector={selector} />,
		width: 130,
	},
	{
		id: "target",
		header: "Target",
		value: ({trafficMirrorTargetId}) => trafficMirrorTargetId,
		cell: ({trafficMirrorTargetId}) => <Id id={trafficMirrorTargetId} />,
		width: 220,
	},
	{
		id: "filter",
		header: "Filter",
		value: ({trafficMirrorFilterId}) => trafficMirrorFilterId,
		cell: ({trafficMirrorFilterId}) => <Id id={trafficMirrorFilterId} />,
		width: 220,
	},
	{
		id: "number",
		header: "Number",
		value: ({sessionNumber}) => Number(sessionNumber),
		hidden: true,
	},
	{
		id: "description",
		header: "Description",
		value: ({description}) => description,
		hidden: true,
	},
	{
		id: "created",
		header: "Created",
		value: ({createTime}) => parseDate(createTime),
		width: 200,
		hidden: true,
	},
	{id: "tags", header: "Tags", value: ({tagSet}) => tagsText(tagSet), hidden: true},
];

export default function Selectors() {
	usePageTitle("Selectors");
	useHelp("Selectors", help);
	return (
		<ResourceTable
			name="selectors"
			title="Selectors"
			noun="selectors"
			query={useQuery(selectorsQuery)}
			columns={columns}
			keyOf={({trafficMirrorSelectorId}) => trafficMirrorSelectorId}
			selection="single"
			actions={([selector]) => <Actions selector={selector} />}
			empty={<RouteButton to="/selectors/create">Create a selector</RouteButton>}
		/>
	);
}

function Actions({selector}: {selector?: Selector}) {
	const [asking, ask] = useState(false);
	const id = selector?.trafficMirrorSelectorId ?? "";
	const deeds: Record<string, () => void> = {
		modify: () => navigate(`/selectors/${id}/modify`),
		pause: () => void pause(id, true),
		resume: () => void pause(id, false),
		delete: () => ask(true),
	};
	const isPaused = selector?.extension.paused === "true";
	return (
		<SpaceBetween direction="horizontal" size="xs">
			<ButtonDropdown
				disabled={!selector}
				items={[
					{id: "modify", text: "Modify"},
					isPaused
						? {id: "resume", text: "Resume"}
						: {id: "pause", text: "Pause"},
					{id: "delete", text: "Delete"},
				]}
				onItemClick={({detail}) => deeds[detail.id]!()}
			>
				Actions
			</ButtonDropdown>
			<RouteButton variant="primary" to="/selectors/create">
				Create a selector
			</RouteButton>
			{asking && selector && (
				<DeleteSelector selector={selector} onClose={() => ask(false)} />
			)}
		</SpaceBetween>
	);
}

/* The selector with all of its sessions. */
export function pause(id: string, paused: boolean): Promise<void> {
	return attempt(
		`${id} and its sessions are ${paused ? "paused" : "resumed"}.`,
		() => pauseSelector(id, paused),
		"selector",
		"session",
	);
}

export function DeleteSelector(props: {selector: Selector; onDone?(): void; onClose(): void}) {
	const {trafficMirrorSelectorId: id, sessionCount} = props.selector;
	return (
		<ConfirmChange
			title={`Delete ${id}?`}
			deed="Delete"
			word="delete"
			change={() => deleteSelector(id)}
			kinds={["selector", "session"]}
			done={`${id} is deleted.`}
			onDone={props.onDone}
			onClose={props.onClose}
		>
			{`Its ${formatCount(Number(sessionCount))} sessions end with it, and their history goes. This cannot be undone.`}
		</ConfirmChange>
	);
}

export function SelectorState({selector}: {selector: Selector}) {
	const type = isSettling(selector)
		? "in-progress"
		: selector.extension.paused === "true"
			? "stopped"
			: "success";
	return <StatusIndicator type={type}>{stateText(selector)}</StatusIndicator>;
}

export function RefusalCount({selector: {refusalCount}}: {selector: Selector}) {
	const count = Number(refusalCount);
	return (
		<StatusIndicator type={count > 0 ? "warning" : "success"}>
			{formatCount(count)}
		</StatusIndicator>
	);
}

function stateText(selector: Selector): string {
	if (selector.state === "deleting") return "Being deleted";
	if (isSettling(selector)) return "Settling";
	return selector.extension.paused === "true" ? "Paused" : "Active";
}

const help = (
	<p>
		A selector mirrors by tag: every interface whose tags match has a session, as soon
		as it is there and for as long as it has the tags. Its sessions are changed and
		ended by it alone.
	</p>
);
