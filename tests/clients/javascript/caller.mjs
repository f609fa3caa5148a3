// SPDX-License-Identifier: Apache-2.0
/* The AWS SDK for JavaScript, unmodified, at a test's command: a line of JSON asks, a line of JSON answers.
 *
 *	{"service": "EC2", "verb": "send", "command": "DescribeVpcs", "input": {…}, "client": {…}}
 *	{"result": …}   or   {"error": {"name": …, "message": …, "status": …, "attempts": …, "requestId": …}}
 *
 * "client" is what the client is made with; one is kept for each that was asked for, as programs do.  The verbs are the
 * ways in which the SDK is used: a command, a paginator with all its pages, a waiter until it is content, and a URL
 * signed in advance. */
import * as EC2 from "@aws-sdk/client-ec2";
import * as ELB from "@aws-sdk/client-elastic-load-balancing-v2";
import * as IAM from "@aws-sdk/client-iam";
import * as STS from "@aws-sdk/client-sts";
import { Sha256 } from "@aws-crypto/sha256-js";
import { HttpRequest } from "@smithy/protocol-http";
import { SignatureV4 } from "@smithy/signature-v4";
import { createInterface } from "node:readline";

const ELBV2 = { ...ELB, ELBV2Client: ELB.ElasticLoadBalancingV2Client };
const sdk = { EC2, ELBV2, IAM, STS };
const clients = new Map();

function clientOf({ service, client: options }) {
	const key = service + JSON.stringify(options);

	if (!clients.has(key))
		clients.set(key, new sdk[service][`${service}Client`](options));
	return clients.get(key);
}

const verbs = {
	async send(request) {
		const { $metadata, ...answer } = await clientOf(request).send(
			new sdk[request.service][`${request.command}Command`](request.input));

		return { ...answer, attempts: $metadata.attempts, requestId: $metadata.requestId };
	},

	async paginate(request) {
		const pages = [];
		const paginate = sdk[request.service][`paginate${request.command}`];

		for await (const { $metadata, ...page } of paginate(
			{ client: clientOf(request), pageSize: request.pageSize }, request.input))
			pages.push(page);
		return pages;
	},

	async wait(request) {
		const wait = sdk[request.service][`waitUntil${request.command}`];
		const { state } = await wait(
			{ client: clientOf(request), maxWaitTime: 10, minDelay: 1 }, request.input);

		return state;
	},

	async presign({ service, client, query, expiresIn }) {
		const url = new URL(client.endpoint);
		const signer = new SignatureV4({
			credentials: client.credentials, region: client.region,
			service: service.toLowerCase(), sha256: Sha256,
		});
		const signed = await signer.presign(
			new HttpRequest({
				method: "GET", protocol: url.protocol, hostname: url.hostname,
				port: Number(url.port), path: "/", query, headers: { host: url.host },
			}), { expiresIn });
		const fields = new URLSearchParams(signed.query);

		return `${url.origin}/?${fields.toString().replaceAll("+", "%20")}`;
	},
};

for await (const line of createInterface({ input: process.stdin })) {
	const request = JSON.parse(line);
	let answer;

	try {
		answer = { result: await verbs[request.verb](request) };
	} catch (error) {
		answer = { error: {
			name: error.Code ?? error.Error?.Code ?? error.name, message: error.message,
			status: error.$metadata?.httpStatusCode, attempts: error.$metadata?.attempts,
			requestId: error.$metadata?.requestId,
		} };
	}
	process.stdout.write(`${JSON.stringify(answer)}\n`);
}
