/* Packets as a file for other tools: pcapng, the blocks of docs/extensions.md, one interface with times in nanoseconds. */

export interface Frame {
	seconds: number;
	nanoseconds: number;
	length: number; // On the wire; there may be fewer bytes.
	bytes: Uint8Array;
}

const sectionBlock = 0x0a0d0d0a;
const interfaceBlock = 1;
const packetBlock = 6;
const ethernet = 1;
const timeResolution = 9;
const unknownLength = 0xffffffff;

export function writePcapng(frames: readonly Frame[]): Uint8Array<ArrayBuffer> {
	const blocks = [
		writeBlock(sectionBlock, [0x1a2b3c4d, 1, unknownLength, unknownLength]),
		writeBlock(interfaceBlock, [ethernet, 0, timeResolution | (1 << 16), 9, 0]),
		...frames.map(writeFrame),
	];
	const file = new Uint8Array(blocks.reduce((sum, {length}) => sum + length, 0));
	let offset = 0;
	for (const block of blocks) {
		file.set(block, offset);
		offset += block.length;
	}
	return file;
}

/* What base64 stands for; no more than the text says. */
export function readBase64(text: string): Uint8Array {
	return Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
}

/* A time in nanoseconds is more than a number holds. */
function writeFrame({seconds, nanoseconds, length, bytes}: Frame) {
	const time = BigInt(seconds) * 1_000_000_000n + BigInt(nanoseconds);
	const words = [0, Number(time >> 32n), Number(time & 0xffffffffn), bytes.length, length];
	return writeBlock(packetBlock, words, bytes);
}

/* Type and length, the words, the bytes filled up to whole words, and the length once more. */
function writeBlock(type: number, words: number[], bytes: Uint8Array = new Uint8Array()) {
	const start = 4 * (2 + words.length);
	const length = start + 4 * Math.ceil(bytes.length / 4) + 4;
	const block = new Uint8Array(length);
	const view = new DataView(block.buffer);
	for (const [i, word] of [type, length, ...words].entries())
		view.setUint32(4 * i, word, true);
	block.set(bytes, start);
	view.setUint32(length - 4, length, true);
	return block;
}
