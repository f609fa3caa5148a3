/* The question before something is lost.  What cannot be undone asks for a word to be typed.
 *
 * It does what it asks about, and tells above the page what was done.  Whoever leaves it while the change runs ends what of
 * it has not begun, and still hears what became of it; but he is not led away from where he is by then. */
import Alert from "@cloudscape-design/components/alert";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import {type ReactNode, useEffect, useRef, useState} from "react";
import type {Problem} from "~/api/problem";
import type {Kind} from "~/data/cache";
import {perform} from "~/data/perform";
import {notify} from "~/shell/notices";
import {changeText} from "./ProblemView";
import {Question} from "./Question";

interface Props<T> {
	title: string; // A question: "Delete 3 sessions?"
	children: ReactNode; // What will happen.
	deed: string; // On the button.
	word?: string; // To be typed first.
	/* A long one tells how far it is, and begins nothing more once the signal says so. */
	change(told: (progress: string) => void, signal: AbortSignal): Promise<T>;
	kinds: Kind[];
	done: string | ((value: T) => string); // Told above the page.
	onDone?(): void;
	onClose(): void;
}

export function ConfirmChange<T>(props: Props<T>) {
	const {title, deed, word, change, kinds, done, onDone, onClose} = props;
	const [typed, setTyped] = useState("");
	const [running, setRunning] = useState(false);
	const [progress, tell] = useState("");
	const [problem, setProblem] = useState<Problem>();
	const leaving = useLeaving();
	const ready = !word || typed.trim().toLowerCase() === word;
	const confirm = async () => {
		if (!ready || running) return;
		setRunning(true);
		const {signal} = leaving.current;
		const outcome = await perform(() => change(tell, signal), ...kinds);
		setRunning(false);
		setProblem(outcome.problem);
		if (outcome.problem) {
			if (signal.aborted) notify("error", changeText(outcome.problem));
			return;
		}
		notify("success", typeof done === "string" ? done : done(outcome.value as T));
		if (signal.aborted) return;
		onClose();
		onDone?.();
	};
	return (
		<Question
			title={title}
			deed={deed}
			ready={ready}
			running={running}
			progress={progress}
			problem={problem}
			onConfirm={confirm}
			onCancel={onClose}
		>
			{word ? <Alert type="warning">{props.children}</Alert> : props.children}
			{word && (
				<FormField label={`To go on, type ${word}`}>
					<Input
						value={typed}
						placeholder={word}
						onChange={({detail}) => setTyped(detail.value)}
						onKeyDown={({detail}) =>
							detail.key === "Enter" && void confirm()
						}
						autoComplete={false}
						autoFocus
					/>
				</FormField>
			)}
		</Question>
	);
}

/* Aborted when the question is no longer on the page. */
function useLeaving() {
	const leaving = useRef(new AbortController());
	useEffect(() => {
		leaving.current = new AbortController();
		return () => leaving.current.abort();
	}, []);
	return leaving;
}
