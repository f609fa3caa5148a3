/* The one-time link by which one signs in, whenever its address is opened: also in a tab where the console is open.
 *
 * The code stands behind the #, which browsers send to nobody; it is taken out of the address at once.  Whoever was signed in
 * goes, so that nobody goes on as another than the link is for. */
import {useSyncExternalStore} from "react";
import {linkCodeOf} from "~/text/link-code";
import {signIn, signOut} from "./keys";
import {type Problem, problemOf} from "./problem";
import {redeemLink} from "./sign-in";

export interface LinkState {
	running: boolean;
	problem?: Problem; // Why the last link did not sign in.
}

const listeners = new Set<() => void>();
let state: LinkState = {running: false};

export function followLinks(): void {
	addEventListener("hashchange", () => void follow());
	void follow();
}

export function useLink(): LinkState {
	return useSyncExternalStore(
		(listener) => {
			listeners.add(listener);
			return () => listeners.delete(listener);
		},
		() => state,
	);
}

async function follow(): Promise<void> {
	const code = linkCodeOf(location.hash);
	if (code === undefined) return;
	history.replaceState(null, "", location.pathname + location.search);
	const own = (state = {running: true});
	signOut();
	tell(own);
	try {
		const who = await redeemLink(code);
		if (state !== own) return; // Another link was opened meanwhile.
		signIn(who, false);
		tell({running: false});
	} catch (error) {
		if (state !== own) return;
		tell({running: false, problem: problemOf(error, "RedeemConsoleSignIn")});
	}
}

function tell(next: LinkState): void {
	state = next;
	for (const listener of listeners) listener();
}
