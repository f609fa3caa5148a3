/* All targets that the account can send to, its own and those shared with it. */
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import {useMemo, useState} from "react";
import {useSignedIn} from "~/api/keys";
import {useChange, useQuery, useStable} from "~/data/use";
import type {Column} from "~/kit/columns";
import {Confirm} from "~/kit/Confirm";
import {Id} from "~/kit/Id";
import {useHelp, usePageTitle} from "~/kit/Page";
import {ResourceTable} from "~/kit/ResourceTable";
import {RouteButton} from "~/kit/RouteLink";
import {sessionsQuery} from "~/nouns/sessions";
import {nameTag, tagsText} from "~/nouns/tags";
import {deleteTarget, type Target, targetsQuery, targetTypes} from "~/nouns/targets";
import {notify} from "~/shell/notices";

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
	const sessions = useQuery(sessionsQuery);
	const lines = useStable(
		useMemo(() => {
			const counts = new Map<string, number>();
			for (const {trafficMirrorTargetId: id} of sessions.value ?? [])
				counts.set(id, (counts.get(id) ?? 0) + 1);
			return targets.value?.map((target) => ({
				target,
				sessions: sessions.value && (counts.get(target.id) ?? 0),
			}));
		}, [targets.value, sessions.value]),
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
	const account = useSignedIn()?.identity.account;
	const [asking, ask] = useState(false);
	return (
		<SpaceBetween direction="horizontal" size="xs">
			<Button disabled={target?.owner !== account} onClick={() => ask(true)}>
				Delete
			</Button>
			<RouteButton variant="primary" to="/targets/create">
				Create a target
			</RouteButton>
			{asking && target && (
				<DeleteTarget
					id={target.id}
					onDone={() => ask(false)}
					onCancel={() => ask(false)}
				/>
			)}
		</SpaceBetween>
	);
}

export function DeleteTarget(props: {id: string; onDone(): void; onCancel(): void}) {
	const deletion = useChange(deleteTarget, "target");
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
			One that sessions send to cannot be deleted.
		</Confirm>
	);
}

const help = (
	<p>
		A target is an interface of an appliance, a Network Load Balancer before several, or
		an endpoint of a Gateway Load Balancer. It can be shared with other accounts of the
		service.
	</p>
);
