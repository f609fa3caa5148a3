/* What the nouns of load balancing have in common: answers wrapped in results, pages by markers, and ARNs.
 *
 * Weights, flows and two of the checks are ours, so the requests go by our own client. */
import {type Parameters, query, services} from "~/api/query";
import {refusal} from "~/api/problem";

/* An element without children reads as a text. */
export type Listed<T> = T[] | "";

type Result<T> = {[set: string]: Listed<T>} & {NextMarker?: string};

const pageSize = 400;

export async function callBalancing<T>(
	action: string,
	parameters: Parameters = {},
	signal?: AbortSignal,
): Promise<T> {
	const answer = await query<{[result: string]: T}>(action, parameters, {
		service: services.balancing,
		signal,
	});
	return answer[`${action}Result`]!;
}

export async function listBalancing<T>(
	action: string,
	set: string,
	parameters: Parameters,
	signal?: AbortSignal,
): Promise<T[]> {
	const items: T[] = [];
	let Marker: string | undefined;
	do {
		const page = await callBalancing<Result<T>>(
			action,
			{...parameters, PageSize: pageSize, Marker},
			signal,
		);
		items.push(...listOf(page[set] as Listed<T> | undefined));
		Marker = page.NextMarker || undefined;
	} while (Marker);
	return items;
}

export function listOf<T>(answered: Listed<T> | undefined): T[] {
	return Array.isArray(answered) ? answered : [];
}

/* What an object with this ARN is called: "arn:…:targetgroup/ids/50dc" is "ids". */
export function arnName(arn: string): string {
	return arn.split("/").at(-2) ?? arn;
}

export function gone(noun: string, action: string): never {
	throw refusal("NotFound", `There is no such ${noun}. It may have been deleted.`, action);
}
