/* Bytes as people read them: sixteen a line, with their offset before and their letters behind. */

const perLine = 16;

export function hexDump(bytes: Uint8Array): string {
	const lines: string[] = [];
	for (let offset = 0; offset < bytes.length; offset += perLine)
		lines.push(hexLine(offset, bytes.subarray(offset, offset + perLine)));
	return lines.join("\n");
}

function hexLine(offset: number, bytes: Uint8Array): string {
	const digits = Array.from(bytes, (byte) => hex(byte, 2)).join(" ");
	const letters = Array.from(bytes, (byte) =>
		byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".",
	).join("");
	return `${hex(offset, 4)}  ${digits.padEnd(3 * perLine - 1)}  ${letters}`;
}

function hex(value: number, digits: number): string {
	return value.toString(16).padStart(digits, "0");
}
