/* Hosts whose agents have reported, and whether they do what they are to. */
import {query, queryAll} from "~/api/query";
import type {Query} from "~/data/cache";
import {gone} from "./balancing";

/* As DescribeTrafficMirrorHosts answers; all texts. */
export interface Host {
	hostName: string;
	instanceId: string;
	connected: string;
	agentVersion?: string;
	kernelVersion?: string;
	firstReport: string;
	lastReport: string;
	wantedRevision: string;
	appliedRevision: string;
	reattachments: string;
	lastReattachment?: {time: string; deviceName: string; reason: string};
}

export const hostsQuery: Query<Host[]> = {
	key: "hosts",
	kinds: ["host"],
	every: 10_000, // When a host was last heard of is no change that the feed tells.
	fetch: (signal) =>
		queryAll("DescribeTrafficMirrorHosts", "trafficMirrorHostSet", {}, signal),
};

export function hostQuery(name: string): Query<Host> {
	return {
		...hostsQuery,
		key: `host ${name}`,
		every: 2000,
		fetch: async (signal) => {
			const Filter = [{Name: "host-name", Value: [name]}];
			const found = await queryAll<Host>(
				"DescribeTrafficMirrorHosts",
				"trafficMirrorHostSet",
				{Filter},
				signal,
			);
			return found[0] ?? gone("host", "DescribeTrafficMirrorHosts");
		},
	};
}

export function isConnected(host: Host): boolean {
	return host.connected === "true";
}

export function isBehind(host: Host): boolean {
	return host.wantedRevision !== host.appliedRevision;
}

export function deleteHost(name: string): Promise<unknown> {
	return query("DeleteTrafficMirrorHost", {HostName: name});
}
