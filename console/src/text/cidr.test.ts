import assert from "node:assert/strict";
import {test} from "node:test";
import {checkAddress, checkAddressBlock} from "./cidr";

for (const block of [
	"0.0.0.0/0",
	"10.0.0.0/8",
	"192.0.2.1/32",
	"::/0",
	"fd00::/8",
	"2001:db8::1/128",
	"::ffff:192.0.2.0/120",
	"1:2:3:4:5:6:7:8/128",
])
	test(`${block} is a block`, () => assert.equal(checkAddressBlock(block), undefined));

const wrong: [text: string, complaint: RegExp][] = [
	["10.0.0.0", /such as/],
	["", /such as/],
	["10.0.0/8", /is not an IP address/],
	["10.0.0.256/8", /is not an IP address/],
	["010.0.0.0/8", /is not an IP address/],
	["10.0.0.0/33", /from 0 to 32/],
	["10.0.0.0/-1", /from 0 to 32/],
	["10.0.0.0/8/9", /such as/],
	["10.1.2.3/8", /the block is 10\.0\.0\.0\/8\./],
	["1.2.3.4/0", /the block is 0\.0\.0\.0\/0\./],
	["fd00::/129", /from 0 to 128/],
	["fd00:::1/8", /is not an IP address/],
	["1::2::3/8", /is not an IP address/],
	["1:2:3:4:5:6:7/8", /is not an IP address/],
	["1:2:3:4:5:6:7::8/8", /is not an IP address/],
	["12345::/16", /is not an IP address/],
	["fd00::1/8", /the block is fd00::\/8\./],
	["2001:db8:0:1:0:0:0:1/64", /the block is 2001:db8:0:1::\/64\./],
	["::1/0", /the block is ::\/0\./],
];

for (const [text, complaint] of wrong)
	test(`“${text}” is refused`, () => assert.match(checkAddressBlock(text) ?? "", complaint));

test("an address has no length", () => {
	assert.equal(checkAddress("192.0.2.1"), undefined);
	assert.equal(checkAddress("::1"), undefined);
	assert.match(checkAddress("::1/128") ?? "", /not an IP address/);
});
