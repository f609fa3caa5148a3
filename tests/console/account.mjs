/* Ways through the pages of an account: events, usage, settings. */
import {readFile} from "node:fs/promises";
import {goTo, signIn} from "./journeys.mjs";

const heading = (page, name) => page.getByRole("heading", {level: 1, name, exact: true});

async function enter(page, {key, secret, place, title}) {
	await signIn(page, {key, secret, place});
	await heading(page, title).waitFor();
}

/* Looks for one action, opens the event that is found, and tells its record. */
export async function findEvent(page, {action, ...keys}) {
	await enter(page, {
		...keys,
		place: `/console/events?by=EventName&value=${action}`,
		title: "Events",
	});
	const row = page.getByRole("row").filter({hasText: action});
	await row.first().waitFor();
	const rows = await page.getByRole("row").filter({hasText: "Done"}).count();
	await row.first().getByRole("link").first().click();
	await heading(page, action).waitFor();
	return {
		rows,
		record: JSON.parse(await page.locator(".record").innerText()),
	};
}

/* Pages through so many events that there are several pages; tells how many rows there are before and after. */
export async function olderEvents(page, keys) {
	await enter(page, {
		...keys,
		place: "/console/events?by=EventName&value=CreateTrafficMirrorFilter",
		title: "Events",
	});
	const counter = page.getByRole("heading", {level: 2}).filter({hasText: /^Events/});
	await counter.filter({hasText: "50"}).waitFor();
	await page.getByRole("button", {name: "Older ones"}).click();
	await counter.filter({hasNotText: "(50)"}).filter({hasText: "("}).waitFor();
	return counter.innerText();
}

/* Tells the sum above the chart, the table, and the file that is saved. */
export async function readUsage(page, {device, ...keys}) {
	await enter(page, {
		...keys,
		place: "/console/usage",
		title: "Usage and cost",
	});
	await page.getByRole("row").filter({hasText: device}).first().waitFor();
	const [download] = await Promise.all([
		page.waitForEvent("download"),
		page.getByRole("button", {name: "Save as CSV"}).click(),
	]);
	const file = await readFile(await download.path(), "utf8");
	return {
		text: await page.locator("main").innerText(),
		file,
		name: download.suggestedFilename(),
	};
}

/* Changes a quota and tells what its row says then. */
export async function changeQuota(page, {quota, value, ...keys}) {
	await enter(page, {...keys, place: "/console/settings", title: "Settings"});
	const row = page.getByRole("row").filter({hasText: quota});
	await row.getByRole("radio").check();
	await page.getByRole("button", {name: "Change", exact: true}).click();
	const dialog = page.getByRole("dialog");
	await dialog.getByLabel("At most").fill(value);
	await dialog.getByRole("button", {name: "Change", exact: true}).click();
	await dialog.waitFor({state: "hidden"});
	await row.filter({hasText: value}).waitFor();
	return row.innerText();
}

/* What each of these places says to somebody whose policies allow nothing. */
export async function lookForbidden(page, {key, secret, places}) {
	await signIn(page, {key, secret});
	await page.getByRole("navigation").first().waitFor();
	const said = {};
	for (const [place, action] of Object.entries(places)) {
		await goTo(page, `/console${place}`);
		await page.getByText(`No policy of yours allows ${action}`).first().waitFor();
		said[place] = await page.locator("main").innerText();
	}
	return said;
}

/* Everything that a dangerous text got into is looked at: it must stand there as text, and run nowhere. */
export async function lookForScripts(page, {key, secret, places, text}) {
	await signIn(page, {key, secret});
	await page.getByRole("navigation").first().waitFor();
	const found = {};
	for (const place of places) {
		await goTo(page, `/console${place}`);
		await page.getByText(text).first().waitFor();
		found[place] = await page.evaluate(() => ({
			images: document.querySelectorAll("img[src=x]").length,
			taken: globalThis.taken === true,
		}));
	}
	return found;
}

/* Makes a user, a policy that is first refused at its place, and a key whose secret is shown once. */
export async function makeUser(page, {user, refused, policy, ...keys}) {
	await enter(page, {
		...keys,
		place: "/console/users/create",
		title: "Create a user",
	});
	await page.getByLabel("Name").fill(user);
	await page.getByRole("button", {name: "Create a user"}).click();
	await heading(page, user).waitFor();
	await page.getByRole("button", {name: "Add a policy"}).click();
	const dialog = page.getByRole("dialog");
	await dialog.getByLabel("Name").fill("look");
	await dialog.getByLabel("Policy", {exact: true}).fill("{");
	await dialog.getByText("This is not JSON yet").waitFor();
	await dialog.getByLabel("Policy", {exact: true}).fill(refused);
	await dialog.getByRole("button", {name: "Save"}).click();
	const field = dialog.getByLabel("Policy", {exact: true});
	await page.waitForFunction(() =>
		document.querySelector("[role=dialog] textarea[aria-invalid=true]"),
	);
	await field.fill(policy);
	await dialog.getByRole("button", {name: "Save"}).click();
	await dialog.waitFor({state: "hidden"});
	await page.getByRole("rowheader", {name: "look", exact: true}).waitFor();
	await page.getByRole("tab", {name: "Access keys"}).click();
	await page.getByRole("button", {name: "Create a key"}).click();
	await page.getByText("it is shown only once").waitFor();
	const shown = await page.locator("main").innerText();
	await page.getByRole("button", {name: "Dismiss the secret"}).click();
	await page.getByText("it is shown only once").waitFor({state: "hidden"});
	return {shown, left: await page.locator("main").innerText()};
}
