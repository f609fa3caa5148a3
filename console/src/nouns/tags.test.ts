import assert from "node:assert/strict";
import {test} from "node:test";
import {compareTags} from "./tags";

const tags = (...pairs: [key: string, value: string][]) =>
	pairs.map(([key, value]) => ({key, value}));

test("what goes is deleted, what is new or other is made, the rest is left alone", () => {
	const before = tags(["a", "1"], ["b", "2"], ["c", "3"]);
	const after = tags(["a", "1"], ["b", "4"], ["d", ""]);
	assert.deepEqual(compareTags(before, after), {
		gone: ["c"],
		fresh: tags(["b", "4"], ["d", ""]),
	});
});

test("the service's own tags stay, though they cannot be edited", () => {
	const before = tags(["tmirror:host", "web-1"], ["aws:x", ""], ["a", "1"]);
	assert.deepEqual(compareTags(before, tags(["a", "1"])), {gone: [], fresh: []});
});
