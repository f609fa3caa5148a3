/* What a look in passing should tell: whether all is well, how much is copied now, what is lost and why. */
import Box from "@cloudscape-design/components/box";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import Container from "@cloudscape-design/components/container";
import Grid from "@cloudscape-design/components/grid";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator, {
	type StatusIndicatorProps,
} from "@cloudscape-design/components/status-indicator";
import Table from "@cloudscape-design/components/table";
import type {ReactNode} from "react";
import {type Shown, useQuery} from "~/data/use";
import {Loading} from "~/kit/Loading";
import {Page} from "~/kit/Page";
import {ProblemView} from "~/kit/ProblemView";
import {RouteButton, RouteLink} from "~/kit/RouteLink";
import {SessionState, stateText} from "~/kit/SessionState";
import {Stale} from "~/kit/Stale";
import {type Appliance, appliancesQuery} from "~/nouns/health";
import {lossReasons, wishedLosses} from "~/nouns/history";
import {type Host, hostsQuery, isBehind, isConnected} from "~/nouns/hosts";
import {type Summary, summaryQuery} from "~/nouns/summary";
import {writeFilter} from "~/text/filter-text";
import {formatBitRate, formatPacketRate} from "~/text/numbers";
import {totalLost} from "~/text/rates";

const halves = [{colspan: {default: 12, s: 6}}, {colspan: {default: 12, s: 6}}];

export default function Overview() {
	const summary = useQuery(summaryQuery);
	const hosts = useQuery(hostsQuery);
	const health = useQuery(appliancesQuery);
	return (
		<Page
			title="Overview"
			description="What is mirrored in this account, now."
			actions={
				<RouteButton variant="primary" to="/sessions/create">
					Create a session
				</RouteButton>
			}
		>
			<SpaceBetween size="l">
				<Panel title="Now" query={summary}>
					{(value) => <Rates summary={value} />}
				</Panel>
				<Panel
					title="Sessions by state"
					query={summary}
					actions={
						<RouteButton to="/sessions">
							All sessions
						</RouteButton>
					}
				>
					{(value) => <States summary={value} />}
				</Panel>
				<Grid gridDefinition={halves}>
					<Panel title="Hosts" query={hosts} fit>
						{(value) => <Hosts hosts={value} />}
					</Panel>
					<Panel title="Appliances" query={health} fit>
						{(value) => <Appliances appliances={value} />}
					</Panel>
				</Grid>
				<Busiest summary={summary} />
			</SpaceBetween>
		</Page>
	);
}

/* Each part says for itself what is wrong: who may not see hosts may see sessions. */
function Panel<T>(props: {
	title: string;
	query: Shown<T>;
	actions?: ReactNode;
	fit?: boolean;
	children(value: T): ReactNode;
}) {
	const {value, problem, refresh} = props.query;
	return (
		<Container
			fitHeight={props.fit}
			header={
				<Header
					variant="h2"
					actions={props.actions}
					description={<Stale query={props.query} />}
				>
					{props.title}
				</Header>
			}
		>
			{value !== undefined ? (
				props.children(value)
			) : problem ? (
				<ProblemView problem={problem} onRetry={refresh} />
			) : (
				<Loading />
			)}
		</Container>
	);
}

function Rates({summary}: {summary: Summary}) {
	const {rate} = summary;
	if (!rate) return <Loading what="Rates are known in a moment" />;
	const lost = totalLost(rate, wishedLosses);
	const wished = totalLost(rate).packets - lost.packets;
	const reasons = lossReasons
		.filter(([reason]) => !wishedLosses.has(reason))
		.map(([reason, text]) => ({text, packets: rate.lost[reason]?.packets ?? 0}))
		.filter(({packets}) => packets > 0)
		.sort((a, b) => b.packets - a.packets);
	return (
		<ColumnLayout columns={3} variant="text-grid">
			<Figure
				label="Accepted"
				value={formatPacketRate(rate.accepted.packets)}
				more={formatBitRate(rate.accepted.bytes)}
			/>
			<Figure
				label="Shipped"
				value={formatPacketRate(rate.shipped.packets)}
				more={formatBitRate(rate.shipped.bytes)}
			/>
			<Figure
				label="Lost"
				value={formatPacketRate(lost.packets)}
				bad={lost.packets > 0}
				more={
					reasons.length === 0
						? wished > 0
							? `Nothing is lost; ${formatPacketRate(wished)} are left out as asked for.`
							: "Nothing is lost."
						: reasons
								.map(
									({text, packets}) =>
										`${text} ${formatPacketRate(packets)}`,
								)
								.join(", ")
				}
			/>
		</ColumnLayout>
	);
}

function Figure(props: {label: string; value: string; more: string; bad?: boolean}) {
	return (
		<div>
			<Box variant="awsui-key-label">{props.label}</Box>
			<Box
				fontSize="heading-xl"
				fontWeight="bold"
				color={props.bad ? "text-status-error" : "inherit"}
			>
				{props.value}
			</Box>
			<Box color="text-body-secondary">{props.more}</Box>
		</div>
	);
}

function States({summary}: {summary: Summary}) {
	if (summary.sessions === 0)
		return (
			<SpaceBetween size="s">
				<Box>
					Nothing is mirrored yet. A session needs a source, a target
					and a filter; the wizard asks for them.
				</Box>
				<RouteButton to="/sessions/create">Create a session</RouteButton>
			</SpaceBetween>
		);
	const items = Object.entries(summary.states).map(([state, count]) => ({
		label: <SessionState state={state} />,
		value: <RouteLink to={sessionsInState(state)}>{count.toLocaleString()}</RouteLink>,
	}));
	const all = {label: "In all", value: summary.sessions.toLocaleString()};
	return <KeyValuePairs columns={4} items={[all, ...items]} />;
}

function sessionsInState(state: string): string {
	const tokens = [{propertyKey: "state", operator: "=", value: stateText(state)}];
	return `/sessions?filter=${encodeURIComponent(writeFilter({operation: "and", tokens}))}`;
}

function Hosts({hosts}: {hosts: Host[]}) {
	if (hosts.length === 0)
		return (
			<Box color="text-body-secondary">
				No agent has reported yet. Start tmirror-agent on a host.
			</Box>
		);
	const away = hosts.filter((host) => !isConnected(host));
	const behind = hosts.filter(isBehind);
	return (
		<SpaceBetween size="xs">
			<Count type="success" count={hosts.length - away.length} text="connected" />
			<Count type="error" count={away.length} text={`away: ${namesOf(away)}`} />
			<Count
				type="in-progress"
				count={behind.length}
				text="not yet at the newest plan"
			/>
		</SpaceBetween>
	);
}

function namesOf(hosts: Host[]): string {
	const first = hosts.slice(0, 3).map(({hostName}) => hostName);
	return hosts.length > first.length ? `${first.join(", ")}, …` : first.join(", ");
}

const healthLooks: {state: string; type: StatusIndicatorProps.Type}[] = [
	{state: "healthy", type: "success"},
	{state: "unhealthy", type: "error"},
	{state: "draining", type: "in-progress"},
	{state: "initial", type: "pending"},
	{state: "unused", type: "stopped"},
	{state: "unavailable", type: "info"},
];

function Appliances({appliances}: {appliances: Appliance[]}) {
	if (appliances.length === 0)
		return (
			<Box color="text-body-secondary">
				There are no target groups with appliances in them.
			</Box>
		);
	const ill = appliances.filter(({state}) => state === "unhealthy");
	return (
		<SpaceBetween size="xs">
			{healthLooks.map(({state, type}) => (
				<Count
					key={state}
					type={type}
					count={
						appliances.filter(
							(appliance) => appliance.state === state,
						).length
					}
					text={state}
				/>
			))}
			{ill.slice(0, 3).map(({group, id, reason}) => (
				<Box
					key={`${group} ${id}`}
					color="text-body-secondary"
					fontSize="body-s"
				>
					{`${id} of ${group}: ${reason ?? "unhealthy"}`}
				</Box>
			))}
		</SpaceBetween>
	);
}

function Count(props: {type: StatusIndicatorProps.Type; count: number; text: string}) {
	if (props.count === 0) return null;
	return (
		<StatusIndicator type={props.type}>
			{`${props.count.toLocaleString()} ${props.text}`}
		</StatusIndicator>
	);
}

function Busiest({summary}: {summary: Shown<Summary>}) {
	const busiest = summary.value?.busiest ?? [];
	if (busiest.length === 0) return null;
	return (
		<Table
			variant="container"
			header={<Header variant="h2">Busiest sessions</Header>}
			items={busiest}
			trackBy={({status}) => status.id}
			ariaLabels={{tableLabel: "Busiest sessions"}}
			columnDefinitions={[
				{
					id: "session",
					header: "Session",
					isRowHeader: true,
					cell: ({status}) => (
						<RouteLink to={`/sessions/${status.id}`}>
							{status.id}
						</RouteLink>
					),
				},
				{
					id: "source",
					header: "Source",
					cell: ({status}) => (
						<RouteLink to={`/sources/${status.source}`}>
							{status.device
								? `${status.device} on ${status.host}`
								: status.source}
						</RouteLink>
					),
				},
				{
					id: "packets",
					header: "Accepted",
					cell: ({rate}) => formatPacketRate(rate.accepted.packets),
				},
				{
					id: "bits",
					header: "Bits",
					cell: ({rate}) => formatBitRate(rate.accepted.bytes),
				},
				{
					id: "lost",
					header: "Lost",
					cell: ({rate}) =>
						formatPacketRate(
							totalLost(rate, wishedLosses).packets,
						),
				},
			]}
		/>
	);
}
