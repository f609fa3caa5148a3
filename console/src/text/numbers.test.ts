import assert from "node:assert/strict";
import {test} from "node:test";
import {formatBitRate, formatShort} from "./numbers";

const rows: [value: number, text: string][] = [
	[0, "0"],
	[7.126, "7.13"],
	[999, "999"],
	[999.6, "1 k"],
	[1234567, "1.23 M"],
	[-2500, "−2.5 k"],
	[4e18, "4,000 P"],
	[NaN, "–"],
];

for (const [value, text] of rows)
	test(`${value} is ${text}`, () => assert.equal(formatShort(value), text));

test("bytes per second are told in bits", () => assert.equal(formatBitRate(125e6), "1 Gbit/s"));
