import assert from "node:assert/strict";
import {test} from "node:test";
import {adoptKeys, planChanges} from "./rule-plan";
import type {RuleDraft} from "./rules";

/* In these tests a rule's source says which of eight packets it matches, one letter for each. */
const packets = [..."abcdefgh"];

function rule(key: string, number: number, more: Partial<RuleDraft> = {}): RuleDraft {
	return {
		key,
		direction: "ingress",
		number: String(number),
		action: "accept",
		protocol: "",
		source: "abcdefgh",
		destination: "0.0.0.0/0",
		sourcePorts: "",
		destinationPorts: "",
		tcpFlags: "",
		dscp: "",
		description: "",
		...more,
	};
}

const reject = {action: "reject" as const};

function sorted(rules: Iterable<RuleDraft>): RuleDraft[] {
	return [...rules].sort((a, b) => Number(a.number) - Number(b.number));
}

function accepted(rules: RuleDraft[]): string {
	const first = (packet: string) => rules.find(({source}) => source.includes(packet));
	return packets.filter((packet) => first(packet)?.action === "accept").join("");
}

function saying(rules: RuleDraft[]): string {
	return rules.map(({number, action, source}) => `${number} ${action} ${source}`).join(", ");
}

/* Does what a plan says, and insists after each step on what must always hold. */
function play(
	before: RuleDraft[],
	after: RuleDraft[],
): {rules: RuleDraft[]; least: string; steps: number} {
	const rules = new Map(before.map((each) => [each.key, each]));
	const steps = planChanges(before, after);
	const allowed = new Set([...accepted(sorted(before)), ...accepted(sorted(after))]);
	const always = [...accepted(sorted(before))].filter((packet) =>
		accepted(sorted(after)).includes(packet),
	);
	let least = always;
	const story = () =>
		`${saying(sorted(before))} -> ${saying(sorted(after))}: ${JSON.stringify(steps, ["kind", "rule", "key", "number", "action", "source"])}`;
	for (const step of steps) {
		const {kind, rule: changed} = step;
		assert.equal(rules.has(changed.key), kind !== "create", story());
		if (kind === "modify") assert.equal(rules.get(changed.key), step.before);
		rules.delete(changed.key);
		if (kind !== "delete") {
			for (const other of rules.values())
				assert.notEqual(other.number, changed.number, story());
			rules.set(changed.key, changed);
		}
		assert.ok(rules.size <= Math.max(before.length, after.length), story());
		const now = accepted(sorted(rules.values()));
		for (const packet of now)
			assert.ok(allowed.has(packet), `${packet} slips through: ${story()}`);
		least = least.filter((packet) => now.includes(packet));
	}
	assert.equal(saying(sorted(rules.values())), saying(sorted(after)), story());
	return {rules: sorted(rules.values()), least: least.join(""), steps: steps.length};
}

function numbersOf({rules}: {rules: RuleDraft[]}): string {
	return rules.map(({key, number}) => `${key}${number}`).join(" ");
}

test("no change is no step", () =>
	assert.equal(planChanges([rule("a", 1)], [rule("a", 1)]).length, 0));

test("rules that give way go first", () => {
	const before = [rule("a", 1), rule("b", 2), rule("c", 3)];
	const played = play(before, [rule("a", 2), rule("b", 3), rule("c", 4)]);
	assert.equal(numbersOf(played), "a2 b3 c4");
	assert.equal(played.steps, 3);
});

test("a circle is opened by one more step", () => {
	const before = [rule("a", 1), rule("b", 2), rule("c", 3), rule("d", 4)];
	const played = play(before, [rule("a", 2), rule("b", 1), rule("c", 4), rule("d", 3)]);
	assert.equal(numbersOf(played), "b1 a2 d3 c4");
	assert.equal(played.steps, 6);
});

test("what goes makes room for what comes", () => {
	const played = play([rule("a", 1), rule("b", 2)], [rule("b", 1), rule("new", 2)]);
	assert.equal(numbersOf(played), "b1 new2");
	assert.equal(played.steps, 3);
});

test("one rule that says something else is one step", () => {
	const before = [rule("a", 10, {...reject, source: "ab"}), rule("b", 20)];
	const after = [rule("a", 10, {...reject, source: "cd"}), before[1]!];
	assert.equal(play(before, after).steps, 1);
});

test("a reject that changes stays until its successor is there, and accepts go on", () => {
	const before = [
		rule("a", 10, {...reject, source: "ab"}),
		rule("b", 20, {...reject, source: "cd"}),
		rule("c", 30),
		rule("d", 40, {source: "a"}),
		rule("e", 50, {source: "b"}),
	];
	const after = [
		rule("a", 10, {...reject, source: "abc"}),
		rule("b", 20, {...reject, source: "d"}),
		before[2]!,
	];
	assert.equal(play(before, after).least, "efgh");
});

test("another order of rules loses nothing that both orders take", () => {
	const before = [
		rule("r", 10, {...reject, source: "a"}),
		rule("s", 20, {source: "b"}),
		rule("t", 30),
	];
	const after = [
		rule("s", 10, {source: "b"}),
		rule("r", 20, {...reject, source: "a"}),
		rule("t", 30),
	];
	assert.equal(play(before, after).least, "bcdefgh");
});

test("a filter that is full is closed while its rejects change", () => {
	const before = [
		rule("a", 1, {...reject, source: "ab"}),
		rule("b", 2, {...reject, source: "cd"}),
		rule("c", 3),
	];
	const after = [
		rule("a", 1, {...reject, source: "ac"}),
		rule("b", 2, {...reject, source: "bd"}),
		rule("c", 3),
	];
	const played = play(before, after);
	assert.deepEqual([played.least, played.steps], ["", 4]);
});

test("a filter's own export is no change, though read rules have keys of their own", () => {
	const present = [rule("a", 10, {...reject, source: "ab"}), rule("b", 20)];
	const read = present.map((each, i) => ({...each, key: `new-file-${i}`}));
	assert.equal(planChanges(present, adoptKeys(present, read)).length, 0);
});

test("rules of a file take the keys of those that they are, then of those in whose place they stand", () => {
	const present = [
		rule("a", 10, {source: "a"}),
		rule("b", 20, {source: "b"}),
		rule("c", 30, {source: "c"}),
	];
	const read = [
		rule("new-0", 20, {source: "a"}),
		rule("new-1", 30, {source: "x"}),
		rule("new-2", 40, {source: "y"}),
		rule("new-3", 50, {source: "a"}),
	];
	const keys = adoptKeys(present, read).map(({key}) => key);
	assert.deepEqual(keys, ["a", "c", "new-2", "new-3"]);
});

test("whatever becomes of rules, nothing slips through on the way", () => {
	let seed = 7;
	const random = (below: number) => {
		seed = (seed * 1103515245 + 12345) % 2147483648;
		return Math.floor((seed / 2147483648) * below);
	};
	const some = () => packets.filter(() => random(2)).join("") || "a";
	const makeUp = (key: string, number: number) =>
		rule(key, number, {action: random(2) ? "accept" : "reject", source: some()});
	let moved = 0;
	for (let round = 0; round < 4000; round++) {
		const numbers = Array.from({length: 9}, (_, i) => (random(3) ? i + 1 : i + 32758));
		const shuffle = () =>
			numbers
				.map((number) => [random(1000), number] as const)
				.sort((a, b) => a[0] - b[0])
				.map(([, number]) => number);
		const [here, there] = [shuffle(), shuffle()];
		const before = Array.from({length: random(7)}, (_, i) => makeUp(`r${i}`, here[i]!));
		const after = before
			.filter(() => random(4) > 0)
			.map((each, i) =>
				random(3)
					? {...each, number: String(there[i])}
					: makeUp(each.key, there[i]!),
			);
		for (let i = after.length; i < 7 && random(2); i++)
			after.push(makeUp(`new${i}`, there[i]!));
		moved += play(before, after).steps;
	}
	assert.ok(moved > 4000);
});

test("ten thousand rules make room for one more in a moment", () => {
	const before = Array.from({length: 10_000}, (_, i) =>
		rule(`r${i}`, i + 1, i % 2 ? reject : {}),
	);
	const after = [
		rule("new", 1, reject),
		...before.map((each) => ({...each, number: String(Number(each.number) + 1)})),
	];
	const start = performance.now();
	assert.equal(planChanges(before, after).length > 10_000, true);
	assert.ok(performance.now() - start < 5000);
});
