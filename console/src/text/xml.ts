/* Answers of the API, read from their XML into texts, lists and objects.
 *
 * A browser's own reader builds a document first, which for ten thousand sessions holds the page up for seconds; this one
 * goes through the text once.  It knows what the controller writes and no more: elements, texts, the five entities and
 * numbered characters.  Anything else is refused, so that a page of some proxy is not taken for an answer. */

/* What an answer consists of.  An element is a list if its name ends in "Set" or if it holds nothing but "item" or
 * "member"; without children it is a text. */
export type Answer = string | Answer[] | {[name: string]: Answer};

interface Open {
	name: string;
	text: string;
	names: string[];
	values: Answer[];
}

const tokens = /<\?[^>]*\?>|<(\/?)([A-Za-z_][\w.:-]*)([^<>]*)>|([^<]+)/gy;
const entities: Record<string, string> = {lt: "<", gt: ">", amp: "&", quot: '"', apos: "'"};

/* The value of the outermost element.  Throws an Error if the text is something else. */
export function readXml(text: string): Answer {
	const root: Open = {name: "", text: "", names: [], values: []};
	const stack = [root];
	let end = 0;
	for (const token of text.matchAll(tokens)) {
		end = token.index + token[0].length;
		const [, slash, name, rest, content] = token;
		const top = stack[stack.length - 1]!;
		if (content !== undefined) top.text += content;
		else if (name !== undefined && slash) close(stack, name);
		else if (name !== undefined) {
			stack.push({name, text: "", names: [], values: []});
			if (rest!.endsWith("/")) close(stack, name);
		}
	}
	if (end !== text.length || stack.length !== 1 || root.values.length !== 1)
		throw new Error("The answer is not whole, or no XML.");
	return root.values[0]!;
}

function close(stack: Open[], name: string): void {
	const done = stack.pop()!;
	const parent = stack[stack.length - 1];
	if (done.name !== name || !parent)
		throw new Error(`The element ${name} ends where it did not begin.`);
	parent.names.push(name);
	parent.values.push(valueOf(done));
}

function valueOf({name, text, names, values}: Open): Answer {
	if (names.length === 0)
		return name.endsWith("Set") && text.trim() === "" ? [] : decode(text);
	if (names.every((child) => child === "item" || child === "member")) return values;
	return Object.fromEntries(names.map((child, i) => [child, values[i]!]));
}

function decode(text: string): string {
	if (!text.includes("&")) return text;
	return text.replace(/&(?:#x([\da-f]+)|#(\d+)|(\w+));/gi, (whole, hex, decimal, name) => {
		if (name) return entities[name as string] ?? (whole as string);
		return String.fromCodePoint(hex ? parseInt(hex as string, 16) : Number(decimal));
	});
}
