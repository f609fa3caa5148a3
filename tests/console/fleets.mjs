/* Journeys through load balancers, target groups and their appliances. */
import {writeFileSync} from "node:fs";
import {goTo, signInAndLook} from "./journeys.mjs";

/* From nothing to a fleet, by the wizard; tells the address of the page that it leads to. */
export async function createFleet(page, {name, appliances, ...given}) {
	await signInAndLook(page, given);
	await goTo(page, "/console/fleets/create");
	await page.getByLabel("Name", {exact: true}).fill(name);
	const field = page.getByLabel("Appliances", {exact: true});
	await field.fill("10.0.0.999");
	await page.getByText("10.0.0.999 is no address").waitFor();
	await field.fill(appliances.join("\n"));
	await page.getByRole("button", {name: "Create a fleet", exact: true}).click();
	await page.getByRole("heading", {level: 1, name}).waitFor();
	for (const appliance of appliances)
		await page.getByRole("row").filter({hasText: appliance}).waitFor();
	return page.evaluate(() => location.pathname);
}

/* Sees an appliance fall while the page stays the one it is; the file 'seen' tells the test that it was healthy. */
export async function watchAppliance(page, {place, appliance, seen, ...given}) {
	await signInAndLook(page, given);
	await goTo(page, place);
	await page.evaluate(() => (window.isStillHere = true));
	const row = page.getByRole("row").filter({hasText: appliance});
	await row.getByText("Healthy", {exact: true}).waitFor();
	writeFileSync(seen, "");
	await row.getByText("Unhealthy", {exact: true}).waitFor();
	await row.getByText("timed out").waitFor();
	return page.evaluate(() => window.isStillHere === true);
}

/* Another weight for one appliance, and the other one away. */
export async function changeAppliances(page, {place, heavier, leaver, ...given}) {
	await signInAndLook(page, given);
	await goTo(page, place);
	const choose = (id) =>
		page.getByRole("row").filter({hasText: id}).getByRole("checkbox").click();
	const press = (name) => page.getByRole("button", {name, exact: true}).click();
	await choose(heavier);
	await press("Change the weight");
	await page.getByRole("textbox", {name: "Weight"}).fill("1001");
	await page.getByText("from 1 to 1,000.", {exact: false}).last().waitFor();
	await page.getByRole("textbox", {name: "Weight"}).fill("7");
	await press("Change");
	await page
		.getByRole("row")
		.filter({hasText: heavier})
		.getByText("7", {exact: true})
		.waitFor();
	await choose(heavier);
	await choose(leaver);
	await press("Deregister");
	await page.getByRole("dialog").getByRole("button", {name: "Deregister"}).click();
	await page.getByRole("row").filter({hasText: leaver}).getByText("Draining").waitFor();
}

/* Tells how the wizard's last step is refused. */
export async function refuseFleet(page, {name, appliances, ...given}) {
	await signInAndLook(page, given);
	await goTo(page, "/console/fleets/create");
	await page.getByLabel("Name", {exact: true}).fill(name);
	await page.getByLabel("Appliances", {exact: true}).fill(appliances.join("\n"));
	await page.getByRole("button", {name: "Create a fleet", exact: true}).click();
	await page
		.getByText(new RegExp(`'${appliances[1]}'`))
		.first()
		.waitFor();
}

/* Sees an appliance's trouble in the picture, opens and closes a host by keyboard, and goes where the trouble is. */
export async function lookAround(page, {host, device, appliance, pictures, ...given}) {
	await signInAndLook(page, given);
	await goTo(page, "/console/topology");
	const picture = page.getByRole("group", {name: "Topology"});
	const failing = picture.getByRole("link", {
		name: new RegExp(`^${appliance}, Unhealthy, .*timed out`),
	});
	await failing.waitFor();
	await page.getByRole("heading", {name: "Trouble"}).waitFor();
	await picture.getByText(/^[0-9.]+ Mbit\/s$/).first().waitFor();
	await page.getByText(/^Loses [0-9.]+ packets\/s: ring full/).waitFor();
	for (const {name, width, scheme} of pictures) {
		await page.setViewportSize({width, height: 800});
		await page.emulateMedia({colorScheme: scheme});
		await page.screenshot({path: name});
	}
	const source = picture.getByRole("link", {name: new RegExp(`^${device}, eni-`)});
	await source.waitFor();
	const box = picture.getByRole("button", {name: new RegExp(`^${host}, `)});
	await box.focus();
	await page.keyboard.press("Enter");
	await source.waitFor({state: "detached"});
	await page.keyboard.press(" ");
	await source.waitFor();
	await failing.focus();
	await page.keyboard.press("Enter");
	await page.getByRole("row").filter({hasText: appliance}).getByText("Unhealthy").waitFor();
	return page.evaluate(() => location.pathname);
}

/* A site too large to be drawn one by one: how many boxes there are, and what is said of the rest. */
export async function lookAtMany(page, {picture: file, ...given}) {
	await signInAndLook(page, given);
	await goTo(page, "/console/topology");
	const picture = page.getByRole("group", {name: "Topology"});
	await picture.getByRole("button").first().waitFor();
	await page.screenshot({path: file, fullPage: true});
	const boxes = await picture.locator("rect").count();
	const first = await picture.getByRole("button").first().textContent();
	const said = await page.getByText(/^Drawn as one/).innerText();
	const start = performance.now();
	await picture.getByRole("button").first().click();
	await picture
		.getByRole("link", {name: /^tap1, eni-/})
		.first()
		.waitFor();
	const milliseconds = performance.now() - start;
	return {boxes, first, said, milliseconds};
}

/* What a host's page says. */
export async function lookAtHost(page, {host, ...given}) {
	await signInAndLook(page, given);
	await goTo(page, "/console/hosts");
	await page.getByRole("link", {name: host, exact: true}).click();
	await page.getByRole("heading", {level: 1, name: host}).waitFor();
	await page.getByRole("row").filter({hasText: "tms-"}).waitFor();
	return page.locator("main").innerText();
}
