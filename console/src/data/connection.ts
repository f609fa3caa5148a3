/* Whether the controller answers, and what happens when it no longer does, or does again.
 *
 * One lost request makes the connection lost; from then on a small file is asked for at growing intervals, and when it
 * comes everything on the page is fetched anew.  Keys that are no longer taken end the sign-in. */
import {useSyncExternalStore} from "react";
import {signOut} from "~/api/keys";
import type {Problem} from "~/api/problem";

const firstPause = 1000;
const longestPause = 15_000;
const listeners = new Set<() => void>();
const healers = new Set<() => void>();
let connected = true;

export function useConnected(): boolean {
	return useSyncExternalStore(watchConnection, () => connected);
}

/* Calls back each time the connection has come back. */
export function onHealed(healer: () => void): () => void {
	healers.add(healer);
	return () => healers.delete(healer);
}

export function reportOutcome(problem: Problem | undefined): void {
	if (problem?.kind === "signed-out") signOut(problem.message);
	else if (problem?.kind === "offline") lose();
}

function watchConnection(listener: () => void): () => void {
	listeners.add(listener);
	return () => listeners.delete(listener);
}

function lose(): void {
	if (!connected) return;
	setConnected(false);
	probeLater(firstPause);
}

function probeLater(pause: number): void {
	setTimeout(async () => {
		if (await probe()) heal();
		else probeLater(Math.min(2 * pause, longestPause));
	}, pause);
}

async function probe(): Promise<boolean> {
	try {
		const file = `${import.meta.env.BASE_URL}icon.svg`;
		const response = await fetch(file, {method: "HEAD", cache: "no-store"});
		return response.ok;
	} catch {
		return false;
	}
}

function heal(): void {
	setConnected(true);
	for (const healer of healers) healer();
}

function setConnected(value: boolean): void {
	connected = value;
	for (const listener of listeners) listener();
}
