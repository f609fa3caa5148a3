/* Where the user is: the path below /console, and what stands behind the question mark.
 *
 * Every state worth sharing (a page, a tab, a table's filter) is in the address, so a link or a reload shows it again.
 * Paths inside the console are written without the base; href() adds it where a browser will see it. */
import {useSyncExternalStore} from "react";

const base = import.meta.env.BASE_URL.replace(/\/$/, "");
const listeners = new Set<() => void>();

addEventListener("popstate", tell);

export function href(path: string): string {
	return base + path;
}

export function navigate(path: string, options: {replace?: boolean} = {}): void {
	if (options.replace) history.replaceState(null, "", href(path));
	else history.pushState(null, "", href(path));
	if (!options.replace) scrollTo(0, 0);
	tell();
}

export function usePath(): string {
	return useSyncExternalStore(watchLocation, getPath);
}

/* One parameter of the address, and how to change it without leaving the page. */
export function useSearchParameter(name: string): [string, (value: string) => void] {
	const search = useSyncExternalStore(watchLocation, () => location.search);
	const set = (value: string) => {
		const parameters = new URLSearchParams(location.search);
		if (value) parameters.set(name, value);
		else parameters.delete(name);
		const text = parameters.toString();
		navigate(getPath() + (text && `?${text}`), {replace: true});
	};
	return [new URLSearchParams(search).get(name) ?? "", set];
}

/* For links of Cloudscape's components: stays in the console unless the user wants a tab of its own. */
export function followLink(event: {
	detail: {href?: string; external?: boolean};
	preventDefault(): void;
}): void {
	const target = event.detail.href;
	if (!target?.startsWith(`${base}/`) || event.detail.external) return;
	event.preventDefault();
	navigate(target.slice(base.length));
}

function getPath(): string {
	return location.pathname.slice(base.length) || "/";
}

function watchLocation(listener: () => void): () => void {
	listeners.add(listener);
	return () => listeners.delete(listener);
}

function tell(): void {
	for (const listener of listeners) listener();
}
