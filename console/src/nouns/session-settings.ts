/* A session as its form has it, all texts, and as the API wants it.
 *
 * One row for every setting says where it comes from in an answer, what it is called in a request, and what is sent to
 * take it back; so making, changing and cloning a session read the same table. */
import type {Parameters} from "~/api/query";
import type {Session} from "./sessions";

export const settings = {
	source: row("NetworkInterfaceId", (session) => session.networkInterfaceId),
	target: row("TrafficMirrorTargetId", (session) => session.trafficMirrorTargetId),
	filter: row("TrafficMirrorFilterId", (session) => session.trafficMirrorFilterId),
	number: row("SessionNumber", (session) => session.sessionNumber),
	description: row("Description", (session) => session.description, {remove: "description"}),
	vni: row("VirtualNetworkId", (session) => session.virtualNetworkId, {
		remove: "virtual-network-id",
	}),
	packetLength: row("PacketLength", (session) => session.packetLength, {
		remove: "packet-length",
	}),
	packetSampling: option("PacketSampling", "packetSampling", "0"),
	flowSampling: option("FlowSampling", "flowSampling", "0"),
	bits: option("MaxBitsPerSecond", "maxBitsPerSecond", "0"),
	packets: option("MaxPacketsPerSecond", "maxPacketsPerSecond", "0"),
	priority: option("Priority", "priority", "0"),
	paused: option("Paused", "paused", "false"),
	continues: option("Continue", "continue", "false"),
	expires: option("ExpirationTime", "expirationTime", "never"),
	encapsulation: option("Encapsulation", "encapsulation", "vxlan"),
	dscp: option("OuterDscp", "outerDscp", "0"),
	port: option("OuterDestinationPort", "outerDestinationPort", "0"),
	outerSource: option("OuterSourceAddress", "outerSourceAddress", ""),
};

export type Setting = keyof typeof settings;
export type SessionTexts = Record<Setting, string>;

/* What has the settings of sessions: a session, or a selector, which has no source and need not have a VNI. */
export type Settled = Pick<
	Session,
	| "trafficMirrorTargetId"
	| "trafficMirrorFilterId"
	| "packetLength"
	| "sessionNumber"
	| "description"
	| "extension"
> &
	Partial<Pick<Session, "networkInterfaceId" | "virtualNetworkId">>;

interface Row {
	parameter: string;
	read(item: Settled): string;
	remove?: string; // By RemoveField, where an empty value would be refused.
	otherwise: string; // What takes it back.
}

/* What the form shows of one that is there. */
export function textsOf(item: Settled): SessionTexts {
	return fromRows((setting) => settings[setting].read(item));
}

/* For a new session: what is not said is left to the service. */
export function createParameters(texts: SessionTexts): Parameters {
	const said = names().filter((setting) => texts[setting].trim() !== "");
	return Object.fromEntries(
		said.map((setting) => [settings[setting].parameter, texts[setting].trim()]),
	);
}

/* For one that is there: what differs.  The source of a session stays. */
export function modifyParameters(before: SessionTexts, after: SessionTexts): Parameters {
	const parameters: Parameters = {};
	const removed: string[] = [];
	for (const setting of names()) {
		const text = after[setting].trim();
		const {parameter, remove, otherwise} = settings[setting];
		if (setting === "source" || text === before[setting].trim()) continue;
		if (text === "" && remove) removed.push(remove);
		else parameters[parameter] = text === "" ? otherwise : text;
	}
	if (removed.length > 0) parameters["RemoveField"] = removed;
	return parameters;
}

/* The lowest number that the source's sessions leave free. */
export function freeNumber(source: string, sessions: readonly Session[]): string {
	const taken = new Set(
		sessions
			.filter(({networkInterfaceId}) => networkInterfaceId === source)
			.map(({sessionNumber}) => Number(sessionNumber)),
	);
	let number = 1;
	while (taken.has(number)) number++;
	return String(number);
}

function names(): Setting[] {
	return Object.keys(settings) as Setting[];
}

function fromRows(text: (setting: Setting) => string): SessionTexts {
	return Object.fromEntries(
		names().map((setting) => [setting, text(setting)]),
	) as SessionTexts;
}

function row(
	parameter: string,
	read: (item: Settled) => string | undefined,
	more: Partial<Row> = {},
): Row {
	return {parameter, read: (item) => read(item) ?? "", otherwise: "", ...more};
}

/* A default is shown as nothing, and what is emptied becomes the default. */
function option(parameter: string, name: keyof Session["extension"], otherwise: string): Row {
	return {
		parameter: `Extension.${parameter}`,
		read({extension}) {
			const text = extension[name] ?? "";
			return text === otherwise ? "" : text;
		},
		otherwise,
	};
}
