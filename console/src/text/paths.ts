/* Paths below /console, and the patterns that pages have. */

/* The values of a pattern such as /sessions/:id, or nothing if the path is another one, or none that a browser writes. */
export function matchPath(pattern: string, path: string): Record<string, string> | undefined {
	const wanted = pattern.split("/");
	const given = path
		.replace(/(.)\/$/, "$1")
		.split("/")
		.map(decode);
	if (wanted.length !== given.length) return undefined;
	const values: Record<string, string> = {};
	for (const [i, part] of wanted.entries()) {
		const text = given[i];
		if (text === undefined) return undefined;
		if (part.startsWith(":")) values[part.slice(1)] = text;
		else if (part !== text) return undefined;
	}
	return values;
}

function decode(part: string): string | undefined {
	try {
		return decodeURIComponent(part);
	} catch {
		return undefined; // As of /hosts/%zz.
	}
}
