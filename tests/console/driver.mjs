/* The browser of the tests: one Chromium, steered by lines of JSON.
 *
 * A line on standard input names a journey (a function that a file exports) and its arguments; the line that comes back has
 * what the journey returned, or why it failed, and everything that a page must not do: messages of errors and warnings
 * on the browser's console (violations of the content security policy are among them), errors that nobody caught, and
 * requests to anywhere but the controller.  Each journey has a context of its own: no cookie, cache or key is left. */
import {createRequire} from "node:module";
import {createInterface} from "node:readline";
import {pathToFileURL} from "node:url";

const [origin, packages] = process.argv.slice(2);
const {chromium} = createRequire(`${packages}/package.json`)("playwright-core");
const browser = await chromium.launch({
	executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
	// Tests run as root, and in containers with little shared memory.
	args: ["--no-sandbox", "--disable-dev-shm-usage"],
});

for await (const line of createInterface({input: process.stdin})) {
	const answer = await travel(JSON.parse(line));
	process.stdout.write(`${JSON.stringify(answer)}\n`);
}
await browser.close();

async function travel({file, journey, given, options}) {
	const complaints = [];
	const context = await browser.newContext({baseURL: origin, ...options});
	context.setDefaultTimeout(20_000);
	watch(context, complaints);
	const page = await context.newPage();
	try {
		const journeys = await import(pathToFileURL(file));
		return {value: await journeys[journey](page, given), complaints};
	} catch (error) {
		const seen = await page
			.locator("body")
			.innerText()
			.catch(() => "");
		return {
			error: `${error.stack}\nThe page says:\n${seen.slice(0, 2000)}`,
			complaints,
		};
	} finally {
		await context.close();
	}
}

function watch(context, complaints) {
	context.on("console", (message) => {
		if (["error", "warning"].includes(message.type()))
			complaints.push(`console: ${message.text()} (${message.location().url})`);
	});
	context.on("weberror", (error) => complaints.push(`uncaught: ${error.error().stack}`));
	context.on("request", (request) => {
		const url = new URL(request.url());
		if (url.origin !== origin && !["data:", "blob:"].includes(url.protocol))
			complaints.push(`elsewhere: ${request.url()}`);
	});
}
