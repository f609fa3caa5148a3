/* Journeys before a real agent: what the pages tell here was sent through a real interface and counted by the kernel. */
import {readFile, writeFile} from "node:fs/promises";
import {goTo, signInAndLook} from "./journeys.mjs";

const heading = (page, name) => page.getByRole("heading", {level: 1, name, exact: true});
const press = (page, name) => page.getByRole("button", {name, exact: true}).click();
const tick = () => new Promise((done) => setTimeout(done, 50));

async function choose(page, label, option) {
	await page.getByRole("button", {name: label}).click();
	await page.getByRole("option").filter({hasText: option}).first().click();
}

/* Copies that the session's filter took of what came in, as its page tells them. */
async function accepted(page) {
	const row = page.getByRole("row").filter({hasText: "Accepted by the filter"});
	return Number((await row.getByRole("cell").first().innerText()).replaceAll(",", ""));
}

/* From an account without anything to a session whose chart moves while somebody sends; tells the session's id. */
export async function mirrorFromNothing(page, {device, sensor, ...given}) {
	await signInAndLook(page, given);
	await page.getByText("Nothing is mirrored yet").waitFor();

	await goTo(page, "/console/targets/create");
	await choose(page, /^Network interface/, sensor);
	await page.getByLabel("Name").first().fill("sensor");
	await press(page, "Create a target");
	await heading(page, "sensor").waitFor();

	await goTo(page, "/console/filters/create");
	await page.getByLabel("Name").first().fill("everything");
	await press(page, "Create a filter");
	await heading(page, "everything").waitFor();

	await goTo(page, "/console/sessions/create");
	await choose(page, /^Source/, device);
	await press(page, "Next");
	await choose(page, /^Target/, "sensor");
	await choose(page, /^Filter/, "everything");
	for (let step = 0; step < 3; step++) await press(page, "Next");
	await press(page, "Create the session");
	const row = page.getByRole("row").filter({hasText: device});
	await row.getByText("Active", {exact: true}).waitFor();
	await row.getByRole("link").first().click();
	await page.getByRole("heading", {level: 2, name: "Rates"}).waitFor();
	await watchChart(page);
	return page.url().split("/").pop();
}

/* The line of accepted packets rises, and then changes; so does the sum below it. */
async function watchChart(page) {
	const heights = () =>
		page.locator("svg path").evaluateAll((paths) =>
			paths.map((path) => Math.round(path.getBBox().height)).filter((height) => height > 20),
		);
	const shapes = () =>
		page.locator("svg path").evaluateAll((paths) => paths.map((path) => path.getAttribute("d")).join());
	while ((await accepted(page)) === 0 || (await heights()).length === 0) await tick();
	const [sum, shape] = [await accepted(page), await shapes()];
	while ((await accepted(page)) === sum || (await shapes()) === shape) await tick();
}

/* Waits until the session's page tells this number of copies; more would be wrong, too. */
export async function waitAccepted(page, {session, count, ...given}) {
	await signInAndLook(page, given);
	await goTo(page, `/console/sessions/${session}`);
	await page.getByRole("row").filter({hasText: "Accepted by the filter"}).waitFor();
	while ((await accepted(page)) < count) await tick();
	return accepted(page);
}

/* What one rule does, changed in the filter's table. */
export async function setAction(page, {filter, rule, action, ...given}) {
	await signInAndLook(page, given);
	await goTo(page, `/console/filters/${filter}`);
	const table = page.getByRole("grid", {name: "Ingress rules"});
	const row = table.getByRole("row").filter({hasText: rule}).first();
	await row.getByRole("button", {name: /^Edit Action/}).click();
	await row.getByRole("button", {name: /^Action accept|^Action reject|^Action/}).click();
	await page.getByRole("option", {name: action}).click();
	await row.getByRole("button", {name: /^Take Action/}).click();
	await press(page, "Save changes");
	await page.getByText("are changed").first().waitFor();
}

/* Looks at a session's packets until there are so many; then into one of them, saves all, pauses and leaves. */
export async function peek(page, {session, count, words, ...given}) {
	const asked = [];
	page.on("request", (request) => {
		const [, action] = /Action=(\w*TrafficMirrorPeek)/.exec(request.postData() ?? "") ?? [];
		if (action) asked.push(action);
	});
	await signInAndLook(page, given);
	await goTo(page, `/console/sessions/${session}?tab=packets`);
	await press(page, "Look at packets");
	const seen = page.getByText(/^[0-9,]+, and [0-9,]+ passed unseen$/);
	const readSeen = async () =>
		(await seen.innerText()).match(/[0-9,]+/g).map((text) => Number(text.replaceAll(",", "")));
	while ((await readSeen())[0] < count || (await readSeen())[1] === 0) await tick();

	await press(page, "Hold");
	await page.getByRole("button", {name: "Go on"}).waitFor();
	const row = page.getByRole("row").filter({hasText: "UDP"}).first();
	const summary = await row.getByRole("rowheader").innerText();
	await row.getByRole("radio").click();
	const bytes = page.getByLabel("Bytes of the packet");
	await bytes.filter({hasText: words}).waitFor();
	const [download] = await Promise.all([
		page.waitForEvent("download"),
		press(page, "Save as pcapng"),
	]);
	const file = (await readFile(await download.path())).toString("base64");
	const shown = await page.getByRole("grid", {name: "Packets"}).getByRole("row").count();

	const before = asked.length;
	await press(page, "Go on");
	while (asked.length < before + 2) await tick();
	await page.getByRole("tab", {name: "Tags"}).click();
	while (!asked.includes("StopTrafficMirrorPeek")) await tick();
	const [total] = await readSeenHidden(page);
	return {summary, file, shown, total, asked, name: download.suggestedFilename()};
}

/* The tab is hidden by then, not gone. */
async function readSeenHidden(page) {
	const text = await page.getByText(/passed unseen$/).textContent();
	return text.match(/[0-9,]+/g).map((part) => Number(part.replaceAll(",", "")));
}

/* Who may see sessions and not their packets is told so. */
export async function peekForbidden(page, {session, ...given}) {
	await signInAndLook(page, given);
	await goTo(page, `/console/sessions/${session}?tab=packets`);
	await press(page, "Look at packets");
	await page.getByText("You may not see this").waitFor();
	return page.locator("main").innerText();
}

/* Sees an appliance fall by what a real agent finds; the file 'seen' tells the test that it stood. */
export async function watchAppliance(page, {place, appliance, seen, ...given}) {
	await signInAndLook(page, given);
	await goTo(page, place);
	const row = page.getByRole("row").filter({hasText: appliance});
	await row.getByText("Healthy", {exact: true}).waitFor();
	await writeFile(seen, "");
	await row.getByText("Unhealthy", {exact: true}).waitFor();
	await goTo(page, "/console/topology");
	await page.getByRole("heading", {name: "Trouble"}).waitFor();
	await goTo(page, "/console/");
	await page.getByText("1 unhealthy").waitFor();
}
