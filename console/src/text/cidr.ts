/* Address blocks, such as 10.0.0.0/8 and fd00::/8, checked as they are typed. */

interface Address {
	bits: 32 | 128;
	value: bigint;
}

/* What is wrong with the text as an address block, as a sentence. */
export function checkAddressBlock(text: string): string | undefined {
	const [address, length, ...rest] = text.split("/");
	if (length === undefined || rest.length > 0)
		return "Enter an address block such as 10.0.0.0/8 or fd00::/8.";
	const parsed = parseAddress(address!);
	if (!parsed) return `“${address}” is not an IP address.`;
	if (!/^\d{1,3}$/.test(length) || Number(length) > parsed.bits)
		return `The length of the prefix is from 0 to ${parsed.bits}.`;
	const beyond = BigInt(parsed.bits - Number(length));
	if (parsed.value & ((1n << beyond) - 1n))
		return `Bits beyond the prefix are set; the block is ${blockOf(parsed, Number(length))}.`;
	return undefined;
}

export function checkAddress(text: string): string | undefined {
	return parseAddress(text) ? undefined : `“${text}” is not an IP address.`;
}

export function parseAddress(text: string): Address | undefined {
	return text.includes(":") ? parseIpv6(text) : parseIpv4(text);
}

function parseIpv4(text: string): Address | undefined {
	const parts = text.split(".");
	if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part)))
		return undefined;
	const bytes = parts.map(Number);
	if (bytes.some((byte) => byte > 255)) return undefined;
	return {bits: 32, value: bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n)};
}

function parseIpv6(text: string): Address | undefined {
	const halves = expandTail(text)?.split("::");
	if (!halves || halves.length > 2) return undefined;
	const [head, tail] = halves.map((half) => (half === "" ? [] : half.split(":")));
	const missing = 8 - head!.length - (tail?.length ?? 0);
	if (tail ? missing < 1 : missing !== 0) return undefined;
	const words = [...head!, ...Array<string>(tail ? missing : 0).fill("0"), ...(tail ?? [])];
	if (!words.every((word) => /^[0-9a-f]{1,4}$/i.test(word))) return undefined;
	return {
		bits: 128,
		value: words.reduce((sum, word) => (sum << 16n) | BigInt(`0x${word}`), 0n),
	};
}

/* ::ffff:192.0.2.1 with its end in hexadecimal. */
function expandTail(text: string): string | undefined {
	const dotted = /^(.*:)([^:]*\.[^:]*)$/.exec(text);
	if (!dotted) return text;
	const tail = parseIpv4(dotted[2]!);
	return (
		tail &&
		`${dotted[1]}${(tail.value >> 16n).toString(16)}:${(tail.value & 0xffffn).toString(16)}`
	);
}

function blockOf({bits, value}: Address, length: number): string {
	const beyond = BigInt(bits - length);
	const base = (value >> beyond) << beyond;
	return `${bits === 32 ? formatIpv4(base) : formatIpv6(base)}/${length}`;
}

function formatIpv4(value: bigint): string {
	return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 0xffn).join(".");
}

/* With the longest run of zeros left out. */
function formatIpv6(value: bigint): string {
	const shifts = [112n, 96n, 80n, 64n, 48n, 32n, 16n, 0n];
	const words = shifts.map((shift) => ((value >> shift) & 0xffffn).toString(16));
	const run = longestZeros(words);
	if (run.length < 2) return words.join(":");
	const head = words.slice(0, run.start).join(":");
	return `${head}::${words.slice(run.start + run.length).join(":")}`;
}

function longestZeros(words: string[]): {start: number; length: number} {
	let best = {start: 0, length: 0};
	for (let start = 0; start < words.length; start++) {
		let length = 0;
		while (words[start + length] === "0") length++;
		if (length > best.length) best = {start, length};
	}
	return best;
}
