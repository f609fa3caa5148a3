/* The fields of a selector: which interfaces, by their tags, and what their sessions are like, as a session's form has it. */
import Alert from "@cloudscape-design/components/alert";
import AttributeEditor from "@cloudscape-design/components/attribute-editor";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";
import {type ReactNode, useState} from "react";
import {useForm} from "~/kit/form";
import {type SessionTexts, type Setting, settings} from "~/nouns/session-settings";
import {
	hasFault,
	keyFault,
	mostFilters,
	type TagFilterDraft,
	valuesFault,
} from "~/text/tag-filters";
import {
	FilterField,
	OptionFields,
	type SessionForm,
	sessionFields,
	SettingFields,
	TargetField,
} from "./session-form";

export const selectorFields = {
	...sessionFields,
	number: {
		...sessionFields.number,
		constraint: "From 1 to 32766. An interface that has a session of this number gets none.",
	},
	vni: {
		...sessionFields.vni,
		description: "Shared by all of its sessions. Otherwise each has one of its own.",
	},
};

/* All of a session's but the source, which the tags stand for. */
export const selectorSettings = (Object.keys(settings) as Setting[]).filter(
	(setting) => setting !== "source",
);

export interface SelectorFormState extends SessionForm {
	filters: TagFilterDraft[];
	setFilters(filters: TagFilterDraft[]): void;
	tried: boolean; // From then on what is missing is told.
}

/* 'fits' says whether what else the page asks for can be sent. */
export function useSelectorForm(
	first: {texts?: Partial<SessionTexts>; filters: TagFilterDraft[]},
	fits = () => true,
): SelectorFormState {
	const form = useForm(selectorFields, first.texts);
	const [filters, setFilters] = useState(first.filters);
	const [tried, setTried] = useState(false);
	return {
		...form,
		filters,
		setFilters,
		tried,
		submit(only) {
			setTried(true);
			return form.submit(only) && !hasFault(filters) && fits();
		},
	};
}

export function SelectorForm({form}: {form: SelectorFormState}) {
	const {filters, setFilters, tried} = form;
	return (
		<SpaceBetween size="xl">
			<Part
				title="Which interfaces"
				description="Tags of the interface and of its instance; all of these must match."
			>
				{tried && filters.length === 0 && (
					<Alert type="error">Say at least one tag.</Alert>
				)}
				<TagFilterFields
					filters={filters}
					onChange={setFilters}
					tried={tried}
				/>
			</Part>
			<Part title="Target and filter">
				<TargetField form={form} />
				<FilterField form={form} />
			</Part>
			<Part title="Settings">
				<SettingFields form={form} />
			</Part>
			<Part title="Options beyond AWS">
				<OptionFields form={form} />
			</Part>
		</SpaceBetween>
	);
}

function Part(props: {title: string; description?: string; children: ReactNode}) {
	return (
		<SpaceBetween size="l">
			<Header variant="h2" description={props.description}>
				{props.title}
			</Header>
			{props.children}
		</SpaceBetween>
	);
}

function TagFilterFields(props: {
	filters: TagFilterDraft[];
	tried: boolean;
	onChange(filters: TagFilterDraft[]): void;
}) {
	const {filters, onChange, tried} = props;
	const set = (index: number, part: Partial<TagFilterDraft>) =>
		onChange(filters.map((filter, i) => (i === index ? {...filter, ...part} : filter)));
	return (
		<AttributeEditor
			items={filters}
			definition={[
				{
					label: "Key",
					constraintText: "As in app, or tmirror:host.",
					control: ({key}, i) => (
						<Input
							value={key}
							ariaLabel={`Key of tag ${i + 1}`}
							onChange={({detail}) =>
								set(i, {key: detail.value})
							}
							autoComplete={false}
						/>
					),
					errorText: (filter) =>
						tried || filter.key + filter.lines !== ""
							? keyFault(filter)
							: undefined,
				},
				{
					label: "Values, one in each line",
					constraintText:
						"One must match; * and ? stand for anything. None: any does.",
					control: ({lines}, i) => (
						<Textarea
							value={lines}
							rows={Math.min(6, lines.split("\n").length)}
							ariaLabel={`Values of tag ${i + 1}`}
							onChange={({detail}) =>
								set(i, {lines: detail.value})
							}
						/>
					),
					errorText: (filter) => valuesFault(filter),
				},
			]}
			addButtonText="Add a tag to go by"
			removeButtonText="Remove"
			removeButtonAriaLabel={({key}) => `Remove the tag ${key}`}
			disableAddButton={filters.length >= mostFilters}
			onAddButtonClick={() => onChange([...filters, {key: "", lines: ""}])}
			onRemoveButtonClick={({detail}) =>
				onChange(filters.filter((_, i) => i !== detail.itemIndex))
			}
			empty="No tags"
		/>
	);
}
