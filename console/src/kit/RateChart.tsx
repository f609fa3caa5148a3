/* Rates over time: what a session accepted and shipped, and each reason for which copies were lost. */
import LineChart, {type LineChartProps} from "@cloudscape-design/components/line-chart";
import {
	colorChartsBlue1400,
	colorChartsGreen300,
	colorChartsThresholdNegative,
} from "@cloudscape-design/design-tokens";
import Box from "@cloudscape-design/components/box";
import type {History, Line, Point} from "~/nouns/history";
import {lossReasons} from "~/nouns/history";
import {formatShort} from "~/text/numbers";

interface Props {
	title: string;
	history?: History;
	pick(line: Line): Point[];
	scale?: number; // 8 makes bits of bytes.
	unit: string;
	height?: number;
	waiting?: boolean;
}

const texts = new Map([["accepted", "Accepted"], ["shipped", "Shipped"], ...lossReasons]);
const colors: Record<string, string> = {
	accepted: colorChartsBlue1400,
	shipped: colorChartsGreen300,
	ring_full: colorChartsThresholdNegative,
};

const clock = new Intl.DateTimeFormat(undefined, {timeStyle: "medium"});
const short = new Intl.DateTimeFormat(undefined, {hour: "2-digit", minute: "2-digit"});
const day = new Intl.DateTimeFormat(undefined, {month: "short", day: "numeric"});
const hourLong = 3_600_000;
const dayLong = 24 * hourLong;

export function RateChart({title, history, pick, scale = 1, unit, height = 220, waiting}: Props) {
	const format = (value: number) => formatShort(value, unit);
	const lines = history?.lines ?? [];
	const ticks = tickFormat(history ? +history.to - +history.from : 0);
	const series: LineChartProps<Date>["series"] = lines.map((line) => ({
		type: "line",
		title: texts.get(line.id) ?? line.id,
		color: colors[line.id],
		valueFormatter: format,
		data: pick(line).map(({time, perSecond}) => ({x: time, y: perSecond * scale})),
	}));
	return (
		<LineChart
			ariaLabel={title}
			series={series}
			xScaleType="time"
			xDomain={history && [history.from, history.to]}
			yDomain={[0, topOf(series)]}
			yTitle={title}
			hideFilter
			height={height}
			statusType={history ? "finished" : waiting ? "loading" : "finished"}
			i18nStrings={{
				xTickFormatter: (time) => ticks.format(time),
				yTickFormatter: format,
			}}
			detailPopoverSize="medium"
			emphasizeBaselineAxis
			xTitle={history ? `Until ${clock.format(history.to)}` : undefined}
			empty={<Box color="text-body-secondary">Nothing has been counted yet.</Box>}
		/>
	);
}

function tickFormat(span: number): Intl.DateTimeFormat {
	if (span < hourLong) return clock;
	return span > dayLong ? day : short;
}

function topOf(series: LineChartProps<Date>["series"]): number {
	let top = 0;
	for (const line of series)
		if (line.type === "line") for (const {y} of line.data) top = Math.max(top, y);
	return top > 0 ? top * 1.1 : 1;
}
