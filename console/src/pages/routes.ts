/* Every page of the console: one row here, one file beside it.
 *
 * 'section' puts a page into the menu, under that heading ("" for the top).  'parent' is the step before it in the
 * trail.  A page's file has the page as its default export and is loaded when first visited. */
import {type ComponentType, lazy} from "react";
import {Outdated} from "~/kit/Outdated";
import {matchPath} from "~/text/paths";

export interface PageProps {
	parameters: Record<string, string>; // What the path's :names stand for.
}

export interface Route {
	path: string;
	title: string;
	Page: ComponentType<PageProps>;
	section?: string;
	parent?: string;
	contentType?: "default" | "form" | "table" | "wizard" | "cards" | "dashboard";
}

type Load = () => Promise<{default: ComponentType<PageProps>}>;

const mirroring = "Traffic mirroring";
const account = "Account";

const balancing = "Load balancing";

const routes: Route[] = [
	page("/", "Overview", () => import("./overview"), {section: "", contentType: "dashboard"}),
	page("/topology", "Topology", () => import("./topology"), {
		section: "",
		contentType: "dashboard",
	}),
	page("/sessions", "Sessions", () => import("./sessions"), {
		section: mirroring,
		contentType: "table",
	}),
	page("/sessions/create", "Create a session", () => import("./session-create"), {
		parent: "/sessions",
		contentType: "wizard",
	}),
	page("/sessions/:id", "Session", () => import("./session"), {parent: "/sessions"}),
	page("/sessions/:id/modify", "Modify", () => import("./session-modify"), {
		parent: "/sessions/:id",
		contentType: "form",
	}),
	page("/selectors", "Selectors", () => import("./selectors"), {
		section: mirroring,
		contentType: "table",
	}),
	page("/selectors/create", "Create a selector", () => import("./selector-create"), {
		parent: "/selectors",
		contentType: "form",
	}),
	page("/selectors/:id", "Selector", () => import("./selector"), {parent: "/selectors"}),
	page("/selectors/:id/modify", "Modify", () => import("./selector-modify"), {
		parent: "/selectors/:id",
		contentType: "form",
	}),
	page("/sources", "Sources", () => import("./sources"), {
		section: mirroring,
		contentType: "table",
	}),
	page("/sources/:id", "Source", () => import("./source"), {parent: "/sources"}),
	page("/filters", "Filters", () => import("./filters"), {
		section: mirroring,
		contentType: "table",
	}),
	page("/filters/create", "Create a filter", () => import("./filter-create"), {
		parent: "/filters",
		contentType: "form",
	}),
	page("/filters/:id", "Filter", () => import("./filter"), {parent: "/filters"}),
	page("/targets", "Targets", () => import("./targets"), {
		section: mirroring,
		contentType: "table",
	}),
	page("/targets/create", "Create a target", () => import("./target-create"), {
		parent: "/targets",
		contentType: "form",
	}),
	page("/targets/:id", "Target", () => import("./target"), {parent: "/targets"}),
	page("/balancers", "Load balancers", () => import("./balancers"), {
		section: balancing,
		contentType: "table",
	}),
	page("/balancers/create", "Create a load balancer", () => import("./balancer-create"), {
		parent: "/balancers",
		contentType: "form",
	}),
	page("/balancers/:type/:name/:id", "Load balancer", () => import("./balancer"), {
		parent: "/balancers",
	}),
	page("/fleets/create", "Create a fleet", () => import("./fleet-create"), {
		parent: "/balancers",
		contentType: "form",
	}),
	page("/groups", "Target groups", () => import("./groups"), {
		section: balancing,
		contentType: "table",
	}),
	page("/groups/create", "Create a target group", () => import("./group-create"), {
		parent: "/groups",
		contentType: "form",
	}),
	page("/groups/:name/:id", "Target group", () => import("./group"), {parent: "/groups"}),
	page("/hosts", "Hosts", () => import("./hosts"), {
		section: mirroring,
		contentType: "table",
	}),
	page("/hosts/:name", "Host", () => import("./host"), {parent: "/hosts"}),
	page("/groups/:name/:id/modify", "Modify", () => import("./group-modify"), {
		parent: "/groups/:name/:id",
		contentType: "form",
	}),
	page("/events", "Events", () => import("./events"), {
		section: account,
		contentType: "table",
	}),
	page("/events/:id", "Event", () => import("./event"), {parent: "/events"}),
	page("/usage", "Usage and cost", () => import("./usage"), {
		section: account,
		contentType: "dashboard",
	}),
	page("/users", "Users", () => import("./users"), {
		section: account,
		contentType: "table",
	}),
	page("/users/create", "Create a user", () => import("./user-create"), {
		parent: "/users",
		contentType: "form",
	}),
	page("/users/:name", "User", () => import("./user"), {parent: "/users"}),
	page("/settings", "Settings", () => import("./settings"), {
		section: account,
		contentType: "table",
	}),
];

const missing = page("*", "Not found", () => import("./missing"));

export function findRoute(path: string): {route: Route; parameters: Record<string, string>} {
	for (const route of routes) {
		const parameters = matchPath(route.path, path);
		if (parameters) return {route, parameters};
	}
	return {route: missing, parameters: {}};
}

/* From the top to the page itself. */
export function trailOf(route: Route): Route[] {
	const parent = routes.find((row) => row.path === route.parent);
	return parent ? [...trailOf(parent), route] : [route];
}

export function menu(): {section: string; routes: Route[]}[] {
	const sections = [...new Set(routes.flatMap((row) => row.section ?? []))];
	return sections.map((section) => ({
		section,
		routes: routes.filter((row) => row.section === section),
	}));
}

function page(path: string, title: string, load: Load, more: Partial<Route> = {}): Route {
	const loadOrExplain = () => load().catch(() => ({default: Outdated}));
	return {path, title, Page: lazy(loadOrExplain), ...more};
}
