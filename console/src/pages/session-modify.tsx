/* Another target, filter, number or options for a session that is there.  Only what differs is sent. */
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Form from "@cloudscape-design/components/form";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import {type FormEvent, useEffect, useState} from "react";
import {useChange, useQuery, useShown} from "~/data/use";
import {useForm} from "~/kit/form";
import {Loading} from "~/kit/Loading";
import {Page} from "~/kit/Page";
import {ChangeProblem, ProblemView} from "~/kit/ProblemView";
import {modifySession, type Session, sessionQuery} from "~/nouns/sessions";
import {navigate} from "~/shell/location";
import {notify} from "~/shell/notices";
import {modifyParameters, textsOf} from "~/nouns/session-settings";
import type {PageProps} from "./routes";
import {FilterField, OptionFields, sessionFields, SettingFields, TargetField} from "./session-form";

export default function ModifySession({parameters}: PageProps) {
	const session = useQuery(sessionQuery(parameters["id"]!));
	return (
		<Page title={`Modify ${parameters["id"]}`}>
			{session.value ? (
				<ModifyForm session={session.value} />
			) : session.problem ? (
				<ProblemView problem={session.problem} onRetry={session.refresh} />
			) : (
				<Loading />
			)}
		</Page>
	);
}

function ModifyForm({session}: {session: Session}) {
	const id = session.trafficMirrorSessionId;
	// As it was when the form was opened: what others change meanwhile is theirs.
	const [before] = useState(() => textsOf(session));
	const form = useForm(sessionFields, before);
	const change = useChange(modifySession, "session");
	const shown = useShown();
	const {refuse} = form;
	useEffect(() => void refuse(change.problem), [change.problem]);

	const submit = async (event: FormEvent) => {
		event.preventDefault();
		if (!form.submit()) return;
		const parameters = modifyParameters(before, form.texts);
		const changed = Object.keys(parameters).length > 0;
		if (changed && !(await change.run(id, parameters))) return;
		if (changed) notify("success", `${id} is changed.`);
		if (shown.current) navigate(`/sessions/${id}`);
	};
	return (
		<form onSubmit={submit} noValidate>
			<Form
				actions={
					<SpaceBetween direction="horizontal" size="xs">
						<Button
							variant="link"
							formAction="none"
							onClick={() => navigate(`/sessions/${id}`)}
						>
							Cancel
						</Button>
						<Button variant="primary" loading={change.running}>
							Save
						</Button>
					</SpaceBetween>
				}
			>
				<SpaceBetween size="l">
					<ChangeProblem problem={form.problem} />
					<Container
						header={
							<Header variant="h2">
								Target and filter
							</Header>
						}
					>
						<SpaceBetween size="l">
							<TargetField form={form} />
							<FilterField form={form} />
						</SpaceBetween>
					</Container>
					<Container header={<Header variant="h2">Settings</Header>}>
						<SettingFields form={form} />
					</Container>
					<Container
						header={
							<Header variant="h2">
								Options beyond AWS
							</Header>
						}
					>
						<OptionFields form={form} />
					</Container>
				</SpaceBetween>
			</Form>
		</form>
	);
}
