import assert from "node:assert/strict";
import {test} from "node:test";
import {addCounters, type Counters, noCounters, rateBetween, totalLost} from "./rates";

function counted(packets: number, lost: Record<string, number> = {}): Counters {
	const count = (n: number) => ({packets: n, bytes: 100 * n});
	return {
		...noCounters,
		accepted: count(packets),
		lost: Object.fromEntries(
			Object.entries(lost).map(([reason, n]) => [reason, count(n)]),
		),
	};
}

test("a rate is what came between two looks, over the time between them", () => {
	const rate = rateBetween(
		{time: 1000, counters: counted(10, {ring_full: 1})},
		{time: 3000, counters: counted(50, {ring_full: 1, no_route: 4})},
	);
	assert.deepEqual(rate?.accepted, {packets: 20, bytes: 2000});
	assert.deepEqual(rate?.lost, {
		ring_full: {packets: 0, bytes: 0},
		no_route: {packets: 2, bytes: 200},
	});
});

test("counters that begin anew, and looks at one time, have no rate", () => {
	assert.equal(
		rateBetween({time: 0, counters: counted(9)}, {time: 9, counters: counted(1)}),
		undefined,
	);
	assert.equal(
		rateBetween({time: 5, counters: counted(1)}, {time: 5, counters: counted(9)}),
		undefined,
	);
});

test("sums have every reason that any part has", () => {
	const sum = addCounters(
		addCounters(counted(1, {a: 1}), counted(2, {b: 2})),
		counted(3, {a: 3}),
	);
	assert.equal(sum.accepted.packets, 6);
	assert.deepEqual(totalLost(sum), {packets: 6, bytes: 600});
	assert.deepEqual(Object.keys(sum.lost).sort(), ["a", "b"]);
});
