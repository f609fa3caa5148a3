/* Times as the viewer's clock and language have them. */

const whole = new Intl.DateTimeFormat(undefined, {dateStyle: "medium", timeStyle: "medium"});
const zoned = new Intl.DateTimeFormat(undefined, {dateStyle: "long", timeStyle: "long"});
const ago = new Intl.RelativeTimeFormat(undefined, {numeric: "auto"});

const units: [unit: Intl.RelativeTimeFormatUnit, seconds: number][] = [
	["year", 31_536_000],
	["month", 2_592_000],
	["day", 86_400],
	["hour", 3600],
	["minute", 60],
	["second", 1],
];

export function parseDate(text: string | undefined): Date | undefined {
	const date = text ? new Date(text) : undefined;
	return date && !Number.isNaN(+date) ? date : undefined;
}

export function formatDate(date: Date | undefined): string {
	return date ? whole.format(date) : "–";
}

/* With the zone, for where there is room. */
export function formatZoned(date: Date): string {
	return zoned.format(date);
}

/* "3 minutes ago", "in 2 hours". */
export function formatDistance(date: Date, now: number = Date.now()): string {
	const seconds = (+date - now) / 1000;
	const row =
		units.find(([, length]) => Math.abs(seconds) >= length) ?? units[units.length - 1]!;
	return ago.format(Math.trunc(seconds / row[1]), row[0]);
}
