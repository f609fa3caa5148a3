/* All load balancers. */
import SpaceBetween from "@cloudscape-design/components/space-between";
import {useQuery} from "~/data/use";
import {AskButton} from "~/kit/AskButton";
import type {Column} from "~/kit/columns";
import {ConfirmChange} from "~/kit/ConfirmChange";
import {Id} from "~/kit/Id";
import {useHelp, usePageTitle} from "~/kit/Page";
import {ResourceTable} from "~/kit/ResourceTable";
import {RouteButton} from "~/kit/RouteLink";
import {type Balancer, balancersQuery, balancerTypes, deleteBalancer} from "~/nouns/balancers";
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
	return (
		<SpaceBetween direction="horizontal" size="xs">
			<DeleteBalancer balancer={balancer} />
			<RouteButton to="/balancers/create">Create a load balancer</RouteButton>
			<RouteButton variant="primary" to="/fleets/create">
				Create a fleet
			</RouteButton>
		</SpaceBetween>
	);
}

export function DeleteBalancer({balancer, onDone}: {balancer?: Balancer; onDone?(): void}) {
	const {LoadBalancerArn: arn = "", LoadBalancerName: name} = balancer ?? {};
	return (
		<AskButton text="Delete" disabled={!balancer}>
			{(close) => (
				<ConfirmChange
					title={`Delete ${name}?`}
					deed="Delete"
					word="delete"
					change={() => deleteBalancer(arn)}
					kinds={["balancer", "target"]}
					done={`The load balancer ${name} is deleted.`}
					onDone={onDone}
					onClose={close}
				>
					Its listeners go with it; its target groups stay. One that a
					target or an endpoint service stands before cannot be
					deleted.
				</ConfirmChange>
			)}
		</AskButton>
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
