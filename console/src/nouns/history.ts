/* What became of a session's copies over time, as CloudWatch tells it: a line for what was accepted and shipped, and one
 * for every reason for which copies were lost (docs/metrics.md).
 *
 * CloudWatch leaves out periods in which nothing was counted; here they are zeros, so that a line goes down where
 * the traffic does. */
import {type Parameters, query, services} from "~/api/query";
import type {Query} from "~/data/cache";

export interface Span {
	id: string;
	text: string;
	seconds: number;
	period: number; // Of one point, in seconds.
}

/* The controller keeps seconds for ten minutes, minutes for two days, and hours for a season.  Since a point begins up to its period
 * before its time, two days of half hours are half an hour short.  Hosts report every other second, so a point of seconds has
 * an even number of them. */
export const spans: Span[] = [
	{id: "5m", text: "5 minutes", seconds: 300, period: 10},
	{id: "1h", text: "1 hour", seconds: 3600, period: 60},
	{id: "6h", text: "6 hours", seconds: 21_600, period: 300},
	{id: "2d", text: "2 days", seconds: 171_000, period: 1800},
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

/* Of these, what the session's owner has asked for: no mishap. */
export const wishedLosses: ReadonlySet<string> = new Set(["sampled_out", "rate_cap"]);

/* What came last is not all there yet: hosts report at this pace, and minutes are summed up when they are over. */
const reportPace = 3000;
const minutePace = 15_000;

interface Metric {
	id: string; // In the request, and so in the answer.
	line: string;
	unit: "packets" | "bytes";
	name: string;
	reason?: string;
}

/* By a metric's id, what it counted by the time of each period. */
type Values = Map<string, Map<number, number>>;

interface Answer {
	GetMetricDataResult: {
		MetricDataResults?: {Id: string; Timestamps?: string[]; Values?: string[]}[];
		NextToken?: string;
	};
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
	const pace = span.period < 60 ? reportPace : minutePace;
	const to = new Date(Math.floor((Date.now() - pace) / step) * step);
	const from = new Date(+to - span.seconds * 1000);
	const times = Array.from({length: span.seconds / span.period}, (_, i) => +from + i * step);
	const values = await fetchValues(
		{
			StartTime: from.toISOString(),
			EndTime: to.toISOString(),
			MetricDataQueries: metrics.map((metric) =>
				askFor(metric, session, span.period),
			),
		},
		signal,
	);
	return {from, to, lines: readLines(values, times, span.period)};
}

async function fetchValues(parameters: Parameters, signal: AbortSignal): Promise<Values> {
	const values: Values = new Map();
	let NextToken: string | undefined;
	do {
		const options = {service: services.monitoring, signal};
		const answer = await query<Answer>(
			"GetMetricData",
			{...parameters, NextToken},
			options,
		);
		const {GetMetricDataResult: page} = answer;
		for (const {Id, Timestamps, Values} of page.MetricDataResults || []) {
			const known = values.get(Id) ?? new Map<number, number>();
			for (const [i, time] of (Timestamps || []).entries())
				known.set(Date.parse(time), Number(Values![i]));
			values.set(Id, known);
		}
		NextToken = page.NextToken || undefined;
	} while (NextToken);
	return values;
}

/* Both directions of each line added up. */
function readLines(values: Values, times: number[], period: number): Line[] {
	const names = ["accepted", "shipped", ...lossReasons.map(([reason]) => reason)];
	const points = (line: string, unit: Metric["unit"]): Point[] => {
		const parts = metrics
			.filter((metric) => metric.line === line && metric.unit === unit)
			.map(({id}) => values.get(id));
		return times.map((time) => {
			const sum = parts.reduce(
				(total, part) => total + (part?.get(time) ?? 0),
				0,
			);
			return {time: new Date(time), perSecond: sum / period};
		});
	};
	return names
		.map((id) => ({id, packets: points(id, "packets"), bytes: points(id, "bytes")}))
		.filter(
			({id, packets}) =>
				!reasons.has(id) || packets.some(({perSecond}) => perSecond > 0),
		);
}

function listMetrics(): Metric[] {
	const lines = [
		{line: "accepted", word: "Accepted"},
		{line: "shipped", word: "Shipped"},
		...lossReasons.map(([reason]) => ({line: reason, word: "Lost", reason})),
	];
	return lines.flatMap(
		({line, word, reason}: {line: string; word: string; reason?: string}) =>
			(["packets", "bytes"] as const).flatMap((unit) =>
				["In", "Out"].map((direction) => ({
					id: `${unit}_${line}_${direction.toLowerCase()}`,
					line,
					unit,
					name: `${unit === "packets" ? "Packets" : "Bytes"}${word}${direction}`,
					reason,
				})),
			),
	);
}

function askFor({id, name, reason}: Metric, session: string, period: number): Parameters {
	const Dimensions = [{Name: "TrafficMirrorSessionId", Value: session}];
	if (reason) Dimensions.push({Name: "Reason", Value: reason});
	return {
		Id: id,
		MetricStat: {
			Metric: {Namespace: "TrafficMirror", MetricName: name, Dimensions},
			Period: period,
			Stat: "Sum",
		},
	};
}

const reasons = new Set(lossReasons.map(([reason]) => reason));
const metrics = listMetrics();
