/* All target groups, and how the appliances of each do. */
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import {useMemo, useState} from "react";
import {useChange, useQuery, useStable} from "~/data/use";
import type {Column} from "~/kit/columns";
import {Confirm} from "~/kit/Confirm";
import {GroupState, groupText} from "~/kit/HealthState";
import {Id} from "~/kit/Id";
import {useHelp, usePageTitle} from "~/kit/Page";
import {ResourceTable} from "~/kit/ResourceTable";
import {RouteButton} from "~/kit/RouteLink";
import {arnName, listOf} from "~/nouns/balancing";
import {deleteGroup, type Group, groupsQuery, healthQuery, type Member} from "~/nouns/groups";
import {notify} from "~/shell/notices";

interface Line {
	group: Group;
	members?: Member[];
}

const columns: Column<Line>[] = [
	{
		id: "name",
		header: "Target group",
		value: ({group}) => group.TargetGroupName,
		cell: ({group}) => <Id id={group.TargetGroupArn} text={group.TargetGroupName} />,
		width: 200,
	},
	{
		id: "health",
		header: "Appliances",
		value: ({members}) => groupText(members),
		cell: ({members}) => <GroupState members={members} />,
		width: 280,
	},
	{
		id: "protocol",
		header: "Protocol",
		value: ({group}) => `${group.Protocol} ${group.Port}`,
		choices: true,
		width: 140,
	},
	{
		id: "check",
		header: "Check",
		value: ({group}) => group.Extension.HealthCheckProtocol,
		choices: true,
		width: 110,
	},
	{
		id: "balancer",
		header: "Load balancer",
		value: ({group}) => listOf(group.LoadBalancerArns).map(arnName).join(", "),
		cell: ({group}) => <Balancer arn={listOf(group.LoadBalancerArns)[0]} />,
	},
	{id: "hosts", header: "Hosts", value: ({group}) => Number(group.Extension.Hosts ?? 0)},
	{id: "flows", header: "Flows", value: ({group}) => Number(group.Extension.Flows ?? 0)},
	{
		id: "arn",
		header: "ARN",
		value: ({group}) => group.TargetGroupArn,
		width: 520,
		hidden: true,
	},
];

export default function Groups() {
	usePageTitle("Target groups");
	useHelp("Target groups", help);
	const groups = useQuery(groupsQuery);
	const health = useQuery(healthQuery);
	const lines = useStable(
		useMemo(() => {
			const known = new Map(
				health.value?.map(({group, members}) => [group, members]),
			);
			return groups.value?.map((group) => ({
				group,
				members: known.get(group.TargetGroupArn),
			}));
		}, [groups.value, health.value]),
	);
	return (
		<ResourceTable
			name="groups"
			title="Target groups"
			noun="target groups"
			query={{...groups, value: lines}}
			columns={columns}
			keyOf={({group}) => group.TargetGroupArn}
			selection="single"
			actions={([line]) => <Actions group={line?.group} />}
			empty={<RouteButton to="/fleets/create">Create a fleet</RouteButton>}
		/>
	);
}

function Actions({group}: {group?: Group}) {
	const [asking, ask] = useState(false);
	return (
		<SpaceBetween direction="horizontal" size="xs">
			<Button disabled={!group} onClick={() => ask(true)}>
				Delete
			</Button>
			<RouteButton variant="primary" to="/groups/create">
				Create a target group
			</RouteButton>
			{asking && group && (
				<DeleteGroup
					group={group}
					onDone={() => ask(false)}
					onCancel={() => ask(false)}
				/>
			)}
		</SpaceBetween>
	);
}

export function DeleteGroup(props: {group: Group; onDone(): void; onCancel(): void}) {
	const {TargetGroupArn: arn, TargetGroupName: name} = props.group;
	const deletion = useChange(deleteGroup, "balancer");
	const confirm = async () => {
		if (!(await deletion.run(arn))) return;
		notify("success", `The target group ${name} is deleted.`);
		props.onDone();
	};
	return (
		<Confirm
			title={`Delete ${name}?`}
			deed="Delete"
			word="delete"
			running={deletion.running}
			problem={deletion.problem}
			onConfirm={confirm}
			onCancel={props.onCancel}
		>
			One that a listener forwards to cannot be deleted.
		</Confirm>
	);
}

function Balancer({arn}: {arn?: string}) {
	return arn ? <Id id={arn} text={arnName(arn)} /> : <>–</>;
}

const help = (
	<p>
		A target group is a number of appliances among which hosts share out flows. Each
		host checks for itself those that it sends to; a flow leaves an appliance that is
		unhealthy, and no other flow moves.
	</p>
);
