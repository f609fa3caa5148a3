/* The tabs of one browser know who is signed in: a new one asks the others, and whoever signs out does so in all.
 *
 * Keys go from tab to tab by a channel that no other origin hears, and lie nowhere.  A tab asks once, when it is opened: after
 * a reload, or by a link that opens a tab of its own.  Where nobody answers, the sign-in form stands. */
import {getSignedIn, type SignedIn, signIn, signOut, watchSignedIn} from "~/api/keys";

type Message = {kind: "who"} | {kind: "this"; who: SignedIn} | {kind: "left"; key: string};

const willingness = 2000; // An answer that comes later is not waited for.

export function joinTabs(): void {
	const channel = new BroadcastChannel("tmirror-tabs");
	const tell = (message: Message) => channel.postMessage(message);
	let asking = !getSignedIn();
	let last = getSignedIn();
	channel.onmessage = ({data}: MessageEvent<Message>) => {
		const who = getSignedIn();
		if (data.kind === "who" && who) tell({kind: "this", who});
		if (data.kind === "this" && asking && !who) signIn(data.who, false);
		if (data.kind === "left" && who?.keys.accessKeyId === data.key)
			signOut("You have signed out in another tab.");
	};
	watchSignedIn((isFarewell) => {
		asking = false;
		const who = getSignedIn();
		if (!who && last && isFarewell) tell({kind: "left", key: last.keys.accessKeyId});
		last = who;
	});
	if (!asking) return;
	tell({kind: "who"});
	setTimeout(() => (asking = false), willingness);
}
