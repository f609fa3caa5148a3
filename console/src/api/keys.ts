/* Who is signed in: the keys, and whom the controller takes them for.
 *
 * Keys live in this module's memory.  Only if asked for they also lie in the tab's session storage, so that a reload
 * keeps them; never in local storage, a cookie or an address.  Tabs hand them on to each other (data/tabs.ts).  When the controller no longer takes them they are
 * forgotten, and the sign-in form stands in place of the page until there are others. */
import {useSyncExternalStore} from "react";
import {refusal} from "./problem";

export interface Keys {
	accessKeyId: string;
	secretAccessKey: string;
	sessionToken?: string;
	region: string;
}

export interface Identity {
	account: string;
	arn: string;
}

export interface SignedIn {
	keys: Keys;
	identity: Identity;
}

const storageName = "tmirror-signed-in";
const reloadName = "tmirror-reload";
const listeners = new Set<(isFarewell: boolean) => void>();
let signedIn: SignedIn | undefined = recall();
let farewell: string | undefined; // Why the last sign-in ended, if not by the user.

export function getSignedIn(): SignedIn | undefined {
	return signedIn;
}

export function getFarewell(): string | undefined {
	return farewell;
}

export function useSignedIn(): SignedIn | undefined {
	return useSyncExternalStore(watchSignedIn, getSignedIn);
}

/* 'isFarewell' if the user has signed out himself. */
export function watchSignedIn(listener: (isFarewell: boolean) => void): () => void {
	listeners.add(listener);
	return () => listeners.delete(listener);
}

export function signIn(who: SignedIn, remember: boolean): void {
	if (remember) sessionStorage.setItem(storageName, JSON.stringify(who));
	else globalThis.sessionStorage?.removeItem(storageName);
	change(who, undefined, false);
}

export function signOut(why?: string, isFarewell = false): void {
	sessionStorage.removeItem(storageName);
	change(undefined, why, isFarewell);
}

/* Lets one reload keep the keys: they lie in the session storage until the page has begun again. */
export function keepForReload(): void {
	if (signedIn) sessionStorage.setItem(reloadName, JSON.stringify(signedIn));
}

/* For a change of several steps, which asks before each of them: refuses once somebody else has signed in. */
export function holdUser(): () => void {
	const who = signedIn;
	return () => {
		if (signedIn === who) return;
		throw refusal(
			"UserChanged",
			"Somebody else has signed in meanwhile; the rest was left alone.",
			"",
		);
	};
}

/* The user's name, of an ARN such as arn:aws:iam::1234:user/ops/anna. */
export function nameOf(identity: Identity): string {
	return identity.arn.endsWith(":root")
		? "root"
		: (identity.arn.split("/").pop() ?? identity.arn);
}

function change(who: SignedIn | undefined, why: string | undefined, isFarewell: boolean): void {
	signedIn = who;
	farewell = why;
	for (const listener of listeners) listener(isFarewell);
}

function recall(): SignedIn | undefined {
	const storage = globalThis.sessionStorage;
	const text = storage?.getItem(reloadName) ?? storage?.getItem(storageName);
	storage?.removeItem(reloadName);
	return text ? (JSON.parse(text) as SignedIn) : undefined;
}
