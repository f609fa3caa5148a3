/* A span of time as one word of the address: "7d" is the last seven days, "FROM/TO" what lies between two moments. */

export interface Span {
	from: Date;
	to?: Date; // Else until now.
}

const units: Record<string, {name: string; milliseconds: number}> = {
	h: {name: "hour", milliseconds: 3_600_000},
	d: {name: "day", milliseconds: 86_400_000},
};

/* Nothing if the word is none. */
export function parseSpan(word: string, now: number = Date.now()): Span | undefined {
	const back = /^(\d{1,4})([hd])$/.exec(word);
	if (back) return {from: new Date(now - Number(back[1]) * units[back[2]!]!.milliseconds)};
	const [from, to] = word.split("/").map((part) => new Date(part));
	if (!from || !to || Number.isNaN(+from) || Number.isNaN(+to)) return undefined;
	return from < to ? {from, to} : undefined;
}

/* "7d" as the parts that a picker of time spans has. */
export function splitSpan(word: string): {amount: number; unit: "hour" | "day"} | undefined {
	const back = /^(\d{1,4})([hd])$/.exec(word);
	return back ? {amount: Number(back[1]), unit: back[2] === "h" ? "hour" : "day"} : undefined;
}

/* The calendar months of an account's books, which are UTC's: so many, up to the given number of months ago. */
export function monthsBack(count: number, ago: number, now: Date = new Date()): Required<Span> {
	const month = (back: number) =>
		new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - back));
	const end = month(ago - 1);
	return {from: month(ago + count - 1), to: end > now ? now : end};
}
