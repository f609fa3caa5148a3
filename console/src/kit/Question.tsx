/* A question in front of the page, with a way out and a deed; what was refused stands in it. */
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Modal, {type ModalProps} from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import type {ReactNode} from "react";
import type {Problem} from "~/api/problem";
import {ChangeProblem} from "./ProblemView";

interface Props {
	title: string;
	deed: string; // On the button.
	ready?: boolean; // Whether it can be done, if not always.
	running: boolean;
	progress?: string; // How far a long one is.
	problem?: Problem;
	size?: ModalProps.Size;
	onConfirm(): void;
	onCancel(): void;
	children: ReactNode;
}

export function Question(props: Props) {
	const {title, deed, ready = true, running, progress, problem, onConfirm, onCancel} = props;
	return (
		<Modal
			visible
			header={title}
			size={props.size}
			closeAriaLabel="Close"
			onDismiss={onCancel}
			footer={
				<Box float="right">
					<SpaceBetween
						direction="horizontal"
						size="xs"
						alignItems="center"
					>
						<Box color="text-body-secondary">
							<span role="status">
								{running && progress}
							</span>
						</Box>
						<Button variant="link" onClick={onCancel}>
							Cancel
						</Button>
						<Button
							variant="primary"
							disabled={!ready}
							loading={running}
							onClick={onConfirm}
						>
							{deed}
						</Button>
					</SpaceBetween>
				</Box>
			}
		>
			<SpaceBetween size="m">
				<ChangeProblem problem={problem} />
				{props.children}
			</SpaceBetween>
		</Modal>
	);
}
