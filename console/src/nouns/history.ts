/* What became of a session's copies over time, as CloudWatch tells it: a line for what was accepted and shipped, and one
 * for every reason for which copies were lost (docs/metrics.md).
 *
 * CloudWatch leaves out periods in which nothing was counted; here they are zeros, so that a line goes down where
 * the traffic does. */
import {GetMetricDataCommand, type MetricDataQuery} from "@aws-sdk/client-cloudwatch";
import {cloudWatch} from "~/api/cloudwatch";
import type {Query} from "~/data/cache";

export interface Span {
	id: string;
	text: string;
	seconds: number;
	period: number; // Of one point, in seconds.
}

/* The controller keeps seconds for ten minutes, minutes for two days, and hours for a season. */
export const spans: Span[] = [
	{id: "5m", text: "5 minutes", seconds: 300, period: 5},
	{id: "1h", text: "1 hour", seconds: 3600, period: 60},
	{id: "6h", text: "6 hours", seconds: 21_600, period: 300},
	{id: "2d", text: "2 days", seconds: 172_800, period: 1800},
	{id: "30d", text: "30 days", seconds: 2_592_000, period: 21_600},
];

export interface Point {
	time: Date;
	perSecond: number;
}

export interface Line {
	id: string; // "accepted", "shipped", or a reason.
	packets: Point[];
	bytes: Point[];
}

export interface History {
	from: Date;
	to: Date;
	lines: Line[]; // Reasons for which nothing was lost are left out.
}

export const lossReasons: [reason: string, text: string][] = [
	["sampled_out", "Sampled out"],
	["rate_cap", "Above the cap"],
	["shed", "Shed for others"],
	["ring_full", "Ring full"],
	["session_ended", "Session ended"],
	["no_target", "No target"],
	["no_route", "No route"],
	["unreachable", "Unreachable"],
	["send_buffer", "Send buffer full"],
	["send_error", "Send error"],
	["malformed", "Malformed"],
];

interface Measure {
	line: string;
	unit: "packets" | "bytes";
	queries: MetricDataQuery[]; // One for each direction, to be added up.
}

export function historyQuery(session: string, span: Span): Query<History> {
	return {
		key: `history ${session} ${span.id}`,
		kinds: [],
		every: Math.max(2000, span.period * 400),
		fetch: (signal) => fetchHistory(session, span, signal),
	};
}

async function fetchHistory(session: string, span: Span, signal: AbortSignal): Promise<History> {
	const step = span.period * 1000;
	const to = new Date(Math.floor(Date.now() / step) * step);
	const from = new Date(+to - span.seconds * 1000);
	const measures = listMeasures(session, span.period);
	const command = new GetMetricDataCommand({
		StartTime: from,
		EndTime: to,
		MetricDataQueries: measures.flatMap(({queries}) => queries),
	});
	const answer = await cloudWatch().send(command, {abortSignal: signal});
	const values = new Map(
		(answer.MetricDataResults ?? []).map((result) => [
			result.Id!,
			new Map(result.Timestamps!.map((time, i) => [+time, result.Values![i]!])),
		]),
	);
	const pointsOf = ({queries}: Measure) => {
		const parts = queries.map(({Id}) => values.get(Id!));
		return Array.from({length: span.seconds / span.period}, (_, i) => {
			const time = +from + i * step;
			const sum = parts.reduce(
				(total, part) => total + (part?.get(time) ?? 0),
				0,
			);
			return {time: new Date(time), perSecond: sum / span.period};
		});
	};
	return {from, to, lines: joinLines(measures, pointsOf)};
}

function joinLines(measures: Measure[], pointsOf: (measure: Measure) => Point[]): Line[] {
	const names = ["accepted", "shipped", ...lossReasons.map(([reason]) => reason)];
	const find = (line: string, unit: Measure["unit"]) =>
		pointsOf(
			measures.find((measure) => measure.line === line && measure.unit === unit)!,
		);
	return names
		.map((id) => ({id, packets: find(id, "packets"), bytes: find(id, "bytes")}))
		.filter(
			({id, packets}) =>
				id === "accepted" ||
				id === "shipped" ||
				packets.some(({perSecond}) => perSecond > 0),
		);
}

function listMeasures(session: string, period: number): Measure[] {
	const lines = [
		{line: "accepted", metric: "Accepted"},
		{line: "shipped", metric: "Shipped"},
		...lossReasons.map(([reason]) => ({line: reason, metric: "Lost", reason})),
	];
	return lines.flatMap((row) =>
		(["packets", "bytes"] as const).map((unit) => ({
			line: row.line,
			unit,
			queries: ["In", "Out"].map((direction) =>
				askFor({session, period, unit, direction, ...row}),
			),
		})),
	);
}

function askFor(row: {
	session: string;
	period: number;
	unit: "packets" | "bytes";
	direction: string;
	line: string;
	metric: string;
	reason?: string;
}): MetricDataQuery {
	const unit = row.unit === "packets" ? "Packets" : "Bytes";
	const Dimensions = [{Name: "TrafficMirrorSessionId", Value: row.session}];
	if (row.reason) Dimensions.push({Name: "Reason", Value: row.reason});
	return {
		Id: `${row.unit}_${row.line}_${row.direction.toLowerCase()}`,
		MetricStat: {
			Metric: {
				Namespace: "TrafficMirror",
				MetricName: `${unit}${row.metric}${row.direction}`,
				Dimensions,
			},
			Period: row.period,
			Stat: "Sum",
		},
	};
}
