/* The fields of a form (form.ts), drawn. */
import FormField from "@cloudscape-design/components/form-field";
import Input, {type InputProps} from "@cloudscape-design/components/input";
import Select, {type SelectProps} from "@cloudscape-design/components/select";
import Textarea from "@cloudscape-design/components/textarea";
import Toggle from "@cloudscape-design/components/toggle";
import type {ReactNode} from "react";
import type {Shown} from "~/data/use";
import type {Fields, FormState} from "./form";

interface Props<F extends Fields> {
	form: FormState<F>;
	name: keyof F & string;
}

export function LabelledField<F extends Fields>({
	form,
	name,
	children,
	secondary,
}: Props<F> & {children: ReactNode; secondary?: ReactNode}) {
	const field = form.fields[name]!;
	const label = field.optional ? (
		<>
			{field.label} <i>– optional</i>
		</>
	) : (
		field.label
	);
	return (
		<FormField
			label={label}
			description={field.description}
			constraintText={field.constraint}
			errorText={form.error(name)}
			secondaryControl={secondary}
		>
			{children}
		</FormField>
	);
}

export function TextField<F extends Fields>({
	form,
	name,
	...input
}: Props<F> & Omit<InputProps, "value" | "form" | "name">) {
	return (
		<LabelledField form={form} name={name}>
			<Input
				{...input}
				value={form.texts[name]}
				onChange={({detail}) => form.set(name, detail.value)}
				autoComplete={false}
				spellcheck={false}
			/>
		</LabelledField>
	);
}

export function NumberField<F extends Fields>(props: Props<F> & {placeholder?: string}) {
	return <TextField {...props} inputMode="numeric" />;
}

export function LongTextField<F extends Fields>({form, name}: Props<F>) {
	return (
		<LabelledField form={form} name={name}>
			<Textarea
				rows={2}
				value={form.texts[name]}
				onChange={({detail}) => form.set(name, detail.value)}
			/>
		</LabelledField>
	);
}

export function ToggleField<F extends Fields>({form, name}: Props<F>) {
	const field = form.fields[name]!;
	return (
		<Toggle
			checked={form.texts[name] === "true"}
			onChange={({detail}) => form.set(name, String(detail.checked))}
			description={field.description}
		>
			{field.label}
		</Toggle>
	);
}

export interface Choice {
	value: string;
	label?: string;
	description?: string;
	labelTag?: string;
	tags?: string[];
	disabled?: boolean;
}

/* A choice among objects (or words); 'query' says whether they are known yet. */
export function ChoiceField<F extends Fields>({
	form,
	name,
	choices,
	query,
	placeholder,
	secondary,
}: Props<F> & {
	choices: Choice[];
	query?: Shown<unknown>;
	placeholder?: string;
	secondary?: ReactNode;
}) {
	const text = form.texts[name];
	const chosen: SelectProps.Option | undefined = choices.find(({value}) => value === text);
	return (
		<LabelledField form={form} name={name} secondary={secondary}>
			<Select
				selectedOption={chosen ?? (text ? {value: text} : null)}
				options={choices}
				onChange={({detail}) =>
					form.set(name, detail.selectedOption.value ?? "")
				}
				filteringType={choices.length > 8 ? "auto" : "none"}
				statusType={statusOf(query)}
				errorText={query?.problem?.message}
				recoveryText={query?.problem && "Try again"}
				onLoadItems={() => query?.problem && query.refresh()}
				placeholder={placeholder ?? "Choose"}
				empty="There are none"
				virtualScroll={choices.length > 100}
				expandToViewport
			/>
		</LabelledField>
	);
}

function statusOf(query: Shown<unknown> | undefined): SelectProps["statusType"] {
	if (!query || query.value !== undefined) return "finished";
	return query.problem ? "error" : "loading";
}
