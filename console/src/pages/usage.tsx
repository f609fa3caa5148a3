/* What mirroring costs: a bar for each period, and who caused it.  Days and months are UTC's, as bills are. */
import BarChart from "@cloudscape-design/components/bar-chart";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import {useMemo} from "react";
import {useQuery} from "~/data/use";
import type {Column} from "~/kit/columns";
import {Id} from "~/kit/Id";
import {Page} from "~/kit/Page";
import {ResourceTable} from "~/kit/ResourceTable";
import {saveFile} from "~/kit/save-file";
import {
	type Granularity,
	type Group,
	sumPeriods,
	usageQuery,
	type UsageRow,
	usageTable,
} from "~/nouns/usage";
import {useSearchParameter} from "~/shell/location";
import {writeCsv} from "~/text/csv";
import {parseDate} from "~/text/dates";
import {monthsBack} from "~/text/spans";

const times = [
	{value: "", label: "This month", count: 1, ago: 0},
	{value: "last", label: "Last month", count: 1, ago: 1},
	{value: "3", label: "Three months", count: 3, ago: 0},
	{value: "12", label: "Twelve months", count: 12, ago: 0},
];

const periods = [
	{value: "", label: "Day", granularity: "daily"},
	{value: "month", label: "Month", granularity: "monthly"},
] as const;

const groups = [
	{value: "", label: "Session", group: "session"},
	{value: "source", label: "Source", group: "source"},
	{value: "account", label: "Account (of the whole service)", group: "account"},
] as const;

const columnsOf: Record<Group, Column<UsageRow>[]> = {
	session: [
		{
			id: "session",
			header: "Session",
			value: (row) => row.trafficMirrorSessionId ?? "Older ones together",
			cell: (row) =>
				row.deletionTime || !row.trafficMirrorSessionId ? (
					(row.trafficMirrorSessionId ?? "Older ones together")
				) : (
					<Id id={row.trafficMirrorSessionId} />
				),
			width: 220,
		},
		...sourceColumns(),
		{id: "created", header: "Created", value: (row) => parseDate(row.creationTime)},
		{id: "deleted", header: "Deleted", value: (row) => parseDate(row.deletionTime)},
		...amountColumns(),
	],
	source: [...sourceColumns(), ...amountColumns()],
	account: [
		{id: "account", header: "Account", value: (row) => row.accountId},
		...amountColumns(),
	],
};

export default function Usage() {
	const [time, setTime] = useSearchParameter("time");
	const [period, setPeriod] = useSearchParameter("period");
	const [group, setGroup] = useSearchParameter("group");
	const chosen = {
		time: pick(times, time),
		period: pick(periods, period),
		group: pick(groups, group),
	};
	const {granularity} = chosen.period;
	const {count: months, ago} = chosen.time;
	const usage = useQuery(usageQuery({months, ago, granularity, group: chosen.group.group}));
	const save = () => {
		const name = `usage-${monthsBack(months, ago).from.toISOString().slice(0, 10)}.csv`;
		saveFile(name, "text/csv", writeCsv(usageTable(usage.value ?? [])));
	};
	return (
		<Page
			title="Usage and cost"
			help={help}
			actions={
				<Button
					iconName="download"
					disabled={!usage.value?.length}
					onClick={save}
				>
					Save as CSV
				</Button>
			}
		>
			<SpaceBetween size="l">
				<Container>
					<ColumnLayout columns={3}>
						<Choice
							label="Time"
							options={times}
							chosen={chosen.time}
							onChange={setTime}
						/>
						<Choice
							label="By"
							options={periods}
							chosen={chosen.period}
							onChange={setPeriod}
						/>
						<Choice
							label="Of each"
							options={groups}
							chosen={chosen.group}
							onChange={setGroup}
						/>
					</ColumnLayout>
				</Container>
				{!usage.problem && (
					<Chart rows={usage.value} granularity={granularity} />
				)}
				<ResourceTable
					key={chosen.group.group}
					name={`usage-${chosen.group.group}`}
					title="Details"
					noun="costs"
					variant="container"
					query={usage}
					columns={columnsOf[chosen.group.group]}
					keyOf={(row) =>
						[
							row.accountId,
							row.trafficMirrorSessionId,
							row.networkInterfaceId,
						].join()
					}
					firstSorting={{column: "cost", descending: true}}
					empty="No session existed in this time."
				/>
			</SpaceBetween>
		</Page>
	);
}

interface Option {
	value: string;
	label: string;
}

function Choice(props: {
	label: string;
	options: readonly Option[];
	chosen: Option;
	onChange(value: string): void;
}) {
	return (
		<FormField stretch label={props.label}>
			<Select
				selectedOption={props.chosen}
				options={props.options}
				onChange={({detail}) =>
					props.onChange(detail.selectedOption.value ?? "")
				}
			/>
		</FormField>
	);
}

function Chart({rows, granularity}: {rows?: UsageRow[]; granularity: Granularity}) {
	const bars = useMemo(() => sumPeriods(rows ?? []), [rows]);
	const currency = rows?.[0]?.currency ?? "";
	const total = bars.reduce((sum, {cost}) => sum + cost, 0);
	const hours = bars.reduce((sum, bar) => sum + bar.hours, 0);
	const form = granularity === "monthly" ? month : day;
	const bar = {
		type: "bar" as const,
		title: "Cost",
		data: bars.map(({start, cost}) => ({x: form.format(new Date(start)), y: cost})),
		valueFormatter: (value: number) => `${money(value)} ${currency}`,
	};
	return (
		<Container
			header={
				<Header
					variant="h2"
					description={`${hours.toLocaleString()} session-hours`}
				>
					{rows ? `${money(total)} ${currency}` : "Cost"}
				</Header>
			}
		>
			<BarChart
				ariaLabel="Cost by period"
				series={bars.length > 0 ? [bar] : []}
				xDomain={bars.map(({start}) => form.format(new Date(start)))}
				yDomain={[0, 1.1 * Math.max(...bars.map(({cost}) => cost), 0.01)]}
				xScaleType="categorical"
				yTitle={currency}
				i18nStrings={{yTickFormatter: money}}
				height={220}
				hideFilter
				hideLegend
				statusType={rows ? "finished" : "loading"}
				empty={
					<Box color="text-body-secondary">
						No session existed in this time.
					</Box>
				}
			/>
		</Container>
	);
}

const day = new Intl.DateTimeFormat(undefined, {month: "short", day: "numeric", timeZone: "UTC"});
const month = new Intl.DateTimeFormat(undefined, {
	year: "numeric",
	month: "short",
	timeZone: "UTC",
});

function money(value: number): string {
	return value.toLocaleString(undefined, {
		minimumFractionDigits: 2,
		maximumFractionDigits: 3,
	});
}

function pick<T extends Option>(options: readonly T[], value: string): T {
	return options.find((option) => option.value === value) ?? options[0]!;
}

function sourceColumns(): Column<UsageRow>[] {
	return [
		{
			id: "source",
			header: "Source",
			value: (row) => row.networkInterfaceId,
			cell: (row) => <Id id={row.networkInterfaceId} />,
			width: 220,
		},
		{id: "host", header: "Host", value: (row) => row.hostName, choices: true},
		{id: "device", header: "Device", value: (row) => row.deviceName},
	];
}

function amountColumns(): Column<UsageRow>[] {
	return [
		{id: "hours", header: "Hours", value: (row) => Number(row.hours)},
		{
			id: "cost",
			header: "Cost",
			value: (row) => Number(row.cost),
			cell: (row) => `${money(Number(row.cost))} ${row.currency}`,
		},
	];
}

const help = (
	<p>
		A session costs something for each hour that it has begun, from its creation to its
		deletion. Days and months are those of UTC. Nobody is billed: it is counted,
		multiplied, and shown.
	</p>
);
