/* What was done or went wrong, told above the page until the user has read it. */
import {useSyncExternalStore} from "react";
import {watchSignedIn} from "~/api/keys";

export interface Notice {
	id: number;
	type: "success" | "error" | "warning" | "info";
	text: string;
	running?: boolean;
}

const mostNotices = 5;
const readingTime = 8000;
const listeners = new Set<() => void>();
let notices: readonly Notice[] = [];
let lastId = 0;

watchSignedIn(() => setNotices([])); // What one did is nothing for the next one to read.

export function notify(type: Notice["type"], text: string): void {
	const notice = {id: ++lastId, type, text};
	setNotices([notice, ...notices].slice(0, mostNotices));
	if (type === "success") setTimeout(() => dismiss(notice.id), readingTime);
}

/* Of something that takes its time: how to say how far it is, and that it is over. */
export function notifyProgress(text: string): {tell(text: string): void; end(): void} {
	const id = ++lastId;
	const put = (now: string) => ({id, type: "info" as const, text: now, running: true});
	setNotices([put(text), ...notices].slice(0, mostNotices));
	return {
		tell: (now) =>
			setNotices(notices.map((notice) => (notice.id === id ? put(now) : notice))),
		end: () => dismiss(id),
	};
}

export function dismiss(id: number): void {
	setNotices(notices.filter((notice) => notice.id !== id));
}

export function useNotices(): readonly Notice[] {
	return useSyncExternalStore(
		(listener) => {
			listeners.add(listener);
			return () => listeners.delete(listener);
		},
		() => notices,
	);
}

function setNotices(next: readonly Notice[]): void {
	notices = next;
	for (const listener of listeners) listener();
}
