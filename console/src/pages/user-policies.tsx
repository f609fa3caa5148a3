/* A user's policies, and the editor of one.  What is no JSON is told as one types; what the controller says about a
 * policy stands below its text. */
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";
import {useState} from "react";
import {perform} from "~/data/perform";
import {useQuery, useShown} from "~/data/use";
import {AskButton} from "~/kit/AskButton";
import type {Column} from "~/kit/columns";
import {ConfirmChange} from "~/kit/ConfirmChange";
import {useForm} from "~/kit/form";
import {TextField} from "~/kit/FormFields";
import {Question} from "~/kit/Question";
import {ResourceTable} from "~/kit/ResourceTable";
import {deletePolicy, policiesQuery, type Policy, putPolicy} from "~/nouns/users";
import {notify} from "~/shell/notices";

const columns: Column<Policy>[] = [
	{id: "name", header: "Policy", value: ({name}) => name, width: 240},
	{
		id: "document",
		header: "Says",
		value: ({document}) => document.replace(/\s+/g, " "),
		width: 560,
	},
];

const example: Policy = {
	name: "",
	document: JSON.stringify(
		{
			Version: "2012-10-17",
			Statement: [{Effect: "Allow", Action: "ec2:Describe*", Resource: "*"}],
		},
		undefined,
		2,
	),
};

/* A new policy with a known name would silently take the other one's place. */
function fieldsOf(edited: Policy, taken: string[]) {
	const checkName = (name: string) => {
		if (!/^[\w+=,.@-]{1,128}$/.test(name))
			return "A name has letters, digits, and + = , . @ _ - only, at most 128.";
		return name !== edited.name && taken.includes(name)
			? "There is a policy with this name. Edit that one, or choose another name."
			: undefined;
	};
	return {
		name: {label: "Name", check: checkName, speaks: /policy ?name/i},
		document: {
			label: "Policy",
			description: "In IAM's language.",
			check: faultOf,
			speaks: /MalformedPolicy|policy|statement|LimitExceeded/i,
		},
	};
}

export function UserPolicies({user}: {user: string}) {
	const policies = useQuery(policiesQuery(user));
	const [edited, edit] = useState<Policy>();
	return (
		<>
			<ResourceTable
				name="policies"
				title="Policies"
				noun="policies"
				variant="container"
				query={policies}
				columns={columns}
				keyOf={({name}) => name}
				selection="single"
				actions={([policy]) => (
					<SpaceBetween direction="horizontal" size="xs">
						<DeletePolicy user={user} policy={policy} />
						<Button
							disabled={!policy}
							onClick={() => edit(policy)}
						>
							Edit
						</Button>
						<Button onClick={() => edit(example)}>
							Add a policy
						</Button>
					</SpaceBetween>
				)}
				empty="Without a policy the user may do nothing."
			/>
			{edited && (
				<PolicyEditor
					user={user}
					policy={edited}
					taken={(policies.value ?? []).map(({name}) => name)}
					onDone={() => edit(undefined)}
				/>
			)}
		</>
	);
}

function DeletePolicy({user, policy}: {user: string; policy?: Policy}) {
	const name = policy?.name ?? "";
	return (
		<AskButton text="Delete" disabled={!policy}>
			{(close) => (
				<ConfirmChange
					title={`Delete ${name}?`}
					deed="Delete"
					word="delete"
					change={() => deletePolicy(user, name)}
					kinds={["user"]}
					done={`${name} is deleted.`}
					onClose={close}
				>
					What only this policy allows is forbidden at once, also to
					who deletes a policy of his own.
				</ConfirmChange>
			)}
		</AskButton>
	);
}

interface EditorProps {
	user: string;
	policy: Policy; // Without a name, a new one.
	taken: string[]; // Names of policies that are there.
	onDone(): void;
}

function PolicyEditor(props: EditorProps) {
	const {user, policy, taken, onDone} = props;
	const form = useForm(fieldsOf(policy, taken), {...policy});
	const [running, setRunning] = useState(false);
	const shown = useShown();
	const save = async () => {
		if (running || !form.submit()) return;
		setRunning(true);
		const {problem} = await perform(() => putPolicy(user, form.texts), "user");
		setRunning(false);
		form.refuse(problem);
		if (problem) return;
		notify("success", `${form.texts.name} holds from now on.`);
		if (shown.current) onDone();
	};
	return (
		<Question
			size="large"
			title={policy.name ? `Edit ${policy.name}` : "Add a policy"}
			deed="Save"
			running={running}
			problem={form.problem}
			onConfirm={save}
			onCancel={onDone}
		>
			<TextField form={form} name="name" readOnly={policy.name !== ""} />
			<FormField
				label={form.fields.document.label}
				description={form.fields.document.description}
				errorText={form.error("document")}
				stretch
			>
				<Textarea
					rows={16}
					value={form.texts.document}
					onChange={({detail}) => form.set("document", detail.value)}
					spellcheck={false}
				/>
			</FormField>
		</Question>
	);
}

function faultOf(text: string): string | undefined {
	try {
		JSON.parse(text);
		return undefined;
	} catch (error) {
		return `This is not JSON yet: ${(error as Error).message}`;
	}
}
