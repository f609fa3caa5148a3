/* The rules of one direction in a table whose cells are edited in place.
 *
 * The hard thing is moving rules.  A handle in each row is dragged by mouse, pen or finger, and the order follows while
 * it moves; with the arrow keys it moves a step.  Either way it is moveRule() that finds the numbers, from the order in
 * which the drag began, so a detour leaves nothing behind. */
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import Select from "@cloudscape-design/components/select";
import Table, {type TableProps} from "@cloudscape-design/components/table";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import {type KeyboardEvent, type PointerEvent, useRef} from "react";
import {
	checkRule,
	moveRule,
	protocols,
	protocolText,
	type RuleDraft,
	type RuleField,
} from "~/text/rules";

interface Props {
	title: string;
	rules: RuleDraft[]; // In the order of their numbers.
	onChange(rules: RuleDraft[]): void;
	onAdd(): void;
}

interface FieldColumn {
	field: RuleField;
	header: string;
	width: number;
	otherwise: string; // Shown for nothing.
	choices?: {value: string; label: string}[];
}

const columns: FieldColumn[] = [
	{field: "number", header: "Number", width: 110, otherwise: "–"},
	{
		field: "action",
		header: "Action",
		width: 120,
		otherwise: "",
		choices: [
			{value: "accept", label: "accept"},
			{value: "reject", label: "reject"},
		],
	},
	{
		field: "protocol",
		header: "Protocol",
		width: 130,
		otherwise: "All",
		choices: protocols.map(([value]) => ({value, label: protocolText(value)})),
	},
	{field: "source", header: "Source", width: 170, otherwise: "–"},
	{field: "sourcePorts", header: "Source ports", width: 130, otherwise: "All"},
	{field: "destination", header: "Destination", width: 170, otherwise: "–"},
	{field: "destinationPorts", header: "Destination ports", width: 150, otherwise: "All"},
	{field: "tcpFlags", header: "TCP flags", width: 120, otherwise: "Any"},
	{field: "dscp", header: "DSCP", width: 90, otherwise: "Any"},
	{field: "description", header: "Description", width: 180, otherwise: "–"},
];

export function RuleTable({title, rules, onChange, onAdd}: Props) {
	const table = useRef<HTMLDivElement>(null);
	const move = useMoving(table, rules, onChange);
	const set = (rule: RuleDraft, field: RuleField, text: string) => {
		const changed = rules.map((row) =>
			row.key === rule.key ? {...row, [field]: text} : row,
		);
		onChange(
			field === "number"
				? changed.sort((a, b) => Number(a.number) - Number(b.number))
				: changed,
		);
	};
	return (
		<div ref={table}>
			<Table
				variant="container"
				items={rules}
				trackBy="key"
				resizableColumns
				wrapLines
				enableKeyboardNavigation
				ariaLabels={{
					tableLabel: title,
					activateEditLabel: (column, rule) =>
						`Edit ${String(column.header)} of rule ${rule.number}`,
					cancelEditLabel: (column) =>
						`Leave ${String(column.header)} as it was`,
					submitEditLabel: (column) =>
						`Take ${String(column.header)}`,
				}}
				header={
					<Header
						variant="h2"
						counter={`(${rules.length})`}
						actions={
							<Button onClick={onAdd}>Add a rule</Button>
						}
					>
						{title}
					</Header>
				}
				columnDefinitions={[
					{
						id: "handle",
						header: "Move",
						width: 70,
						minWidth: 70,
						cell: (rule) => <Handle rule={rule} move={move} />,
					},
					...columns.map((column) => defineColumn(column, rules)),
					{
						id: "remove",
						header: "Remove",
						width: 90,
						minWidth: 70,
						cell: (rule) => (
							<Button
								variant="inline-icon"
								iconName="remove"
								ariaLabel={`Remove rule ${rule.number}`}
								onClick={() =>
									onChange(
										rules.filter(
											({key}) =>
												key !==
												rule.key,
										),
									)
								}
							/>
						),
					},
				]}
				submitEdit={(rule, column, text) =>
					set(rule, column.id as RuleField, String(text).trim())
				}
				empty={
					<Box color="text-body-secondary" textAlign="center">
						Without an accepting rule nothing of this direction
						is copied.
					</Box>
				}
			/>
		</div>
	);
}

function defineColumn(
	column: FieldColumn,
	rules: RuleDraft[],
): TableProps.ColumnDefinition<RuleDraft> {
	const {field, header, width, choices} = column;
	return {
		id: field,
		header,
		width,
		minWidth: 80,
		isRowHeader: field === "number",
		cell: (rule) => <Shown column={column} rule={rule} rules={rules} />,
		editConfig: {
			ariaLabel: header,
			editIconAriaLabel: "editable",
			errorIconAriaLabel: "wrong",
			validation: (rule, text) =>
				checkRule(
					{...rule, [field]: String(text ?? rule[field]).trim()},
					field,
					rules,
				),
			editingCell: (rule, {currentValue, setValue}) => {
				const text = String(currentValue ?? rule[field]);
				if (!choices)
					return (
						<Input
							autoFocus
							value={text}
							ariaLabel={header}
							onChange={({detail}) =>
								setValue(detail.value)
							}
							autoComplete={false}
							spellcheck={false}
						/>
					);
				return (
					<Select
						autoFocus
						expandToViewport
						ariaLabel={header}
						options={choices}
						selectedOption={
							choices.find(
								({value}) => value === text,
							) ?? {value: text, label: text}
						}
						onChange={({detail}) =>
							setValue(detail.selectedOption.value)
						}
					/>
				);
			},
		},
	};
}

function Shown({column, rule, rules}: {column: FieldColumn; rule: RuleDraft; rules: RuleDraft[]}) {
	const {field, otherwise} = column;
	const fault = checkRule(rule, field, rules);
	const text = field === "protocol" ? protocolText(rule.protocol) : rule[field];
	if (fault)
		return (
			<StatusIndicator type="error">{`${text || otherwise}: ${fault}`}</StatusIndicator>
		);
	if (field === "action")
		return (
			<StatusIndicator type={rule.action === "accept" ? "success" : "stopped"}>
				{rule.action}
			</StatusIndicator>
		);
	return <>{text || otherwise}</>;
}

interface Moving {
	begin(key: string, event: PointerEvent): void;
	drag(event: PointerEvent): void;
	end(event: PointerEvent): void;
	press(key: string, event: KeyboardEvent): void;
}

function Handle({rule, move}: {rule: RuleDraft; move: Moving}) {
	return (
		<button
			type="button"
			className="rule-handle"
			data-rule={rule.key}
			aria-label={`Rule ${rule.number}: move with the arrow keys`}
			onPointerDown={(event) => move.begin(rule.key, event)}
			onPointerMove={move.drag}
			onPointerUp={move.end}
			onPointerCancel={move.end}
			onKeyDown={(event) => move.press(rule.key, event)}
		>
			<span aria-hidden="true">⠿</span>
		</button>
	);
}

function useMoving(
	table: React.RefObject<HTMLElement>,
	rules: RuleDraft[],
	onChange: (rules: RuleDraft[]) => void,
): Moving {
	const dragged = useRef<{key: string; rules: RuleDraft[]; pointer: number}>();
	const indexOf = (key: string, list: RuleDraft[]) =>
		list.findIndex((rule) => rule.key === key);
	return {
		begin(key, event) {
			if (event.button !== 0) return;
			event.currentTarget.setPointerCapture(event.pointerId);
			dragged.current = {key, rules, pointer: event.pointerId};
		},
		drag(event) {
			const drag = dragged.current;
			if (!drag || drag.pointer !== event.pointerId) return;
			const to = rowAt(table.current, event.clientY);
			if (to < 0 || to === indexOf(drag.key, rules)) return;
			onChange(moveRule(drag.rules, indexOf(drag.key, drag.rules), to));
		},
		end() {
			dragged.current = undefined;
		},
		press(key, event) {
			const step = {ArrowUp: -1, ArrowDown: 1}[event.key];
			const from = indexOf(key, rules);
			const to = from + (step ?? 0);
			if (!step || to < 0 || to >= rules.length) return;
			event.preventDefault();
			event.stopPropagation(); // The table's own keys move between cells.
			onChange(moveRule(rules, from, to));
			requestAnimationFrame(() => focusHandle(table.current, key));
		},
	};
}

/* The row whose middle is nearest to a height of the window. */
function rowAt(table: HTMLElement | null, y: number): number {
	const handles = [...(table?.querySelectorAll<HTMLElement>("[data-rule]") ?? [])];
	const distances = handles.map((handle) => {
		const {top, bottom} = handle.getBoundingClientRect();
		return Math.abs((top + bottom) / 2 - y);
	});
	return distances.indexOf(Math.min(...distances));
}

function focusHandle(table: HTMLElement | null, key: string): void {
	table?.querySelector<HTMLElement>(`[data-rule="${CSS.escape(key)}"]`)?.focus();
}
