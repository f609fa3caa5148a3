/* The question before something is lost.  What cannot be undone asks for a word to be typed. */
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import {type ReactNode, useState} from "react";
import type {Problem} from "~/api/problem";
import {ChangeProblem} from "./ProblemView";

interface Props {
	title: string; // A question: "Delete 3 sessions?"
	children: ReactNode; // What will happen.
	deed: string; // On the button.
	word?: string; // To be typed first.
	running: boolean;
	problem?: Problem;
	onConfirm(): void;
	onCancel(): void;
}

export function Confirm(props: Props) {
	const [typed, setTyped] = useState("");
	const ready = !props.word || typed.trim().toLowerCase() === props.word;
	const confirm = () => ready && !props.running && props.onConfirm();
	return (
		<Modal
			visible
			header={props.title}
			closeAriaLabel="Close"
			onDismiss={props.onCancel}
			footer={
				<Box float="right">
					<SpaceBetween direction="horizontal" size="xs">
						<Button variant="link" onClick={props.onCancel}>
							Cancel
						</Button>
						<Button
							variant="primary"
							disabled={!ready}
							loading={props.running}
							onClick={confirm}
						>
							{props.deed}
						</Button>
					</SpaceBetween>
				</Box>
			}
		>
			<SpaceBetween size="m">
				<ChangeProblem problem={props.problem} />
				{props.word ? (
					<Alert type="warning">{props.children}</Alert>
				) : (
					props.children
				)}
				{props.word && (
					<FormField label={`To go on, type ${props.word}`}>
						<Input
							value={typed}
							placeholder={props.word}
							onChange={({detail}) =>
								setTyped(detail.value)
							}
							onKeyDown={({detail}) =>
								detail.key === "Enter" && confirm()
							}
							autoComplete={false}
							autoFocus
						/>
					</FormField>
				)}
			</SpaceBetween>
		</Modal>
	);
}
