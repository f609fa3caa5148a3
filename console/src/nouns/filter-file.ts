/* A filter's rules in a file: the JSON that "aws ec2 describe-traffic-mirror-filters" prints of one filter, so that files
 * of either can be read by the other.  What goes beyond AWS stands in Extension. */
import type {Direction, RuleDraft} from "~/text/rules";
import {readPorts} from "~/text/rules";

interface FilePorts {
	FromPort: number;
	ToPort: number;
}

interface FileRule {
	RuleNumber: number;
	RuleAction: "accept" | "reject";
	Protocol?: number;
	SourceCidrBlock: string;
	DestinationCidrBlock: string;
	SourcePortRange?: FilePorts;
	DestinationPortRange?: FilePorts;
	Description?: string;
	Extension?: {TcpFlags?: string; Dscp?: string};
}

const lists: [name: string, direction: Direction][] = [
	["IngressFilterRules", "ingress"],
	["EgressFilterRules", "egress"],
];

export function writeRules(description: string, rules: RuleDraft[]): string {
	const file: Record<string, unknown> = {Description: description || undefined};
	for (const [name, direction] of lists)
		file[name] = rules.filter((rule) => rule.direction === direction).map(writeRule);
	return JSON.stringify(file, null, 2) + "\n";
}

/* Rules without ids, so that they are new ones.  Throws an Error whose message says what is wrong with the text. */
export function readRules(text: string): RuleDraft[] {
	const file = findFilter(parse(text));
	const rules = lists.flatMap(([name, direction]) => {
		const list = file[name] ?? [];
		if (!Array.isArray(list)) throw new Error(`${name} is not a list.`);
		return list.map((rule: unknown, i) => readRule(rule, direction, `${name}[${i}]`));
	});
	if (rules.length === 0)
		throw new Error(
			`There are no rules in it: neither ${lists[0]![0]} nor ${lists[1]![0]}.`,
		);
	return rules.map((rule, i) => ({...rule, key: `new-file-${i}`}));
}

function parse(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch (error) {
		throw new Error(`The file is not JSON: ${(error as Error).message}`);
	}
}

/* The filter itself, or the first of what the aws command prints. */
function findFilter(value: unknown): Record<string, unknown> {
	if (!isObject(value)) throw new Error("The file holds no filter.");
	const filters = value["TrafficMirrorFilters"];
	const inner = Array.isArray(filters) ? filters[0] : value["TrafficMirrorFilter"];
	return isObject(inner) ? inner : value;
}

function readRule(value: unknown, direction: Direction, where: string): RuleDraft {
	if (!isObject(value)) throw new Error(`${where} is not a rule.`);
	const extension = isObject(value["Extension"]) ? value["Extension"] : {};
	const action = value["RuleAction"];
	if (action !== "accept" && action !== "reject")
		throw new Error(`${where}: RuleAction is neither accept nor reject.`);
	return {
		key: "",
		direction,
		action,
		number: readText(value, "RuleNumber", where),
		protocol: readText(value, "Protocol", where),
		source: readText(value, "SourceCidrBlock", where),
		destination: readText(value, "DestinationCidrBlock", where),
		sourcePorts: readPortRange(value["SourcePortRange"]),
		destinationPorts: readPortRange(value["DestinationPortRange"]),
		description: readText(value, "Description", where),
		tcpFlags: readText(extension, "TcpFlags", where),
		dscp: readText(extension, "Dscp", where),
	};
}

function readText(value: Record<string, unknown>, name: string, where: string): string {
	const text = value[name] ?? "";
	if (typeof text !== "string" && typeof text !== "number")
		throw new Error(`${where}: ${name} is neither a text nor a number.`);
	return String(text);
}

function readPortRange(value: unknown): string {
	if (!isObject(value)) return "";
	const [from, to] = [value["FromPort"], value["ToPort"]];
	return from === to ? String(from) : `${String(from)}-${String(to)}`;
}

function writeRule(rule: RuleDraft): FileRule {
	const extension = {TcpFlags: rule.tcpFlags || undefined, Dscp: rule.dscp || undefined};
	return {
		RuleNumber: Number(rule.number),
		RuleAction: rule.action,
		Protocol: rule.protocol === "" ? undefined : Number(rule.protocol),
		SourceCidrBlock: rule.source,
		DestinationCidrBlock: rule.destination,
		SourcePortRange: writePortRange(rule.sourcePorts),
		DestinationPortRange: writePortRange(rule.destinationPorts),
		Description: rule.description || undefined,
		Extension: rule.tcpFlags || rule.dscp ? extension : undefined,
	};
}

function writePortRange(text: string): FilePorts | undefined {
	const ports = readPorts(text);
	return ports && {FromPort: ports.from, ToPort: ports.to};
}

function isObject(value: unknown): value is Record<string, unknown> {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}
