/* The question before sessions are deleted, one or many. */
import {changeEach} from "~/api/patience";
import {ConfirmChange} from "~/kit/ConfirmChange";
import {countText} from "~/text/numbers";
import {deleteSession} from "~/nouns/sessions";

interface Props {
	ids: string[];
	onDone?(): void;
	onClose(): void;
}

export function DeleteSessions({ids, onDone, onClose}: Props) {
	const what = (count: number) =>
		count === 1 && ids.length === 1 ? ids[0]! : countText(count, "session");
	return (
		<ConfirmChange
			title={`Delete ${what(ids.length)}?`}
			deed="Delete"
			word="delete"
			change={(tell, signal) =>
				changeEach(ids, deleteSession, {
					told: (done) => tell(`${done} of ${ids.length}`),
					signal,
				})
			}
			kinds={["session"]}
			done={(count) => `${what(count)} ${count === 1 ? "is" : "are"} deleted.`}
			onDone={onDone}
			onClose={onClose}
		>
			Nothing more is copied then, and the history goes with the session. This
			cannot be undone.
		</ConfirmChange>
	);
}
