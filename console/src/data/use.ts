/* What pages know of the data layer: useQuery() to show something, useChange() to do something. */
import {useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore} from "react";
import type {Problem} from "~/api/problem";
import {keepEqual, type Kind, type Query, readState, refresh, type State, watch} from "./cache";
import {perform} from "./perform";

export interface Shown<T> extends State<T> {
	refresh(): void;
}

const nothing: Query<never> = {key: "", kinds: [], fetch: () => new Promise(() => {})};

/* The query's value as it is now and whenever it changes.  Without a query there is nothing to show yet. */
export function useQuery<T>(query: Query<T> | undefined): Shown<T> {
	const asked = query ?? (nothing as Query<T>);
	// A query is made anew by every rendering; its key says whether it is another one.
	const subscribe = useCallback((told: () => void) => watch(asked, told), [asked.key]);
	const state = useSyncExternalStore(subscribe, () => readState(asked));
	return useMemo(
		() => ({...state, refresh: () => void refresh(asked.key)}),
		[state, asked.key],
	);
}

export interface Change<Arguments extends unknown[]> {
	running: boolean;
	problem?: Problem;
	/* Whether it was done; if not, 'problem' says why. */
	run(...change: Arguments): Promise<boolean>;
	reset(): void;
}

/* A request that changes objects of these kinds; whatever shows them follows. */
export function useChange<Arguments extends unknown[]>(
	change: (...change: Arguments) => Promise<unknown>,
	...kinds: Kind[]
): Change<Arguments> {
	const [state, setState] = useState<{running: boolean; problem?: Problem}>({running: false});
	const run = async (...given: Arguments) => {
		setState({running: true});
		const {problem} = await perform(() => change(...given), ...kinds);
		setState({running: false, problem});
		return !problem;
	};
	return {...state, run, reset: () => setState({running: false})};
}

/* A value put together of others, with the parts that it had before wherever they say the same. */
export function useStable<T>(value: T): T {
	const kept = useRef(value);
	kept.current = keepEqual(kept.current, value);
	return kept.current;
}

/* Whether what has asked is still on the page when an answer comes. */
export function useShown(): {readonly current: boolean} {
	const shown = useRef(true);
	useEffect(() => {
		shown.current = true;
		return () => void (shown.current = false);
	}, []);
	return shown;
}
