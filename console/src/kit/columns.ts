/* What a table of objects has for columns, and where a viewer's choice of them is kept.
 *
 * A column says what an object's value in it is; from that come sorting, filtering and, unless 'cell' says otherwise,
 * what is shown.  Cloudscape wants the values as properties of a row, so every object gets a row, once as long as it stays
 * the same. */
import type {CollectionPreferencesProps} from "@cloudscape-design/components/collection-preferences";
import type {ReactNode} from "react";

export type ColumnValue = string | number | boolean | Date | undefined;

export interface Column<T> {
	id: string;
	header: string;
	value(item: T): ColumnValue;
	cell?(item: T): ReactNode;
	choices?: boolean; // Few different values: the filter offers them.
	hidden?: boolean; // Until the viewer asks for it.
	width?: number;
}

export interface Row<T> {
	item: T;
	key: string;
	[column: string]: unknown;
}

export type Preferences = Required<
	Pick<
		CollectionPreferencesProps.Preferences,
		"pageSize" | "contentDisplay" | "wrapLines" | "stripedRows"
	>
>;

const collator = new Intl.Collator(undefined, {numeric: true, sensitivity: "base"});

export function firstPreferences<T>(columns: Column<T>[]): Preferences {
	return {
		pageSize: 50,
		wrapLines: false,
		stripedRows: false,
		contentDisplay: columns.map(({id, hidden}) => ({id, visible: !hidden})),
	};
}

/* What was chosen for a table of other columns still holds for those that are left. */
export function completePreferences<T>(kept: Preferences, columns: Column<T>[]): Preferences {
	const known = new Set(columns.map(({id}) => id));
	const display = kept.contentDisplay.filter(({id}) => known.has(id));
	const chosen = new Set(display.map(({id}) => id));
	const fresh = columns.filter(({id}) => !chosen.has(id));
	return {
		...kept,
		contentDisplay: [
			...display,
			...fresh.map(({id, hidden}) => ({id, visible: !hidden})),
		],
	};
}

/* Makes rows, and gives an object that it has seen the row it had. */
export function makeRows<T extends object>(columns: Column<T>[], keyOf: (item: T) => string) {
	const known = new WeakMap<T, Row<T>>();
	return (items: readonly T[]): Row<T>[] =>
		items.map((item) => {
			let row = known.get(item);
			if (!row) {
				row = {item, key: keyOf(item)};
				for (const column of columns) row[column.id] = column.value(item);
				known.set(item, row);
			}
			return row;
		});
}

export function compareValues(a: unknown, b: unknown): number {
	if (a === undefined || b === undefined)
		return Number(a === undefined) - Number(b === undefined);
	if (typeof a === "string" && typeof b === "string") return collator.compare(a, b);
	return a! < b! ? -1 : Number(a! > b!);
}

/* For the filter: the different values of columns that have few. */
export function filterChoices<T>(columns: Column<T>[], rows: Row<T>[]) {
	return columns
		.filter((column) => column.choices)
		.flatMap(({id}) =>
			[...new Set(rows.map((row) => row[id]))]
				.filter((value) => value !== undefined && value !== "")
				.sort(compareValues)
				.map((value) => ({propertyKey: id, value: String(value)})),
		);
}
