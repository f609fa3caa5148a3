/* A session's packets, as its host sees them now: the last ones, in a line each, and all that is kept as a capture file.
 *
 * Looking is an event and costs the host a little, so it begins at the press of a button and ends when one leaves. */
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Table, {type TableProps} from "@cloudscape-design/components/table";
import {useEffect, useMemo, useState, useSyncExternalStore} from "react";
import {ProblemView} from "~/kit/ProblemView";
import {type Packet, Peek, type PeekState, type PeekWish} from "~/nouns/peek";
import {useSearchParameter} from "~/shell/location";
import {saveFile} from "~/kit/save-file";
import {hexDump} from "~/text/hex";
import {formatCount} from "~/text/numbers";
import {readBase64, writePcapng} from "~/text/pcapng";

const lines = 100; // More would change too quickly to be read, and cost a browser much.

const lengths = [
	{value: "128", label: "Headers: 128 bytes"},
	{value: "1518", label: "1,518 bytes"},
	{value: "9216", label: "Whole packets"},
];

const counts = ["100", "1000", "10000"].map((value) => ({
	value,
	label: `The last ${Number(value).toLocaleString()}`,
}));

export function SessionPackets({id}: {id: string}) {
	const peek = useMemo(() => new Peek(id), [id]);
	const state = useSyncExternalStore(peek.watch, peek.read);
	const [length, setLength] = useState(lengths[0]!);
	const [count, setCount] = useState(counts[1]!);
	const [chosen, choose] = useState<Packet>();
	const wish = {snapLength: Number(length.value), keep: Number(count.value)};
	const isLooking = state.phase === "looking";
	useLeaving(peek);

	return (
		<SpaceBetween size="l">
			<Container
				header={
					<Header
						variant="h2"
						description="At most a hundred packets a second are shown. Each start is an event."
						actions={
							<Actions
								peek={peek}
								state={state}
								wish={wish}
								id={id}
							/>
						}
					>
						Packets
					</Header>
				}
			>
				<SpaceBetween size="l" direction="horizontal">
					<Choice
						label="Shown of each"
						options={lengths}
						chosen={length}
						onChoose={setLength}
						disabled={isLooking}
					/>
					<Choice
						label="Kept"
						options={counts}
						chosen={count}
						onChoose={setCount}
						disabled={isLooking}
					/>
					<FormField label="Seen">
						<Seen state={state} />
					</FormField>
				</SpaceBetween>
			</Container>
			{state.problem && <ProblemView problem={state.problem} />}
			{state.phase === "over" && (
				<Alert type="info">
					The peek is over: it lasts for a quarter of an hour at most,
					and ends with its session.
				</Alert>
			)}
			<PacketTable state={state} chosen={chosen} onChoose={choose} />
			{chosen && <Bytes packet={chosen} onClose={() => choose(undefined)} />}
		</SpaceBetween>
	);
}

/* The page is left, or another tab is chosen, whose content then hides this one. */
function useLeaving(peek: Peek): void {
	const [tab] = useSearchParameter("tab");
	const isHere = tab === "packets";
	useEffect(() => {
		if (!isHere) return;
		return () => peek.stop();
	}, [peek, isHere]);
}

function Actions(props: {peek: Peek; state: PeekState; wish: PeekWish; id: string}) {
	const {peek, state, wish} = props;
	const isLooking = state.phase === "looking";
	const save = () =>
		saveFile(
			`${props.id}.pcapng`,
			"application/x-pcapng",
			writePcapng(
				state.packets.map(({data, ...packet}) => ({
					...packet,
					bytes: readBase64(data),
				})),
			),
		);
	return (
		<SpaceBetween direction="horizontal" size="xs">
			<Button
				disabled={state.packets.length === 0}
				iconName="download"
				onClick={save}
			>
				Save as pcapng
			</Button>
			{isLooking ? (
				<Button onClick={() => peek.pause()}>Hold</Button>
			) : (
				<Button variant="primary" onClick={() => peek.start(wish)}>
					{state.phase === "paused" ? "Go on" : "Look at packets"}
				</Button>
			)}
			<Button
				disabled={!isLooking && state.phase !== "paused"}
				onClick={() => peek.stop()}
			>
				Stop
			</Button>
		</SpaceBetween>
	);
}

function Choice(props: {
	label: string;
	options: {value: string; label: string}[];
	chosen: {value: string; label: string};
	onChoose(option: {value: string; label: string}): void;
	disabled: boolean;
}) {
	return (
		<FormField label={props.label}>
			<Select
				selectedOption={props.chosen}
				options={props.options}
				disabled={props.disabled}
				onChange={({detail}) =>
					props.onChoose(
						props.options.find(
							({value}) =>
								value ===
								detail.selectedOption.value,
						)!,
					)
				}
			/>
		</FormField>
	);
}

function Seen({state}: {state: PeekState}) {
	const text = `${formatCount(state.seen)}, and ${formatCount(state.skipped)} passed unseen`;
	if (state.phase === "looking")
		return <StatusIndicator type="in-progress">{text}</StatusIndicator>;
	return <Box>{text}</Box>;
}

const clock = new Intl.DateTimeFormat(undefined, {
	hour: "2-digit",
	minute: "2-digit",
	second: "2-digit",
	fractionalSecondDigits: 3,
});

const columns: TableProps.ColumnDefinition<Packet>[] = [
	{
		id: "time",
		header: "Time",
		cell: ({seconds, nanoseconds}) => clock.format(seconds * 1000 + nanoseconds / 1e6),
		width: 150,
	},
	{id: "direction", header: "Direction", cell: ({direction}) => direction, width: 110},
	{id: "length", header: "Bytes", cell: ({length}) => formatCount(length), width: 90},
	{
		id: "summary",
		header: "Packet",
		cell: ({summary}) => <Box variant="code">{summary}</Box>,
		isRowHeader: true,
		minWidth: 320,
	},
	{
		id: "skipped",
		header: "Unseen before it",
		cell: ({skipped}) => (skipped > 0 ? formatCount(skipped) : "–"),
		width: 150,
	},
];

function PacketTable(props: {
	state: PeekState;
	chosen?: Packet;
	onChoose(packet: Packet | undefined): void;
}) {
	const {packets, phase} = props.state;
	const shown = useMemo(() => packets.slice(-lines).reverse(), [packets]);
	return (
		<Table
			variant="container"
			header={<Header variant="h2">{`The last packets, newest first`}</Header>}
			items={shown}
			columnDefinitions={columns}
			trackBy={({key}) => String(key)}
			selectionType="single"
			selectedItems={props.chosen ? [props.chosen] : []}
			onSelectionChange={({detail}) => props.onChoose(detail.selectedItems[0])}
			contentDensity="compact"
			enableKeyboardNavigation
			ariaLabels={{
				tableLabel: "Packets",
				selectionGroupLabel: "A packet to look into",
				itemSelectionLabel: (_, {summary}) => `Look into ${summary}`,
			}}
			empty={
				<Box color="text-body-secondary" textAlign="center">
					{phase === "looking"
						? "No packet has come yet."
						: "Nothing is looked at. What the session copies is shown from the press of the button on."}
				</Box>
			}
		/>
	);
}

function Bytes({packet, onClose}: {packet: Packet; onClose(): void}) {
	const bytes = readBase64(packet.data);
	return (
		<Container
			header={
				<Header
					variant="h2"
					description={packet.summary}
					actions={
						<Button
							iconName="close"
							variant="icon"
							ariaLabel="Close the bytes"
							onClick={onClose}
						/>
					}
				>
					{`${formatCount(bytes.length)} of ${formatCount(packet.length)} bytes`}
				</Header>
			}
		>
			<pre className="record" tabIndex={0} aria-label="Bytes of the packet">
				{hexDump(bytes)}
			</pre>
		</Container>
	);
}
