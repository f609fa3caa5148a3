/* All targets that the account can send to, its own and those shared with it. */
import SpaceBetween from "@cloudscape-design/components/space-between";
import {useMemo} from "react";
import {useSignedIn} from "~/api/keys";
import {useQuery, useStable} from "~/data/use";
import {AskButton} from "~/kit/AskButton";
import type {Column} from "~/kit/columns";
import {ConfirmChange} from "~/kit/ConfirmChange";
import {Id} from "~/kit/Id";
import {useHelp, usePageTitle} from "~/kit/Page";
import {ResourceTable} from "~/kit/ResourceTable";
import {RouteButton} from "~/kit/RouteLink";
import {useSessionCounts} from "~/kit/session-counts";
import {nameTag, tagsText} from "~/nouns/tags";
import {deleteTarget, type Target, targetsQuery, targetTypes} from "~/nouns/targets";

interface Line {
	target: Target;
	sessions?: number;
}

const columns: Column<Line>[] = [
	{
		id: "id",
		header: "Target",
		value: ({target}) => target.id,
		cell: ({target}) => <Id id={target.id} />,
		width: 220,
	},
	{id: "name", header: "Name", value: ({target}) => nameTag(target.tags)},
	{
		id: "description",
		header: "Description",
		value: ({target}) => target.description,
		width: 200,
	},
	{
		id: "type",
		header: "Type",
		value: ({target}) => targetTypes[target.type] ?? target.type,
		choices: true,
		width: 220,
	},
	{
		id: "locator",
		header: "Behind it",
		value: ({target}) => target.locator,
		cell: ({target}) => <Id id={target.locator} />,
		width: 240,
	},
	{id: "sessions", header: "Sessions", value: ({sessions}) => sessions},
	{id: "owner", header: "Owner", value: ({target}) => target.owner, choices: true},
	{id: "tags", header: "Tags", value: ({target}) => tagsText(target.tags), hidden: true},
];

export default function Targets() {
	usePageTitle("Targets");
	useHelp("Targets", help);
	const targets = useQuery(targetsQuery);
	const sessions = useSessionCounts("trafficMirrorTargetId");
	const lines = useStable(
		useMemo(
			() =>
				targets.value?.map((target) => ({
					target,
					sessions: sessions(target.id),
				})),
			[targets.value, sessions],
		),
	);
	return (
		<ResourceTable
			name="targets"
			title="Targets"
			noun="targets"
			query={{...targets, value: lines}}
			columns={columns}
			keyOf={({target}) => target.id}
			selection="single"
			actions={([line]) => <Actions target={line?.target} />}
			empty={<RouteButton to="/targets/create">Create a target</RouteButton>}
		/>
	);
}

function Actions({target}: {target?: Target}) {
	return (
		<SpaceBetween direction="horizontal" size="xs">
			<DeleteTarget target={target} />
			<RouteButton variant="primary" to="/targets/create">
				Create a target
			</RouteButton>
		</SpaceBetween>
	);
}

export function DeleteTarget({target, onDone}: {target?: Target; onDone?(): void}) {
	const account = useSignedIn()?.identity.account;
	const id = target?.id ?? "";
	return (
		<AskButton text="Delete" disabled={!target || target.owner !== account}>
			{(close) => (
				<ConfirmChange
					title={`Delete ${id}?`}
					deed="Delete"
					word="delete"
					change={() => deleteTarget(id)}
					kinds={["target"]}
					done={`${id} is deleted.`}
					onDone={onDone}
					onClose={close}
				>
					One that sessions send to cannot be deleted.
				</ConfirmChange>
			)}
		</AskButton>
	);
}

const help = (
	<p>
		A target is an interface of an appliance, a Network Load Balancer before several, or
		an endpoint of a Gateway Load Balancer. It can be shared with other accounts of the
		service.
	</p>
);
