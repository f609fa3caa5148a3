/* The listeners of a load balancer: which group gets what comes by which port. */
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import {useState} from "react";
import {useChange, useQuery} from "~/data/use";
import {AskButton} from "~/kit/AskButton";
import {portNumber} from "~/kit/checks";
import type {Column} from "~/kit/columns";
import {ConfirmChange} from "~/kit/ConfirmChange";
import {Id} from "~/kit/Id";
import {Question} from "~/kit/Question";
import {ResourceTable} from "~/kit/ResourceTable";
import {
	type Balancer,
	createListener,
	deleteListener,
	forwardListener,
	type Listener,
	listenersQuery,
} from "~/nouns/balancers";
import {arnName} from "~/nouns/balancing";
import {groupsQuery} from "~/nouns/groups";
import {notify} from "~/shell/notices";

const columns: Column<Listener>[] = [
	{id: "name", header: "Listener", value: listenerText, width: 180},
	{
		id: "group",
		header: "Forwards to",
		value: (item) => arnName(groupOf(item)),
		cell: (item) => <Id id={groupOf(item)} text={arnName(groupOf(item))} />,
		width: 260,
	},
	{id: "arn", header: "ARN", value: (item) => item.ListenerArn, width: 560},
];

export function Listeners({balancer}: {balancer: Balancer}) {
	const listeners = useQuery(listenersQuery(balancer.LoadBalancerArn));
	return (
		<ResourceTable
			name="listeners"
			title="Listeners"
			noun="listeners"
			variant="container"
			query={listeners}
			columns={columns}
			keyOf={({ListenerArn}) => ListenerArn}
			selection="single"
			actions={([listener]) => (
				<SpaceBetween direction="horizontal" size="xs">
					<DeleteListener listener={listener} />
					<AskButton text="Change its group" disabled={!listener}>
						{(close) => (
							<ListenerForm
								balancer={balancer}
								listener={listener}
								onClose={close}
							/>
						)}
					</AskButton>
					<AskButton text="Add a listener">
						{(close) => (
							<ListenerForm
								balancer={balancer}
								onClose={close}
							/>
						)}
					</AskButton>
				</SpaceBetween>
			)}
			empty="Without a listener it forwards nothing."
		/>
	);
}

/* Of a new listener, or for another group of one that is there. */
function ListenerForm(props: {balancer: Balancer; listener?: Listener; onClose(): void}) {
	const {balancer, listener} = props;
	const isGateway = balancer.Type === "gateway";
	const groups = useQuery(groupsQuery);
	const [port, setPort] = useState("4789");
	const [group, setGroup] = useState(listener ? groupOf(listener) : "");
	const change = useChange(
		() =>
			listener
				? forwardListener(listener.ListenerArn, group)
				: createListener(
						balancer.LoadBalancerArn,
						group,
						isGateway ? undefined : port.trim(),
					),
		"balancer",
	);
	const choices = (groups.value ?? [])
		.filter(({Protocol}) => (Protocol === "GENEVE") === isGateway)
		.map((item) => ({
			value: item.TargetGroupArn,
			label: item.TargetGroupName,
			description: `${item.Protocol} port ${item.Port}`,
		}));
	const fault = isGateway || listener ? undefined : portNumber(port.trim());
	const save = async () => {
		if (!group || fault || !(await change.run())) return;
		notify("success", "Copies are forwarded to the group.");
		props.onClose();
	};
	return (
		<Question
			title={listener ? "Change the listener's group" : "Add a listener"}
			deed={listener ? "Change" : "Add"}
			ready={!!group && !fault}
			running={change.running}
			problem={change.problem}
			onConfirm={save}
			onCancel={props.onClose}
		>
			{!isGateway && !listener && (
				<FormField
					label="UDP port"
					description="Targets send to the listener of port 4789."
					errorText={fault}
				>
					<Input
						value={port}
						inputMode="numeric"
						onChange={({detail}) => setPort(detail.value)}
					/>
				</FormField>
			)}
			<FormField label="Target group">
				<Select
					selectedOption={
						choices.find(({value}) => value === group) ?? null
					}
					options={choices}
					statusType={groups.value ? "finished" : "loading"}
					placeholder="Choose"
					empty="There are none of its kind."
					onChange={({detail}) =>
						setGroup(detail.selectedOption.value ?? "")
					}
					expandToViewport
				/>
			</FormField>
		</Question>
	);
}

function DeleteListener({listener}: {listener?: Listener}) {
	return (
		<AskButton text="Delete" disabled={!listener}>
			{(close) => (
				<ConfirmChange
					title={`Delete the listener ${listenerText(listener!)}?`}
					deed="Delete"
					change={() => deleteListener(listener!.ListenerArn)}
					kinds={["balancer"]}
					done="The listener is deleted."
					onClose={close}
				>
					Sessions whose copies come by it have no target then.
				</ConfirmChange>
			)}
		</AskButton>
	);
}

function listenerText(item: Listener): string {
	return item.Port ? `${item.Protocol} ${item.Port}` : "All traffic";
}

function groupOf(item: Listener): string {
	return item.DefaultActions[0]?.TargetGroupArn ?? "";
}
