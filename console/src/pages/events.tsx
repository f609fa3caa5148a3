/* What happened: events as the controller finds them, the newest first, page by page.
 *
 * The first page follows what happens.  Once older ones were asked for, the list stands still until it is refreshed, so
 * that nothing slips through between two pages. */
import Button from "@cloudscape-design/components/button";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import Container from "@cloudscape-design/components/container";
import DateRangePicker, {
	type DateRangePickerProps,
} from "@cloudscape-design/components/date-range-picker";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import {type ReactNode, useEffect, useState} from "react";
import {useChange, useQuery} from "~/data/use";
import type {Column} from "~/kit/columns";
import {Id} from "~/kit/Id";
import {Page} from "~/kit/Page";
import {ChangeProblem} from "~/kit/ProblemView";
import {ResourceTable} from "~/kit/ResourceTable";
import {RouteLink} from "~/kit/RouteLink";
import {
	attributes,
	type EventLine,
	type EventPage,
	eventsQuery,
	fetchEvents,
	type Lookup,
} from "~/nouns/events";
import {useSearchParameter} from "~/shell/location";
import {formatDate} from "~/text/dates";
import {parseSpan, splitSpan} from "~/text/spans";

const usualSpan = "1d";

const columns: Column<EventLine>[] = [
	{
		id: "time",
		header: "Time",
		value: ({time}) => time,
		cell: ({id, time}) => (
			<RouteLink to={`/events/${encodeURIComponent(id)}`}>
				{formatDate(time)}
			</RouteLink>
		),
		width: 210,
	},
	{id: "name", header: "Action", value: ({name}) => name, choices: true, width: 260},
	{id: "user", header: "Who", value: ({user}) => user, choices: true},
	{
		id: "outcome",
		header: "Outcome",
		value: ({error}) => error || "Done",
		cell: (event) => <Outcome event={event} />,
		choices: true,
		width: 220,
	},
	{
		id: "resources",
		header: "Objects",
		value: ({resources}) => resources.join(", "),
		cell: ({resources}) => <Objects ids={resources} />,
		width: 220,
	},
	{id: "address", header: "From", value: ({address}) => address},
	{id: "reads", header: "Only reads", value: ({readOnly}) => readOnly, hidden: true},
	{id: "source", header: "Service", value: ({source}) => source, hidden: true, width: 220},
	{id: "id", header: "Event id", value: ({id}) => id, hidden: true, width: 300},
];

export default function Events() {
	const [lookup, controls] = useLookup();
	const key = JSON.stringify(lookup);
	return (
		<Page title="Events" help={help}>
			<SpaceBetween size="l">
				<Container>{controls}</Container>
				<Found key={key} lookup={lookup} />
			</SpaceBetween>
		</Page>
	);
}

function Found({lookup}: {lookup: Lookup}) {
	const newest = useQuery(eventsQuery(lookup));
	const [kept, keep] = useState<EventPage>();
	const shown = kept ?? newest.value;
	const older = useChange(async (page: EventPage) => {
		const more = await fetchEvents(lookup, page);
		keep({...more, events: [...page.events, ...more.events]});
	});
	const refresh = () => {
		keep(undefined);
		newest.refresh();
	};
	return (
		<>
			<ChangeProblem problem={older.problem} />
			<ResourceTable
				name="events"
				title="Events"
				noun="events"
				variant="container"
				query={{...newest, value: shown?.events, refresh}}
				columns={columns}
				keyOf={({id}) => id}
				firstSorting={{column: "time", descending: true}}
				actions={() => (
					<Button
						disabled={!shown?.next}
						loading={older.running}
						onClick={() => shown && older.run(shown)}
					>
						Older ones
					</Button>
				)}
				empty="Nothing of that kind happened in this time."
			/>
		</>
	);
}

/* What is looked for is part of the address; the value only once it is typed to its end. */
function useLookup(): [Lookup, ReactNode] {
	const [attribute, setAttribute] = useSearchParameter("by");
	const [value, setValue] = useSearchParameter("value");
	const [span, setSpan] = useSearchParameter("time");
	const [typed, setTyped] = useState(value);
	useEffect(() => setTyped(value), [value]);
	const known = attributes.find((row) => row.value === attribute) ?? attributes[0]!;
	const valid = parseSpan(span) ? span : usualSpan;
	const controls = (
		<ColumnLayout columns={3}>
			<FormField stretch label="Look for">
				<Select
					selectedOption={known}
					options={attributes}
					onChange={({detail}) =>
						setAttribute(detail.selectedOption.value ?? "")
					}
				/>
			</FormField>
			<FormField stretch label="Being">
				<Input
					type="search"
					value={typed}
					disabled={known.value === ""}
					placeholder="As a whole, in its own spelling"
					onChange={({detail}) => {
						setTyped(detail.value);
						if (detail.value === "") setValue("");
					}}
					onBlur={() => setValue(typed)}
					onKeyDown={({detail}) =>
						detail.key === "Enter" && setValue(typed)
					}
					autoComplete={false}
					spellcheck={false}
				/>
			</FormField>
			<FormField stretch label="Time">
				<TimeSpan span={valid} onChange={setSpan} />
			</FormField>
		</ColumnLayout>
	);
	return [{attribute: known.value, value, span: valid}, controls];
}

function TimeSpan({span, onChange}: {span: string; onChange(span: string): void}) {
	const back = splitSpan(span);
	const [startDate = "", endDate = ""] = span.split("/");
	const value: DateRangePickerProps.Value = back
		? {type: "relative", ...back}
		: {type: "absolute", startDate, endDate};
	return (
		<DateRangePicker
			value={value}
			onChange={({detail}) => onChange(spanOf(detail.value))}
			relativeOptions={[
				{key: "hour", amount: 1, unit: "hour", type: "relative"},
				{key: "day", amount: 1, unit: "day", type: "relative"},
				{key: "week", amount: 7, unit: "day", type: "relative"},
				{key: "all", amount: 90, unit: "day", type: "relative"},
			]}
			isValidRange={(range) =>
				range && parseSpan(spanOf(range))
					? {valid: true}
					: {
							valid: false,
							errorMessage:
								"Choose a beginning and an end after it. Events are kept for 90 days.",
						}
			}
			rangeSelectorMode="default"
			placeholder="The last day"
			expandToViewport
		/>
	);
}

function spanOf(value: DateRangePickerProps.Value | null): string {
	if (!value) return "";
	if (value.type === "absolute") return `${value.startDate}/${value.endDate}`;
	const hours: Record<string, number> = {second: 1 / 3600, minute: 1 / 60, hour: 1};
	const days: Record<string, number> = {day: 1, week: 7, month: 30, year: 365};
	const factor = hours[value.unit];
	return factor
		? `${Math.max(1, Math.ceil(factor * value.amount))}h`
		: `${(days[value.unit] ?? 1) * value.amount}d`;
}

export function Outcome({event}: {event: EventLine}) {
	return event.error ? (
		<StatusIndicator type="error">{event.error}</StatusIndicator>
	) : (
		<StatusIndicator type="success">Done</StatusIndicator>
	);
}

export function Objects({ids}: {ids: string[]}) {
	if (ids.length === 0) return <>–</>;
	return (
		<>
			{ids.map((id, i) => (
				<span key={id}>
					{i > 0 && ", "}
					<Id id={id} />
				</span>
			))}
		</>
	);
}

const help = (
	<>
		<p>
			Every request whose sender is known leaves an event. Changes, refused ones
			too, are kept for 90 days; what only reads is remembered for a while.
		</p>
		<p>
			Choose what the controller is to look for above; the field below finds among
			those that have come.
		</p>
	</>
);
