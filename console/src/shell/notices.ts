/* What was done or went wrong, told above the page until the user has read it. */
import {useSyncExternalStore} from "react";

export interface Notice {
	id: number;
	type: "success" | "error" | "warning" | "info";
	text: string;
}

const mostNotices = 5;
const readingTime = 8000;
const listeners = new Set<() => void>();
let notices: readonly Notice[] = [];
let lastId = 0;

export function notify(type: Notice["type"], text: string): void {
	const notice = {id: ++lastId, type, text};
	setNotices([notice, ...notices].slice(0, mostNotices));
	if (type === "success") setTimeout(() => dismiss(notice.id), readingTime);
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
