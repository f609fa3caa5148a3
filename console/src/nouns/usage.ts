/* What sessions cost: hours and money, by session, source or account, and by period. */
import {queryAll} from "~/api/query";
import type {Query} from "~/data/cache";
import {monthsBack} from "~/text/spans";

export interface Amount {
	hours: string;
	cost: string;
}

export interface UsageRow extends Amount {
	accountId: string;
	networkInterfaceId?: string;
	hostName?: string;
	deviceName?: string;
	trafficMirrorSessionId?: string;
	creationTime?: string;
	deletionTime?: string;
	currency: string;
	periodSet: (Amount & {startTime: string; endTime: string})[];
}

export type Granularity = "hourly" | "daily" | "monthly";
export type Group = "session" | "source" | "account";

export interface UsageWish {
	months: number;
	ago: number; // So many months, the last of them.
	granularity: Granularity;
	group: Group; // By account, those of all accounts.
}

export function usageQuery(wish: UsageWish): Query<UsageRow[]> {
	const {months, ago, granularity, group} = wish;
	return {
		key: `usage ${months} ${ago} ${granularity} ${group}`,
		kinds: ["session"],
		every: 60_000,
		fetch: (signal) => {
			// Anew each time: a page may be open all day.
			const {from, to} = monthsBack(months, ago);
			return queryAll(
				"DescribeTrafficMirrorUsage",
				"trafficMirrorUsageSet",
				{
					StartTime: from.toISOString(),
					EndTime: to.toISOString(),
					Granularity: granularity,
					GroupBy: group,
					AccountId: group === "account" ? "all" : undefined,
				},
				signal,
			);
		},
	};
}

export interface Bar {
	start: string;
	cost: number;
	hours: number;
}

/* All rows together, period by period. */
export function sumPeriods(rows: UsageRow[]): Bar[] {
	const bars = new Map<string, Bar>();
	for (const {periodSet} of rows)
		for (const {startTime, cost, hours} of periodSet) {
			const bar = bars.get(startTime) ?? {start: startTime, cost: 0, hours: 0};
			bar.cost += Number(cost);
			bar.hours += Number(hours);
			bars.set(startTime, bar);
		}
	return [...bars.values()].sort((a, b) => (a.start < b.start ? -1 : 1));
}

/* A line for each row and period. */
export function usageTable(rows: UsageRow[]): (string | number | undefined)[][] {
	const header = [
		"account",
		"session",
		"interface",
		"host",
		"device",
		"from",
		"to",
		"hours",
		"cost",
		"currency",
	];
	const lines = rows.flatMap((row) =>
		row.periodSet.map((period) => [
			row.accountId,
			row.trafficMirrorSessionId,
			row.networkInterfaceId,
			row.hostName,
			row.deviceName,
			period.startTime,
			period.endTime,
			Number(period.hours),
			Number(period.cost),
			row.currency,
		]),
	);
	return [header, ...lines];
}
