/* What a look in passing tells: how many sessions are in which state. */
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import {useQuery} from "~/data/use";
import {Loading} from "~/kit/Loading";
import {Page} from "~/kit/Page";
import {ProblemView} from "~/kit/ProblemView";
import {RouteButton, RouteLink} from "~/kit/RouteLink";
import {SessionState} from "~/kit/SessionState";
import {type SessionStatus, statusesQuery} from "~/nouns/status";

export default function Overview() {
	const statuses = useQuery(statusesQuery);
	return (
		<Page title="Overview" description="What is mirrored in this account, now.">
			<Container
				header={
					<Header
						variant="h2"
						actions={
							<RouteButton to="/sessions">
								All sessions
							</RouteButton>
						}
					>
						Sessions
					</Header>
				}
			>
				{statuses.value ? (
					<States statuses={statuses.value} />
				) : statuses.problem ? (
					<ProblemView
						problem={statuses.problem}
						onRetry={statuses.refresh}
					/>
				) : (
					<Loading />
				)}
			</Container>
		</Page>
	);
}

function States({statuses}: {statuses: SessionStatus[]}) {
	const counts = new Map<string, number>();
	for (const {state} of statuses) counts.set(state, (counts.get(state) ?? 0) + 1);
	const items = [...counts].map(([state, count]) => ({
		label: <SessionState state={state} />,
		value: <RouteLink to="/sessions">{count.toLocaleString()}</RouteLink>,
	}));
	return (
		<KeyValuePairs
			columns={4}
			items={[{label: "In all", value: statuses.length}, ...items]}
		/>
	);
}
