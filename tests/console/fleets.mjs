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
