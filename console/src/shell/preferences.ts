/* What a viewer chose for this browser: looks, and the columns of tables.  Nothing secret: it lies in local storage. */
import {applyDensity, applyMode, Density, Mode} from "@cloudscape-design/global-styles";
import {useCallback, useState} from "react";

export type Theme = "system" | "light" | "dark";

const darkWanted = matchMedia("(prefers-color-scheme: dark)");

export function readPreference<T>(name: string, otherwise: T): T {
	try {
		const text = localStorage.getItem(`tmirror-${name}`);
		return text ? (JSON.parse(text) as T) : otherwise;
	} catch {
		return otherwise; // No storage, or nothing that we wrote.
	}
}

export function usePreference<T>(name: string, otherwise: T): [T, (value: T) => void] {
	const [value, setValue] = useState(() => readPreference(name, otherwise));
	const keep = useCallback(
		(next: T) => {
			setValue(next);
			try {
				localStorage.setItem(`tmirror-${name}`, JSON.stringify(next));
			} catch {
				// Chosen for this page only, then.
			}
		},
		[name],
	);
	return [value, keep];
}

export function applyLooks(): void {
	const theme = readPreference<Theme>("theme", "system");
	const dark = theme === "dark" || (theme === "system" && darkWanted.matches);
	applyMode(dark ? Mode.Dark : Mode.Light);
	applyDensity(readPreference("compact", false) ? Density.Compact : Density.Comfortable);
}

darkWanted.addEventListener("change", applyLooks);
