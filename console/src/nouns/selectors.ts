/* Selectors: mirroring by tag.  A selector is a session's settings with a choice of interfaces in the source's place; what
 * it makes are sessions like any other, which only it changes and ends. */
import {type Parameters, query, queryAll} from "~/api/query";
import {refusal} from "~/api/problem";
import type {Query} from "~/data/cache";
import type {TagFilter} from "~/text/tag-filters";
import type {Session} from "./sessions";
import type {Tag} from "./tags";

/* As DescribeTrafficMirrorSelectors answers; all texts. */
export interface Selector extends Pick<
	Session,
	| "trafficMirrorTargetId"
	| "trafficMirrorFilterId"
	| "ownerId"
	| "packetLength"
	| "sessionNumber"
	| "description"
	| "extension"
> {
	trafficMirrorSelectorId: string;
	tagFilterSet: {key: string; valueSet: string[]}[];
	virtualNetworkId?: string; // Without one, each session has its own.
	state: string;
	sessionCount: string;
	refusalCount: string;
	createTime: string;
	tagSet?: Tag[];
}

/* An interface that should be mirrored and cannot be. */
export interface Refusal {
	trafficMirrorSelectorId: string;
	networkInterfaceId: string;
	reason: string;
	since: string;
}

const action = "DescribeTrafficMirrorSelectors";
const set = "trafficMirrorSelectorSet";
const pace = 5000; // What is selected follows tags and hosts, not only who changes a selector.

export const selectorsQuery: Query<Selector[]> = {
	key: "selectors",
	kinds: ["selector", "session", "tag"],
	every: pace,
	fetch: (signal) => queryAll(action, set, {}, signal),
};

export function selectorQuery(id: string): Query<Selector> {
	return {
		...selectorsQuery,
		key: `selector ${id}`,
		fetch: async (signal) =>
			(await selectorsQuery.fetch(signal)).find(
				(selector) => selector.trafficMirrorSelectorId === id,
			) ?? gone(id),
	};
}

export const refusalsQuery: Query<Refusal[]> = {
	key: "selector refusals",
	kinds: ["selector", "session", "source", "tag"],
	every: pace,
	fetch: (signal) =>
		queryAll(
			"DescribeTrafficMirrorSelectorRefusals",
			"trafficMirrorSelectorRefusalSet",
			{},
			signal,
		),
};

export async function createSelector(parameters: Parameters): Promise<string> {
	const answer = await query<{trafficMirrorSelector: Selector}>(
		"CreateTrafficMirrorSelector",
		parameters,
	);
	return answer.trafficMirrorSelector.trafficMirrorSelectorId;
}

export function modifySelector(id: string, parameters: Parameters): Promise<unknown> {
	return query("ModifyTrafficMirrorSelector", {TrafficMirrorSelectorId: id, ...parameters});
}

export function deleteSelector(id: string): Promise<unknown> {
	return query("DeleteTrafficMirrorSelector", {TrafficMirrorSelectorId: id});
}

export function pauseSelector(id: string, paused: boolean): Promise<unknown> {
	return modifySelector(id, {"Extension.Paused": paused});
}

export function tagFiltersOf({tagFilterSet}: Selector): TagFilter[] {
	return tagFilterSet.map(({key, valueSet}) => ({key, values: valueSet}));
}

export function isSettling({state}: Selector): boolean {
	return state !== "active";
}

function gone(id: string): never {
	throw refusal(
		"InvalidTrafficMirrorSelectorId.NotFound",
		`The selector ${id} does not exist.`,
		action,
	);
}
