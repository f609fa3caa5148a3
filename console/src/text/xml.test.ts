import assert from "node:assert/strict";
import {test} from "node:test";
import {readXml} from "./xml";

test("elements become texts, lists and objects", () => {
	const answer = readXml(
		'<?xml version="1.0" encoding="UTF-8"?>\n' +
			'<R xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>7</requestId>' +
			"<sessionSet><item><id>a</id><tagSet/></item><item><id>b</id><tagSet></tagSet></item></sessionSet>" +
			"<users><member>x</member><member>y</member></users><none/></R>\n",
	);
	assert.deepEqual(answer, {
		requestId: "7",
		sessionSet: [
			{id: "a", tagSet: []},
			{id: "b", tagSet: []},
		],
		users: ["x", "y"],
		none: "",
	});
});

test("what people typed comes back as they typed it", () => {
	const answer = readXml(
		"<R><d>&lt;img onerror=&quot;x&quot;&gt; &amp;amp; &#65;&#x1F600; ü</d></R>",
	);
	assert.deepEqual(answer, {d: '<img onerror="x"> &amp; A😀 ü'});
});

test("spaces between elements are nothing, and those of a text stay", () => {
	assert.deepEqual(readXml("<R>\n  <a> b </a>\n</R>"), {a: " b "});
});

for (const text of [
	"",
	"no",
	"<R>",
	"<R></S>",
	"</R>",
	"<R/><R/>",
	"<R><a></R></a>",
	"<R>a < b</R>",
])
	test(`${JSON.stringify(text)} is no answer`, () => assert.throws(() => readXml(text)));
