/* Where everything lies in the picture of who mirrors what to whom: hosts with their sources at the left, targets in the
 * middle, the appliances of fleets at the right, lines between.
 *
 *     ┌ web-1 ───────┐   1.2 Mbit/s    ┌ ids ──────────┐        ┌ 10.0.0.5 ┐
 *     │  eth0        ├────────────────▶│ Network LB    ├───────▶│ healthy  │
 *     │  tap0        ├────────────────▶│               ├──────▶ …
 *     └──────────────┘                 └───────────────┘
 *
 * The hard thing is a site with thousands of sources.  A host is one box unless it is opened; what has trouble comes first,
 * and what finds no room is drawn as one box that says how much it stands for.  So nothing is left out of the rates, and the
 * picture's size is bounded.  Order depends on names and trouble only: rates change all the time, places should not. */
import {countText} from "./numbers";

export interface Flow {
	session: string;
	source: string;
	host?: string;
	device?: string;
	target: string;
	bitsPerSecond: number;
	trouble?: string; // Why it does not do what it should, as a sentence.
}

export interface End {
	id: string;
	name: string;
	kind: string;
	appliances?: Appliance[]; // Of a fleet.
}

export interface Appliance {
	id: string;
	path: string;
	state: string;
	trouble?: string;
}

export interface Box {
	key: string;
	kind: "host" | "source" | "target" | "appliance" | "rest";
	title: string;
	detail: string;
	trouble?: string;
	path?: string; // Of its page.
	host?: string; // Which a press opens or closes.
	isOpen?: boolean;
	x: number;
	y: number;
	width: number;
	height: number;
}

export interface Line {
	key: string;
	from: string;
	to: string;
	title: string;
	bitsPerSecond?: number;
	trouble?: string;
	path?: string;
	start: {x: number; y: number};
	end: {x: number; y: number};
}

export interface Picture {
	boxes: Box[];
	lines: Line[];
	width: number;
	height: number;
}

export interface View {
	width: number; // That there is; the picture may need more.
	turned: ReadonlySet<string>; // Hosts that were opened, or closed where all are open.
	room: number; // Boxes in a column.
}

/* So many sources are shown at once; of more, hosts are closed at first. */
const fewSources = 24;
const boxWidth = 200;
const rowHeight = 40;
const lineHeight = 18;
const gap = 10;
const leastBetween = 120;
const mostAbove = 120; // A short column stays in sight beside a long one.
const noHost = "On no host";

type Draft = Omit<Box, "x" | "y" | "width" | "height"> & {flows: Flow[]};

export function drawTopology(flows: Flow[], ends: End[], view: View): Picture {
	const left = shorten(draftHosts(flows, view), view.room, "hosts");
	const middle = shorten(draftTargets(flows, ends), view.room, "targets");
	const right = draftAppliances(middle, ends, view.room);
	const mirrors = joinMirrors(left, middle);
	const shares = joinShares(middle, right);
	const columns = [left, middle, ...(right.length > 0 ? [right] : [])];
	return place(columns, [...mirrors, ...shares], view.width);
}

/* --- What is drawn --------------------------------------------------------------------------------------------------- */

function draftHosts(flows: Flow[], view: View): Draft[] {
	const openAtFirst = new Set(flows.map(({source}) => source)).size <= fewSources;
	const hosts = groupBy(flows, ({host}) => host ?? "");
	return sortDrafts([...hosts].map(([host, all]) => draftHost(host, all))).flatMap(
		(draft) => {
			const isOpen = openAtFirst !== view.turned.has(draft.host!);
			const sources = isOpen ? draftSources(draft.flows, view.room) : [];
			return [{...draft, isOpen, flows: isOpen ? [] : draft.flows}, ...sources];
		},
	);
}

function draftHost(host: string, flows: Flow[]): Draft {
	const count = new Set(flows.map(({source}) => source)).size;
	return {
		key: `host ${host}`,
		kind: "host",
		title: host || noHost,
		detail: countText(count, "source"),
		trouble: sumTrouble(flows),
		path: host ? `/hosts/${encodeURIComponent(host)}` : undefined,
		host,
		flows,
	};
}

function draftSources(flows: Flow[], room: number): Draft[] {
	const sources = groupBy(flows, ({source}) => source);
	const drafts = [...sources].map(([id, all]): Draft => {
		const device = all[0]!.device;
		return {
			key: id,
			kind: "source",
			title: device ?? id,
			detail: device ? id : "",
			trouble: sumTrouble(all),
			path: `/sources/${id}`,
			flows: all,
		};
	});
	const host = flows[0]?.host ?? "";
	return shorten(sortDrafts(drafts), Math.max(4, room >> 1), "sources", host);
}

/* Those only that something is mirrored to. */
function draftTargets(flows: Flow[], ends: End[]): Draft[] {
	const known = new Map(ends.map((end) => [end.id, end]));
	const drafts = [...groupBy(flows, ({target}) => target)].map(([id, all]): Draft => {
		const end = known.get(id);
		const failing = end?.appliances?.filter(({trouble}) => trouble) ?? [];
		return {
			key: id,
			kind: "target",
			title: end?.name || id,
			detail: end?.kind ?? "Target",
			trouble: failing.length > 0 ? sumAppliances(failing, end!) : undefined,
			path: `/targets/${id}`,
			flows: all,
		};
	});
	return sortDrafts(drafts);
}

function draftAppliances(targets: Draft[], ends: End[], room: number): Draft[] {
	const known = new Map(ends.map((end) => [end.id, end]));
	const fleets = targets.filter(({key}) => known.get(key)?.appliances?.length);
	const each = Math.max(2, Math.floor(room / Math.max(1, fleets.length)));
	return fleets.flatMap(({key}) => {
		const drafts = known.get(key)!.appliances!.map((appliance): Draft => ({
			key: `${key} ${appliance.id}`,
			kind: "appliance",
			title: appliance.id,
			detail: appliance.state,
			trouble: appliance.trouble,
			path: appliance.path,
			flows: [],
		}));
		return shorten(sortDrafts(drafts), each, "appliances", key);
	});
}

/* What is beyond the room becomes one box with all of its flows. */
function shorten(drafts: Draft[], room: number, noun: string, of = ""): Draft[] {
	if (drafts.length <= room) return drafts;
	const kept = drafts.slice(0, room - 1);
	const rest = drafts.slice(room - 1);
	const flows = rest.flatMap((draft) => draft.flows);
	const count = rest.filter(({kind}) => kind !== "source" || noun === "sources").length;
	const troubled = rest.filter(({trouble}) => trouble).length;
	return [
		...kept,
		{
			key: `${of} rest of ${noun}`.trim(),
			kind: "rest",
			title: `${count.toLocaleString()} more ${count === 1 ? noun.slice(0, -1) : noun}`,
			detail:
				flows.length > 0
					? countText(flows.length, "session")
					: "not drawn one by one",
			trouble:
				troubled > 0
					? `${countText(troubled, "of them", "of them")} in trouble.`
					: undefined,
			flows,
		},
	];
}

/* Trouble first, then by name. */
function sortDrafts(drafts: Draft[]): Draft[] {
	const collator = new Intl.Collator(undefined, {numeric: true});
	return [...drafts].sort(
		(a, b) =>
			Number(!a.trouble) - Number(!b.trouble) ||
			collator.compare(a.title, b.title),
	);
}

/* --- The lines between ----------------------------------------------------------------------------------------------- */

type Join = Omit<Line, "start" | "end">;

function joinMirrors(left: Draft[], middle: Draft[]): Join[] {
	const boxOf = new Map<string, string>();
	for (const draft of middle)
		for (const {target} of draft.flows) boxOf.set(target, draft.key);
	return left.flatMap((draft) =>
		[...groupBy(draft.flows, ({target}) => boxOf.get(target)!)].map(([to, flows]) => ({
			key: `${draft.key} > ${to}`,
			from: draft.key,
			to,
			title: `${draft.title}: ${countText(flows.length, "session")}`,
			bitsPerSecond: flows.reduce(
				(sum, {bitsPerSecond}) => sum + bitsPerSecond,
				0,
			),
			trouble: sumTrouble(flows),
			path: linePath(flows),
		})),
	);
}

function joinShares(middle: Draft[], right: Draft[]): Join[] {
	return right.flatMap((draft) => {
		const target = middle.find(({key}) => draft.key.startsWith(`${key} `));
		if (!target) return [];
		return {
			key: `${target.key} > ${draft.key}`,
			from: target.key,
			to: draft.key,
			title: `${target.title} to ${draft.title}`,
			trouble: draft.trouble,
			path: draft.path,
		};
	});
}

function linePath(flows: Flow[]): string | undefined {
	if (flows.length === 1) return `/sessions/${flows[0]!.session}`;
	const [{source, target}] = flows as [Flow];
	if (flows.every((flow) => flow.source === source)) return `/sources/${source}`;
	return flows.every((flow) => flow.target === target) ? `/targets/${target}` : "/sessions";
}

/* --- Places ---------------------------------------------------------------------------------------------------------- */

/* Columns stand side by side, short ones in the middle of the height or near its top; lines leave a box one below the other. */
function place(columns: Draft[][], joins: Join[], width: number): Picture {
	const between = Math.max(
		leastBetween,
		(width - columns.length * boxWidth) / Math.max(1, columns.length - 1),
	);
	const leaving = groupBy(joins, ({from}) => from);
	const coming = groupBy(joins, ({to}) => to);
	const ports = (key: string) =>
		Math.max(leaving.get(key)?.length ?? 0, Math.min(coming.get(key)?.length ?? 0, 4));
	const heightOf = ({key}: Draft) => Math.max(rowHeight, ports(key) * lineHeight + 8);
	const heights = columns.map((column) =>
		column.reduce((sum, draft) => sum + heightOf(draft) + gap, -gap),
	);
	const height = Math.max(rowHeight, ...heights);
	const boxes = columns.flatMap((column, i) => {
		let y = Math.min((height - heights[i]!) / 2, mostAbove);
		return column.map(({flows: _, ...draft}): Box => {
			const indent =
				draft.kind === "source" || / rest of sources$/.test(draft.key)
					? 16
					: 0;
			const box = {
				...draft,
				x: i * (boxWidth + between) + indent,
				y,
				width: boxWidth - indent,
				height: heightOf({flows: [], ...draft}),
			};
			y += box.height + gap;
			return box;
		});
	});
	const known = new Map(boxes.map((box) => [box.key, box]));
	const port = (box: Box, lines: Join[], line: Join) =>
		box.y + ((lines.indexOf(line) + 1) * box.height) / (lines.length + 1);
	const lines = joins.map((join): Line => {
		const from = known.get(join.from)!;
		const to = known.get(join.to)!;
		return {
			...join,
			start: {
				x: from.x + from.width,
				y: port(from, leaving.get(join.from)!, join),
			},
			end: {x: to.x, y: port(to, coming.get(join.to)!, join)},
		};
	});
	return {
		boxes,
		lines,
		width: columns.length * boxWidth + (columns.length - 1) * between,
		height,
	};
}

/* --- Words ----------------------------------------------------------------------------------------------------------- */

function sumTrouble(flows: Flow[]): string | undefined {
	const troubled = flows.filter(({trouble}) => trouble);
	if (troubled.length === 0) return undefined;
	const reason = troubled[0]!.trouble!;
	if (flows.length === 1) return reason;
	return `${troubled.length.toLocaleString()} of ${countText(flows.length, "session")}: ${reason}`;
}

function sumAppliances(failing: Appliance[], end: End): string {
	return `${failing.length} of ${countText(end.appliances!.length, "appliance")}: ${failing[0]!.trouble}`;
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
	const groups = new Map<string, T[]>();
	for (const item of items) {
		const group = groups.get(keyOf(item));
		if (group) group.push(item);
		else groups.set(keyOf(item), [item]);
	}
	return groups;
}
