/* One target group: its appliances with their health, live, and how they are checked. */
import SpaceBetween from "@cloudscape-design/components/space-between";
import {useQuery} from "~/data/use";
import {Details} from "~/kit/Details";
import {Id, pathOf} from "~/kit/Id";
import {RouteButton} from "~/kit/RouteLink";
import {arnName, listOf} from "~/nouns/balancing";
import {type Group, groupQuery} from "~/nouns/groups";
import {navigate} from "~/shell/location";
import {formatCount} from "~/text/numbers";
import {DeleteGroup} from "./groups";
import {Members} from "./members";
import type {PageProps} from "./routes";

export default function GroupPage({parameters}: PageProps) {
	const group = useQuery(groupQuery(`${parameters["name"]}/${parameters["id"]}`));
	return (
		<Details
			query={group}
			noun="Target group"
			title={(item) => item.TargetGroupName}
			actions={(item) => (
				<SpaceBetween direction="horizontal" size="xs">
					<DeleteGroup
						group={item}
						onDone={() => navigate("/groups")}
					/>
					<RouteButton to={`${pathOf(item.TargetGroupArn)}/modify`}>
						Modify the check
					</RouteButton>
				</SpaceBetween>
			)}
			values={describe}
			tabs={(item) => [
				{
					id: "appliances",
					label: "Appliances",
					content: <Members group={item} />,
				},
			]}
		/>
	);
}

function describe(item: Group) {
	const balancer = listOf(item.LoadBalancerArns)[0];
	const {Extension: more} = item;
	return [
		{label: "ARN", value: item.TargetGroupArn},
		{
			label: "Load balancer",
			value: balancer ? <Id id={balancer} text={arnName(balancer)} /> : "–",
		},
		{label: "Copies go to", value: `${item.Protocol} port ${item.Port}`},
		{
			label: "Members are",
			value: `${item.TargetType === "ip" ? "Addresses" : "Instances"}, ${item.IpAddressType}`,
		},
		{label: "Check", value: checkText(item)},
		{
			label: "Verdict",
			value: `Healthy after ${item.HealthyThresholdCount} passed, unhealthy after ${item.UnhealthyThresholdCount} failed`,
		},
		{label: "Hosts that send to it", value: formatCount(Number(more.Hosts ?? 0))},
		{
			label: "Flows",
			value: `${formatCount(Number(more.Flows ?? 0))} held, ${formatCount(Number(more.MovedFlows ?? 0))} moved, ${formatCount(Number(more.EvictedFlows ?? 0))} forgotten`,
		},
	];
}

function checkText(item: Group): string {
	const protocol = item.Extension.HealthCheckProtocol;
	if (protocol === "NONE") return "None";
	const port =
		protocol === "ICMP"
			? ""
			: item.HealthCheckPort === "traffic-port"
				? ` port ${item.Port}`
				: ` port ${item.HealthCheckPort}`;
	const path = item.HealthCheckPath ? ` ${item.HealthCheckPath}` : "";
	return `${protocol}${port}${path}, every ${item.HealthCheckIntervalSeconds} s, timeout ${item.HealthCheckTimeoutSeconds} s`;
}
