/* The way in: an access key with its secret, or the one-time link that "tmirror console" prints (api/link.ts). */
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Checkbox from "@cloudscape-design/components/checkbox";
import Container from "@cloudscape-design/components/container";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import Form from "@cloudscape-design/components/form";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import {type FormEvent, useState} from "react";
import {getFarewell, signIn} from "~/api/keys";
import {type Problem, problemOf} from "~/api/problem";
import {useLink} from "~/api/link";
import {identify} from "~/api/sign-in";
import {Loading} from "~/kit/Loading";
import {TopBar} from "./TopBar";

interface Given {
	accessKeyId: string;
	secretAccessKey: string;
	sessionToken: string;
	remember: boolean;
}

const empty: Given = {accessKeyId: "", secretAccessKey: "", sessionToken: "", remember: false};

export function SignIn() {
	const [given, setGiven] = useState(empty);
	const [tried, setTried] = useState(false);
	const [running, setRunning] = useState(false);
	const [problem, setProblem] = useState<Problem>();
	const link = useLink();

	const submit = async (event: FormEvent) => {
		event.preventDefault();
		setTried(true);
		if (!given.accessKeyId || !given.secretAccessKey) return;
		setRunning(true);
		try {
			await enter(given);
		} catch (error) {
			setProblem(problemOf(error, "GetCallerIdentity"));
			setRunning(false);
		}
	};

	if (link.running) return <Loading what="Signing in" />;
	return (
		<>
			<TopBar />
			<main className="sign-in">
				<form onSubmit={submit} noValidate>
					<Container header={<Header variant="h1">Sign in</Header>}>
						<Form
							actions={
								<Button
									variant="primary"
									formAction="submit"
									loading={running}
								>
									Sign in
								</Button>
							}
						>
							<SpaceBetween size="l">
								<WhyHere
									problem={
										problem ??
										link.problem
									}
								/>
								<KeyFields
									given={given}
									tried={tried}
									onChange={setGiven}
								/>
							</SpaceBetween>
						</Form>
					</Container>
				</form>
			</main>
		</>
	);
}

function WhyHere({problem}: {problem?: Problem}) {
	const farewell = getFarewell();
	if (problem)
		return (
			<Alert type="error" header="You could not be signed in">
				{problem.message}
			</Alert>
		);
	if (!farewell) return null;
	return (
		<Alert type="info" header="Please sign in again">
			{farewell} You come back to this page.
		</Alert>
	);
}

function KeyFields(props: {given: Given; tried: boolean; onChange(given: Given): void}) {
	const {given, tried} = props;
	const change = (part: Partial<Given>) => props.onChange({...given, ...part});
	const missing = (value: string, what: string) =>
		tried && !value ? `Enter ${what}.` : undefined;
	return (
		<SpaceBetween size="l">
			<FormField
				label="Access key id"
				errorText={missing(given.accessKeyId, "the id of an access key")}
			>
				<Input
					value={given.accessKeyId}
					onChange={({detail}) =>
						change({accessKeyId: detail.value.trim()})
					}
					autoFocus
					autoComplete="username"
					spellcheck={false}
					placeholder="AKIA…"
				/>
			</FormField>
			<FormField
				label="Secret access key"
				errorText={missing(given.secretAccessKey, "the key's secret")}
			>
				<Input
					type="password"
					value={given.secretAccessKey}
					onChange={({detail}) =>
						change({secretAccessKey: detail.value.trim()})
					}
					autoComplete="current-password"
				/>
			</FormField>
			<ExpandableSection headerText="Temporary keys">
				<FormField
					label="Session token"
					description="Belongs to keys of sts:AssumeRole and sts:GetSessionToken."
				>
					<Input
						type="password"
						value={given.sessionToken}
						onChange={({detail}) =>
							change({sessionToken: detail.value.trim()})
						}
						autoComplete={false}
						spellcheck={false}
					/>
				</FormField>
			</ExpandableSection>
			<Checkbox
				checked={given.remember}
				onChange={({detail}) => change({remember: detail.checked})}
				description="Otherwise a reload asks for them again. Signing out forgets them; so does the browser, unless it opens the tab anew."
			>
				Keep the keys while this tab is open
			</Checkbox>
			<Box color="text-body-secondary" fontSize="body-s">
				On the controller's host, <Box variant="code">tmirror console</Box>{" "}
				prints a link that signs you in without keys.
			</Box>
		</SpaceBetween>
	);
}

async function enter(given: Given): Promise<void> {
	const {remember, sessionToken, ...key} = given;
	const keys = {...key, ...(sessionToken && {sessionToken}), region: "us-east-1"};
	signIn(await identify(keys), remember);
}
