/* A form on a page of its own that makes an object and goes to the object's page. */
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Form from "@cloudscape-design/components/form";
import SpaceBetween from "@cloudscape-design/components/space-between";
import {type FormEvent, type ReactNode, useState} from "react";
import type {Kind} from "~/data/cache";
import {perform} from "~/data/perform";
import {useShown} from "~/data/use";
import {navigate} from "~/shell/location";
import type {Fields, FormState} from "./form";
import {Page} from "./Page";
import {ChangeProblem} from "./ProblemView";

interface Props<F extends Fields> {
	title: string;
	form: FormState<F>;
	only?: readonly (keyof F)[]; // The fields that are there now, if not all.
	/* Makes it and says where its page is. */
	create(): Promise<string>;
	kinds: Kind[];
	back: string;
	help?: ReactNode;
	children: ReactNode;
}

export function CreatePage<F extends Fields>(props: Props<F>) {
	const {form} = props;
	const [running, setRunning] = useState(false);
	const shown = useShown();
	const submit = async (event: FormEvent) => {
		event.preventDefault();
		if (running || !form.submit(props.only)) return;
		setRunning(true);
		const {value: path, problem} = await perform(props.create, ...props.kinds);
		if (!shown.current) return; // Whoever has gone elsewhere meanwhile is not taken away from there.
		setRunning(false);
		if (problem) form.refuse(problem);
		else navigate(path);
	};
	return (
		<Page title={props.title} help={props.help}>
			<form onSubmit={submit} noValidate>
				<Form
					actions={
						<SpaceBetween direction="horizontal" size="xs">
							<Button
								variant="link"
								formAction="none"
								onClick={() => navigate(props.back)}
							>
								Cancel
							</Button>
							<Button variant="primary" loading={running}>
								{props.title}
							</Button>
						</SpaceBetween>
					}
				>
					<SpaceBetween size="l">
						<ChangeProblem problem={form.problem} />
						<Container>
							<SpaceBetween size="l">
								{props.children}
							</SpaceBetween>
						</Container>
					</SpaceBetween>
				</Form>
			</form>
		</Page>
	);
}
