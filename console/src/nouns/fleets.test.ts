import assert from "node:assert/strict";
import {test} from "node:test";
import {differenceOf, type FleetWish} from "./fleets";
import type {Group} from "./groups";

const known: Group = {
	TargetGroupArn: "arn:aws:elasticloadbalancing:us-east-1:1:targetgroup/ids/1",
	TargetGroupName: "ids",
	Protocol: "UDP",
	Port: "4789",
	VpcId: "vpc-1",
	HealthCheckPort: "22",
	HealthCheckEnabled: "true",
	HealthCheckIntervalSeconds: "10",
	HealthCheckTimeoutSeconds: "5",
	HealthyThresholdCount: "3",
	UnhealthyThresholdCount: "3",
	LoadBalancerArns: "",
	TargetType: "ip",
	IpAddressType: "ipv4",
	Extension: {HealthCheckProtocol: "TCP"},
};

const wish: FleetWish = {
	name: "ids",
	port: "4789",
	family: "ipv4",
	check: {
		HealthCheckProtocol: "TCP",
		HealthCheckPort: "22",
		HealthCheckIntervalSeconds: "10",
	},
	members: [],
};

test("a fleet that is there as it is wished gets more appliances", () =>
	assert.equal(differenceOf(known, wish), undefined));

const others: [difference: RegExp, change: Partial<FleetWish>][] = [
	[/^port 4789, not 4790$/, {port: "4790"}],
	[/^addresses ipv4, not ipv6$/, {family: "ipv6"}],
	[/^check TCP, not ICMP$/, {check: {"Extension.HealthCheckProtocol": "ICMP"}}],
	[/^check's port 22, not traffic-port$/, {check: {HealthCheckPort: "traffic-port"}}],
	[/^interval 10, not 30$/, {check: {HealthCheckIntervalSeconds: "30"}}],
];

for (const [difference, change] of others)
	test(`one that differs is refused: ${difference.source}`, () =>
		assert.match(differenceOf(known, {...wish, ...change}) ?? "", difference));

test("a gateway's group is none of a fleet", () =>
	assert.match(differenceOf({...known, Protocol: "GENEVE"}, wish) ?? "", /GENEVE/));
