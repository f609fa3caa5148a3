/* Quotas: how much an account may have, and how much of it there is. */
import {query} from "~/api/query";
import type {Query} from "~/data/cache";

export interface Quota {
	name: string;
	value: string;
	default: string;
	maximum: string;
	usage?: string; // Where it is a number per account.
	refused: string; // Requests since the controller's start.
}

export const quotasQuery: Query<Quota[]> = {
	key: "quotas",
	kinds: ["quota", "session", "selector", "filter", "target", "balancer", "endpoint"],
	every: 30_000,
	fetch: (signal) =>
		// The answer has no pages.
		query<{trafficMirrorQuotaSet: Quota[]}>(
			"DescribeTrafficMirrorQuotas",
			{},
			{signal},
		).then(({trafficMirrorQuotaSet}) => trafficMirrorQuotaSet),
};

export interface Refusals {
	accountId: string;
	action: string;
	reason: string;
	count: string;
	firstTime: string;
	lastTime: string;
}

export const refusalsQuery: Query<Refusals[]> = {
	key: "refusals",
	kinds: [],
	every: 10_000,
	fetch: (signal) =>
		query<{trafficMirrorRefusalSet: Refusals[]}>(
			"DescribeTrafficMirrorRefusals",
			{},
			{signal},
		).then(({trafficMirrorRefusalSet}) => trafficMirrorRefusalSet),
};

export function modifyQuota(name: string, value: string): Promise<unknown> {
	return query("ModifyTrafficMirrorQuota", {Name: name, Value: value});
}

export function resetQuota(name: string): Promise<unknown> {
	return query("ResetTrafficMirrorQuota", {Name: name});
}
