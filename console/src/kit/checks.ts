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
