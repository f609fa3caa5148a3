import assert from "node:assert/strict";
import {test} from "node:test";
import {type Counters, noCounters} from "~/text/rates";
import type {SessionStatus} from "./status";
import {lookAt} from "./looks";
import {summarize} from "./summary";

function status(id: string, packets: number, state = "active"): SessionStatus {
	const counters: Counters = {...noCounters, accepted: {packets, bytes: 10 * packets}};
	return {id, source: "eni-1", state, counters: {ingress: counters, egress: noCounters}};
}

test("states are counted", () => {
	const all = [status("a", 0), status("b", 0, "paused"), status("c", 0)];
	const summary = summarize(all, undefined, lookAt(all, 0));
	assert.deepEqual(summary.states, {active: 2, paused: 1});
	assert.equal(summary.sessions, 3);
	assert.equal(summary.rate, undefined);
});

test("rates are of sessions that both looks have; the busiest come first", () => {
	const before = [status("a", 100), status("gone", 900), status("b", 0)];
	const after = [status("a", 120), status("b", 200), status("new", 5000)];
	const summary = summarize(after, lookAt(before, 1000), lookAt(after, 3000));
	assert.equal(summary.rate?.accepted.packets, 110);
	assert.deepEqual(
		summary.busiest.map(({status: {id}}) => id),
		["b", "a"],
	);
});
