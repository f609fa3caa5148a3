/* The appliances of a target group: how each does, and who comes and goes. */
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";
import {useState} from "react";
import {useChange, useQuery} from "~/data/use";
import {AskButton} from "~/kit/AskButton";
import {numberBetween} from "~/kit/checks";
import type {Column} from "~/kit/columns";
import {ConfirmChange} from "~/kit/ConfirmChange";
import {HealthState, healthText} from "~/kit/HealthState";
import {Id} from "~/kit/Id";
import {Question} from "~/kit/Question";
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

export function Members({group}: {group: Group}) {
	const members = useQuery(membersQuery(group.TargetGroupArn));
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
					<Deregister group={group} members={selected} />
					<AskButton
						text="Change the weight"
						disabled={selected.length === 0}
					>
						{(close) => (
							<ChangeWeight
								group={group}
								members={selected}
								onClose={close}
							/>
						)}
					</AskButton>
					<AskButton text="Register">
						{(close) => (
							<Register group={group} onClose={close} />
						)}
					</AskButton>
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
			running={change.running}
			problem={change.problem}
			onConfirm={register}
			onCancel={onClose}
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
			running={change.running}
			problem={change.problem}
			onConfirm={save}
			onCancel={props.onClose}
		>
			<WeightField weight={weight} onChange={setWeight} />
		</Question>
	);
}

function Deregister({group, members}: {group: Group; members: Member[]}) {
	return (
		<AskButton text="Deregister" disabled={members.length === 0}>
			{(close) => (
				<ConfirmChange
					title={`Deregister ${countText(members.length, true)}?`}
					deed="Deregister"
					change={() =>
						deregisterMembers(group.TargetGroupArn, members)
					}
					kinds={["balancer"]}
					done={`${countText(members.length)} being deregistered.`}
					onClose={close}
				>
					New flows go elsewhere at once; flows that are there stay
					until the group's delay is over.
				</ConfirmChange>
			)}
		</AskButton>
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

function countText(count: number, asNoun = false): string {
	if (count === 1) return asNoun ? "one appliance" : "One appliance is";
	return `${count} appliances${asNoun ? "" : " are"}`;
}
