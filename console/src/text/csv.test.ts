import assert from "node:assert/strict";
import {test} from "node:test";
import {writeCsv} from "./csv";

test("commas, quotes and line ends are kept apart from the table's own", () => {
	assert.equal(
		writeCsv([
			["a,b", 'say "x"', undefined],
			[1.5, "two\nlines", -2],
		]),
		'"a,b","say ""x""",\r\n1.5,"two\nlines",-2\r\n',
	);
});

test("nothing is a formula", () => {
	assert.equal(writeCsv([["=1+1", "@x", "-y", "+z"]]), "'=1+1,'@x,'-y,'+z\r\n");
});
