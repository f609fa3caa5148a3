import assert from "node:assert/strict";
import {test} from "node:test";
import {linkCodeOf} from "./link-code";

test("a link's code is what stands behind its #sign-in=", () => {
	assert.equal(linkCodeOf("#sign-in=abc%2Bd"), "abc+d");
	assert.equal(linkCodeOf("#other"), undefined);
	assert.equal(linkCodeOf(""), undefined);
});

test("a link that is not whole breaks nothing", () => assert.equal(linkCodeOf("#sign-in=%"), "%"));
