/* A button, and the question that it opens.  With what it is about, which others may delete, the question goes as well. */
import Button from "@cloudscape-design/components/button";
import {type ReactNode, useEffect, useState} from "react";

interface Props {
	text: string;
	disabled?: boolean;
	variant?: "normal" | "inline-link";
	label?: string; // For who does not see what it stands beside.
	children(close: () => void): ReactNode;
}

export function AskButton({text, disabled = false, variant, label, children}: Props) {
	const [asking, ask] = useState(false);
	useEffect(() => {
		if (disabled) ask(false);
	}, [disabled]);
	return (
		<>
			<Button
				variant={variant}
				ariaLabel={label}
				disabled={disabled}
				onClick={() => ask(true)}
			>
				{text}
			</Button>
			{asking && !disabled && children(() => ask(false))}
		</>
	);
}
