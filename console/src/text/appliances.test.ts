import assert from "node:assert/strict";
import {test} from "node:test";
import {readAppliances} from "./appliances";

test("appliances stand one on a line, with ports of their own", () => {
	assert.deepEqual(readAppliances("10.0.0.5\n 10.0.0.6:4790,\n", true), {
		members: [
			{Id: "10.0.0.5", Port: undefined},
			{Id: "10.0.0.6", Port: "4790"},
		],
	});
	assert.deepEqual(readAppliances("fd00::1 [fd00::2]:4790", true).members, [
		{Id: "fd00::1"},
		{Id: "fd00::2", Port: "4790"},
	]);
	assert.deepEqual(readAppliances("i-0a1b:9", false).members, [{Id: "i-0a1b", Port: "9"}]);
});

test("what is no appliance is named", () => {
	for (const word of [
		"10.0.0.256",
		"10.0.0.5:0",
		"10.0.0.5:",
		"10.0.0.5:65536",
		"web",
		"i-1",
	])
		assert.match(
			readAppliances(`10.0.0.1 ${word}`, true).fault ?? "",
			new RegExp(`^${word.replace(/\./g, "\\.")} `),
		);
	assert.match(readAppliances("10.0.0.1", false).fault ?? "", /instance/);
	assert.equal(readAppliances("", true).fault, undefined);
});
