import assert from "node:assert/strict";
import {test} from "node:test";
import {signOut} from "~/api/keys";
import {lookAt, rememberLooks} from "./looks";

test("a look is compared with the oldest that is old enough and not too old", () => {
	const remember = rememberLooks();
	const times = [0, 1000, 3000, 14_000, 30_000];
	const compared = times.map((time) => remember(lookAt([], time))?.time);
	assert.deepEqual(compared, [undefined, undefined, 0, 3000, undefined]);
});

test("what the last user looked at is nothing to the next one", () => {
	globalThis.sessionStorage = {removeItem: () => {}} as unknown as Storage;
	const remember = rememberLooks();
	remember(lookAt([], 0));
	signOut();
	assert.equal(remember(lookAt([], 5000)), undefined);
});
