/* Ways through what is changed: sessions, rules, tags, shares, and the sign-in itself. */
import {goTo, signInAndLook} from "./journeys.mjs";

const button = (within, name) => within.getByRole("button", {name, exact: true});
const rowOf = (page, text) => page.getByRole("row").filter({hasText: text});
const told = (page, text) => page.getByText(text).first().waitFor();

/* Types the word that a question asks for, and says yes. */
async function confirm(page, deed, word) {
	const dialog = page.getByRole("dialog");
	if (word) await dialog.getByLabel(`To go on, type ${word}`).fill(word);
	await button(dialog, deed).click();
	await dialog.waitFor({state: "hidden"});
}

async function pick(page, field, text) {
	await page.getByLabel(field, {exact: true}).click();
	await page.getByRole("option").filter({hasText: text}).first().click();
}

/* Not by the mouse, in whose way a copy of the header is that stays in sight. */
const selectAll = (page) => page.getByRole("checkbox", {name: "Select all of this page"}).dispatchEvent("click");

/* A session by the wizard; tells the number that was offered, and the one that stands there when another is typed. */
export async function createSession(page, {source, target, filter, number, description, ...keys}) {
	await signInAndLook(page, keys);
	await goTo(page, `/console/sessions/create?source=${source}`);
	await button(page, "Next").click();
	await pick(page, "Target", target);
	await pick(page, "Filter", filter);
	await button(page, "Next").click();
	const field = page.getByLabel("Session number");
	await page.waitForFunction(() =>
		[...document.querySelectorAll("input")].some(({value}) => value === "1"),
	);
	const offered = await field.inputValue();
	await field.fill("");
	await field.pressSequentially(number);
	const typed = await field.inputValue();
	await page.getByLabel("Description").fill(description);
	await button(page, "Next").click();
	await button(page, "Next").click();
	await page.getByText(description).waitFor();
	await button(page, "Create the session").click();
	await rowOf(page, description).waitFor();
	return {offered, typed};
}

/* Changes a session's description while somebody else pauses it in a tab of his own. */
export async function modifySession(page, {session, description, ...keys}) {
	const other = await page.context().newPage();
	await signInAndLook(page, keys);
	await goTo(page, `/console/sessions/${session}/modify`);
	const field = page.getByLabel("Description");
	await field.waitFor();
	await other.goto("/console/"); // It hears from the first tab who is signed in.
	await other.getByRole("navigation").first().waitFor();
	await goTo(other, `/console/sessions/${session}`);
	await button(other, "Pause").click();
	await button(other, "Resume").waitFor();
	await told(other, `${session} is paused`);
	await field.fill(description);
	await button(page, "Save").click();
	await page.getByRole("heading", {level: 2, name: "Session details"}).waitFor();
	await page.getByText(description).first().waitFor();
}

/* Clones a session for another source, pauses all, and deletes the clone. */
export async function cloneAndDelete(page, {session, source, name, ...keys}) {
	await signInAndLook(page, keys);
	await goTo(page, `/console/sessions/${session}`);
	await button(page, "More").click();
	await page.getByRole("menuitem", {name: "Clone"}).click();
	await page.getByLabel("Source", {exact: true}).waitFor();
	await pick(page, "Source", source);
	for (let step = 1; step < 5; step++) await button(page, "Next").click();
	await button(page, "Create the session").click();
	await told(page, "The session is created");
	const rows = page.getByRole("row").filter({hasText: "tms-"});
	await rows.nth(1).waitFor();
	await selectAll(page);
	await button(page, "Actions").click();
	await page.getByRole("menuitem", {name: "Pause"}).click();
	await told(page, "2 sessions are paused");
	await page.getByRole("checkbox", {name: `Select ${session}`}).click();
	await button(page, "Actions").click();
	await page.getByRole("menuitem", {name: "Delete"}).click();
	await confirm(page, "Delete", "delete");
	await rowOf(page, session).waitFor();
	await rows.nth(1).waitFor({state: "detached"});
	return rows.count();
}

/* Many at once, so that the controller says it is too much; tells what was asked in vain. */
export async function pauseMany(page, {count, ...keys}) {
	await signInAndLook(page, keys);
	await goTo(page, "/console/sessions");
	let throttled = 0;
	page.on("response", (response) => {
		if (response.status() === 503) throttled++;
	});
	await rowOf(page, "tms-").nth(count - 1).waitFor();
	await selectAll(page);
	await button(page, "Actions").click();
	await page.getByRole("menuitem", {name: "Pause"}).click();
	await page.getByText(`${count} sessions are paused`).waitFor({timeout: 60_000});
	return throttled;
}

/* Moves the last ingress rule to the top by the keyboard, and by the mouse back again, with a save behind each. */
export async function dragRules(page, {filter, ...keys}) {
	await signInAndLook(page, keys);
	await goTo(page, `/console/filters/${filter}`);
	const handles = page.locator("[data-rule]");
	await handles.nth(1).waitFor();
	await handles.nth(1).press("ArrowUp");
	await page.getByText(/changes? to save/).waitFor();
	await button(page, "Save changes").click();
	await told(page, "are changed");
	const [from, to] = [await handles.nth(0).boundingBox(), await handles.nth(1).boundingBox()];
	await page.mouse.move(from.x + from.width / 2, from.y + from.height / 2);
	await page.mouse.down();
	await page.mouse.move(to.x + to.width / 2, to.y + to.height, {steps: 5});
	await page.mouse.up();
	await page.getByText(/changes? to save/).waitFor();
	await page.getByLabel("Dismiss").first().click();
	await button(page, "Save changes").click();
	await told(page, "are changed");
}

/* Imports rules; tells what there is to save, and what the page asked for when it saved. */
export async function importRules(page, {filter, text, ...keys}) {
	await signInAndLook(page, keys);
	await goTo(page, `/console/filters/${filter}`);
	await button(page, "File").waitFor();
	const choose = page.locator("input[type=file]");
	const [download] = await Promise.all([
		page.waitForEvent("download"),
		(async () => {
			await button(page, "File").click();
			await page.getByRole("menuitem", {name: "Export as JSON"}).click();
		})(),
	]);
	await choose.setInputFiles(await download.path());
	await page.getByRole("button", {name: "Discard"}).and(page.locator(":not([disabled])")).waitFor();
	const own = await button(page, "Save changes").isDisabled();
	await choose.setInputFiles({name: "rules.json", mimeType: "application/json", buffer: Buffer.from(text)});
	await page.getByText(/changes? to save/).waitFor();
	const asked = [];
	page.on("request", (request) => {
		const form = new URLSearchParams(request.postData() ?? "");
		const action = form.get("Action") ?? "";
		if (/^(Create|Modify|Delete)/.test(action))
			asked.push([action, form.get("RuleAction"), form.get("TrafficMirrorFilterRuleId")]);
	});
	await button(page, "Save changes").click();
	await told(page, "are changed");
	return {own, asked};
}

/* Edits tags while somebody else adds one in a tab of his own. */
export async function editTags(page, {place, ...keys}) {
	const other = await page.context().newPage();
	await signInAndLook(page, keys);
	await goTo(page, `${place}?tab=tags`);
	await button(page, "Edit").click();
	await page.getByLabel("Value of tag 1").fill("mine");
	await other.goto("/console/"); // It hears from the first tab who is signed in.
	await other.getByRole("navigation").first().waitFor();
	await goTo(other, `${place}?tab=tags`);
	await button(other, "Edit").click();
	await button(other, "Add a tag").click();
	await other.getByLabel("Key of tag 2").fill("theirs");
	await button(other, "Save").click();
	await told(other, "The tags of");
	await button(page, "Save").click();
	await page.getByText("theirs", {exact: true}).waitFor();
	return page.locator("main").innerText();
}

/* Shares a target, and ends it: the question names what is lost. */
export async function shareTarget(page, {target, account, ...keys}) {
	await signInAndLook(page, keys);
	await goTo(page, `/console/targets/${target}?tab=shares`);
	const field = page.getByLabel("Account id, 12 digits");
	await field.fill("12");
	await page.getByText("has 12 digits").waitFor();
	await field.fill(account);
	await button(page, "Share").click();
	await rowOf(page, account).waitFor();
	await button(page, `Stop sharing with ${account}`).click();
	await page.getByText("All sessions of that account").waitFor();
	await confirm(page, "Stop sharing", "stop");
	await page.getByText("It is shared with nobody").waitFor();
}

/* Remembered keys outlive a reload, and signing out ends that. */
export async function rememberAndLeave(page, {key, secret}) {
	await page.goto("/console/");
	await page.getByLabel("Access key id").fill(key);
	await page.getByLabel("Secret access key").fill(secret);
	await page.getByLabel("Keep the keys while this tab is open").check();
	await button(page, "Sign in").click();
	await page.getByRole("navigation").first().waitFor();
	await page.reload();
	await page.getByRole("navigation").first().waitFor();
	await page.getByRole("button", {name: /^Signed in as/}).click();
	await page.getByRole("menuitem", {name: "Sign out"}).click();
	await page.getByLabel("Access key id").waitFor();
	const kept = await page.evaluate(() => JSON.stringify(sessionStorage));
	await page.reload();
	await page.getByLabel("Access key id").waitFor();
	return kept;
}

/* A new tab is signed in by the one that is open; signing out in one ends both. */
export async function leaveBoth(page, keys) {
	await signInAndLook(page, keys);
	const other = await page.context().newPage();
	await other.goto("/console/filters");
	await other.getByRole("heading", {level: 1, name: "Filters"}).waitFor();
	await other.getByRole("button", {name: /^Signed in as/}).click();
	await other.getByRole("menuitem", {name: "Sign out"}).click();
	await page.getByText("signed out in another tab").waitFor();
	await other.reload();
	await other.getByLabel("Access key id").waitFor();
}

/* Opens a link in a tab where another user is signed in; tells who it is then, and the address. */
export async function followLinkInOpenTab(page, {link, ...keys}) {
	await signInAndLook(page, keys);
	const name = () => page.getByRole("button", {name: /^Signed in as/}).getAttribute("aria-label");
	const before = await name();
	await page.evaluate((fragment) => (location.hash = fragment), new URL(link).hash);
	await page.waitForFunction(
		(old) => {
			const now = document.querySelector("[aria-label^='Signed in as']");
			return now && now.getAttribute("aria-label") !== old;
		},
		before,
	);
	return {before, after: await name(), address: page.url()};
}
