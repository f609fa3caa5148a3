/* All target groups, and how the appliances of each do. */
import SpaceBetween from "@cloudscape-design/components/space-between";
import {useMemo} from "react";
import {useQuery, useStable} from "~/data/use";
import {AskButton} from "~/kit/AskButton";
import type {Column} from "~/kit/columns";
import {ConfirmChange} from "~/kit/ConfirmChange";
import {GroupState, groupText} from "~/kit/HealthState";
import {Id} from "~/kit/Id";
import {useHelp, usePageTitle} from "~/kit/Page";
import {ResourceTable} from "~/kit/ResourceTable";
import {RouteButton} from "~/kit/RouteLink";
import {arnName, listOf} from "~/nouns/balancing";
import {deleteGroup, type Group, groupsQuery, healthQuery, type Member} from "~/nouns/groups";

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
	return (
		<SpaceBetween direction="horizontal" size="xs">
			<DeleteGroup group={group} />
			<RouteButton variant="primary" to="/groups/create">
				Create a target group
			</RouteButton>
		</SpaceBetween>
	);
}

export function DeleteGroup({group, onDone}: {group?: Group; onDone?(): void}) {
	const {TargetGroupArn: arn = "", TargetGroupName: name} = group ?? {};
	return (
		<AskButton text="Delete" disabled={!group}>
			{(close) => (
				<ConfirmChange
					title={`Delete ${name}?`}
					deed="Delete"
					word="delete"
					change={() => deleteGroup(arn)}
					kinds={["balancer"]}
					done={`The target group ${name} is deleted.`}
					onDone={onDone}
					onClose={close}
				>
					One that a listener forwards to cannot be deleted.
				</ConfirmChange>
			)}
		</AskButton>
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
