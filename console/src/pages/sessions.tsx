/* All sessions of the account: what is copied from where to where, and how it is doing. */
import ButtonDropdown from "@cloudscape-design/components/button-dropdown";
import SpaceBetween from "@cloudscape-design/components/space-between";
import {useMemo, useState} from "react";
import {changeEach} from "~/api/patience";
import {useQuery, useStable} from "~/data/use";
import {attemptEach} from "~/kit/attempt";
import {useHelp, usePageTitle} from "~/kit/Page";
import {ResourceTable} from "~/kit/ResourceTable";
import {RouteButton} from "~/kit/RouteLink";
import {joinStatus, sessionColumns} from "~/kit/session-columns";
import {boundReason, pauseSession, type Session, sessionsQuery} from "~/nouns/sessions";
import {statusesQuery} from "~/nouns/status";
import {navigate} from "~/shell/location";
import {DeleteSessions} from "./session-delete";

export default function Sessions() {
	usePageTitle("Sessions");
	useHelp("Sessions", help);
	const sessions = useQuery(sessionsQuery);
	const statuses = useQuery(statusesQuery);
	const lines = useStable(
		useMemo(
			() => sessions.value && joinStatus(sessions.value, statuses.value ?? []),
			[sessions.value, statuses.value],
		),
	);
	return (
		<ResourceTable
			name="sessions"
			title="Sessions"
			noun="sessions"
			query={{...sessions, value: lines}}
			columns={sessionColumns}
			keyOf={({session}) => session.trafficMirrorSessionId}
			selection="multi"
			actions={(selected) => (
				<Actions selected={selected.map(({session}) => session)} />
			)}
			empty={<RouteButton to="/sessions/create">Create a session</RouteButton>}
		/>
	);
}

function Actions({selected}: {selected: Session[]}) {
	const [asking, ask] = useState(false);
	const ids = selected.map(({trafficMirrorSessionId}) => trafficMirrorSessionId);
	const one = ids.length === 1 ? ids[0] : undefined;
	const reason = selected.map(boundReason).find(Boolean);
	const bound = {disabled: reason !== undefined, disabledReason: reason};
	const pause = (paused: boolean) => {
		const deed = paused ? "paused" : "resumed";
		const text = one ? `${one} is ${deed}.` : `${ids.length} sessions are ${deed}.`;
		const change = (told: (done: number) => void) =>
			changeEach(ids, (id) => pauseSession(id, paused), {told});
		void attemptEach(text, ids.length, change, "session");
	};
	const deeds: Record<string, () => void> = {
		modify: () => navigate(`/sessions/${one}/modify`),
		clone: () => navigate(`/sessions/create?clone=${one}`),
		pause: () => pause(true),
		resume: () => pause(false),
		delete: () => ask(true),
	};
	return (
		<SpaceBetween direction="horizontal" size="xs">
			<ButtonDropdown
				disabled={ids.length === 0}
				items={[
					{
						id: "modify",
						text: "Modify",
						...(one ? bound : {disabled: true}),
					},
					{id: "clone", text: "Clone", disabled: !one},
					{id: "pause", text: "Pause", ...bound},
					{id: "resume", text: "Resume", ...bound},
					{id: "delete", text: "Delete", ...bound},
				]}
				onItemClick={({detail}) => deeds[detail.id]!()}
			>
				Actions
			</ButtonDropdown>
			<RouteButton variant="primary" to="/sessions/create">
				Create a session
			</RouteButton>
			{asking && <DeleteSessions ids={ids} onClose={() => ask(false)} />}
		</SpaceBetween>
	);
}

const help = <p>A session copies the traffic of one source to one target, through one filter.</p>;
