import assert from "node:assert/strict";
import {test} from "node:test";
import {monthsBack, parseSpan, splitSpan} from "./spans";

const now = Date.UTC(2026, 4, 15, 12);

test("a span is so long until now, or lies between two moments", () => {
	assert.equal(+parseSpan("1h", now)!.from, now - 3_600_000);
	assert.equal(+parseSpan("7d", now)!.from, now - 7 * 86_400_000);
	const fixed = parseSpan("2026-01-01T00:00:00Z/2026-01-02T00:00:00Z")!;
	assert.equal(+fixed.to! - +fixed.from, 86_400_000);
});

test("what is no span, or ends before it begins, is none", () => {
	for (const word of ["", "7", "7w", "2026-01-01", "x/y", "2026-01-02/2026-01-01"])
		assert.equal(parseSpan(word, now), undefined, word);
	assert.deepEqual(splitSpan("24h"), {amount: 24, unit: "hour"});
	assert.equal(splitSpan("2026-01-01/2026-01-02"), undefined);
});

test("months are UTC's, and the present one ends now", () => {
	const at = new Date(now);
	assert.deepEqual(monthsBack(1, 0, at), {from: new Date(Date.UTC(2026, 4)), to: at});
	assert.deepEqual(monthsBack(3, 1, at), {
		from: new Date(Date.UTC(2026, 1)),
		to: new Date(Date.UTC(2026, 4)),
	});
});
