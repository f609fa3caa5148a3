/* All load balancers. */
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import {useState} from "react";
import {useChange, useQuery} from "~/data/use";
import type {Column} from "~/kit/columns";
import {Confirm} from "~/kit/Confirm";
import {Id} from "~/kit/Id";
import {useHelp, usePageTitle} from "~/kit/Page";
import {ResourceTable} from "~/kit/ResourceTable";
import {RouteButton} from "~/kit/RouteLink";
import {type Balancer, balancersQuery, balancerTypes, deleteBalancer} from "~/nouns/balancers";
import {notify} from "~/shell/notices";
import {parseDate} from "~/text/dates";

const columns: Column<Balancer>[] = [
	{
		id: "name",
		header: "Load balancer",
		value: (item) => item.LoadBalancerName,
		cell: (item) => <Id id={item.LoadBalancerArn} text={item.LoadBalancerName} />,
		width: 220,
	},
	{
		id: "type",
		header: "Type",
		value: (item) => balancerTypes[item.Type] ?? item.Type,
		choices: true,
	},
	{id: "state", header: "State", value: (item) => item.State.Code, choices: true},
	{id: "scheme", header: "Scheme", value: (item) => item.Scheme, choices: true, hidden: true},
	{id: "dns", header: "DNS name", value: (item) => item.DNSName, width: 320, hidden: true},
	{
		id: "created",
		header: "Created",
		value: (item) => parseDate(item.CreatedTime),
		width: 220,
	},
	{id: "arn", header: "ARN", value: (item) => item.LoadBalancerArn, width: 520},
];

export default function Balancers() {
	usePageTitle("Load balancers");
	useHelp("Load balancers", help);
	const balancers = useQuery(balancersQuery);
	return (
		<ResourceTable
			name="balancers"
			title="Load balancers"
			noun="load balancers"
			query={balancers}
			columns={columns}
			keyOf={({LoadBalancerArn}) => LoadBalancerArn}
			selection="single"
			actions={([balancer]) => <Actions balancer={balancer} />}
			empty={<RouteButton to="/fleets/create">Create a fleet</RouteButton>}
		/>
	);
}

function Actions({balancer}: {balancer?: Balancer}) {
	const [asking, ask] = useState(false);
	return (
		<SpaceBetween direction="horizontal" size="xs">
			<Button disabled={!balancer} onClick={() => ask(true)}>
				Delete
			</Button>
			<RouteButton to="/balancers/create">Create a load balancer</RouteButton>
			<RouteButton variant="primary" to="/fleets/create">
				Create a fleet
			</RouteButton>
			{asking && balancer && (
				<DeleteBalancer
					balancer={balancer}
					onDone={() => ask(false)}
					onCancel={() => ask(false)}
				/>
			)}
		</SpaceBetween>
	);
}

export function DeleteBalancer(props: {balancer: Balancer; onDone(): void; onCancel(): void}) {
	const {LoadBalancerArn: arn, LoadBalancerName: name} = props.balancer;
	const deletion = useChange(deleteBalancer, "balancer", "target");
	const confirm = async () => {
		if (!(await deletion.run(arn))) return;
		notify("success", `The load balancer ${name} is deleted.`);
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
			Its listeners go with it; its target groups stay. One that a target or an
			endpoint service stands before cannot be deleted.
		</Confirm>
	);
}

const help = (
	<p>
		A load balancer lets several appliances share what is mirrored. There is no box in
		the middle: each host chooses an appliance for each flow, by the target group that a
		listener forwards to. A fleet is a Network Load Balancer, a target group and a
		target, made in one step.
	</p>
);
