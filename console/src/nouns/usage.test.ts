import assert from "node:assert/strict";
import {test} from "node:test";
import {sumPeriods, type UsageRow, usageTable} from "./usage";

const day = (date: string, hours: string, cost: string) => ({
	startTime: `2026-05-${date}T00:00:00.000Z`,
	endTime: `2026-05-${date}T23:59:59.000Z`,
	hours,
	cost,
});

const rows: UsageRow[] = [
	{
		accountId: "1",
		trafficMirrorSessionId: "tms-1",
		currency: "USD",
		hours: "3",
		cost: "0.045",
		periodSet: [day("02", "2", "0.03"), day("01", "1", "0.015")],
	},
	{
		accountId: "1",
		currency: "USD",
		hours: "4",
		cost: "0.06",
		periodSet: [day("02", "4", "0.06")],
	},
];

test("periods of all rows are summed, the oldest first", () => {
	const bars = sumPeriods(rows);
	assert.deepEqual(
		bars.map(({hours}) => hours),
		[1, 6],
	);
	assert.equal(bars[1]!.cost.toFixed(3), "0.090");
});

test("a file has a line for each row and period", () => {
	const table = usageTable(rows);
	assert.equal(table.length, 1 + 3);
	assert.equal(table[1]!.length, table[0]!.length);
	assert.equal(table[1]![1], "tms-1");
	assert.equal(table[3]![8], 0.06);
});
