import assert from "node:assert/strict";
import {test} from "node:test";
import {
	checkRule,
	largestRuleNumber,
	moveRule,
	nextNumber,
	type RuleDraft,
	type RuleField,
	ruleFaults,
} from "./rules";

function rule(key: string, number: number, more: Partial<RuleDraft> = {}): RuleDraft {
	return {
		key,
		direction: "ingress",
		number: String(number),
		action: "accept",
		protocol: "6",
		source: "10.0.0.0/8",
		destination: "0.0.0.0/0",
		sourcePorts: "",
		destinationPorts: "443",
		tcpFlags: "",
		dscp: "",
		description: "",
		...more,
	};
}

function numbersOf(rules: RuleDraft[]): string {
	return rules.map(({key, number}) => `${key}${number}`).join(" ");
}

test("a rule moves between others, and gets a number between theirs", () => {
	const rules = [rule("a", 100), rule("b", 200), rule("c", 300)];
	assert.equal(numbersOf(moveRule(rules, 0, 1)), "b200 a250 c300");
	assert.equal(numbersOf(moveRule(rules, 2, 0)), "c50 a100 b200");
	assert.equal(numbersOf(moveRule(rules, 0, 2)), "b200 c300 a400");
	assert.equal(moveRule(rules, 1, 1), rules);
});

test("where there is no room, as few others as needed give way", () => {
	const rules = [rule("a", 1), rule("b", 2), rule("c", 3), rule("d", 9)];
	assert.equal(numbersOf(moveRule(rules, 2, 0)), "c1 a2 b3 d9");
	assert.equal(numbersOf(moveRule(rules, 3, 1)), "a1 d2 b3 c4");
});

test("at the end of all numbers, they are spread anew", () => {
	const top = largestRuleNumber;
	const rules = [rule("a", top - 1), rule("b", top)];
	assert.equal(numbersOf(moveRule(rules, 0, 1)), "b100 a200");
});

test("a new rule comes after the last", () => {
	assert.equal(nextNumber([]), "100");
	assert.equal(nextNumber([rule("a", 250)]), "300");
	assert.equal(nextNumber([rule("a", largestRuleNumber)]), String(largestRuleNumber));
});

const complaints: [field: RuleField, change: Partial<RuleDraft>, complaint: RegExp][] = [
	["number", {number: ""}, /needs a number/],
	["number", {number: "0"}, /from 1 to 32766/],
	["number", {number: "1.5"}, /from 1 to 32766/],
	["number", {number: "7"}, /Another ingress rule/],
	["protocol", {protocol: "256"}, /from 0 to 255/],
	["source", {source: "fd00::/8"}, /both be IPv4/],
	["destination", {destination: "x"}, /such as/],
	["sourcePorts", {sourcePorts: "80-"}, /a port or a range/],
	["sourcePorts", {sourcePorts: "90-80"}, /ends before/],
	["destinationPorts", {destinationPorts: "65536"}, /up to 65535/],
	["destinationPorts", {protocol: "1"}, /Only TCP and UDP/],
	["tcpFlags", {tcpFlags: "syn,xyz"}, /xyz/],
	["tcpFlags", {tcpFlags: "syn,!syn"}, /twice/],
	["tcpFlags", {tcpFlags: "syn", protocol: "17", destinationPorts: ""}, /Only TCP/],
	["dscp", {dscp: "64"}, /from 0 to 63/],
	["description", {description: "x".repeat(256)}, /255/],
];

for (const [field, change, complaint] of complaints)
	test(`${field} of ${JSON.stringify(change).slice(0, 60)} is refused`, () => {
		const all = [rule("a", 100, change), rule("b", 7)];
		assert.match(checkRule(all[0]!, field, all) ?? "", complaint);
		assert.ok(ruleFaults(all) > 0);
	});

test("good rules have no faults, and one number may be used once in each direction", () => {
	const rules = [
		rule("a", 1, {tcpFlags: "syn, !ack", sourcePorts: "1024-65535"}),
		rule("b", 1, {direction: "egress", protocol: "", destinationPorts: ""}),
	];
	assert.equal(ruleFaults(rules), 0);
});
