import assert from "node:assert/strict";
import {test} from "node:test";
import {hexDump} from "./hex";

test("bytes are shown with their offsets and letters", () => {
	const bytes = Uint8Array.from("GET / HTTP/1.1\r\nHost", (sign) => sign.charCodeAt(0));
	assert.equal(
		hexDump(bytes),
		"0000  47 45 54 20 2f 20 48 54 54 50 2f 31 2e 31 0d 0a  GET / HTTP/1.1..\n" +
			"0010  48 6f 73 74                                      Host",
	);
	assert.equal(hexDump(new Uint8Array()), "");
});
