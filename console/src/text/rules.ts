/* Rules of a filter as people edit them: texts, checked as they are typed, in an order that their numbers say.
 *
 * The hard thing is that moving a rule gives new numbers to as few rules as possible (moveRule).  How rules become those of
 * a draft, request by request, is in rule-plan.ts. */
import {checkAddressBlock} from "./cidr";

export type Direction = "ingress" | "egress";

export interface RuleDraft {
	key: string; // The rule's id, or one that begins with "new".
	direction: Direction;
	number: string;
	action: "accept" | "reject";
	protocol: string; // A number; "" is any.
	source: string;
	destination: string;
	sourcePorts: string; // "", "80", "1024-65535".
	destinationPorts: string;
	tcpFlags: string; // "" is any.
	dscp: string; // "" is any.
	description: string;
}

export type RuleField = Exclude<keyof RuleDraft, "key" | "direction">;

export const largestRuleNumber = 32766;
const usualStep = 100;
const flags = ["cwr", "ece", "urg", "ack", "psh", "rst", "syn", "fin"];

export const protocols: [number: string, name: string][] = [
	["", "All"],
	["6", "TCP"],
	["17", "UDP"],
	["1", "ICMP"],
	["58", "ICMPv6"],
	["132", "SCTP"],
	["47", "GRE"],
	["50", "ESP"],
	["51", "AH"],
	["4", "IPv4 in IP"],
	["41", "IPv6 in IP"],
	["89", "OSPF"],
	["112", "VRRP"],
];

export function protocolText(number: string): string {
	const name = protocols.find(([known]) => known === number)?.[1];
	return name ? (number ? `${name} (${number})` : name) : number;
}

/* What is wrong with a field, as a sentence. */
export function checkRule(rule: RuleDraft, field: RuleField, all: RuleDraft[]): string | undefined {
	return checks[field](rule, all);
}

export function ruleFaults(rules: RuleDraft[]): number {
	const fields = Object.keys(checks) as RuleField[];
	return rules.reduce(
		(sum, rule) => sum + fields.filter((field) => checks[field](rule, rules)).length,
		0,
	);
}

/* A rule of either direction after the last, in a row of numbers that leaves room between. */
export function nextNumber(rules: RuleDraft[]): string {
	const last = Math.max(0, ...rules.map(({number}) => Number(number) || 0));
	const next = (Math.floor(last / usualStep) + 1) * usualStep;
	return String(Math.min(next, largestRuleNumber));
}

/* The rules of one direction in their order, one of them moved; numbers fit the new order. */
export function moveRule(rules: RuleDraft[], from: number, to: number): RuleDraft[] {
	if (from === to) return rules;
	const moved = [...rules];
	moved.splice(to, 0, ...moved.splice(from, 1));
	const before = Number(moved[to - 1]?.number ?? 0);
	const after = Number(moved[to + 1]?.number ?? before + 2 * usualStep);
	const between = Math.floor((before + after) / 2);
	moved[to] = {...moved[to]!, number: String(Math.max(between, before + 1))};
	return makeRoom(moved);
}

/* Numbers grow along the list; each stays as it is if it can. */
function makeRoom(rules: RuleDraft[]): RuleDraft[] {
	let last = 0;
	const roomy = rules.map((rule) => {
		last = Math.max(Number(rule.number), last + 1);
		return String(last) === rule.number ? rule : {...rule, number: String(last)};
	});
	return last > largestRuleNumber ? spreadEvenly(roomy) : roomy;
}

function spreadEvenly(rules: RuleDraft[]): RuleDraft[] {
	const step = Math.max(1, Math.min(usualStep, Math.floor(largestRuleNumber / rules.length)));
	return rules.map((rule, i) => ({...rule, number: String((i + 1) * step)}));
}

function placeOf({direction, number}: RuleDraft): string {
	return `${direction} ${number}`;
}

export function sameRule(a: RuleDraft, b: RuleDraft): boolean {
	return (Object.keys(a) as (keyof RuleDraft)[]).every((name) => a[name] === b[name]);
}

const checks: Record<RuleField, (rule: RuleDraft, all: RuleDraft[]) => string | undefined> = {
	number: checkNumber,
	action: () => undefined,
	protocol: ({protocol}) => checkWhole(protocol, 0, 255, "A protocol"),
	source: checkSource,
	destination: ({destination}) => checkAddressBlock(destination),
	sourcePorts: (rule) => checkPorts(rule.sourcePorts, rule.protocol),
	destinationPorts: (rule) => checkPorts(rule.destinationPorts, rule.protocol),
	tcpFlags: checkFlags,
	dscp: ({dscp}) => checkWhole(dscp, 0, 63, "A DSCP"),
	description: ({description}) =>
		[...description].length > 255 ? "At most 255 characters." : undefined,
};

function checkNumber(rule: RuleDraft, all: RuleDraft[]): string | undefined {
	if (rule.number === "") return "A rule needs a number.";
	const fault = checkWhole(rule.number, 1, largestRuleNumber, "A rule's number");
	const twin = all.some(
		(other) => other.key !== rule.key && placeOf(other) === placeOf(rule),
	);
	return (
		fault ??
		(twin ? `Another ${rule.direction} rule has the number ${rule.number}.` : undefined)
	);
}

function checkSource({source, destination}: RuleDraft): string | undefined {
	const fault = checkAddressBlock(source);
	if (fault || checkAddressBlock(destination)) return fault;
	return source.includes(":") === destination.includes(":")
		? undefined
		: "Source and destination must both be IPv4 or both be IPv6.";
}

function checkPorts(ports: string, protocol: string): string | undefined {
	if (ports === "") return undefined;
	if (protocol !== "6" && protocol !== "17") return "Only TCP and UDP have ports.";
	const range = readPorts(ports);
	if (!range) return "Enter a port or a range such as 1024-65535.";
	if (range.from > 65535 || range.to > 65535) return "Ports go up to 65535.";
	return range.from > range.to ? "The range ends before it starts." : undefined;
}

export function readPorts(text: string): {from: number; to: number} | undefined {
	const found = /^(\d+)(?:-(\d+))?$/.exec(text.replace(/\s/g, ""));
	return found ? {from: Number(found[1]), to: Number(found[2] ?? found[1])} : undefined;
}

function checkFlags({tcpFlags, protocol}: RuleDraft): string | undefined {
	if (tcpFlags === "") return undefined;
	if (protocol !== "6") return "Only TCP has flags.";
	const names = tcpFlags.split(",").map((name) => name.trim().replace(/^!/, ""));
	const wrong = names.find((name) => !flags.includes(name));
	if (wrong !== undefined) return `“${wrong}” is none of ${flags.join(", ")}.`;
	return new Set(names).size < names.length ? "A flag is named twice." : undefined;
}

function checkWhole(text: string, least: number, most: number, what: string): string | undefined {
	if (text === "") return undefined;
	const value = Number(text);
	if (/^\d+$/.test(text) && value >= least && value <= most) return undefined;
	return `${what} is a whole number from ${least} to ${most}.`;
}
