import assert from "node:assert/strict";
import {test} from "node:test";
import {readBase64, writePcapng} from "./pcapng";

const words = (file: Uint8Array) =>
	Array.from({length: file.length / 4}, (_, i) =>
		new DataView(file.buffer).getUint32(4 * i, true),
	);

test("a file without packets has a section and an interface", () => {
	assert.deepEqual(words(writePcapng([])), [
		...[0x0a0d0d0a, 28, 0x1a2b3c4d, 1, 0xffffffff, 0xffffffff, 28],
		...[1, 32, 1, 0, 0x10009, 9, 0, 32],
	]);
});

test("a packet has its whole time, its length on the wire, and its bytes up to a whole word", () => {
	const frame = {seconds: 1_800_000_000, nanoseconds: 123_456_789, length: 1500};
	const file = writePcapng([{...frame, bytes: new Uint8Array([1, 2, 3, 4, 5])}]);
	const time = 1_800_000_000_123_456_789n;
	assert.deepEqual(words(file.slice(60)), [
		...[6, 40, 0, Number(time >> 32n), Number(time & 0xffffffffn), 5, 1500],
		...[0x04030201, 5, 40],
	]);
});

test("bytes come out of base64 as they went in", () => {
	const bytes = Uint8Array.from({length: 256}, (_, i) => i);
	assert.deepEqual(readBase64(Buffer.from(bytes).toString("base64")), bytes);
	assert.throws(() => readBase64("no base64!"));
});
