/* What the API answered, kept by key, so that pages show it at once and follow it while it changes.
 *
 * The one hard idea: a value is replaced only when another one came, never emptied to fetch it again, and a fresh answer
 * that says the same keeps the old object.  So nothing flickers, and nothing is drawn again that has not changed.
 * Whoever watches a key keeps it fresh: its kind of object is told to have changed (changes.ts), or its time is over. */
import {problemOf, type Problem} from "~/api/problem";
import {watchSignedIn} from "~/api/keys";
import {onHealed, reportOutcome} from "./connection";

export interface Query<T> {
	key: string;
	kinds: readonly Kind[]; // Fetched anew when one of these changed.
	every?: number; // And after so many milliseconds, for what changes without anybody's doing.
	fetch(signal: AbortSignal): Promise<T>;
}

/* The kinds of objects that the change feed names. */
export type Kind =
	| "session"
	| "selector"
	| "filter"
	| "target"
	| "source"
	| "host"
	| "balancer"
	| "endpoint"
	| "user"
	| "account"
	| "quota"
	| "event"
	| "tag";

export interface State<T> {
	value?: T;
	problem?: Problem; // Of the last attempt; the value is then the one before.
	loading: boolean;
	fetchedAt?: number;
}

interface Entry {
	query: Query<unknown>;
	state: State<unknown>;
	watchers: Set<() => void>;
	cost: number; // Milliseconds that the last fetch took.
	running?: AbortController;
	settled?: Promise<void>; // When nothing is fetched any more.
	again?: boolean; // Something changed while a fetch was under way.
	timer?: ReturnType<typeof setTimeout>;
}

const entries = new Map<string, Entry>();
const loading: State<never> = {loading: true};
const forgetAfter = 5 * 60_000;

watchSignedIn(forgetAll); // What one may see is not the next one's to see.
onHealed(invalidateAll);

export function readState<T>(query: Query<T>): State<T> {
	return (entries.get(query.key)?.state ?? loading) as State<T>;
}

/* Keeps the query fresh until the returned function is called. */
export function watch<T>(query: Query<T>, watcher: () => void): () => void {
	const entry = entryOf(query as Query<unknown>);
	entry.query = query as Query<unknown>;
	entry.watchers.add(watcher);
	void refreshEntry(entry);
	return () => unwatch(entry, watcher);
}

/* Done when the value is at least as new as this call. */
export function refresh(key: string): Promise<void> {
	const entry = entries.get(key);
	return entry ? refreshEntry(entry) : Promise.resolve();
}

/* Fetches what is watched of these kinds anew, and forgets what is not. */
export function invalidate(...kinds: Kind[]): void {
	for (const entry of [...entries.values()])
		if (entry.query.kinds.some((kind) => kinds.includes(kind))) renew(entry);
}

export function invalidateAll(): void {
	for (const entry of [...entries.values()]) renew(entry);
}

export function forgetAll(): void {
	for (const entry of entries.values()) {
		entry.running?.abort();
		clearTimeout(entry.timer);
	}
	entries.clear();
}

function entryOf(query: Query<unknown>): Entry {
	let entry = entries.get(query.key);
	if (!entry) {
		entry = {query, state: loading, watchers: new Set(), cost: 0};
		entries.set(query.key, entry);
	}
	return entry;
}

function unwatch(entry: Entry, watcher: () => void): void {
	entry.watchers.delete(watcher);
	if (entry.watchers.size > 0) return;
	clearTimeout(entry.timer);
	entry.timer = setTimeout(() => drop(entry), forgetAfter);
}

function drop(entry: Entry): void {
	entry.running?.abort();
	clearTimeout(entry.timer);
	if (entries.get(entry.query.key) === entry) entries.delete(entry.query.key);
}

function renew(entry: Entry): void {
	if (entry.watchers.size > 0) void refreshEntry(entry);
	else drop(entry);
}

function refreshEntry(entry: Entry): Promise<void> {
	if (!entry.running) return (entry.settled = fetchEntry(entry));
	entry.again = true;
	return entry.settled!;
}

/* Once more whenever something changed meanwhile. */
async function fetchEntry(entry: Entry): Promise<void> {
	clearTimeout(entry.timer);
	const running = (entry.running = new AbortController());
	do {
		entry.again = false;
		const start = performance.now();
		const next = await attempt(entry, running.signal);
		if (running.signal.aborted) return;
		entry.cost = performance.now() - start;
		publish(entry, next);
	} while (entry.again);
	entry.running = undefined;
	schedule(entry);
}

async function attempt(entry: Entry, signal: AbortSignal): Promise<State<unknown>> {
	const {query, state} = entry;
	try {
		const value = await query.fetch(signal);
		if (!signal.aborted) reportOutcome(undefined);
		return {
			value: keepEqual(state.value, value),
			loading: false,
			fetchedAt: Date.now(),
		};
	} catch (error) {
		const problem = problemOf(error, query.key);
		if (!signal.aborted) reportOutcome(problem);
		return {
			...state,
			problem,
			loading: problem.kind === "offline" && state.value === undefined,
		};
	}
}

function publish(entry: Entry, next: State<unknown>): void {
	const {state} = entry;
	const same =
		next.value === state.value &&
		next.problem === state.problem &&
		next.loading === state.loading;
	if (same) state.fetchedAt = next.fetchedAt;
	else entry.state = next;
	if (!same) for (const watcher of [...entry.watchers]) watcher();
}

/* What is expensive to ask for is asked less often, so that a console open all day stays cheap. */
function schedule(entry: Entry): void {
	if (entry.watchers.size === 0) return;
	const pause = Math.max(entry.query.every ?? 0, 10 * entry.cost);
	if (!entry.query.every) return;
	entry.timer = setTimeout(() => {
		if (document.visibilityState === "visible") void refreshEntry(entry);
		else schedule(entry);
	}, pause);
}

/* The old value's parts wherever the new ones say the same. */
export function keepEqual<T>(old: unknown, fresh: T): T {
	if (Object.is(old, fresh)) return fresh;
	if (Array.isArray(fresh)) return keepEqualList(old, fresh) as T;
	if (isPlain(fresh) && isPlain(old)) return keepEqualObject(old, fresh) as T;
	if (fresh instanceof Date && old instanceof Date && +fresh === +old) return old as T;
	return fresh;
}

function keepEqualList(old: unknown, fresh: unknown[]): unknown[] {
	if (!Array.isArray(old)) return fresh;
	const kept = fresh.map((item, i) => keepEqual(old[i], item));
	const same = old.length === kept.length && kept.every((item, i) => item === old[i]);
	return same ? old : kept;
}

function keepEqualObject(old: Record<string, unknown>, fresh: Record<string, unknown>) {
	const names = Object.keys(fresh);
	const kept = Object.fromEntries(
		names.map((name) => [name, keepEqual(old[name], fresh[name])]),
	);
	const same =
		names.length === Object.keys(old).length &&
		names.every((name) => kept[name] === old[name]);
	return same ? old : kept;
}

function isPlain(value: unknown): value is Record<string, unknown> {
	return (
		typeof value === "object" &&
		value !== null &&
		Object.getPrototypeOf(value) === Object.prototype
	);
}
