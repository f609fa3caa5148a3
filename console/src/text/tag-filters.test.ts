import assert from "node:assert/strict";
import {test} from "node:test";
import {
	draftOf,
	hasFault,
	keyFault,
	readDraft,
	sameFilters,
	tagFilterParameters,
	tagFilterText,
	valuesFault,
} from "./tag-filters";

const filters = [
	{key: "app", values: ["web", "shop-*, old"]},
	{key: "mirrored", values: []},
];

test("filters become a draft and come back as they were, commas in values too", () => {
	assert.deepEqual(filters.map(draftOf).map(readDraft), filters);
	assert.deepEqual(readDraft({key: " app ", lines: "web\n\n  shop  \n"}), {
		key: "app",
		values: ["web", "shop"],
	});
});

test("and are said in a line, and in a request", () => {
	assert.equal(tagFilterText(filters), "app is web or shop-*, old, and has mirrored");
	assert.deepEqual(tagFilterParameters(filters.map(draftOf)), [
		{Key: "app", Value: ["web", "shop-*, old"]},
		{Key: "mirrored", Value: []},
	]);
});

test("what cannot be sent is told", () => {
	assert.match(keyFault({key: " ", lines: ""})!, /needs a key/);
	assert.match(keyFault({key: "a".repeat(129), lines: ""})!, /128/);
	assert.match(valuesFault({key: "a", lines: "v\n".repeat(21)})!, /20 values/);
	assert.match(valuesFault({key: "a", lines: "v".repeat(257)})!, /256/);
	assert.equal(hasFault([]), true);
	assert.equal(hasFault([{key: "a", lines: "v\n".repeat(20)}]), false);
});

test("an edit that changes nothing is none", () => {
	assert.equal(sameFilters([{key: "a", lines: "b\n"}], [{key: "a ", lines: "b"}]), true);
	assert.equal(sameFilters([{key: "a", lines: "b"}], [{key: "a", lines: "c"}]), false);
});
