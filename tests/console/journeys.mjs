/* Ways through the console that many tests begin with, and the few that are short. */

const keyField = (page) => page.getByLabel("Access key id");

/* From nothing to the form, with what that took: milliseconds, and bytes on the wire. */
export async function open(page) {
	await page.goto("/console/");
	await keyField(page).fill("A");
	const milliseconds = await page.evaluate(() => performance.now());
	await page.waitForLoadState("networkidle");
	const bytes = await page.evaluate(() =>
		[
			...performance.getEntriesByType("navigation"),
			...performance.getEntriesByType("resource"),
		]
			.map((entry) => entry.transferSize)
			.reduce((sum, size) => sum + size, 0),
	);
	return {milliseconds, bytes, title: await page.title()};
}

export async function signIn(page, {key, secret, place = "/console/"}) {
	await page.goto(place);
	await keyField(page).fill(key);
	await page.getByLabel("Secret access key").fill(secret);
	await page.getByRole("button", {name: "Sign in", exact: true}).click();
}

/* Signs in, and tells what the page is then called. */
export async function signInAndLook(page, given) {
	await signIn(page, given);
	await page.getByRole("navigation").first().waitFor();
	await page.getByRole("heading", {level: 1}).first().waitFor();
	return page.getByRole("heading", {level: 1}).first().innerText();
}

/* By a one-time link.  Tells the page's name, and its address, in which no code may be left. */
export async function followLink(page, {link}) {
	await page.goto(link);
	await page.getByRole("navigation").first().waitFor();
	await page.getByRole("heading", {level: 1}).first().waitFor();
	return {title: await page.title(), address: page.url()};
}

export async function followUsedLink(page, {link}) {
	await page.goto(link);
	await page.getByText("could not be signed in").waitFor();
	return {said: await page.locator("main").innerText(), address: page.url()};
}

/* Two tabs of one user: how many requests they ever have waiting, and whether both are told of a change in one of them. */
export async function shareFeed(page, {key, secret}) {
	const tabs = [page, await page.context().newPage()];
	const waiting = new Set();
	let most = 0;
	page.context().on("request", (request) => {
		if (/WaitSeconds/.test(request.postData() ?? "")) waiting.add(request);
		most = Math.max(most, waiting.size);
	});
	for (const event of ["requestfinished", "requestfailed"])
		page.context().on(event, (request) => waiting.delete(request));
	await signIn(page, {key, secret, place: "/console/filters/create"});
	await tabs[1].goto("/console/filters/create"); // It hears from the first one who is signed in.
	for (const tab of tabs) {
		await tab.getByRole("heading", {level: 1, name: "Create a filter"}).waitFor();
	}
	await goTo(tabs[0], "/console/filters");
	await tabs[0].getByText("No filters", {exact: true}).waitFor();
	while (waiting.size === 0) await new Promise((resolve) => setTimeout(resolve, 20));
	await tabs[1].getByLabel("Name").first().fill("heard of");
	await tabs[1].getByRole("button", {name: "Create a filter"}).click();
	await tabs[0].getByText("heard of").waitFor();
	return most;
}

/* Not by goto(), which would forget the keys. */
export async function goTo(page, place) {
	await page.evaluate((path) => {
		history.pushState(null, "", path);
		dispatchEvent(new PopStateEvent("popstate"));
	}, place);
}

export async function signInWrongly(page, given) {
	await signIn(page, given);
	await page.getByText("could not be signed in").waitFor();
	return page.locator("main").innerText();
}

/* No page may keep keys where a later visitor of the same browser finds them. */
export async function whatStays(page, given) {
	await signInAndLook(page, given);
	return page.evaluate(() => ({
		local: JSON.stringify(localStorage),
		session: JSON.stringify(sessionStorage),
		cookies: document.cookie,
		address: location.href,
	}));
}

/* One picture of each page that the menu leads to, in the given look; tells their addresses. */
export async function photograph(page, {directory, look, more, ...given}) {
	await signInAndLook(page, given);
	const menu = page.getByRole("navigation").locator("a[href^='/console/']");
	await menu.first().waitFor({state: "attached"});
	const links = await menu.evaluateAll((anchors) => anchors.map((anchor) => anchor.pathname));
	const places = [...new Set([...links, ...more])];
	for (const place of places) {
		await goTo(page, place);
		await page.getByRole("heading", {level: 1}).first().waitFor();
		// The network is never idle: one request waits for changes.
		// Rates take two looks.
		await page.waitForFunction(
			() =>
				!document.querySelector("[class*=awsui_spinner]") &&
				!document.body.textContent.includes("in a moment"),
		);
		const name = place.replace(/\/tms-.*/, "-one").slice("/console/".length).replaceAll("/", "-") || "overview";
		await page.screenshot({path: `${directory}/${name}-${look}.png`});
	}
	return places;
}

/* Tries what a script that got into the page would try; each is told to be kept from it. */
export async function attack(page) {
	await page.goto("/console/");
	return page.evaluate(async () => {
		const violated = new Set();
		document.addEventListener("securitypolicyviolation", (event) =>
			violated.add(event.effectiveDirective),
		);
		const script = document.createElement("script");
		script.textContent = "document.title = 'taken'";
		document.body.append(script);
		const frame = document.createElement("iframe");
		frame.src = "/console/";
		document.body.append(frame);
		await fetch("https://elsewhere.invalid/").catch(() => {});
		while (violated.size < 3) await new Promise((resolve) => setTimeout(resolve, 10));
		return {violated: [...violated].sort(), title: document.title};
	});
}
