import assert from "node:assert/strict";
import {test} from "node:test";
import {type FilterQuery, readFilter, writeFilter} from "./filter-text";

test("a filter comes back from the address as it went in", () => {
	const query: FilterQuery = {
		operation: "or",
		tokens: [
			{propertyKey: "state", operator: "!=", value: "Active"},
			{operator: ":", value: "a:b~c%7e d/ü"},
			{propertyKey: "number", operator: ">=", value: ""},
		],
	};
	assert.deepEqual(readFilter(writeFilter(query)), query);
});

test("no filter is no text, and no text is no filter", () => {
	assert.equal(writeFilter({operation: "or", tokens: []}), "");
	assert.deepEqual(readFilter(""), {operation: "and", tokens: []});
});

test("what nobody wrote is passed over", () => {
	assert.deepEqual(readFilter("and~a:b~a:b:c:d~x:=:1").tokens, [
		{propertyKey: "x", operator: "=", value: "1"},
	]);
});
