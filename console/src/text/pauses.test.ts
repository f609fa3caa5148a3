import assert from "node:assert/strict";
import {test} from "node:test";
import {pauseAfter, waitSeconds} from "./pauses";

test("what waited as long as it was to, or brought a change, is asked again at once", () => {
	assert.equal(pauseAfter(false, 1000 * waitSeconds, 4000), 0);
	assert.equal(pauseAfter(true, 1, 4000), 0);
});

test("empty answers before their time are followed by pauses that grow, and no further than a bound", () => {
	const pauses = [0];
	for (let i = 0; i < 8; i++) pauses.push(pauseAfter(false, 5, pauses[i]!));
	assert.deepEqual(pauses, [0, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000, 30_000]);
});
