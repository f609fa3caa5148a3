/* Filters with their rules, as DescribeTrafficMirrorFilters answers with Extension.Show, and what is done with them. */
import {
	CreateTrafficMirrorFilterCommand,
	type CreateTrafficMirrorFilterCommandInput,
	DeleteTrafficMirrorFilterCommand,
	DeleteTrafficMirrorFilterRuleCommand,
	ModifyTrafficMirrorFilterNetworkServicesCommand,
} from "@aws-sdk/client-ec2";
import {ec2} from "~/api/ec2";
import {holdUser} from "~/api/keys";
import {patiently} from "~/api/patience";
import {refusal} from "~/api/problem";
import {type Parameters, query, queryAll} from "~/api/query";
import {orUndo} from "~/api/undo";
import type {Query} from "~/data/cache";
import type {RuleStep} from "~/text/rule-plan";
import {type Direction, readPorts, type RuleDraft} from "~/text/rules";
import type {Tag} from "./tags";

export interface Filter {
	id: string;
	description: string;
	dns: boolean; // Whether traffic of Amazon's DNS is taken, too.
	rules: RuleDraft[]; // Of both directions, in the order of their numbers.
	tags: Tag[];
}

interface AnsweredPorts {
	fromPort: string;
	toPort: string;
}

interface AnsweredRule {
	trafficMirrorFilterRuleId: string;
	trafficDirection: Direction;
	ruleNumber: string;
	ruleAction: "accept" | "reject";
	protocol?: string;
	sourceCidrBlock: string;
	destinationCidrBlock: string;
	sourcePortRange?: AnsweredPorts;
	destinationPortRange?: AnsweredPorts;
	description?: string;
	extension: {tcpFlags: string; dscp: string};
}

interface AnsweredFilter {
	trafficMirrorFilterId: string;
	description?: string;
	networkServiceSet: string[];
	ingressFilterRuleSet: AnsweredRule[];
	egressFilterRuleSet: AnsweredRule[];
	tagSet: Tag[];
}

const dnsService = "amazon-dns";
const show: Parameters = {"Extension.Show": true};

export const filtersQuery: Query<Filter[]> = {
	key: "filters",
	kinds: ["filter", "tag"],
	every: 60_000,
	fetch: (signal) => fetchFilters(show, signal),
};

export function filterQuery(id: string): Query<Filter> {
	return {
		...filtersQuery,
		key: `filter ${id}`,
		async fetch(signal) {
			const Filter = [{Name: "traffic-mirror-filter-id", Value: [id]}];
			return (await fetchFilters({...show, Filter}, signal))[0] ?? gone(id);
		},
	};
}

export function filterText(filter: Filter): string {
	const name = filter.tags.find(({key}) => key === "Name")?.value;
	return [name || filter.description, filter.id].filter(Boolean).join(" · ");
}

async function createFilter(input: CreateTrafficMirrorFilterCommandInput): Promise<string> {
	const answer = await ec2().send(new CreateTrafficMirrorFilterCommand(input));
	return answer.TrafficMirrorFilter!.TrafficMirrorFilterId!;
}

/* A rule that is not there yet: everything of IPv4, without a number. */
export function emptyRule(direction: Direction): RuleDraft {
	return {
		key: `new-${crypto.getRandomValues(new Uint32Array(1))[0]}`,
		direction,
		number: "",
		action: "accept",
		protocol: "",
		source: "0.0.0.0/0",
		destination: "0.0.0.0/0",
		sourcePorts: "",
		destinationPorts: "",
		tcpFlags: "",
		dscp: "",
		description: "",
	};
}

export function deleteFilter(id: string): Promise<unknown> {
	return ec2().send(new DeleteTrafficMirrorFilterCommand({TrafficMirrorFilterId: id}));
}

export function setDns(id: string, dns: boolean): Promise<unknown> {
	return ec2().send(
		new ModifyTrafficMirrorFilterNetworkServicesCommand({
			TrafficMirrorFilterId: id,
			[dns ? "AddNetworkServices" : "RemoveNetworkServices"]: [dnsService],
		}),
	);
}

/* The steps one behind the other, since each relies on the one before; 'told' hears how many are done. */
export async function changeRules(
	filter: string,
	steps: RuleStep[],
	told?: (done: number) => void,
): Promise<void> {
	const checkUser = holdUser();
	for (const [i, step] of steps.entries()) {
		await patiently(() => {
			checkUser();
			return doStep(filter, step);
		});
		told?.(i + 1);
	}
}

/* One with rules.  If they are refused, it goes again: tried once more, there would be two. */
export async function createFilterWith(
	input: CreateTrafficMirrorFilterCommandInput,
	rules: RuleDraft[],
): Promise<string> {
	const id = await createFilter(input);
	const undo = () => deleteFilter(id).then(() => {});
	const steps = rules.map((rule) => ({kind: "create" as const, rule}));
	await orUndo(() => changeRules(id, steps), [{what: `the filter ${id}`, undo}]);
	return id;
}

function doStep(filter: string, step: RuleStep): Promise<unknown> {
	switch (step.kind) {
		case "delete":
			return ec2().send(
				new DeleteTrafficMirrorFilterRuleCommand({
					TrafficMirrorFilterRuleId: step.rule.key,
				}),
			);
		case "create":
			return query("CreateTrafficMirrorFilterRule", {
				TrafficMirrorFilterId: filter,
				...ruleParameters(step.rule),
			});
		case "modify":
			return query("ModifyTrafficMirrorFilterRule", {
				TrafficMirrorFilterRuleId: step.rule.key,
				...ruleParameters(step.rule),
				...removedFields(step.before, step.rule),
			});
	}
}

function ruleParameters(rule: RuleDraft): Parameters {
	return {
		TrafficDirection: rule.direction,
		RuleNumber: rule.number,
		RuleAction: rule.action,
		SourceCidrBlock: rule.source,
		DestinationCidrBlock: rule.destination,
		Protocol: rule.protocol || undefined,
		SourcePortRange: portParameters(rule.sourcePorts),
		DestinationPortRange: portParameters(rule.destinationPorts),
		Description: rule.description || undefined,
		"Extension.TcpFlags": rule.tcpFlags.replace(/\s/g, "") || "any",
		"Extension.Dscp": rule.dscp || "any",
	};
}

function portParameters(text: string): Parameters | undefined {
	const ports = readPorts(text);
	return ports && {FromPort: ports.from, ToPort: ports.to};
}

function removedFields(before: RuleDraft, after: RuleDraft): Parameters {
	const rows: [
		field: "protocol" | "sourcePorts" | "destinationPorts" | "description",
		name: string,
	][] = [
		["protocol", "protocol"],
		["sourcePorts", "source-port-range"],
		["destinationPorts", "destination-port-range"],
		["description", "description"],
	];
	const removed = rows.filter(([field]) => before[field] !== "" && after[field] === "");
	return removed.length > 0 ? {RemoveField: removed.map(([, name]) => name)} : {};
}

async function fetchFilters(parameters: Parameters, signal: AbortSignal): Promise<Filter[]> {
	const answered = await queryAll<AnsweredFilter>(
		"DescribeTrafficMirrorFilters",
		"trafficMirrorFilterSet",
		parameters,
		signal,
	);
	return answered.map(readFilter);
}

function readFilter(answer: AnsweredFilter): Filter {
	const rules = [...answer.ingressFilterRuleSet, ...answer.egressFilterRuleSet].map(readRule);
	return {
		id: answer.trafficMirrorFilterId,
		description: answer.description ?? "",
		dns: answer.networkServiceSet.includes(dnsService),
		rules: rules.sort((a, b) => Number(a.number) - Number(b.number)),
		tags: answer.tagSet ?? [],
	};
}

function readRule(answer: AnsweredRule): RuleDraft {
	return {
		key: answer.trafficMirrorFilterRuleId,
		direction: answer.trafficDirection,
		number: answer.ruleNumber,
		action: answer.ruleAction,
		protocol: answer.protocol ?? "",
		source: answer.sourceCidrBlock,
		destination: answer.destinationCidrBlock,
		sourcePorts: portsText(answer.sourcePortRange),
		destinationPorts: portsText(answer.destinationPortRange),
		tcpFlags: textUnlessAny(answer.extension.tcpFlags),
		dscp: textUnlessAny(answer.extension.dscp),
		description: answer.description ?? "",
	};
}

function portsText(ports: AnsweredPorts | undefined): string {
	if (!ports) return "";
	return ports.fromPort === ports.toPort
		? ports.fromPort
		: `${ports.fromPort}-${ports.toPort}`;
}

function textUnlessAny(text: string): string {
	return text === "any" ? "" : text;
}

function gone(id: string): never {
	throw refusal(
		"InvalidTrafficMirrorFilterId.NotFound",
		`The filter ${id} does not exist.`,
		"DescribeTrafficMirrorFilters",
	);
}
