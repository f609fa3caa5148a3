/* The question before sessions are deleted, one or many. */
import {useChange} from "~/data/use";
import {Confirm} from "~/kit/Confirm";
import {deleteSession} from "~/nouns/sessions";
import {notify} from "~/shell/notices";

interface Props {
	ids: string[];
	onDone(): void;
	onCancel(): void;
}

export function DeleteSessions({ids, onDone, onCancel}: Props) {
	const deletion = useChange(deleteAll, "session");
	const what = ids.length === 1 ? ids[0]! : `${ids.length} sessions`;
	const confirm = async () => {
		if (!(await deletion.run(ids))) return;
		notify("success", `${what} ${ids.length === 1 ? "is" : "are"} deleted.`);
		onDone();
	};
	return (
		<Confirm
			title={`Delete ${what}?`}
			deed="Delete"
			word="delete"
			running={deletion.running}
			problem={deletion.problem}
			onConfirm={confirm}
			onCancel={onCancel}
		>
			Nothing more is copied then, and the history goes with the session. This
			cannot be undone.
		</Confirm>
	);
}

/* A few at a time, so that nobody is throttled.  The first refusal ends it; what was deleted before stays so. */
async function deleteAll(ids: string[]): Promise<void> {
	const waiting = [...ids];
	const worker = async () => {
		for (let id = waiting.shift(); id; id = waiting.shift()) await deleteSession(id);
	};
	const end = (problem: unknown) => {
		waiting.length = 0;
		throw problem;
	};
	await Promise.all(Array.from({length: 4}, () => worker().catch(end)));
}
