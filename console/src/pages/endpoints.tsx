/* The endpoint services of a gateway, and the endpoints that ask for them or have them. */
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import {useQuery} from "~/data/use";
import {AskButton} from "~/kit/AskButton";
import {attempt} from "~/kit/attempt";
import type {Column} from "~/kit/columns";
import {ConfirmChange} from "~/kit/ConfirmChange";
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
			<DeleteService id={service?.serviceId} />
			<Button disabled={!service} onClick={toggle}>
				{service && needsAcceptance(service)
					? "Accept new endpoints by itself"
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
		</SpaceBetween>
	);
}

function DeleteService({id = ""}: {id?: string}) {
	return (
		<AskButton text="Delete" disabled={!id}>
			{(close) => (
				<ConfirmChange
					title={`Delete ${id}?`}
					deed="Delete"
					word="delete"
					change={() => deleteService(id)}
					kinds={["endpoint"]}
					done={`${id} is deleted.`}
					onClose={close}
				>
					One that endpoints have cannot be deleted.
				</ConfirmChange>
			)}
		</AskButton>
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
	const id = connection?.vpcEndpointId ?? "";
	const accept = () =>
		connection &&
		attempt(
			`${id} is accepted.`,
			() => acceptEndpoints(connection.serviceId, [id]),
			"endpoint",
		);
	return (
		<SpaceBetween direction="horizontal" size="xs">
			<AskButton text="Delete" disabled={!connection}>
				{(close) => (
					<ConfirmChange
						title={`Delete ${id}?`}
						deed="Delete"
						word="delete"
						change={() => deleteEndpoints([id])}
						kinds={["endpoint"]}
						done={`${id} is deleted.`}
						onClose={close}
					>
						One that a target stands before cannot be deleted,
						nor one of another account.
					</ConfirmChange>
				)}
			</AskButton>
			<RejectEndpoint connection={connection} />
			<Button
				disabled={connection?.vpcEndpointState !== "pendingAcceptance"}
				onClick={accept}
			>
				Accept
			</Button>
		</SpaceBetween>
	);
}

/* One that is in use is cut off by it, so that asks for a word. */
function RejectEndpoint({connection}: {connection?: Connection}) {
	const {vpcEndpointId: id = "", vpcEndpointState: state} = connection ?? {};
	const inUse = state === "available";
	return (
		<AskButton text="Reject" disabled={!inUse && state !== "pendingAcceptance"}>
			{(close) => (
				<ConfirmChange
					title={`Reject ${id}?`}
					deed="Reject"
					word={inUse ? "reject" : undefined}
					change={() => rejectEndpoints(connection!.serviceId, [id])}
					kinds={["endpoint"]}
					done={`${id} is rejected.`}
					onClose={close}
				>
					{inUse
						? `Copies that the account ${connection!.vpcEndpointOwner} sends by it come to the gateway no longer.`
						: `The account ${connection!.vpcEndpointOwner} cannot send to the gateway by it.`}
				</ConfirmChange>
			)}
		</AskButton>
	);
}

function needsAcceptance({acceptanceRequired}: Service): boolean {
	return acceptanceRequired === "true";
}
