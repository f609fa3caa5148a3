/* The listeners of a load balancer: which group gets what comes by which port. */
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Modal from "@cloudscape-design/components/modal";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import {useState} from "react";
import {useChange, useQuery} from "~/data/use";
import {portNumber} from "~/kit/checks";
import type {Column} from "~/kit/columns";
import {Confirm} from "~/kit/Confirm";
import {Id} from "~/kit/Id";
import {ChangeProblem} from "~/kit/ProblemView";
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

type Asking = "create" | "forward" | "delete" | undefined;

export function Listeners({balancer}: {balancer: Balancer}) {
	const listeners = useQuery(listenersQuery(balancer.LoadBalancerArn));
	const [asking, ask] = useState<Asking>();
	const close = () => ask(undefined);
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
					<Button disabled={!listener} onClick={() => ask("delete")}>
						Delete
					</Button>
					<Button disabled={!listener} onClick={() => ask("forward")}>
						Change its group
					</Button>
					<Button onClick={() => ask("create")}>
						Add a listener
					</Button>
					{asking === "create" && (
						<ListenerForm balancer={balancer} onClose={close} />
					)}
					{asking === "forward" && listener && (
						<ListenerForm
							balancer={balancer}
							listener={listener}
							onClose={close}
						/>
					)}
					{asking === "delete" && listener && (
						<DeleteListener
							listener={listener}
							onClose={close}
						/>
					)}
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
		<Modal
			visible
			header={listener ? "Change the listener's group" : "Add a listener"}
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
							disabled={!group || !!fault}
							loading={change.running}
							onClick={save}
						>
							{listener ? "Change" : "Add"}
						</Button>
					</SpaceBetween>
				</Box>
			}
		>
			<SpaceBetween size="m">
				<ChangeProblem problem={change.problem} />
				{!isGateway && !listener && (
					<FormField
						label="UDP port"
						description="Targets send to the listener of port 4789."
						errorText={fault}
					>
						<Input
							value={port}
							inputMode="numeric"
							onChange={({detail}) =>
								setPort(detail.value)
							}
						/>
					</FormField>
				)}
				<FormField label="Target group">
					<Select
						selectedOption={
							choices.find(
								({value}) => value === group,
							) ?? null
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
			</SpaceBetween>
		</Modal>
	);
}

function DeleteListener({listener, onClose}: {listener: Listener; onClose(): void}) {
	const deletion = useChange(deleteListener, "balancer");
	const confirm = async () => {
		if (!(await deletion.run(listener.ListenerArn))) return;
		notify("success", "The listener is deleted.");
		onClose();
	};
	return (
		<Confirm
			title={`Delete the listener ${listenerText(listener)}?`}
			deed="Delete"
			running={deletion.running}
			problem={deletion.problem}
			onConfirm={confirm}
			onCancel={onClose}
		>
			Sessions whose copies come by it have no target then.
		</Confirm>
	);
}

function listenerText(item: Listener): string {
	return item.Port ? `${item.Protocol} ${item.Port}` : "All traffic";
}

function groupOf(item: Listener): string {
	return item.DefaultActions[0]?.TargetGroupArn ?? "";
}
