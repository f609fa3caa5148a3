/* The endpoint services of a gateway, and the endpoints that ask for them or have them. */
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import {useState} from "react";
import {useChange, useQuery} from "~/data/use";
import {attempt} from "~/kit/attempt";
import type {Column} from "~/kit/columns";
import {Confirm} from "~/kit/Confirm";
import {ResourceTable} from "~/kit/ResourceTable";
import {
	acceptEndpoints,
	type Connection,
	connectionsQuery,
	createEndpoint,
	createService,
	deleteEndpoints,
	deleteService,
	rejectEndpoints,
	type Service,
	servicesQuery,
	setAcceptance,
} from "~/nouns/endpoints";
import {notify} from "~/shell/notices";
import {parseDate} from "~/text/dates";

const serviceColumns: Column<Service>[] = [
	{id: "id", header: "Service", value: ({serviceId}) => serviceId, width: 240},
	{id: "name", header: "Name", value: ({serviceName}) => serviceName, width: 420},
	{
		id: "acceptance",
		header: "Endpoints",
		value: (item) => (needsAcceptance(item) ? "Must be accepted" : "Are accepted"),
		width: 180,
	},
];

const connectionColumns: Column<Connection>[] = [
	{id: "id", header: "Endpoint", value: ({vpcEndpointId}) => vpcEndpointId, width: 240},
	{
		id: "state",
		header: "State",
		value: ({vpcEndpointState}) => vpcEndpointState,
		choices: true,
	},
	{id: "owner", header: "Account", value: ({vpcEndpointOwner}) => vpcEndpointOwner},
	{id: "service", header: "Service", value: ({serviceId}) => serviceId, width: 240},
	{
		id: "created",
		header: "Created",
		value: ({creationTimestamp}) => parseDate(creationTimestamp),
		width: 220,
	},
];

export function Endpoints({balancer}: {balancer: string}) {
	return (
		<SpaceBetween size="l">
			<Services balancer={balancer} />
			<Connections balancer={balancer} />
		</SpaceBetween>
	);
}

function Services({balancer}: {balancer: string}) {
	const services = useQuery(servicesQuery(balancer));
	return (
		<ResourceTable
			name="services"
			title="Endpoint services"
			noun="endpoint services"
			variant="container"
			query={services}
			columns={serviceColumns}
			keyOf={({serviceId}) => serviceId}
			selection="single"
			actions={([service]) => (
				<ServiceActions balancer={balancer} service={service} />
			)}
			empty="Endpoints need a service, by which copies come to the gateway."
		/>
	);
}

function ServiceActions({balancer, service}: {balancer: string; service?: Service}) {
	const [asking, ask] = useState(false);
	const deletion = useChange(deleteService, "endpoint");
	const confirm = async () => {
		if (!service || !(await deletion.run(service.serviceId))) return;
		notify("success", `${service.serviceId} is deleted.`);
		ask(false);
	};
	const toggle = () =>
		service &&
		attempt(
			"Whether endpoints must be accepted is changed.",
			() => setAcceptance(service.serviceId, !needsAcceptance(service)),
			"endpoint",
		);
	const connect = () =>
		service &&
		attempt(
			"The endpoint is made. A target can stand before it.",
			() => createEndpoint(service.serviceName),
			"endpoint",
		);
	return (
		<SpaceBetween direction="horizontal" size="xs">
			<Button disabled={!service} onClick={() => ask(true)}>
				Delete
			</Button>
			<Button disabled={!service} onClick={toggle}>
				{service && needsAcceptance(service)
					? "Accept all endpoints"
					: "Ask for acceptance"}
			</Button>
			<Button disabled={!service} onClick={connect}>
				Create an endpoint
			</Button>
			<Button
				onClick={() =>
					attempt(
						"The endpoint service is made.",
						() => createService(balancer),
						"endpoint",
					)
				}
			>
				Create a service
			</Button>
			{asking && service && (
				<Confirm
					title={`Delete ${service.serviceId}?`}
					deed="Delete"
					word="delete"
					running={deletion.running}
					problem={deletion.problem}
					onConfirm={confirm}
					onCancel={() => ask(false)}
				>
					One that endpoints have cannot be deleted.
				</Confirm>
			)}
		</SpaceBetween>
	);
}

function Connections({balancer}: {balancer: string}) {
	const connections = useQuery(connectionsQuery(balancer));
	return (
		<ResourceTable
			name="connections"
			title="Endpoints"
			noun="endpoints"
			variant="container"
			query={connections}
			columns={connectionColumns}
			keyOf={({vpcEndpointId}) => vpcEndpointId}
			selection="single"
			actions={([connection]) => <ConnectionActions connection={connection} />}
			empty="Nobody has an endpoint of the services above."
		/>
	);
}

function ConnectionActions({connection}: {connection?: Connection}) {
	const [asking, ask] = useState(false);
	const deletion = useChange(deleteEndpoints, "endpoint");
	const state = connection?.vpcEndpointState;
	const id = connection?.vpcEndpointId ?? "";
	const confirm = async () => {
		if (!(await deletion.run([id]))) return;
		notify("success", `${id} is deleted.`);
		ask(false);
	};
	const answer = (done: string, change: typeof acceptEndpoints) => () =>
		connection &&
		attempt(`${id} is ${done}.`, () => change(connection.serviceId, [id]), "endpoint");
	return (
		<SpaceBetween direction="horizontal" size="xs">
			<Button disabled={!connection} onClick={() => ask(true)}>
				Delete
			</Button>
			<Button
				disabled={state !== "pendingAcceptance" && state !== "available"}
				onClick={answer("rejected", rejectEndpoints)}
			>
				Reject
			</Button>
			<Button
				disabled={state !== "pendingAcceptance"}
				onClick={answer("accepted", acceptEndpoints)}
			>
				Accept
			</Button>
			{asking && connection && (
				<Confirm
					title={`Delete ${id}?`}
					deed="Delete"
					word="delete"
					running={deletion.running}
					problem={deletion.problem}
					onConfirm={confirm}
					onCancel={() => ask(false)}
				>
					One that a target stands before cannot be deleted, nor one
					of another account.
				</Confirm>
			)}
		</SpaceBetween>
	);
}

function needsAcceptance({acceptanceRequired}: Service): boolean {
	return acceptanceRequired === "true";
}
