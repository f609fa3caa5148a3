/* A user's policies, and the editor of one.  What is no JSON is told as one types; what the controller says about a
 * policy stands below its text. */
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";
import {useState} from "react";
import {problemOf} from "~/api/problem";
import {invalidate} from "~/data/cache";
import {reportOutcome} from "~/data/connection";
import {useQuery} from "~/data/use";
import {attempt} from "~/kit/attempt";
import type {Column} from "~/kit/columns";
import {useForm} from "~/kit/form";
import {TextField} from "~/kit/FormFields";
import {ChangeProblem} from "~/kit/ProblemView";
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

const fields = {
	name: {
		label: "Name",
		check: (text: string) =>
			/^[\w+=,.@-]{1,128}$/.test(text)
				? undefined
				: "A name has letters, digits, and + = , . @ _ - only, at most 128.",
		speaks: /policy ?name/i,
	},
	document: {
		label: "Policy",
		description: "In IAM's language.",
		check: faultOf,
		speaks: /MalformedPolicy|policy|statement|LimitExceeded/i,
	},
};

export function UserPolicies({user}: {user: string}) {
	const [edited, edit] = useState<Policy>();
	return (
		<>
			<ResourceTable
				name="policies"
				title="Policies"
				noun="policies"
				variant="container"
				query={useQuery(policiesQuery(user))}
				columns={columns}
				keyOf={({name}) => name}
				selection="single"
				actions={([policy]) => (
					<SpaceBetween direction="horizontal" size="xs">
						<Button
							disabled={!policy}
							onClick={() =>
								policy &&
								attempt(
									`${policy.name} is deleted.`,
									() =>
										deletePolicy(
											user,
											policy.name,
										),
									"user",
								)
							}
						>
							Delete
						</Button>
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
					onDone={() => edit(undefined)}
				/>
			)}
		</>
	);
}

function PolicyEditor(props: {user: string; policy: Policy; onDone(): void}) {
	const form = useForm(fields, {...props.policy});
	const [running, setRunning] = useState(false);
	const save = async () => {
		if (running || !form.submit()) return;
		setRunning(true);
		try {
			await putPolicy(props.user, form.texts);
			notify("success", `${form.texts.name} holds from now on.`);
			props.onDone();
		} catch (error) {
			const problem = problemOf(error, "PutUserPolicy");
			reportOutcome(problem);
			form.refuse(problem);
			setRunning(false);
		} finally {
			invalidate("user");
		}
	};
	return (
		<Modal
			visible
			size="large"
			header={props.policy.name ? `Edit ${props.policy.name}` : "Add a policy"}
			closeAriaLabel="Close"
			onDismiss={props.onDone}
			footer={
				<Box float="right">
					<SpaceBetween direction="horizontal" size="xs">
						<Button variant="link" onClick={props.onDone}>
							Cancel
						</Button>
						<Button
							variant="primary"
							loading={running}
							onClick={save}
						>
							Save
						</Button>
					</SpaceBetween>
				</Box>
			}
		>
			<SpaceBetween size="m">
				<ChangeProblem problem={form.problem} />
				<TextField
					form={form}
					name="name"
					readOnly={props.policy.name !== ""}
				/>
				<FormField
					label={fields.document.label}
					description={fields.document.description}
					errorText={form.error("document")}
					stretch
				>
					<Textarea
						rows={16}
						value={form.texts.document}
						onChange={({detail}) =>
							form.set("document", detail.value)
						}
						spellcheck={false}
					/>
				</FormField>
			</SpaceBetween>
		</Modal>
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
