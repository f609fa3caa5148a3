/* Our own client of the Query API, for what AWS's SDK does not know: the actions and parameters of docs/extensions.md.
 *
 * A request is a form, signed as any other; the answer is XML, handed back as texts, lists and objects (text/xml.ts). */
import {Sha256} from "@aws-crypto/sha256-js";
import {HttpRequest} from "@smithy/protocol-http";
import {SignatureV4} from "@smithy/signature-v4";
import {getSignedIn, type Keys} from "./keys";
import {type Answer, readXml} from "~/text/xml";
import {type Problem, refusal, unreachable} from "./problem";

export interface Service {
	name: string; // As signatures name it.
	version: string;
	listWord: string; // Between a list's name and its index.
}

export const services = {
	ec2: {name: "ec2", version: "2016-11-15", listWord: ""},
	iam: {name: "iam", version: "2010-05-08", listWord: "member."},
	sts: {name: "sts", version: "2011-06-15", listWord: "member."},
	monitoring: {name: "monitoring", version: "2010-08-01", listWord: "member."},
	cloudtrail: {name: "cloudtrail", version: "2013-11-01", listWord: "member."},
	balancing: {name: "elasticloadbalancing", version: "2015-12-01", listWord: "member."},
} as const satisfies Record<string, Service>;

export type Parameter = string | number | boolean | undefined | Parameter[] | Parameters;
export interface Parameters {
	[name: string]: Parameter;
}

const plainHeaders = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"};

export async function query<T>(
	action: string,
	parameters: Parameters = {},
	options: {service?: Service; keys?: Keys; unsigned?: boolean; signal?: AbortSignal} = {},
): Promise<T> {
	const service = options.service ?? services.ec2;
	const keys = options.keys ?? getSignedIn()?.keys;
	if (!keys && !options.unsigned)
		throw refusal("AuthFailure", "Nobody is signed in.", action);

	const form = new URLSearchParams({Action: action, Version: service.version});
	for (const [name, value] of flatten(parameters, service.listWord)) form.append(name, value);
	const body = form.toString();
	const headers = keys && !options.unsigned ? await sign(body, service, keys) : plainHeaders;
	const response = await fetch(location.origin + "/", {
		method: "POST",
		headers,
		body,
		signal: options.signal,
	}).catch((error: unknown) => {
		if (error instanceof DOMException && error.name === "AbortError") throw error;
		throw unreachable(action);
	});
	const answer = read(await response.text());
	if (!response.ok || answer === undefined) throw refusalOf(answer, response.status, action);
	return answer as T;
}

/* All pages of a Describe… action, one behind the other; 'set' is the answer's list. */
export async function queryAll<T>(
	action: string,
	set: string,
	parameters: Parameters = {},
	signal?: AbortSignal,
	pageSize = 1000,
): Promise<T[]> {
	const items: T[] = [];
	let token: string | undefined;
	do {
		const page = await query<{[name: string]: T[] | string | undefined}>(
			action,
			{...parameters, MaxResults: pageSize, NextToken: token},
			{signal},
		);
		items.push(...((page[set] as T[] | undefined) ?? []));
		token = (page["nextToken"] as string | undefined) || undefined;
	} while (token);
	return items;
}

/* The form's fields of nested parameters: {Filter: [{Name: "x", Value: ["y"]}]} is Filter.1.Name, Filter.1.Value.1. */
export function flatten(parameters: Parameters, listWord = "", prefix = ""): [string, string][] {
	return Object.entries(parameters).flatMap(([name, value]) =>
		flattenValue(prefix + name, value, listWord),
	);
}

function flattenValue(name: string, value: Parameter, listWord: string): [string, string][] {
	if (value === undefined) return [];
	if (Array.isArray(value))
		return value.flatMap((item, i) =>
			flattenValue(`${name}.${listWord}${i + 1}`, item, listWord),
		);
	if (typeof value === "object") return flatten(value, listWord, `${name}.`);
	return [[name, String(value)]];
}

async function sign(body: string, service: Service, keys: Keys) {
	const signer = new SignatureV4({
		service: service.name,
		region: keys.region,
		credentials: keys,
		sha256: Sha256,
	});
	const signed = await signer.sign(
		new HttpRequest({
			method: "POST",
			protocol: location.protocol,
			hostname: location.hostname,
			path: "/",
			headers: {host: location.host, ...plainHeaders},
			body,
		}),
	);
	const {host: _, ...headers} = signed.headers; // Browsers send it themselves.
	return headers;
}

function refusalOf(answer: Answer | undefined, status: number, action: string): Problem {
	const error = findError(answer);
	return refusal(
		error?.Code ?? (status === 503 ? "ServiceUnavailable" : `Status${status}`),
		error?.Message ?? `The controller answered with status ${status}.`,
		action,
	);
}

/* EC2 has <Response><Errors><Error>, the others have <ErrorResponse><Error>. */
function findError(answer: Answer | undefined): {Code?: string; Message?: string} | undefined {
	const outer = answer as {Errors?: {Error?: object}; Error?: object} | undefined;
	return outer?.Errors?.Error ?? outer?.Error;
}

/* Whoever stands before the controller may answer in a language of his own. */
function read(text: string): Answer | undefined {
	try {
		return readXml(text);
	} catch {
		return undefined;
	}
}
