/* A made-up packet, and what would become of it at a source: which session and rule take it, or why none does. */
import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import Container from "@cloudscape-design/components/container";
import Form from "@cloudscape-design/components/form";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import {type FormEvent, useEffect, useMemo, useState} from "react";
import type {Parameters} from "~/api/query";
import {useChange, useQuery} from "~/data/use";
import {numberBetween} from "~/kit/checks";
import {useForm} from "~/kit/form";
import {ChoiceField, TextField} from "~/kit/FormFields";
import {Id} from "~/kit/Id";
import {ChangeProblem} from "~/kit/ProblemView";
import {type Explanation, explainPacket} from "~/nouns/explain";
import {sourcesQuery, sourceText} from "~/nouns/sources";
import {checkAddress} from "~/text/cidr";
import {protocols, protocolText} from "~/text/rules";

const port = {check: numberBetween(0, 65535), optional: true};

const fields = {
	source: {
		label: "Source",
		description: "Whose sessions are asked.",
		speaks: /NetworkInterface/,
	},
	direction: {label: "Direction", description: "As the source sees it."},
	protocol: {label: "Protocol", speaks: /protocol/i},
	from: {label: "From address", check: checkAddress, speaks: /SourceAddress/},
	to: {label: "To address", check: checkAddress, speaks: /DestinationAddress/},
	fromPort: {label: "From port", ...port, speaks: /SourcePort|have no ports/},
	toPort: {label: "To port", ...port, speaks: /DestinationPort/},
	tcpFlags: {
		label: "TCP flags",
		description: "Those that are set, as in syn,ack.",
		speaks: /TcpFlags/,
		optional: true,
	},
	dscp: {label: "DSCP", check: numberBetween(0, 63), speaks: /Dscp/, optional: true},
};

const directions = [
	{value: "ingress", label: "Ingress: the source receives it"},
	{value: "egress", label: "Egress: the source sends it"},
];

/* 'sources' are those to offer first. */
export function PacketTest({sources}: {sources: string[]}) {
	const form = useForm(fields, {
		source: sources[0] ?? "",
		direction: "ingress",
		protocol: "6",
	});
	const [answer, setAnswer] = useState<Explanation>();
	const explain = useChange(async (parameters: Parameters) =>
		setAnswer(await explainPacket(parameters)),
	);
	const {refuse} = form;
	useEffect(() => void refuse(explain.problem), [explain.problem]);

	const submit = (event: FormEvent) => {
		event.preventDefault();
		setAnswer(undefined);
		if (form.submit()) void explain.run(parametersOf(form.texts));
	};
	return (
		<form onSubmit={submit} noValidate>
			<Form
				actions={
					<Button variant="primary" loading={explain.running}>
						Test the packet
					</Button>
				}
			>
				<SpaceBetween size="l">
					<ChangeProblem problem={form.problem} />
					<Container header={<Header variant="h2">A packet</Header>}>
						<ColumnLayout columns={3}>
							<SourceChoice form={form} first={sources} />
							<ChoiceField
								form={form}
								name="direction"
								choices={directions}
							/>
							<ChoiceField
								form={form}
								name="protocol"
								choices={protocolChoices}
							/>
							<TextField
								form={form}
								name="from"
								placeholder="192.0.2.1"
							/>
							<TextField
								form={form}
								name="to"
								placeholder="198.51.100.1"
							/>
							<TextField
								form={form}
								name="dscp"
								inputMode="numeric"
							/>
							<TextField
								form={form}
								name="fromPort"
								inputMode="numeric"
							/>
							<TextField
								form={form}
								name="toPort"
								inputMode="numeric"
							/>
							<TextField form={form} name="tcpFlags" />
						</ColumnLayout>
					</Container>
					<div role="status">
						{answer && <Verdict answer={answer} />}
					</div>
				</SpaceBetween>
			</Form>
		</form>
	);
}

const protocolChoices = protocols
	.filter(([value]) => value !== "")
	.map(([value]) => ({value, label: protocolText(value)}));

function SourceChoice(props: {form: ReturnType<typeof useForm<typeof fields>>; first: string[]}) {
	const sources = useQuery(sourcesQuery);
	const {first} = props;
	const choices = useMemo(() => {
		const rank = new Map(first.map((id, i) => [id, i]));
		return (sources.value ?? [])
			.map((source) => ({
				value: source.id,
				label: sourceText(source),
				labelTag: source.id,
			}))
			.sort(
				(a, b) =>
					(rank.get(a.value) ?? Infinity) -
						(rank.get(b.value) ?? Infinity) || 0,
			);
	}, [sources.value, first]);
	return <ChoiceField form={props.form} name="source" choices={choices} query={sources} />;
}

function Verdict({answer}: {answer: Explanation}) {
	const taken = answer.verdict === "mirrored";
	return (
		<Alert
			type={taken ? "success" : "info"}
			header={taken ? "It would be copied" : "It would not be copied"}
		>
			{answer.explanation}
			{answer.trafficMirrorSessionId && (
				<div>
					Session <Id id={answer.trafficMirrorSessionId} />
					{answer.ruleNumber && `, rule ${answer.ruleNumber}`}
				</div>
			)}
		</Alert>
	);
}

function parametersOf(texts: Record<keyof typeof fields, string>): Parameters {
	const said = (text: string) => text.trim() || undefined;
	return {
		NetworkInterfaceId: texts.source,
		TrafficDirection: texts.direction,
		Protocol: texts.protocol,
		SourceAddress: said(texts.from),
		DestinationAddress: said(texts.to),
		SourcePort: said(texts.fromPort),
		DestinationPort: said(texts.toPort),
		TcpFlags: said(texts.tcpFlags),
		Dscp: said(texts.dscp),
	};
}
