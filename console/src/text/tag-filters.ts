/* Which interfaces a selector mirrors, as a form and a line have it: "app is web or shop-*, and tmirror:orientation is guest". */

export interface TagFilter {
	key: string;
	values: string[]; // One of them must match; without any, whatever there is does.
}

/* While it is typed: one value in each line, as commas may be part of a value. */
export interface TagFilterDraft {
	key: string;
	lines: string;
}

export const mostFilters = 50;
const mostValues = 20;

export function draftOf({key, values}: TagFilter): TagFilterDraft {
	return {key, lines: values.join("\n")};
}

export function readDraft({key, lines}: TagFilterDraft): TagFilter {
	return {
		key: key.trim(),
		values: lines
			.split("\n")
			.map((line) => line.trim())
			.filter(Boolean),
	};
}

export function keyFault({key}: TagFilterDraft): string | undefined {
	if (key.trim() === "") return "A tag needs a key.";
	return [...key.trim()].length > 128 ? "At most 128 characters." : undefined;
}

export function valuesFault(draft: TagFilterDraft): string | undefined {
	const {values} = readDraft(draft);
	if (values.length > mostValues) return `At most ${mostValues} values.`;
	return values.some((value) => [...value].length > 256)
		? "At most 256 characters each."
		: undefined;
}

export function hasFault(drafts: readonly TagFilterDraft[]): boolean {
	return drafts.length === 0 || drafts.some((draft) => keyFault(draft) || valuesFault(draft));
}

/* As parameters of a request. */
export function tagFilterParameters(drafts: readonly TagFilterDraft[]) {
	return drafts.map(readDraft).map(({key, values}) => ({Key: key, Value: values}));
}

export function sameFilters(a: readonly TagFilterDraft[], b: readonly TagFilterDraft[]): boolean {
	return JSON.stringify(a.map(readDraft)) === JSON.stringify(b.map(readDraft));
}

export function tagFilterText(filters: readonly TagFilter[]): string {
	return filters
		.map(({key, values}) =>
			values.length > 0 ? `${key} is ${values.join(" or ")}` : `has ${key}`,
		)
		.join(", and ");
}
