/* The one table of objects: filter by property, sort, pages, chosen columns, selection, and words for every state.
 *
 * Pages describe columns (columns.ts) and hand over what useQuery() gave them.  The filter is part of the address; the
 * choice of columns is kept for the browser.  Selection is kept by key, so it survives a refresh. */
import {useCollection} from "@cloudscape-design/collection-hooks";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import CollectionPreferences from "@cloudscape-design/components/collection-preferences";
import Header from "@cloudscape-design/components/header";
import Pagination from "@cloudscape-design/components/pagination";
import PropertyFilter, {
	type PropertyFilterProps,
} from "@cloudscape-design/components/property-filter";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table, {type TableProps} from "@cloudscape-design/components/table";
import {type ReactNode, useEffect, useMemo, useRef, useState} from "react";
import type {Shown} from "~/data/use";
import {useSearchParameter} from "~/shell/location";
import {usePreference} from "~/shell/preferences";
import {formatDate} from "~/text/dates";
import {readFilter, writeFilter} from "~/text/filter-text";
import {
	type Column,
	compareValues,
	completePreferences,
	filterChoices,
	firstPreferences,
	makeRows,
	type Preferences,
	type Row,
} from "./columns";
import {ProblemView} from "./ProblemView";
import {Stale} from "./Stale";

const usualWidth = 160;

interface Props<T extends object> {
	name: string; // Of the table, for what is kept in the browser and the address.
	title: string;
	noun: string; // Of many of them, as in "No sessions match".
	query: Shown<T[]>;
	columns: Column<T>[]; // The same array at each rendering.
	keyOf(item: T): string;
	actions?(selected: T[]): ReactNode;
	empty?: ReactNode; // What to do when there are none.
	description?: ReactNode;
	selection?: "single" | "multi";
	variant?: TableProps.Variant;
	firstSorting?: {column: string; descending?: boolean};
}

export function ResourceTable<T extends object>(props: Props<T>) {
	const {columns, query} = props;
	const [preferences, setPreferences] = usePreference(
		`table-${props.name}`,
		firstPreferences(columns),
	);
	const kept = completePreferences(preferences, columns);
	const [toRows] = useState(() => makeRows(columns, props.keyOf));
	const rows = useMemo(() => toRows(query.value ?? []), [toRows, query.value]);
	const table = useRows(props, rows, kept.pageSize);
	// What is chosen is chosen by its key: what a row says may be new by now, or the row may be gone.
	const shown = new Map(table.allPageItems.map((row) => [row.key, row]));
	const chosen = (table.collectionProps.selectedItems ?? []).flatMap(
		({key}) => shown.get(key) ?? [],
	);
	const selected = chosen.map((row) => row.item);
	const missing = query.problem && !query.value;

	return (
		<Table
			{...table.collectionProps}
			{...table.sortingProps}
			selectedItems={chosen}
			items={missing ? [] : table.items}
			columnDefinitions={table.definitions}
			columnDisplay={kept.contentDisplay}
			wrapLines={kept.wrapLines}
			stripedRows={kept.stripedRows}
			trackBy="key"
			selectionType={props.selection}
			variant={props.variant ?? "full-page"}
			stickyHeader
			resizableColumns
			enableKeyboardNavigation
			loading={query.loading}
			loadingText={`Loading ${props.noun}`}
			ariaLabels={ariaLabels(props.title)}
			renderAriaLive={({firstIndex, lastIndex, totalItemsCount}) =>
				`${props.title} ${firstIndex} to ${lastIndex} of ${totalItemsCount}`
			}
			header={
				<Header
					variant={props.variant ? "h2" : "awsui-h1-sticky"}
					counter={
						query.value &&
						`(${counter(selected.length, query.value.length)})`
					}
					description={
						<>
							{props.description}
							<Stale query={query} />
						</>
					}
					actions={
						<SpaceBetween direction="horizontal" size="xs">
							<Button
								iconName="refresh"
								ariaLabel={`Refresh ${props.noun}`}
								onClick={query.refresh}
							/>
							{props.actions?.(selected)}
						</SpaceBetween>
					}
				>
					{props.title}
				</Header>
			}
			filter={
				<PropertyFilter
					{...table.propertyFilterProps}
					filteringPlaceholder={`Find ${props.noun}`}
					filteringAriaLabel={`Find ${props.noun}`}
					countText={matches(table.filteredItemsCount ?? 0)}
					expandToViewport
				/>
			}
			pagination={<Pagination {...table.paginationProps} />}
			preferences={
				<ColumnChoice
					columns={columns}
					kept={kept}
					onChange={setPreferences}
				/>
			}
			empty={
				missing ? (
					<ProblemView
						problem={query.problem!}
						onRetry={query.refresh}
					/>
				) : (
					<Empty title={`No ${props.noun}`}>{props.empty}</Empty>
				)
			}
		/>
	);
}

function useRows<T extends object>(props: Props<T>, rows: Row<T>[], pageSize: number) {
	const {columns, firstSorting} = props;
	const [text, setText] = useSearchParameter(
		props.variant ? `${props.name}-filter` : "filter",
	);
	const definitions = useMemo(() => defineColumns(columns), [columns]);
	const properties = useMemo(() => defineProperties(columns), [columns]);
	const choices = useMemo(() => filterChoices(columns, rows), [columns, rows]);
	const [firstQuery] = useState(() => readFilter(text) as PropertyFilterProps.Query);
	const {sorted, sortingProps} = useSorting(rows, definitions, firstSorting);
	const collection = useCollection(sorted, {
		propertyFiltering: {
			filteringProperties: properties,
			filteringOptions: choices,
			defaultQuery: firstQuery,
			noMatch: <NoMatch noun={props.noun} onClear={() => clear()} />,
		},
		pagination: {pageSize},
		selection: {keepSelection: true, trackBy: "key"},
	});
	const written = useRef(text);
	useEffect(() => {
		if (text === written.current) return;
		// A link or the browser's way back has changed it, not the table.
		written.current = text;
		collection.actions.setPropertyFiltering(
			readFilter(text) as PropertyFilterProps.Query,
		);
	}, [text]);
	const clear = () => change({operation: "and", tokens: []});
	const change = (query: PropertyFilterProps.Query) => {
		collection.actions.setPropertyFiltering(query);
		written.current = writeFilter(query as Parameters<typeof writeFilter>[0]);
		setText(written.current);
	};
	const propertyFilterProps = {
		...collection.propertyFilterProps,
		onChange: ({detail}: {detail: PropertyFilterProps.Query}) => change(detail),
	};
	return {...collection, propertyFilterProps, definitions, sortingProps};
}

/* Ten thousand rows are sorted when they or their order change, not whenever the table is drawn. */
function useSorting<T>(
	rows: Row<T>[],
	definitions: TableProps.ColumnDefinition<Row<T>>[],
	first: {column: string; descending?: boolean} | undefined,
) {
	const [sorting, setSorting] = useState({
		column: first?.column ?? definitions[0]!.id!,
		descending: first?.descending ?? false,
	});
	const {column, descending} = sorting;
	const sorted = useMemo(() => {
		const sign = descending ? -1 : 1;
		return [...rows].sort((a, b) => sign * compareValues(a[column], b[column]));
	}, [rows, column, descending]);
	const sortingProps = {
		sortingColumn: definitions.find(({id}) => id === column),
		sortingDescending: descending,
		onSortingChange: ({detail}: {detail: TableProps.SortingState<Row<T>>}) =>
			setSorting({
				column: detail.sortingColumn.sortingField ?? column,
				descending: detail.isDescending ?? false,
			}),
	};
	return {sorted, sortingProps};
}

function defineColumns<T>(columns: Column<T>[]): TableProps.ColumnDefinition<Row<T>>[] {
	return columns.map((column, i) => ({
		id: column.id,
		header: column.header,
		cell: (row) => column.cell?.(row.item) ?? showValue(row[column.id]),
		sortingField: column.id,
		isRowHeader: i === 0,
		minWidth: 80,
		width: column.width ?? usualWidth,
	}));
}

function defineProperties<T>(columns: Column<T>[]) {
	return columns.map(({id, header}) => ({
		key: id,
		propertyLabel: header,
		groupValuesLabel: header,
		operators: ["=", "!=", ":", "!:", ">", "<", ">=", "<="] as const,
		defaultOperator: ":" as const,
	}));
}

function showValue(value: unknown): ReactNode {
	if (value === undefined || value === "") return "–";
	if (value instanceof Date) return formatDate(value);
	if (typeof value === "boolean") return value ? "Yes" : "No";
	return typeof value === "number" ? value.toLocaleString() : String(value);
}

function ColumnChoice<T>(props: {
	columns: Column<T>[];
	kept: Preferences;
	onChange(preferences: Preferences): void;
}) {
	return (
		<CollectionPreferences
			preferences={props.kept}
			onConfirm={({detail}) =>
				props.onChange({...props.kept, ...detail} as Preferences)
			}
			pageSizePreference={{
				options: [25, 50, 100, 200].map((value) => ({
					value,
					label: `${value} rows`,
				})),
			}}
			wrapLinesPreference={{}}
			stripedRowsPreference={{}}
			contentDisplayPreference={{
				options: props.columns.map(({id, header}, i) => ({
					id,
					label: header,
					alwaysVisible: i === 0,
				})),
			}}
		/>
	);
}

export function Empty({title, children}: {title: string; children?: ReactNode}) {
	return (
		<Box textAlign="center" color="inherit" margin={{vertical: "s"}}>
			<SpaceBetween size="s">
				<b>{title}</b>
				{children}
			</SpaceBetween>
		</Box>
	);
}

function NoMatch({noun, onClear}: {noun: string; onClear(): void}) {
	return (
		<Empty title={`No ${noun} match the filter`}>
			<Button onClick={onClear}>Clear the filter</Button>
		</Empty>
	);
}

function ariaLabels(title: string) {
	return {
		tableLabel: title,
		selectionGroupLabel: `Selection of ${title.toLowerCase()}`,
		allItemsSelectionLabel: () => "Select all of this page",
		itemSelectionLabel: (_: unknown, row: {key: string}) => `Select ${row.key}`,
	};
}

function counter(selected: number, all: number): string {
	return selected
		? `${selected.toLocaleString()}/${all.toLocaleString()}`
		: all.toLocaleString();
}

function matches(count: number): string {
	return count === 1 ? "1 match" : `${count.toLocaleString()} matches`;
}
