import assert from "node:assert/strict";
import {test} from "node:test";
import {refusal} from "~/api/problem";
import {addPackets, type AnsweredPacket, Peek, type PeekCalls} from "./peek";

const wish = {snapLength: 128, keep: 3};
const isOver = () => refusal("InvalidTrafficMirrorPeek.NotFound", "It is over.", "");

function packet(number: number, data = ""): AnsweredPacket {
	return {
		number: String(number),
		seconds: "1800000000",
		nanoseconds: "5",
		trafficDirection: "ingress",
		length: "60",
		skipped: number === 1 ? "0" : "2",
		summary: `packet ${number}`,
		data,
	};
}

/* A controller whose answers come in this order; whoever waits between two questions waits until the next turn. */
function play(answers: (number[] | Error)[]) {
	const log: string[] = [];
	let starts = 0;
	const calls: PeekCalls = {
		async start(_, snapLength) {
			log.push(`start ${snapLength}`);
			return `peek-${++starts}`;
		},
		async get(_, id, after) {
			log.push(`get ${id} ${after}`);
			const answer = answers.shift() ?? [];
			if (answer instanceof Error) throw answer;
			return {lastNumber: "9", packetSet: answer.map((number) => packet(number))};
		},
		async stop(_, id) {
			log.push(`stop ${id}`);
		},
		pause: () => new Promise((done) => setTimeout(done)),
	};
	const peek = new Peek("tms-1", calls);
	const until = (isThere: () => boolean) =>
		new Promise<void>((done) => {
			const look = () => (isThere() ? done() : void setTimeout(look));
			look();
		});
	return {log, peek, until};
}

test("packets are asked for behind the last one that is there, and the last ones are kept", async () => {
	const {log, peek, until} = play([
		[1, 2],
		[3, 4, 5],
	]);
	peek.start(wish);
	await until(() => peek.read().seen === 5);
	peek.stop();
	assert.deepEqual(log.slice(0, 3), ["start 128", "get peek-1 0", "get peek-1 2"]);
	assert.deepEqual(
		peek.read().packets.map(({key, summary}) => [key, summary]),
		[
			[3, "packet 3"],
			[4, "packet 4"],
			[5, "packet 5"],
		],
	);
	assert.equal(peek.read().skipped, 8);
	assert.equal(peek.read().phase, "idle");
	assert.equal(log.at(-1), "stop peek-1");
});

test("a pause asks nothing and ends nothing", async () => {
	const {log, peek, until} = play([[1]]);
	peek.start(wish);
	await until(() => peek.read().seen === 1);
	peek.pause();
	await until(() => true);
	const asked = log.length;
	for (let turn = 0; turn < 5; turn++) await new Promise((done) => setTimeout(done));
	assert.equal(log.length, asked);
	peek.start(wish);
	await until(() => log.length > asked);
	assert.equal(log[asked], "get peek-1 1");
	peek.stop();
});

test("after a pause that the peek did not outlive another begins, and what was seen stays", async () => {
	const {log, peek, until} = play([[1]]);
	peek.start(wish);
	await until(() => peek.read().seen === 1);
	peek.pause();
	const more = play([isOver(), [1]]);
	Object.assign(peek, {calls: (more.peek as unknown as {calls: PeekCalls}).calls});
	peek.start(wish);
	await until(() => peek.read().seen === 2);
	assert.deepEqual(more.log.slice(0, 3), ["get peek-1 1", "start 128", "get peek-1 0"]);
	assert.deepEqual(
		peek.read().packets.map(({key}) => key),
		[1, 2],
	);
	assert.equal(log.includes("stop peek-1"), false);
	peek.stop();
});

test("one that ends while it is looked at is over, and nothing begins by itself", async () => {
	const {log, peek, until} = play([[1], isOver()]);
	peek.start(wish);
	await until(() => peek.read().phase === "over");
	for (let turn = 0; turn < 5; turn++) await new Promise((done) => setTimeout(done));
	assert.equal(log.filter((line) => line.startsWith("start")).length, 1);
});

test("what is forbidden is told and not tried again; what is too much is tried again", async () => {
	const busy = refusal("RequestLimitExceeded", "Slowly.", "");
	const no = refusal("UnauthorizedOperation", "No.", "GetTrafficMirrorPeek");
	const {log, peek, until} = play([busy, [1], no]);
	peek.start(wish);
	await until(() => peek.read().phase === "idle");
	assert.equal(peek.read().seen, 1);
	assert.equal(peek.read().problem, no);
	assert.deepEqual(log.slice(1), ["get peek-1 0", "get peek-1 0", "get peek-1 1"]);
});

test("whoever leaves before the peek has begun ends it all the same", async () => {
	const {log, peek, until} = play([]);
	peek.start(wish);
	peek.stop();
	await until(() => log.includes("stop peek-1"));
	assert.equal(
		log.some((line) => line.startsWith("get")),
		false,
	);
});

test("however many are to be kept, memory is bounded", () => {
	const big = "A".repeat(6 * 1024 * 1024);
	const state = {phase: "looking" as const, packets: [], seen: 0, skipped: 0};
	const kept = addPackets(
		state,
		[1, 2, 3, 4].map((number) => packet(number, big)),
		1000,
	);
	assert.deepEqual(
		kept.packets.map(({key}) => key),
		[3, 4],
	);
	assert.equal(kept.seen, 4);
});
