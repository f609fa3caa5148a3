/* A session's traffic: two charts of rates, and a table of what became of all its copies so far. */
import Container from "@cloudscape-design/components/container";
import Grid from "@cloudscape-design/components/grid";
import Header from "@cloudscape-design/components/header";
import SegmentedControl from "@cloudscape-design/components/segmented-control";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import {useQuery} from "~/data/use";
import {Loading} from "~/kit/Loading";
import {ProblemView} from "~/kit/ProblemView";
import {RateChart} from "~/kit/RateChart";
import {historyQuery, lossReasons, spans} from "~/nouns/history";
import type {SessionStatus} from "~/nouns/status";
import {useSearchParameter} from "~/shell/location";
import {formatCount, formatShort} from "~/text/numbers";
import {type Count, type Counters, noCount} from "~/text/rates";

export function SessionTraffic({id, status}: {id: string; status?: SessionStatus}) {
	return (
		<SpaceBetween size="l">
			<Charts id={id} />
			{status ? <Totals status={status} /> : <Loading />}
		</SpaceBetween>
	);
}

function Charts({id}: {id: string}) {
	const [chosen, choose] = useSearchParameter("span");
	const span = spans.find((row) => row.id === chosen) ?? spans[0]!;
	const history = useQuery(historyQuery(id, span));
	const problem = history.problem && !history.value ? history.problem : undefined;
	const common = {history: history.value, waiting: history.loading};
	return (
		<Container
			header={
				<Header
					variant="h2"
					actions={
						<SegmentedControl
							label="Time span"
							selectedId={span.id}
							options={spans.map((row) => ({
								id: row.id,
								text: row.text,
							}))}
							onChange={({detail}) =>
								choose(detail.selectedId)
							}
						/>
					}
				>
					Rates
				</Header>
			}
		>
			{problem ? (
				<ProblemView problem={problem} onRetry={history.refresh} />
			) : (
				<Grid
					gridDefinition={[
						{colspan: {default: 12, xs: 6}},
						{colspan: {default: 12, xs: 6}},
					]}
				>
					<RateChart
						title="Packets per second"
						unit=""
						pick={(line) => line.packets}
						{...common}
					/>
					<RateChart
						title="Bits per second"
						unit="bit/s"
						scale={8}
						pick={(line) => line.bytes}
						{...common}
					/>
				</Grid>
			)}
		</Container>
	);
}

interface TotalRow {
	id: string;
	text: string;
	pick(counters: Counters): Count;
}

const totalRows: TotalRow[] = [
	{id: "accepted", text: "Accepted by the filter", pick: ({accepted}) => accepted},
	{id: "shipped", text: "Shipped", pick: ({shipped}) => shipped},
	{
		id: "truncated",
		text: "Of these, cut for a narrow path",
		pick: ({truncated}) => truncated,
	},
	...lossReasons.map(([reason, text]) => ({
		id: reason,
		text: `Lost: ${text.toLowerCase()}`,
		pick: ({lost}: Counters) => lost[reason] ?? noCount,
	})),
];

function Totals({status}: {status: SessionStatus}) {
	const {ingress, egress} = status.counters;
	const always = new Set(["accepted", "shipped"]);
	const rows = totalRows.filter(
		({id, pick}) => always.has(id) || pick(ingress).packets + pick(egress).packets > 0,
	);
	return (
		<Table
			variant="container"
			header={<Header variant="h2">Since the session was made</Header>}
			items={rows}
			trackBy="id"
			ariaLabels={{tableLabel: "Copies since the session was made"}}
			columnDefinitions={[
				{
					id: "what",
					header: "Copies",
					cell: (row) => row.text,
					isRowHeader: true,
				},
				...countColumns("Ingress", ingress),
				...countColumns("Egress", egress),
			]}
		/>
	);
}

function countColumns(direction: string, counters: Counters) {
	return [
		{
			id: `${direction} packets`,
			header: `${direction} packets`,
			cell: (row: TotalRow) => formatCount(row.pick(counters).packets),
		},
		{
			id: `${direction} bytes`,
			header: `${direction} bytes`,
			cell: (row: TotalRow) => formatShort(row.pick(counters).bytes, "B"),
		},
	];
}
