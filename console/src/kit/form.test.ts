import assert from "node:assert/strict";
import {test} from "node:test";
import {refusal, unreachable} from "~/api/problem";
import {fieldOfProblem} from "./form";

const fields = {
	name: {label: "Name", speaks: /policy ?name/i},
	document: {label: "Policy", speaks: /policy|Malformed/i},
	rest: {label: "Rest"},
};

test("a refusal stands at the first field that it speaks of, by its words or its code", () => {
	const at = (code: string, message: string) =>
		fieldOfProblem(fields, refusal(code, message, "X"));
	assert.equal(at("ValidationError", "The policy name is too long."), "name");
	assert.equal(at("MalformedPolicyDocument", "Line 1."), "document");
	assert.equal(at("LimitExceeded", "Enough."), undefined);
});

test("what is forbidden, too much or unanswered is about no field, whatever it says", () => {
	const forbidden = refusal("AccessDenied", "No identity-based policy allows it.", "X");
	const busy = refusal("Throttling", "The policy of rates", "X");
	for (const problem of [forbidden, busy, unreachable("policy")])
		assert.equal(fieldOfProblem(fields, problem), undefined);
});
