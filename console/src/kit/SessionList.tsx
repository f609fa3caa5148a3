/* Some of the sessions, on the page of what they have in common. */
import {useMemo} from "react";
import {useQuery, useStable} from "~/data/use";
import {type Session, sessionsQuery} from "~/nouns/sessions";
import {statusesQuery} from "~/nouns/status";
import {joinStatus, sessionColumns} from "./session-columns";
import {ResourceTable} from "./ResourceTable";

export function SessionList({of, empty}: {of(session: Session): boolean; empty: string}) {
	const sessions = useQuery(sessionsQuery);
	const statuses = useQuery(statusesQuery);
	const lines = useStable(
		useMemo(
			() =>
				sessions.value &&
				joinStatus(sessions.value.filter(of), statuses.value ?? []),
			// 'of' is written in place, and asks the same each time.
			[sessions.value, statuses.value],
		),
	);
	return (
		<ResourceTable
			name="sessions-of"
			title="Sessions"
			noun="sessions"
			variant="container"
			query={{...sessions, value: lines}}
			columns={sessionColumns}
			keyOf={({session}) => session.trafficMirrorSessionId}
			empty={empty}
		/>
	);
}
