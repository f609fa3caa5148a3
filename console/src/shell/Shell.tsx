/* The frame around every page: bar, menu, trail, notices and help.
 *
 * The frame never goes away; only the page inside changes, loaded when first visited.  The menu and the trail are read
 * off the table of pages (pages/routes.ts). */
import AppLayout from "@cloudscape-design/components/app-layout";
import BreadcrumbGroup from "@cloudscape-design/components/breadcrumb-group";
import ErrorBoundary from "@cloudscape-design/components/error-boundary";
import Flashbar from "@cloudscape-design/components/flashbar";
import SideNavigation, {
	type SideNavigationProps,
} from "@cloudscape-design/components/side-navigation";
import {type ReactNode, Suspense, useState} from "react";
import {useConnected} from "~/data/connection";
import {Loading} from "~/kit/Loading";
import {findRoute, menu, type Route, trailOf} from "~/pages/routes";
import {HelpContext} from "./help";
import {followLink, href, usePath} from "./location";
import {dismiss, useNotices} from "./notices";
import {TopBar} from "./TopBar";

export function Shell() {
	const path = usePath();
	const {route, parameters} = findRoute(path);
	const [help, setHelp] = useState<ReactNode>();
	const [helpOpen, setHelpOpen] = useState(false);
	return (
		<>
			<TopBar />
			<AppLayout
				headerSelector="#bar"
				navigation={<Menu route={route} />}
				breadcrumbs={<Trail route={route} parameters={parameters} />}
				notifications={<Notices />}
				tools={help}
				toolsHide={!help}
				toolsOpen={helpOpen}
				onToolsChange={({detail}) => setHelpOpen(detail.open)}
				stickyNotifications
				contentType={route.contentType ?? "default"}
				content={
					<HelpContext.Provider value={setHelp}>
						<ErrorBoundary
							key={path}
							onError={({error}) => console.error(error)}
						>
							<Suspense fallback={<Loading />}>
								<route.Page
									parameters={parameters}
									key={path}
								/>
							</Suspense>
						</ErrorBoundary>
					</HelpContext.Provider>
				}
			/>
		</>
	);
}

function Menu({route}: {route: Route}) {
	const items = menu().flatMap<SideNavigationProps.Item>(({section, routes}) => {
		const links = routes.map((row) => ({
			type: "link" as const,
			text: row.title,
			href: href(row.path),
		}));
		return section ? [{type: "section-group", title: section, items: links}] : links;
	});
	const shown = trailOf(route).find((row) => row.section !== undefined);
	return (
		<SideNavigation
			header={{text: "Traffic Mirror", href: href("/")}}
			items={items}
			activeHref={href((shown ?? route).path)}
			onFollow={followLink}
		/>
	);
}

function Trail({route, parameters}: {route: Route; parameters: Record<string, string>}) {
	const items = trailOf(route).map((row) => ({
		text: row.path.includes(":") ? nameOfStep(row, parameters) : row.title,
		href: href(fill(row.path, parameters)),
	}));
	if (route.path !== "/") items.unshift({text: "Traffic Mirror", href: href("/")});
	return <BreadcrumbGroup items={items} onFollow={followLink} ariaLabel="Where you are" />;
}

/* An object's step shows its name, where the address has it, or its id; what is done with an object shows the deed. */
function nameOfStep(row: Route, parameters: Record<string, string>): string {
	const last = row.path.split("/").pop()!;
	if (!last.startsWith(":")) return row.title;
	return parameters["name"] ?? parameters[last.slice(1)] ?? row.title;
}

function fill(path: string, parameters: Record<string, string>): string {
	return path.replace(/:(\w+)/g, (_, name: string) =>
		encodeURIComponent(parameters[name] ?? ""),
	);
}

function Notices() {
	const notices = useNotices();
	const connected = useConnected();
	const lost = {
		id: "connection",
		type: "warning" as const,
		loading: true,
		content: "The controller does not answer. What you see is as of before; it goes on by itself.",
	};
	const items = notices.map((notice) => ({
		id: String(notice.id),
		type: notice.type,
		content: notice.text,
		loading: notice.running,
		dismissible: true,
		dismissLabel: "Dismiss",
		onDismiss: () => dismiss(notice.id),
	}));
	return <Flashbar stackItems items={connected ? items : [lost, ...items]} />;
}
