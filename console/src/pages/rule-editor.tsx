/* A filter's rules as a draft: edited in the table, dragged into another order, read from a file; saved all at once.
 *
 * While there is no draft the table shows the filter as it is now.  The first edit makes one, kept until it is saved or
 * thrown away, also when somebody else changes the filter meanwhile; then it says so. */
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import ButtonDropdown from "@cloudscape-design/components/button-dropdown";
import SpaceBetween from "@cloudscape-design/components/space-between";
import {useRef, useState} from "react";
import {keepEqual, refresh} from "~/data/cache";
import {useChange} from "~/data/use";
import {ChangeProblem} from "~/kit/ProblemView";
import {saveFile} from "~/kit/save-file";
import {readRules, writeRules} from "~/nouns/filter-file";
import {changeRules, emptyRule, type Filter, filterQuery} from "~/nouns/filters";
import {notify} from "~/shell/notices";
import {adoptKeys, planChanges, type RuleStep} from "~/text/rule-plan";
import {type Direction, nextNumber, type RuleDraft, ruleFaults} from "~/text/rules";
import {RuleTable} from "./rule-table";

const directions: {direction: Direction; title: string}[] = [
	{direction: "ingress", title: "Ingress rules"},
	{direction: "egress", title: "Egress rules"},
];

interface Draft {
	base: RuleDraft[]; // The rules that it began with.
	rules: RuleDraft[];
}

export function RuleEditor({filter}: {filter: Filter}) {
	const [draft, setDraft] = useState<Draft>();
	const rules = draft?.rules ?? filter.rules;
	const edit = (next: RuleDraft[]) =>
		setDraft({base: draft?.base ?? filter.rules, rules: next});
	return (
		<SpaceBetween size="l">
			<DraftBar
				filter={filter}
				draft={draft}
				onChange={edit}
				onClose={() => setDraft(undefined)}
			/>
			{directions.map(({direction, title}) => {
				const own = rules.filter((rule) => rule.direction === direction);
				const others = rules.filter((rule) => rule.direction !== direction);
				return (
					<RuleTable
						key={direction}
						title={title}
						rules={own}
						onChange={(next) => edit([...others, ...next])}
						onAdd={() =>
							edit([
								...rules,
								{
									...emptyRule(direction),
									number: nextNumber(own),
								},
							])
						}
					/>
				);
			})}
		</SpaceBetween>
	);
}

function DraftBar(props: {
	filter: Filter;
	draft?: Draft;
	onChange(rules: RuleDraft[]): void;
	onClose(): void;
}) {
	const {filter, draft} = props;
	const [done, tell] = useState(0);
	// The table shows the filter again when it knows of what was saved: not its old rules for a moment.
	const saving = useChange(async (planned: RuleStep[]) => {
		tell(0);
		await changeRules(filter.id, planned, tell);
		await refresh(filterQuery(filter.id).key);
	}, "filter");
	const steps = draft ? planChanges(filter.rules, draft.rules) : [];
	const faults = draft ? ruleFaults(draft.rules) : 0;
	const outdated = draft && keepEqual(draft.base, filter.rules) !== draft.base;
	const save = async () => {
		if (!(await saving.run(steps))) return;
		notify("success", `The rules of ${filter.id} are changed.`);
		props.onClose();
	};
	return (
		<SpaceBetween size="s">
			<ChangeProblem problem={saving.problem} />
			{outdated && !saving.running && (
				<Alert
					type="warning"
					header="The filter has been changed meanwhile"
				>
					Saving makes its rules those that you see here.
				</Alert>
			)}
			<SpaceBetween direction="horizontal" size="xs" alignItems="center">
				<Button
					variant="primary"
					disabled={steps.length === 0 || faults > 0}
					loading={saving.running}
					onClick={save}
				>
					Save changes
				</Button>
				<Button disabled={!draft || saving.running} onClick={props.onClose}>
					Discard
				</Button>
				<FileActions
					filter={filter}
					rules={draft?.rules}
					onRead={props.onChange}
				/>
				<Box
					color={
						faults > 0
							? "text-status-error"
							: "text-body-secondary"
					}
				>
					<span role="status">
						{saving.running
							? `${done} of the changes are saved`
							: summarize(steps.length, faults)}
					</span>
				</Box>
			</SpaceBetween>
		</SpaceBetween>
	);
}

function summarize(steps: number, faults: number): string {
	if (faults > 0)
		return faults === 1
			? "One field needs attention"
			: `${faults} fields need attention`;
	if (steps > 0) return steps === 1 ? "One change to save" : `${steps} changes to save`;
	return "";
}

function FileActions(props: {
	filter: Filter;
	rules?: RuleDraft[];
	onRead(rules: RuleDraft[]): void;
}) {
	const {filter} = props;
	const input = useRef<HTMLInputElement>(null);
	const read = async (file: File | undefined) => {
		try {
			if (file)
				props.onRead(adoptKeys(filter.rules, readRules(await file.text())));
		} catch (error) {
			notify("error", `${file!.name}: ${(error as Error).message}`);
		}
	};
	const write = () =>
		saveFile(
			`${filter.id}.json`,
			"application/json",
			writeRules(filter.description, props.rules ?? filter.rules),
		);
	return (
		<>
			<ButtonDropdown
				items={[
					{
						id: "import",
						text: "Import from JSON",
						description: "Takes the place of all rules",
					},
					{id: "export", text: "Export as JSON"},
				]}
				onItemClick={({detail}) =>
					detail.id === "import" ? input.current?.click() : write()
				}
			>
				File
			</ButtonDropdown>
			<input
				ref={input}
				type="file"
				accept="application/json,.json"
				hidden
				aria-label="A file with rules"
				onChange={(event) => {
					void read(event.target.files?.[0]);
					event.target.value = ""; // So that the same file can be chosen again.
				}}
			/>
		</>
	);
}
