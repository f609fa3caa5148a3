import assert from "node:assert/strict";
import {test} from "node:test";
import type {RuleDraft} from "~/text/rules";
import {readRules, writeRules} from "./filter-file";

const rules: RuleDraft[] = [
	{
		key: "tmfr-1",
		direction: "ingress",
		number: "100",
		action: "reject",
		protocol: "6",
		source: "10.0.0.0/8",
		destination: "0.0.0.0/0",
		sourcePorts: "",
		destinationPorts: "22",
		tcpFlags: "syn,!ack",
		dscp: "",
		description: "No shells",
	},
	{
		key: "tmfr-2",
		direction: "egress",
		number: "100",
		action: "accept",
		protocol: "",
		source: "::/0",
		destination: "::/0",
		sourcePorts: "",
		destinationPorts: "",
		tcpFlags: "",
		dscp: "46",
		description: "",
	},
];

const withoutKeys = (list: RuleDraft[]) => list.map((rule) => ({...rule, key: ""}));

test("rules come back from a file as they went in, as new ones", () => {
	const read = readRules(writeRules("Everything", rules));
	assert.deepEqual(withoutKeys(read), withoutKeys(rules));
	assert.equal(new Set(read.map(({key}) => key)).size, 2);
	assert.ok(read.every(({key}) => key.startsWith("new")));
});

test("what the aws command prints is read, too", () => {
	const printed = {TrafficMirrorFilters: [JSON.parse(writeRules("", rules))]};
	assert.equal(readRules(JSON.stringify(printed)).length, 2);
});

const wrong: [text: string, complaint: RegExp][] = [
	["{", /not JSON/],
	["[]", /no filter/],
	["{}", /no rules/],
	['{"IngressFilterRules": 7}', /not a list/],
	['{"IngressFilterRules": [7]}', /IngressFilterRules\[0\] is not a rule/],
	['{"EgressFilterRules": [{"RuleAction": "drop"}]}', /neither accept nor reject/],
	['{"EgressFilterRules": [{"RuleAction": "accept", "RuleNumber": {}}]}', /RuleNumber/],
];

for (const [text, complaint] of wrong)
	test(`${text} is refused`, () => assert.throws(() => readRules(text), complaint));
