/* Links and buttons to other pages of the console. */
import Button, {type ButtonProps} from "@cloudscape-design/components/button";
import Link, {type LinkProps} from "@cloudscape-design/components/link";
import type {ReactNode} from "react";
import {followLink, href, navigate} from "~/shell/location";

export function RouteLink({to, children, ...more}: {to: string; children: ReactNode} & LinkProps) {
	return (
		<Link href={href(to)} onFollow={followLink} {...more}>
			{children}
		</Link>
	);
}

/* A link has its own place in a browser's history, and can be opened in a tab of its own. */
export function RouteButton({to, ...more}: {to: string} & ButtonProps) {
	return (
		<Button
			href={href(to)}
			onClick={(event) => {
				const {ctrlKey, metaKey, shiftKey} = event.detail;
				if (ctrlKey || metaKey || shiftKey) return;
				event.preventDefault();
				navigate(to);
			}}
			{...more}
		/>
	);
}
