/* Who mirrors what to whom, as a picture: hosts and their sources, targets, the appliances of fleets; with rates on the lines
 * and trouble in red.  What lies where is decided by text/topology.ts. */
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import {useMemo, useState} from "react";
import {useQuery} from "~/data/use";
import {healthText} from "~/kit/HealthState";
import {pathOf} from "~/kit/Id";
import {Loading} from "~/kit/Loading";
import {Page} from "~/kit/Page";
import {ProblemView} from "~/kit/ProblemView";
import {RouteButton, RouteLink} from "~/kit/RouteLink";
import {states} from "~/kit/SessionState";
import {Stale} from "~/kit/Stale";
import {lossReasons, wishedLosses} from "~/nouns/history";
import {type Group, type GroupHealth, groupsQuery, healthQuery} from "~/nouns/groups";
import {listOf} from "~/nouns/balancing";
import {sessionsQuery} from "~/nouns/sessions";
import {nameTag} from "~/nouns/tags";
import {type Target, targetsQuery, targetTypes} from "~/nouns/targets";
import {type Traffic, trafficQuery} from "~/nouns/traffic";
import {countText, formatPacketRate} from "~/text/numbers";
import {type Box as Drawn, drawTopology, type End, type Flow} from "~/text/topology";
import {TopologyPicture} from "./topology-picture";

const room = 40;
const firstTroubles = 8;
const reasonTexts = new Map(lossReasons);

export default function Topology() {
	const traffic = useQuery(trafficQuery);
	const sessions = useQuery(sessionsQuery);
	const targets = useQuery(targetsQuery);
	const groups = useQuery(groupsQuery);
	const health = useQuery(healthQuery);
	const flows = useMemo(() => {
		const targetOf = new Map(
			sessions.value?.map((session) => [
				session.trafficMirrorSessionId,
				session.trafficMirrorTargetId,
			]),
		);
		return traffic.value?.flatMap((item) => {
			const target = targetOf.get(item.status.id);
			return target ? readFlow(item, target) : [];
		});
	}, [traffic.value, sessions.value]);
	const ends = useMemo(
		() =>
			(targets.value ?? []).map((target) =>
				readEnd(target, groups.value ?? [], health.value ?? []),
			),
		[targets.value, groups.value, health.value],
	);
	const problem = traffic.problem ?? sessions.problem ?? targets.problem;
	return (
		<Page title="Topology" description="Who mirrors what to whom, now." help={help}>
			{flows && sessions.value && targets.value ? (
				<SpaceBetween size="m">
					<Stale query={traffic} />
					<Site flows={flows} ends={ends} />
				</SpaceBetween>
			) : problem ? (
				<ProblemView problem={problem} onRetry={traffic.refresh} />
			) : (
				<Loading />
			)}
		</Page>
	);
}

function Site({flows, ends}: {flows: Flow[]; ends: End[]}) {
	const [turned, setTurned] = useState<ReadonlySet<string>>(new Set());
	const [width, setWidth] = useState(0);
	const picture = useMemo(
		() => drawTopology(flows, ends, {width, turned, room}),
		[flows, ends, width, turned],
	);
	const turn = (host: string) =>
		setTurned((old) => {
			const next = new Set(old);
			if (!next.delete(host)) next.add(host);
			return next;
		});
	if (flows.length === 0)
		return (
			<Container>
				<Box textAlign="center" padding="l">
					<SpaceBetween size="s">
						<b>Nothing is mirrored</b>
						<RouteButton to="/sessions/create">
							Create a session
						</RouteButton>
					</SpaceBetween>
				</Box>
			</Container>
		);
	const left = picture.boxes.filter(({kind}) => kind === "rest");
	return (
		<SpaceBetween size="l">
			<Troubles boxes={picture.boxes} />
			<Container
				header={
					<Header
						variant="h2"
						counter={`(${countText(flows.length, "session")})`}
						description={
							left.length > 0
								? `Drawn as one: ${left.map(({title}) => title).join(", ")}.`
								: undefined
						}
						actions={
							turned.size > 0 && (
								<Button
									onClick={() =>
										setTurned(new Set())
									}
								>
									As at first
								</Button>
							)
						}
					>
						Hosts, targets and appliances
					</Header>
				}
			>
				<TopologyPicture
					picture={picture}
					onWidth={setWidth}
					onTurn={turn}
				/>
			</Container>
		</SpaceBetween>
	);
}

/* In words, for who cannot see the picture, and for who wants no more. */
function Troubles({boxes}: {boxes: Drawn[]}) {
	const troubled = boxes.filter(
		({trouble, kind, isOpen}) => trouble && !(kind === "host" && isOpen),
	);
	if (troubled.length === 0)
		return <StatusIndicator type="success">Nothing is in trouble.</StatusIndicator>;
	return (
		<Container
			header={
				<Header variant="h2" counter={`(${troubled.length})`}>
					Trouble
				</Header>
			}
		>
			<SpaceBetween size="xs">
				{troubled
					.slice(0, firstTroubles)
					.map(({key, title, trouble, path}) => (
						<div key={key}>
							<StatusIndicator type="error">
								{path ? (
									<RouteLink to={path}>
										{title}
									</RouteLink>
								) : (
									title
								)}
							</StatusIndicator>{" "}
							<Box variant="span">{trouble}</Box>
						</div>
					))}
				{troubled.length > firstTroubles && (
					<Box color="text-body-secondary">
						{`And ${troubled.length - firstTroubles} more in the picture below.`}
					</Box>
				)}
			</SpaceBetween>
		</Container>
	);
}

/* --- What was answered, as text/topology.ts has it ------------------------------------------------------------------- */

function readFlow({status, rate}: Traffic, target: string): Flow {
	return {
		session: status.id,
		source: status.source,
		host: status.host,
		device: status.device,
		target,
		bitsPerSecond: 8 * (rate?.shipped.bytes ?? 0),
		trouble: stateTrouble(status) ?? lossTrouble(rate),
	};
}

function stateTrouble({state, reason}: Traffic["status"]): string | undefined {
	const look = states[state];
	if (look?.type !== "error" && look?.type !== "warning") return undefined;
	return reason ? `${look.text}. ${reason}` : `${look.text}. ${look.advice ?? ""}`.trim();
}

function lossTrouble(rate: Traffic["rate"]): string | undefined {
	const [worst] = Object.entries(rate?.lost ?? {})
		.filter(([reason, {packets}]) => packets > 0 && !wishedLosses.has(reason))
		.sort(([, a], [, b]) => b.packets - a.packets);
	if (!worst) return undefined;
	const [reason, {packets}] = worst;
	return `Loses ${formatPacketRate(packets)}: ${(reasonTexts.get(reason) ?? reason).toLowerCase()}.`;
}

function readEnd(target: Target, groups: Group[], health: GroupHealth[]): End {
	const own = groups.filter(({LoadBalancerArns: arns}) =>
		listOf(arns).includes(target.locator),
	);
	return {
		id: target.id,
		name: nameTag(target.tags) || target.description,
		kind: targetTypes[target.type] ?? target.type,
		appliances: own.flatMap((group) => readAppliances(group, health)),
	};
}

function readAppliances(group: Group, health: GroupHealth[]) {
	const members = health.find((row) => row.group === group.TargetGroupArn)?.members ?? [];
	return members.map(({Target, TargetHealth}) => ({
		id: Target.Port === group.Port ? Target.Id : `${Target.Id} port ${Target.Port}`,
		path: pathOf(group.TargetGroupArn)!,
		state: healthText(TargetHealth.State),
		trouble:
			TargetHealth.State === "unhealthy"
				? (TargetHealth.Description ?? "Unhealthy")
				: undefined,
	}));
}

const help = (
	<p>
		Hosts stand at the left, targets in the middle, the appliances of fleets at the
		right. A line is as wide as its share of the traffic; what is red has trouble, and
		says why when it is pointed at. Each name and line leads to a page; a host's box
		opens to show its sources. Where there are many, those in trouble come first, and
		the others are drawn as one.
	</p>
);
