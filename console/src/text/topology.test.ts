import assert from "node:assert/strict";
import {test} from "node:test";
import {drawTopology, type End, type Flow, type Picture, type View} from "./topology";

const view: View = {width: 1000, turned: new Set(), room: 40};

function flow(host: string, device: string, target: string, more: Partial<Flow> = {}): Flow {
	const source = `eni-${host}-${device}`;
	const session = `tms-${source}-${target}`;
	return {session, source, host, device, target, bitsPerSecond: 1000, ...more};
}

function site(hosts: number, each: number): Flow[] {
	return Array.from({length: hosts * each}, (_, i) =>
		flow(`host-${Math.floor(i / each)}`, `tap${i % each}`, `tmt-${i % 3}`),
	);
}

function assertApart({boxes, lines, width, height}: Picture): void {
	for (const box of boxes) {
		assert.ok(box.x >= 0 && box.y >= 0, box.key);
		assert.ok(box.x + box.width <= width && box.y + box.height <= height, box.key);
	}
	for (const [i, a] of boxes.entries())
		for (const b of boxes.slice(i + 1))
			assert.ok(
				a.x + a.width <= b.x ||
					b.x + b.width <= a.x ||
					a.y + a.height <= b.y ||
					b.y + b.height <= a.y,
				`${a.key} lies on ${b.key}`,
			);
	const known = new Map(boxes.map((box) => [box.key, box]));
	for (const {from, to, start, end} of lines) {
		assert.ok(
			start.y > known.get(from)!.y &&
				start.y < known.get(from)!.y + known.get(from)!.height,
		);
		assert.ok(
			end.y > known.get(to)!.y &&
				end.y < known.get(to)!.y + known.get(to)!.height,
		);
		assert.ok(start.x < end.x);
	}
}

function carried({lines}: Picture): number {
	return lines.reduce((sum, {bitsPerSecond = 0}) => sum + bitsPerSecond, 0);
}

test("a few sources are shown one by one, each with its line", () => {
	const picture = drawTopology(
		[flow("web-1", "eth0", "tmt-1"), flow("web-1", "tap0", "tmt-1")],
		[],
		view,
	);
	assert.deepEqual(
		picture.boxes.map(({kind, title}) => [kind, title]),
		[
			["host", "web-1"],
			["source", "eth0"],
			["source", "tap0"],
			["target", "tmt-1"],
		],
	);
	assert.deepEqual(
		picture.lines.map(({path}) => path),
		["/sessions/tms-eni-web-1-eth0-tmt-1", "/sessions/tms-eni-web-1-tap0-tmt-1"],
	);
	assertApart(picture);
});

test("sessions of one source to one target share a line and add up", () => {
	const twice = [
		flow("a", "eth0", "tmt-1"),
		{...flow("a", "eth0", "tmt-1"), session: "tms-2"},
	];
	const {lines} = drawTopology(twice, [], view);
	assert.equal(lines.length, 1);
	assert.equal(lines[0]!.bitsPerSecond, 2000);
	assert.equal(lines[0]!.path, "/sources/eni-a-eth0");
});

test("of many sources, hosts are closed until one is opened, and no rate is lost", () => {
	const flows = site(20, 50);
	const closed = drawTopology(flows, [], view);
	assert.equal(closed.boxes.filter(({kind}) => kind === "host").length, 20);
	assert.equal(closed.boxes.filter(({kind}) => kind === "source").length, 0);
	assert.equal(carried(closed), 1000 * 1000);
	assertApart(closed);
	const open = drawTopology(flows, [], {...view, turned: new Set(["host-3"])});
	assert.ok(open.boxes.some(({kind, title}) => kind === "source" && title === "tap7"));
	assert.equal(carried(open), 1000 * 1000);
	assertApart(open);
});

test("the picture is bounded, and says what it leaves out", () => {
	const picture = drawTopology(site(1000, 2), [], view);
	assert.ok(picture.boxes.length <= 2 * view.room);
	const rest = picture.boxes.find(({kind}) => kind === "rest")!;
	assert.equal(rest.title, `${(961).toLocaleString()} more hosts`);
	assert.equal(rest.detail, `${(1922).toLocaleString()} sessions`);
	assert.equal(carried(picture), 2000 * 1000);
	assertApart(picture);
});

test("trouble comes first, with its reason, also where it is one among many", () => {
	const flows = site(1000, 2);
	flows[1999] = {...flows[1999]!, trouble: "Nobody has heard of the agent."};
	const {boxes, lines} = drawTopology(flows, [], view);
	assert.equal(boxes[0]!.title, "host-999");
	assert.equal(boxes[0]!.trouble, "1 of 2 sessions: Nobody has heard of the agent.");
	assert.equal(lines.filter(({trouble}) => trouble).length, 1);
});

test("a fleet's appliances stand behind it, those in trouble first", () => {
	const appliances = ["10.0.0.1", "10.0.0.2", "10.0.0.3"].map((id, i) => ({
		id,
		path: "/groups/ids/1",
		state: i === 2 ? "Unhealthy" : "Healthy",
		trouble: i === 2 ? "Health checks timed out." : undefined,
	}));
	const ends: End[] = [{id: "tmt-1", name: "ids", kind: "Fleet", appliances}];
	const picture = drawTopology([flow("a", "eth0", "tmt-1")], ends, view);
	const drawn = picture.boxes.filter(({kind}) => kind === "appliance");
	assert.deepEqual(
		drawn.map(({title}) => title),
		["10.0.0.3", "10.0.0.1", "10.0.0.2"],
	);
	const target = picture.boxes.find(({kind}) => kind === "target")!;
	assert.equal(target.trouble, "1 of 3 appliances: Health checks timed out.");
	assert.equal(
		picture.lines.find(({to}) => to === drawn[0]!.key)!.trouble,
		"Health checks timed out.",
	);
	assertApart(picture);
});

test("places do not depend on rates, nor on the order of what was answered", () => {
	const flows = site(12, 2);
	const other = [...flows].reverse().map((item, i) => ({...item, bitsPerSecond: i}));
	const places = (all: Flow[]) =>
		drawTopology(all, [], view)
			.boxes.map(({key, x, y}) => `${key} ${x} ${y}`)
			.sort();
	assert.deepEqual(places(flows), places(other));
});

test("a source without a host has a place, too", () => {
	const lost = {
		...flow("", "", "tmt-1"),
		host: undefined,
		device: undefined,
		source: "eni-1",
	};
	const {boxes} = drawTopology([lost], [], view);
	assert.deepEqual(
		boxes.map(({title}) => title),
		["On no host", "eni-1", "tmt-1"],
	);
	assert.deepEqual(drawTopology([], [], view).boxes, []);
});
