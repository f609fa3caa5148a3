/* One event, with its whole record. */
import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import CopyToClipboard from "@cloudscape-design/components/copy-to-clipboard";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import {useQuery} from "~/data/use";
import {Details} from "~/kit/Details";
import {type EventLine, eventQuery} from "~/nouns/events";
import {formatZoned} from "~/text/dates";
import {Objects, Outcome} from "./events";
import type {PageProps} from "./routes";

export default function EventPage({parameters}: PageProps) {
	const event = useQuery(eventQuery(parameters["id"]!));
	return (
		<SpaceBetween size="l">
			<Details
				query={event}
				noun="Event"
				title={({name}) => name}
				values={describe}
			/>
			{event.value && <Record record={event.value.record} />}
		</SpaceBetween>
	);
}

function describe(event: EventLine) {
	return [
		{label: "Time", value: event.time ? formatZoned(event.time) : "–"},
		{label: "Who", value: event.user || "–"},
		{label: "From", value: event.address || "–"},
		{label: "Outcome", value: <Outcome event={event} />},
		...(event.errorMessage ? [{label: "Reason", value: event.errorMessage}] : []),
		{label: "Objects", value: <Objects ids={event.resources} />},
		{label: "Service", value: event.source},
		{label: "Event", value: event.id},
	];
}

function Record({record}: {record: string}) {
	return (
		<Container
			header={
				<Header
					variant="h2"
					actions={
						<CopyToClipboard
							copyButtonText="Copy"
							copySuccessText="Copied"
							copyErrorText="The browser did not let it"
							textToCopy={record}
						/>
					}
				>
					Record
				</Header>
			}
		>
			<div className="record" tabIndex={0} role="region" aria-label="Record">
				<Box variant="pre">{record}</Box>
			</div>
		</Container>
	);
}
