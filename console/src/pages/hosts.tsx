/* The hosts whose agents have reported: what they run, when they were last heard of, and what their sessions do. */
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import {useMemo} from "react";
import {useQuery, useStable} from "~/data/use";
import {AskButton} from "~/kit/AskButton";
import type {Column} from "~/kit/columns";
import {ConfirmChange} from "~/kit/ConfirmChange";
import {useHelp, usePageTitle} from "~/kit/Page";
import {ResourceTable} from "~/kit/ResourceTable";
import {RouteLink} from "~/kit/RouteLink";
import {deleteHost, type Host, hostsQuery, isBehind, isConnected} from "~/nouns/hosts";
import {type SessionStatus, statusesQuery} from "~/nouns/status";
import {parseDate} from "~/text/dates";
import {addCounters, totalLost} from "~/text/rates";

interface Line {
	host: Host;
	sessions?: number;
	lost?: number;
}

const columns: Column<Line>[] = [
	{
		id: "name",
		header: "Host",
		value: ({host}) => host.hostName,
		cell: ({host}) => (
			<RouteLink to={`/hosts/${encodeURIComponent(host.hostName)}`}>
				{host.hostName}
			</RouteLink>
		),
		width: 200,
	},
	{
		id: "state",
		header: "State",
		value: ({host}) => hostText(host),
		cell: ({host}) => <HostState host={host} />,
		choices: true,
	},
	{
		id: "last",
		header: "Last contact",
		value: ({host}) => parseDate(host.lastReport),
		width: 220,
	},
	{id: "sessions", header: "Sessions", value: ({sessions}) => sessions, width: 120},
	{id: "lost", header: "Copies lost", value: ({lost}) => lost, width: 130},
	{id: "agent", header: "Agent", value: ({host}) => host.agentVersion, choices: true},
	{id: "kernel", header: "Kernel", value: ({host}) => host.kernelVersion, choices: true},
	{id: "instance", header: "Instance", value: ({host}) => host.instanceId, width: 210},
	{
		id: "reattachments",
		header: "Reattachments",
		value: ({host}) => Number(host.reattachments),
		hidden: true,
	},
	{
		id: "first",
		header: "First contact",
		value: ({host}) => parseDate(host.firstReport),
		width: 220,
		hidden: true,
	},
];

export default function Hosts() {
	usePageTitle("Hosts");
	useHelp("Hosts", help);
	const hosts = useQuery(hostsQuery);
	const statuses = useQuery(statusesQuery);
	const lines = useStable(
		useMemo(
			() => hosts.value?.map((host) => joinSessions(host, statuses.value)),
			[hosts.value, statuses.value],
		),
	);
	return (
		<ResourceTable
			name="hosts"
			title="Hosts"
			noun="hosts"
			query={{...hosts, value: lines}}
			columns={columns}
			keyOf={({host}) => host.hostName}
			selection="single"
			actions={([line]) => <ForgetHost name={line?.host.hostName} />}
			empty="Start tmirror-agent on a host; it is here as soon as it has reported."
		/>
	);
}

function joinSessions(host: Host, statuses: SessionStatus[] | undefined): Line {
	if (!statuses) return {host};
	const own = statuses.filter((status) => status.host === host.hostName);
	return {
		host,
		sessions: own.length,
		lost: own.reduce(
			(sum, {counters: {ingress, egress}}) =>
				sum + totalLost(addCounters(ingress, egress)).packets,
			0,
		),
	};
}

export function ForgetHost({name = "", onDone}: {name?: string; onDone?(): void}) {
	return (
		<AskButton text="Forget" disabled={!name}>
			{(close) => (
				<ConfirmChange
					title={`Forget ${name}?`}
					deed="Forget"
					word="forget"
					change={() => deleteHost(name)}
					kinds={["host", "source"]}
					done={`${name} is forgotten.`}
					onDone={onDone}
					onClose={close}
				>
					For a host that is gone. One whose agent still reports comes
					back with its next report.
				</ConfirmChange>
			)}
		</AskButton>
	);
}

export function HostState({host}: {host: Host}) {
	const type = !isConnected(host) ? "error" : isBehind(host) ? "in-progress" : "success";
	return <StatusIndicator type={type}>{hostText(host)}</StatusIndicator>;
}

function hostText(host: Host): string {
	if (!isConnected(host)) return "Away";
	return isBehind(host) ? "Taking over a plan" : "Connected";
}

const help = (
	<p>
		An agent on each host copies the packets and reports every two seconds. While no
		controller answers, it goes on by its last plan.
	</p>
);
