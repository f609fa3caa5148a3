/* The appliances of a target group: how each does, and who comes and goes. */
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";
import {useState} from "react";
import {useChange, useQuery} from "~/data/use";
import {numberBetween} from "~/kit/checks";
import type {Column} from "~/kit/columns";
import {Confirm} from "~/kit/Confirm";
import {HealthState, healthText} from "~/kit/HealthState";
import {Id} from "~/kit/Id";
import {ChangeProblem} from "~/kit/ProblemView";
import {ResourceTable} from "~/kit/ResourceTable";
import {
	deregisterMembers,
	type Group,
	type Member,
	memberKey,
	membersQuery,
	type NewMember,
	registerMembers,
} from "~/nouns/groups";
import {notify} from "~/shell/notices";
import {readAppliances} from "~/text/appliances";

const columns: Column<Member>[] = [
	{
		id: "id",
		header: "Appliance",
		value: ({Target}) => Target.Id,
		cell: ({Target}) => <Id id={Target.Id} />,
		width: 200,
	},
	{id: "port", header: "Port", value: ({Target}) => Target.Port, width: 100},
	{
		id: "state",
		header: "Health",
		value: ({TargetHealth}) => healthText(TargetHealth.State),
		cell: ({TargetHealth}) => <HealthState health={TargetHealth} />,
		choices: true,
	},
	{
		id: "reason",
		header: "Reason",
		value: ({TargetHealth}) => TargetHealth.Description,
		width: 360,
	},
	{
		id: "weight",
		header: "Weight",
		value: ({Extension}) => Number(Extension?.Weight ?? 1),
		width: 110,
	},
	{
		id: "check",
		header: "Check's port",
		value: ({HealthCheckPort}) => HealthCheckPort,
		hidden: true,
	},
];

const weightFault = numberBetween(1, 1000);

type Asking = "register" | "weight" | "deregister" | undefined;

export function Members({group}: {group: Group}) {
	const members = useQuery(membersQuery(group.TargetGroupArn));
	const [asking, ask] = useState<Asking>();
	const close = () => ask(undefined);
	return (
		<ResourceTable
			name="members"
			title="Appliances"
			noun="appliances"
			variant="container"
			query={members}
			columns={columns}
			keyOf={memberKey}
			selection="multi"
			actions={(selected) => (
				<SpaceBetween direction="horizontal" size="xs">
					<Button
						disabled={selected.length === 0}
						onClick={() => ask("deregister")}
					>
						Deregister
					</Button>
					<Button
						disabled={selected.length === 0}
						onClick={() => ask("weight")}
					>
						Change the weight
					</Button>
					<Button onClick={() => ask("register")}>Register</Button>
					{asking === "register" && (
						<Register group={group} onClose={close} />
					)}
					{asking === "weight" && (
						<ChangeWeight
							group={group}
							members={selected}
							onClose={close}
						/>
					)}
					{asking === "deregister" && (
						<Deregister
							group={group}
							members={selected}
							onClose={close}
						/>
					)}
				</SpaceBetween>
			)}
			empty="Copies to a group without appliances have no target. Register one."
		/>
	);
}

function Register({group, onClose}: {group: Group; onClose(): void}) {
	const [text, setText] = useState("");
	const [weight, setWeight] = useState("1");
	const change = useChange(registerMembers, "balancer");
	const {members, fault} = readAppliances(text, group.TargetType === "ip");
	const ready = members.length > 0 && !fault && !weightFault(weight);
	const register = async () => {
		const wished: NewMember[] = members.map((member) => ({...member, weight}));
		if (!ready || !(await change.run(group.TargetGroupArn, wished))) return;
		notify("success", `${countText(members.length)} registered.`);
		onClose();
	};
	return (
		<Question
			title="Register appliances"
			deed="Register"
			ready={ready}
			change={change}
			onConfirm={register}
			onClose={onClose}
		>
			<FormField
				label={group.TargetType === "ip" ? "Addresses" : "Instances"}
				description={`One on each line; with a port of its own as in ${
					group.TargetType === "ip" ? "10.0.0.5:4790" : "i-0123:4790"
				}, else port ${group.Port}.`}
				errorText={fault}
			>
				<Textarea
					value={text}
					rows={4}
					onChange={({detail}) => setText(detail.value)}
					autoFocus
				/>
			</FormField>
			<WeightField weight={weight} onChange={setWeight} />
		</Question>
	);
}

function ChangeWeight(props: {group: Group; members: Member[]; onClose(): void}) {
	const [weight, setWeight] = useState(props.members[0]?.Extension?.Weight ?? "1");
	const change = useChange(registerMembers, "balancer");
	const ready = !weightFault(weight);
	const save = async () => {
		const wished = props.members.map(({Target: {Id, Port}}) => ({Id, Port, weight}));
		if (!ready || !(await change.run(props.group.TargetGroupArn, wished))) return;
		notify("success", `The weight of ${countText(wished.length, true)} is ${weight}.`);
		props.onClose();
	};
	return (
		<Question
			title={`Change the weight of ${countText(props.members.length, true)}`}
			deed="Change"
			ready={ready}
			change={change}
			onConfirm={save}
			onClose={props.onClose}
		>
			<WeightField weight={weight} onChange={setWeight} />
		</Question>
	);
}

function Deregister(props: {group: Group; members: Member[]; onClose(): void}) {
	const change = useChange(deregisterMembers, "balancer");
	const what = countText(props.members.length, true);
	const confirm = async () => {
		if (!(await change.run(props.group.TargetGroupArn, props.members))) return;
		notify("success", `${countText(props.members.length)} being deregistered.`);
		props.onClose();
	};
	return (
		<Confirm
			title={`Deregister ${what}?`}
			deed="Deregister"
			running={change.running}
			problem={change.problem}
			onConfirm={confirm}
			onCancel={props.onClose}
		>
			New flows go elsewhere at once; flows that are there stay until the group's
			delay is over.
		</Confirm>
	);
}

function WeightField({weight, onChange}: {weight: string; onChange(weight: string): void}) {
	return (
		<FormField
			label="Weight"
			description="The share of flows, compared with the others; from 1 to 1,000."
			errorText={weightFault(weight)}
		>
			<Input
				value={weight}
				inputMode="numeric"
				onChange={({detail}) => onChange(detail.value.trim())}
			/>
		</FormField>
	);
}

function Question(props: {
	title: string;
	deed: string;
	ready: boolean;
	change: {running: boolean; problem?: Parameters<typeof ChangeProblem>[0]["problem"]};
	onConfirm(): void;
	onClose(): void;
	children: React.ReactNode;
}) {
	return (
		<Modal
			visible
			header={props.title}
			closeAriaLabel="Close"
			onDismiss={props.onClose}
			footer={
				<Box float="right">
					<SpaceBetween direction="horizontal" size="xs">
						<Button variant="link" onClick={props.onClose}>
							Cancel
						</Button>
						<Button
							variant="primary"
							disabled={!props.ready}
							loading={props.change.running}
							onClick={props.onConfirm}
						>
							{props.deed}
						</Button>
					</SpaceBetween>
				</Box>
			}
		>
			<SpaceBetween size="m">
				<ChangeProblem problem={props.change.problem} />
				{props.children}
			</SpaceBetween>
		</Modal>
	);
}

function countText(count: number, asNoun = false): string {
	if (count === 1) return asNoun ? "one appliance" : "One appliance is";
	return `${count} appliances${asNoun ? "" : " are"}`;
}
