/* How many sessions have something: a source, a filter, a target. */
import {useMemo} from "react";
import {useQuery} from "~/data/use";
import {countSessions, type Session, sessionsQuery} from "~/nouns/sessions";

type Field = "networkInterfaceId" | "trafficMirrorFilterId" | "trafficMirrorTargetId";

/* By its id; nothing while sessions are not known. */
export function useSessionCounts(field: Field & keyof Session): (id: string) => number | undefined {
	const sessions = useQuery(sessionsQuery).value;
	return useMemo(() => {
		const counts = sessions && countSessions(sessions, field);
		return (id) => counts && (counts.get(id) ?? 0);
	}, [sessions, field]);
}
