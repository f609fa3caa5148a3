import assert from "node:assert/strict";
import {test} from "node:test";
import {Problem, refusal} from "./problem";
import {type Made, orUndo} from "./undo";

const no = refusal("TargetGroupNotFound", "There is no such group.", "X");

function maker() {
	const undone: string[] = [];
	const made: Made[] = [];
	const make = (what: string, isStubborn = false) =>
		made.push({
			what,
			async undo() {
				if (isStubborn) throw no;
				undone.push(what);
			},
		});
	return {undone, made, make};
}

test("what is done stays", async () => {
	const {undone, made, make} = maker();
	assert.equal(await orUndo(async () => make("a group"), made), 1);
	assert.deepEqual(undone, []);
});

test("what was made before a refusal goes again, the last one first", async () => {
	const {undone, made, make} = maker();
	const steps = async () => {
		make("a group");
		make("a balancer");
		throw no;
	};
	await assert.rejects(orUndo(steps, made), no);
	assert.deepEqual(undone, ["a balancer", "a group"]);
});

test("what cannot be taken back is named", async () => {
	const {undone, made, make} = maker();
	const steps = async () => {
		make("a group");
		make("a balancer", true);
		throw no;
	};
	await assert.rejects(orUndo(steps, made), (problem: Problem) => {
		assert.match(problem.message, /^There is no such group\. .*: a balancer\.$/);
		assert.equal(problem.code, no.code);
		return true;
	});
	assert.deepEqual(undone, ["a group"]);
});
