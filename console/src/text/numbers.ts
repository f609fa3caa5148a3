/* Counts, bytes and rates in few signs: 1.25 M packets, 3.4 Gbit/s. */

const prefixes = ["", "k", "M", "G", "T", "P"];
const exact = new Intl.NumberFormat();

/* 1234567 is "1.23 M": three digits that count, and a decimal prefix. */
export function formatShort(value: number, unit = ""): string {
	if (!Number.isFinite(value)) return "–";
	let scaled = Math.abs(value);
	let step = 0;
	while (scaled >= 999.5 && step < prefixes.length - 1) {
		scaled /= 1000;
		step++;
	}
	const text = Number(scaled.toPrecision(3)).toLocaleString(undefined, {
		maximumFractionDigits: 2,
	});
	const tail = `${prefixes[step]}${unit}`;
	return `${value < 0 ? "−" : ""}${text}${tail && ` ${tail}`}`;
}

export function formatCount(value: number): string {
	return exact.format(value);
}

export function formatBitRate(bytesPerSecond: number): string {
	return formatShort(8 * bytesPerSecond, "bit/s");
}

export function formatPacketRate(packetsPerSecond: number): string {
	return `${formatShort(packetsPerSecond)} packets/s`;
}

/* "1 session", "2,000 sessions". */
export function countText(count: number, noun: string, many = `${noun}s`): string {
	return `${count.toLocaleString()} ${count === 1 ? noun : many}`;
}
