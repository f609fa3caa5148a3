import assert from "node:assert/strict";
import {test} from "node:test";
import {keepEqual} from "./cache";

test("what says the same is the same object, so nothing is drawn again", () => {
	const old = [
		{a: 1, tags: [{k: "x"}]},
		{a: 2, tags: []},
	];
	const same = keepEqual(old, structuredClone(old));
	assert.equal(same, old);

	const fresh = keepEqual(old, [
		{a: 1, tags: [{k: "x"}]},
		{a: 3, tags: []},
	]);
	assert.notEqual(fresh, old);
	assert.equal(fresh[0], old[0]);
	assert.equal(fresh[1]!.a, 3);
});

test("lists that grew or shrank, and properties that went, are other values", () => {
	assert.notEqual(keepEqual([1], [1, 2]).length, 1);
	assert.deepEqual(keepEqual([1, 2], [1]), [1]);
	assert.deepEqual(keepEqual({a: 1, b: 2}, {a: 1}), {a: 1});
	assert.deepEqual(keepEqual(undefined, {a: 1}), {a: 1});
});
