/* An object's id, as a link to its page and with its name beside it. */
import type {Tag} from "~/nouns/tags";
import {nameTag} from "~/nouns/tags";
import {RouteLink} from "./RouteLink";

/* Ids tell by their beginning which kind of object they are of, and so where its page is. */
const pages: [prefix: string, path: string][] = [
	["tms-", "/sessions/"],
	["tmsel-", "/selectors/"],
	["tmfr-", ""],
	["tmf-", "/filters/"],
	["tmt-", "/targets/"],
	["eni-", "/sources/"],
];

/* What stands in an ARN behind its account; the rest is the page's address. */
const arnPages: [kind: RegExp, path: string][] = [
	[/^arn:.*:loadbalancer\//, "/balancers/"],
	[/^arn:.*:targetgroup\//, "/groups/"],
];

export function pathOf(id: string): string | undefined {
	const arn = arnPages.find(([kind]) => kind.test(id));
	if (arn) return arn[1] + id.replace(arn[0], "");
	const path = pages.find(([prefix]) => id.startsWith(prefix))?.[1];
	return path && path + encodeURIComponent(id);
}

export function Id({id, tags, text: given}: {id?: string; tags?: Tag[]; text?: string}) {
	if (!id) return <>–</>;
	const path = pathOf(id);
	const name = tags && nameTag(tags);
	const text = given ?? (name ? `${name} (${id})` : id);
	return path ? <RouteLink to={path}>{text}</RouteLink> : <>{text}</>;
}
