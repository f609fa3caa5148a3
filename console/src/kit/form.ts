/* A form as a table of fields: each row has a label, a check as one types, and the words by which the API's refusals
 * speak of it.
 *
 * So a refusal stands at the field it is about until that field is changed, and only what belongs to no field stands
 * above the form. */
import {useState} from "react";
import type {Problem} from "~/api/problem";

export interface Field {
	label: string;
	description?: string;
	constraint?: string; // What is allowed, said below the field.
	optional?: boolean;
	/* What is wrong with the text, as a sentence; nothing if it can be sent. */
	check?(text: string): string | undefined;
	speaks?: RegExp; // Matches messages and codes of refusals that are about this field.
}

export type Fields = Record<string, Field>;
export type Texts<F extends Fields> = {[name in keyof F]: string};

export interface FormState<F extends Fields> {
	fields: F;
	texts: Texts<F>;
	problem?: Problem; // The refusal, if it is about no field.
	set(name: keyof F, text: string): void;
	setAll(texts: Partial<Texts<F>>): void;
	/* What is wrong with a field: at once with its text, once sent also that it is missing, or the API's refusal. */
	error(name: keyof F): string | undefined;
	/* Whether these fields can be sent; from then on missing ones are shown. */
	submit(only?: readonly (keyof F)[]): boolean;
	/* Shows a refusal at the field that it is about, whose name it returns; or above the form. */
	refuse(problem: Problem | undefined): string | undefined;
}

interface Refused {
	problem: Problem;
	field?: string;
	text?: string; // The field's, when it was refused.
}

export function useForm<F extends Fields>(fields: F, first: Partial<Texts<F>> = {}): FormState<F> {
	const [texts, setTexts] = useState(() => fillTexts(fields, first));
	const [sent, setSent] = useState(false);
	const [refused, setRefused] = useState<Refused>();
	const refusedText = (name: keyof F) =>
		refused?.field === name && refused.text === texts[name]
			? refused.problem.message
			: undefined;

	return {
		fields,
		texts,
		problem: refused?.field ? undefined : refused?.problem,
		set: (name, text) => setTexts((old) => ({...old, [name]: text})),
		setAll: (more) => setTexts((old) => ({...old, ...more})),
		error: (name) => findFault(fields[name]!, texts[name], sent) ?? refusedText(name),
		submit(only = Object.keys(fields)) {
			setSent(true);
			setRefused(undefined);
			return only.every((name) => !findFault(fields[name]!, texts[name], true));
		},
		refuse(problem) {
			const field = problem && fieldOfProblem(fields, problem);
			setRefused(problem && {problem, field, text: field && texts[field]});
			return field;
		},
	};
}

/* Only what is refused for what was said can be about a field: not that it is forbidden, or too much at once. */
export function fieldOfProblem(fields: Fields, problem: Problem): string | undefined {
	if (problem.kind !== "refused" && problem.kind !== "missing") return undefined;
	return Object.keys(fields).find((name) => {
		const {speaks} = fields[name]!;
		return speaks && (speaks.test(problem.message) || speaks.test(problem.code));
	});
}

function findFault(field: Field, text: string, missingToo: boolean): string | undefined {
	if (text.trim() === "")
		return missingToo && !field.optional ? "This is needed." : undefined;
	return field.check?.(text.trim());
}

function fillTexts<F extends Fields>(fields: F, first: Partial<Texts<F>>): Texts<F> {
	const names = Object.keys(fields) as (keyof F)[];
	return Object.fromEntries(names.map((name) => [name, first[name] ?? ""])) as Texts<F>;
}
