import assert from "node:assert/strict";
import {test} from "node:test";
import {matchPath} from "./paths";

test("a path is matched part by part, and its values are decoded", () => {
	assert.deepEqual(matchPath("/hosts/:name", "/hosts/web%201"), {name: "web 1"});
	assert.deepEqual(matchPath("/hosts", "/hosts/"), {});
	assert.deepEqual(matchPath("/", "/"), {});
	assert.equal(matchPath("/hosts/:name", "/hosts"), undefined);
	assert.equal(matchPath("/hosts/create", "/hosts/other"), undefined);
});

test("a path that is not whole is no page's", () =>
	assert.equal(matchPath("/hosts/:name", "/hosts/%zz"), undefined));
