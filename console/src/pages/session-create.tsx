/* A new session, step by step; a clone of another one if the address says ?clone=. */
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Wizard from "@cloudscape-design/components/wizard";
import {type ReactNode, useEffect, useState} from "react";
import {useChange, useQuery} from "~/data/use";
import {useForm} from "~/kit/form";
import {Loading} from "~/kit/Loading";
import {useHelp, usePageTitle} from "~/kit/Page";
import {ChangeProblem, ProblemView} from "~/kit/ProblemView";
import {tagFault, TagFields} from "~/kit/TagFields";
import {createSession, type Session, sessionQuery, sessionsQuery} from "~/nouns/sessions";
import {type Tag, tagSpecification} from "~/nouns/tags";
import {navigate, useSearchParameter} from "~/shell/location";
import {notify} from "~/shell/notices";
import {
	createParameters,
	freeNumber,
	type Setting,
	settings,
	textsOf,
} from "~/nouns/session-settings";
import {
	FilterField,
	OptionFields,
	type SessionForm,
	sessionFields,
	SettingFields,
	SourceField,
	TargetField,
} from "./session-form";

export default function CreateSession() {
	const [cloned] = useSearchParameter("clone");
	const original = useQuery(cloned ? sessionQuery(cloned) : undefined);
	usePageTitle("Create a session");
	useHelp("Create a session", help);
	if (!cloned || original.value) return <CreateWizard original={original.value} />;
	if (original.problem)
		return <ProblemView problem={original.problem} onRetry={original.refresh} />;
	return <Loading />;
}

/* What each step asks for, and so what must be right before the next one. */
const steps: {title: string; description: string; asks: Setting[]}[] = [
	{title: "Source", description: "Whose packets are copied.", asks: ["source"]},
	{
		title: "Target and filter",
		description: "Where to, and which.",
		asks: ["target", "filter"],
	},
	{
		title: "Settings",
		description: "As Amazon's sessions have them.",
		asks: ["number", "description", "vni", "packetLength"],
	},
	{
		title: "Options",
		description: "Beyond AWS. Leave them alone, and the session is one of Amazon's.",
		asks: [
			"packetSampling",
			"flowSampling",
			"bits",
			"packets",
			"expires",
			"dscp",
			"port",
			"outerSource",
		],
	},
	{title: "Review and create", description: "", asks: []},
];

function CreateWizard({original}: {original?: Session}) {
	const [source] = useSearchParameter("source");
	const form = useForm(sessionFields, original ? firstTexts(original) : {source});
	const [tags, setTags] = useState<Tag[]>(original?.tagSet ?? []);
	const [active, setActive] = useState(0);
	const creation = useChange(createSession, "session");
	useFreeNumber(form);

	const go = (index: number) => {
		const tagsFit = active !== 2 || tags.every((tag) => !tagFault(tag, tags));
		if (index < active || (form.submit(steps[active]!.asks) && tagsFit))
			setActive(index);
	};
	const submit = async () => {
		const TagSpecification = tagSpecification("traffic-mirror-session", tags);
		if (await creation.run({...createParameters(form.texts), TagSpecification})) {
			notify("success", "The session is created.");
			navigate("/sessions");
		}
	};
	useRefusedStep(creation.problem, form, setActive);

	const contents: ReactNode[] = [
		<SourceField form={form} key="source" />,
		<SpaceBetween size="l" key="target">
			<TargetField form={form} />
			<FilterField form={form} />
		</SpaceBetween>,
		<SpaceBetween size="l" key="settings">
			<SettingFields form={form} />
			<TagFields tags={tags} onChange={setTags} />
		</SpaceBetween>,
		<OptionFields form={form} key="options" />,
		<Review form={form} tags={tags} key="review" />,
	];
	return (
		<Wizard
			activeStepIndex={active}
			onNavigate={({detail}) => go(detail.requestedStepIndex)}
			onCancel={() => navigate("/sessions")}
			onSubmit={submit}
			isLoadingNextStep={creation.running}
			submitButtonText="Create the session"
			allowSkipTo={false}
			steps={steps.map(({title, description}, i) => ({
				title,
				description,
				isOptional: title === "Options",
				content: (
					<SpaceBetween size="l">
						<ChangeProblem problem={form.problem} />
						{i < steps.length - 1 ? (
							<Container>{contents[i]}</Container>
						) : (
							contents[i]
						)}
					</SpaceBetween>
				),
			}))}
		/>
	);
}

/* A clone gets numbers of its own: two sessions of a source never share theirs. */
function firstTexts(original: Session) {
	return {...textsOf(original), number: "", vni: ""};
}

/* Once a source is chosen, its first free number, offered one time: whoever empties the field wants to type another. */
function useFreeNumber(form: SessionForm): void {
	const sessions = useQuery(sessionsQuery);
	const {source, number} = form.texts;
	const [offered, setOffered] = useState({source: "", number: ""});
	useEffect(() => {
		if (!source || !sessions.value || source === offered.source) return;
		const free = freeNumber(source, sessions.value);
		setOffered({source, number: free});
		if (number === "" || number === offered.number) form.set("number", free);
	}, [source, number, offered, sessions.value, form]);
}

/* Back to the step whose field was refused. */
function useRefusedStep(
	problem: ReturnType<typeof useChange>["problem"],
	form: SessionForm,
	setActive: (index: number) => void,
): void {
	const [shown, setShown] = useState<typeof problem>();
	useEffect(() => {
		if (problem === shown) return;
		setShown(problem);
		const field = form.refuse(problem);
		const step = steps.findIndex(({asks}) => asks.includes(field as Setting));
		if (step >= 0) setActive(step);
	}, [problem, shown, form, setActive]);
}

function Review({form, tags}: {form: SessionForm; tags: Tag[]}) {
	const said = (Object.keys(settings) as Setting[]).filter(
		(setting) => form.texts[setting] !== "" && form.texts[setting] !== "false",
	);
	const items = said.map((setting) => ({
		label: sessionFields[setting].label,
		value: form.texts[setting] === "true" ? "Yes" : form.texts[setting],
	}));
	return (
		<SpaceBetween size="l">
			<Container header={<Header variant="h2">The session</Header>}>
				<KeyValuePairs columns={3} items={items} />
			</Container>
			{tags.length > 0 && (
				<Container header={<Header variant="h2">Tags</Header>}>
					<KeyValuePairs
						columns={3}
						items={tags.map(({key, value}) => ({
							label: key,
							value: value || "–",
						}))}
					/>
				</Container>
			)}
		</SpaceBetween>
	);
}

const help = (
	<>
		<p>A session needs a source, a target and a filter.</p>
		<p>
			Of several sessions of a source, the one with the lowest number is asked
			first; what its filter takes, the next ones do not see, unless it continues.
		</p>
	</>
);
