/* What became of copies, and how fast: counters that only grow, and the rate between two looks at them. */

export interface Count {
	packets: number;
	bytes: number;
}

export interface Counters {
	accepted: Count;
	shipped: Count;
	truncated: Count;
	lost: Record<string, Count>;
}

export interface Look {
	time: number; // Milliseconds since 1970.
	counters: Counters;
}

export const noCount: Count = {packets: 0, bytes: 0};
export const noCounters: Counters = {
	accepted: noCount,
	shipped: noCount,
	truncated: noCount,
	lost: {},
};

export function addCounters(a: Counters, b: Counters): Counters {
	return combine(a, b, (x, y) => x + y);
}

/* Per second.  Counters that fell began anew, on another host or for another agent: nothing is known then. */
export function rateBetween(before: Look, after: Look): Counters | undefined {
	const seconds = (after.time - before.time) / 1000;
	if (seconds <= 0 || after.counters.accepted.packets < before.counters.accepted.packets)
		return undefined;
	return combine(after.counters, before.counters, (x, y) => Math.max(0, x - y) / seconds);
}

/* Without the reasons that do not count. */
export function totalLost({lost}: Counters, except?: ReadonlySet<string>): Count {
	const counted = Object.entries(lost).filter(([reason]) => !except?.has(reason));
	return counted.reduce(
		(sum, [, lost]) => ({
			packets: sum.packets + lost.packets,
			bytes: sum.bytes + lost.bytes,
		}),
		noCount,
	);
}

function combine(a: Counters, b: Counters, join: (x: number, y: number) => number): Counters {
	const both = (x: Count = noCount, y: Count = noCount) => ({
		packets: join(x.packets, y.packets),
		bytes: join(x.bytes, y.bytes),
	});
	const reasons = new Set([...Object.keys(a.lost), ...Object.keys(b.lost)]);
	return {
		accepted: both(a.accepted, b.accepted),
		shipped: both(a.shipped, b.shipped),
		truncated: both(a.truncated, b.truncated),
		lost: Object.fromEntries(
			[...reasons].map((reason) => [
				reason,
				both(a.lost[reason], b.lost[reason]),
			]),
		),
	};
}
