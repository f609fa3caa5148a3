/* Journeys through the pages of selectors, and of the sessions that belong to them. */
import {goTo, signInAndLook} from "./journeys.mjs";

const press = (page, name) => page.getByRole("button", {name, exact: true}).click();

async function choose(page, label, option) {
	await page.getByRole("button", {name: label}).click();
	await page.getByRole("option").filter({hasText: option}).first().click();
}

/* From a list without selectors to one that has made its sessions; tells its address and what its page says. */
export async function select(page, {tag, value, target, filter, refused, sources, ...given}) {
	await signInAndLook(page, given);
	await goTo(page, "/console/selectors");
	await page.getByRole("link", {name: "Create a selector"}).first().click();
	await press(page, "Create a selector");
	await page.getByText("A tag needs a key.").waitFor();
	await page.getByLabel("Key of tag 1", {exact: true}).fill(tag);
	await page.getByRole("textbox", {name: /^Values/}).first().fill(`${value}\nshop-*`);
	await choose(page, /^Target/, target);
	await choose(page, /^Filter/, filter);
	await page.getByLabel("Session number").fill("40000");
	await page.getByText("from 1 to 32,766").first().waitFor();
	await page.getByLabel("Session number").fill("7");
	await press(page, "Create a selector");
	await page.getByText(`${tag} is ${value} or shop-*`).waitFor();
	for (const source of sources)
		await page.getByRole("row").filter({hasText: source}).first().waitFor();
	await page.getByRole("tab", {name: "Not mirrored"}).click();
	await page.getByRole("row").filter({hasText: refused}).waitFor();
	return {place: await page.evaluate(() => location.pathname), said: await page.locator("main").innerText()};
}

/* Its session is no one else's: the list and the session's page say so, and offer no change of it. */
export async function lookAtBound(page, {session, selector, ...given}) {
	await signInAndLook(page, given);
	await goTo(page, `/console/sessions/${session}`);
	await page.getByRole("link", {name: selector}).waitFor();
	const disabled = {};
	for (const name of ["Pause", "Modify"])
		disabled[name] = await page
			.getByRole("button", {name, exact: true})
			.or(page.getByRole("link", {name, exact: true}))
			.getAttribute("aria-disabled");
	await page.getByRole("button", {name: "Pause", exact: true}).hover();
	await page.getByText(`belongs to the selector ${selector}`).locator("visible=true").first().waitFor();
	await page.mouse.move(0, 0);
	await press(page, "More");
	disabled.Delete = await page.getByRole("menuitem", {name: /^Delete/}).getAttribute("aria-disabled");
	return disabled;
}

/* Other tags, and then its end; the sessions follow. */
export async function changeSelector(page, {place, tag, value, gone, ...given}) {
	await signInAndLook(page, given);
	await goTo(page, `${place}/modify`);
	await page.getByRole("textbox", {name: /^Values/}).first().fill(value);
	await press(page, "Modify the selector");
	await page.getByText(`${tag} is ${value}`, {exact: true}).waitFor();
	await page.getByRole("row").filter({hasText: gone}).waitFor({state: "detached"});
	await press(page, "Pause");
	await page.getByText("Paused", {exact: true}).first().waitFor();
	await press(page, "Delete");
	await page.getByPlaceholder("delete").fill("delete");
	await page.getByRole("dialog").getByRole("button", {name: "Delete", exact: true}).click();
	await page.getByText("No selectors", {exact: true}).waitFor();
}
