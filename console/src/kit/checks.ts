/* Checks of what is typed into fields, each a sentence or nothing. */

export function numberBetween(least: number, most: number) {
	return (text: string): string | undefined => {
		const value = Number(text);
		if (/^\d+$/.test(text) && value >= least && value <= most) return undefined;
		return `Enter a whole number from ${least.toLocaleString()} to ${most.toLocaleString()}.`;
	};
}

export function atMost(length: number) {
	return (text: string): string | undefined =>
		[...text].length > length
			? `At most ${length} characters, not ${[...text].length}.`
			: undefined;
}

/* Of load balancers and target groups. */
export function balancingName(text: string): string | undefined {
	if (!/^[a-z0-9-]*$/i.test(text)) return "Letters, digits and hyphens only.";
	if (text.startsWith("-") || text.endsWith("-"))
		return "It may not begin or end with a hyphen.";
	return atMost(32)(text);
}

export const portNumber = numberBetween(1, 65_535);
