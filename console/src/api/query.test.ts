import assert from "node:assert/strict";
import {test} from "node:test";
import {problemOf, refusal, unreachable} from "./problem";
import {flatten} from "./query";

test("nested parameters become a form's fields, in EC2's way", () => {
	assert.deepEqual(
		flatten({
			Filter: [{Name: "state", Value: ["active", "paused"]}],
			Max: 5,
			Not: undefined,
		}),
		[
			["Filter.1.Name", "state"],
			["Filter.1.Value.1", "active"],
			["Filter.1.Value.2", "paused"],
			["Max", "5"],
		],
	);
});

test("and in that of services whose lists have members", () => {
	assert.deepEqual(flatten({Tags: [{Key: "a"}]}, "member."), [["Tags.member.1.Key", "a"]]);
});

test("every door's name for a refusal is of the same kind", () => {
	const rows = [
		["UnauthorizedOperation", "forbidden"],
		["AccessDeniedException", "forbidden"],
		["ExpiredToken", "signed-out"],
		["InvalidSignatureException", "signed-out"],
		["Throttling", "busy"],
		["InvalidTrafficMirrorTargetNoFound", "missing"],
		["NoSuchEntity", "missing"],
		["TrafficMirrorFilterInUse", "refused"],
	] as const;
	for (const [code, kind] of rows) assert.equal(refusal(code, "", "").kind, kind, code);
});

test("a slip while an answer is read does not mean that there was none", () => {
	assert.equal(problemOf(unreachable("X"), "Y").kind, "offline");
	assert.equal(problemOf(new TypeError("x is undefined"), "X").kind, "refused");
	const answered = Object.assign(new Error("no"), {
		name: "AccessDenied",
		$metadata: {httpStatusCode: 403},
	});
	assert.equal(problemOf(answered, "X").kind, "forbidden");
});
