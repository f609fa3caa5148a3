import assert from "node:assert/strict";
import {test} from "node:test";
import {signIn} from "./keys";
import {changeEach, patiently} from "./patience";
import {Problem, refusal} from "./problem";

const busy = () => refusal("RequestLimitExceeded", "Request limit exceeded.", "X");
const numbers = Array.from({length: 40}, (_, i) => i);

function napping() {
	const naps: number[] = [];
	return {naps, sleep: async (milliseconds: number) => void naps.push(milliseconds)};
}

test("what was too much at once is asked again, after pauses that grow", async () => {
	const {naps, sleep} = napping();
	let asked = 0;
	const answer = patiently(async () => {
		if (++asked < 4) throw busy();
		return "done";
	}, sleep);
	assert.equal(await answer, "done");
	assert.deepEqual(naps, [500, 1000, 2000]);
});

test("but not for ever, and nothing else is", async () => {
	const {naps, sleep} = napping();
	await assert.rejects(
		patiently(() => Promise.reject(busy()), sleep),
		/Request limit/,
	);
	assert.equal(naps.length, 11);
	const other = patiently(() => Promise.reject(refusal("AccessDenied", "No.", "X")), sleep);
	await assert.rejects(other, /No\./);
	assert.equal(naps.length, 11);
});

test("each is changed once, with a count", async () => {
	const {sleep} = napping();
	const changed: number[] = [];
	const told: number[] = [];
	let asked = 0;
	const change = async (number: number) => {
		if (++asked % 3 === 0) throw busy();
		changed.push(number);
	};
	assert.equal(
		await changeEach(numbers, change, {sleep, told: (done) => told.push(done)}),
		40,
	);
	assert.deepEqual(
		[...changed].sort((a, b) => a - b),
		numbers,
	);
	assert.deepEqual(
		told,
		numbers.map((number) => number + 1),
	);
});

test("the first refusal ends it, when what was under way has ended", async () => {
	const changed: number[] = [];
	const change = async (number: number) => {
		await Promise.resolve();
		if (number === 1)
			throw refusal("OperationNotPermitted", "It is a selector's.", "X");
		await new Promise((done) => setTimeout(done, 5));
		changed.push(number);
	};
	await assert.rejects(changeEach(numbers, change), (problem: Problem) => {
		assert.match(problem.message, /^3 of 40 are done\. It is a selector's\.$/);
		assert.equal(problem.code, "OperationNotPermitted");
		return true;
	});
	assert.deepEqual(changed, [0, 2, 3]);
	await new Promise((done) => setTimeout(done, 20));
	assert.equal(changed.length, 3);
});

test("whoever leaves begins no further ones", async () => {
	const leaving = new AbortController();
	const change = async (number: number) => {
		if (number === 5) leaving.abort();
	};
	const done = await changeEach(numbers, change, {signal: leaving.signal});
	assert.ok(done >= 6 && done < 10, String(done));
});

test("nothing goes on in the name of the next user", async () => {
	const user = (accessKeyId: string) => ({
		keys: {accessKeyId, secretAccessKey: "", region: "us-east-1"},
		identity: {account: "1", arn: `arn:aws:iam::1:user/${accessKeyId}`},
	});
	signIn(user("anna"), false);
	let asked = 0;
	const change = async () => {
		if (++asked === 8) signIn(user("bert"), false);
	};
	await assert.rejects(changeEach(numbers, change), /somebody else/i);
	assert.equal(asked, 8);
});
