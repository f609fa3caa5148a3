/* One load balancer: its listeners, and of a gateway the endpoint services with their endpoints. */
import {useQuery} from "~/data/use";
import {Details} from "~/kit/Details";
import {type Balancer, balancerQuery, balancerTypes} from "~/nouns/balancers";
import {navigate} from "~/shell/location";
import {formatDate, parseDate} from "~/text/dates";
import {DeleteBalancer} from "./balancers";
import {Endpoints} from "./endpoints";
import {Listeners} from "./listeners";
import type {PageProps} from "./routes";

export default function BalancerPage({parameters}: PageProps) {
	const {type, name, id} = parameters;
	const balancer = useQuery(balancerQuery(`${type}/${name}/${id}`));
	return (
		<Details
			query={balancer}
			noun="Load balancer"
			title={(item) => item.LoadBalancerName}
			actions={(item) => (
				<DeleteBalancer
					balancer={item}
					onDone={() => navigate("/balancers")}
				/>
			)}
			values={describe}
			tabs={(item) => [
				{
					id: "listeners",
					label: "Listeners",
					content: <Listeners balancer={item} />,
				},
				...(item.Type === "gateway"
					? [
							{
								id: "endpoints",
								label: "Endpoint services",
								content: (
									<Endpoints
										balancer={
											item.LoadBalancerArn
										}
									/>
								),
							},
						]
					: []),
			]}
		/>
	);
}

function describe(item: Balancer) {
	const zone = item.AvailabilityZones[0];
	return [
		{label: "ARN", value: item.LoadBalancerArn},
		{label: "Type", value: balancerTypes[item.Type] ?? item.Type},
		{label: "State", value: item.State.Code},
		{label: "Created", value: formatDate(parseDate(item.CreatedTime))},
		{label: "DNS name", value: item.DNSName ?? "–"},
		{label: "Scheme", value: item.Scheme ?? "–"},
		{label: "Subnet", value: zone ? `${zone.SubnetId} (${zone.ZoneName})` : "–"},
		{label: "VPC", value: item.VpcId},
	];
}
