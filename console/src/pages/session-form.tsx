/* The fields of a session, for making one and for changing one. */
import Button from "@cloudscape-design/components/button";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import SpaceBetween from "@cloudscape-design/components/space-between";
import {useMemo} from "react";
import {useQuery} from "~/data/use";
import {atMost, numberBetween} from "~/kit/checks";
import type {Field, FormState} from "~/kit/form";
import {type Choice, ChoiceField, NumberField, TextField, ToggleField} from "~/kit/FormFields";
import {filtersQuery, filterText} from "~/nouns/filters";
import {sourcesQuery, sourceText} from "~/nouns/sources";
import {targetsQuery, targetText, targetTypes} from "~/nouns/targets";
import {href} from "~/shell/location";
import {checkAddress} from "~/text/cidr";
import {parseDate} from "~/text/dates";
import type {Setting} from "~/nouns/session-settings";

const optional = {optional: true};

export const sessionFields: Record<Setting, Field> = {
	source: {
		label: "Source",
		description: "The interface whose packets are copied.",
		speaks: /NetworkInterface|interface/i,
	},
	target: {
		label: "Target",
		description: "Where the copies go.",
		speaks: /TrafficMirrorTarget|target/,
	},
	filter: {
		label: "Filter",
		description: "Which packets are copied.",
		speaks: /TrafficMirrorFilter|filter '/,
	},
	number: {
		label: "Session number",
		description: "The source's sessions are asked in the order of their numbers.",
		constraint: "From 1 to 32766, and another one for each session of the source.",
		check: numberBetween(1, 32766),
		speaks: /SessionNumber|session number/,
	},
	description: {
		label: "Description",
		check: atMost(255),
		speaks: /description/i,
		...optional,
	},
	vni: {
		label: "Virtual network id",
		description:
			"The VNI of the packets to the target. The service chooses one otherwise.",
		check: numberBetween(0, 0xffffff),
		speaks: /VirtualNetworkId|virtual network id/,
		...optional,
	},
	packetLength: {
		label: "Packet length",
		description: "Bytes kept of each packet. All of it otherwise.",
		check: numberBetween(1, 8500),
		speaks: /PacketLength|packet length/,
		...optional,
	},
	packetSampling: {
		label: "One in so many packets",
		check: numberBetween(0, 1_000_000),
		speaks: /PacketSampling|packet sampling/,
		...optional,
	},
	flowSampling: {
		label: "One in so many flows",
		description: "Whole connections, in both directions. Not together with the other.",
		check: numberBetween(0, 1_000_000),
		speaks: /FlowSampling|flow sampling|samples packets/,
		...optional,
	},
	bits: {
		label: "At most bits per second",
		check: (text) => (text === "0" ? undefined : numberBetween(8000, 1e12)(text)),
		speaks: /MaxBitsPerSecond|bits per second/,
		...optional,
	},
	packets: {
		label: "At most packets per second",
		check: numberBetween(0, 1e9),
		speaks: /MaxPacketsPerSecond|packets per second/,
		...optional,
	},
	priority: {
		label: "Priority",
		description: "Who gives up copies first while a host's rings fill.",
		speaks: /Priority|priority/,
		...optional,
	},
	paused: {
		label: "Paused",
		description: "The session is there and copies nothing.",
		...optional,
	},
	continues: {
		label: "Continue with the source's next session",
		description: "So that one packet can go to several targets.",
		...optional,
	},
	expires: {
		label: "Ends at",
		description: "A time in UTC. The session is deleted then.",
		constraint: "Such as 2030-01-31T18:00:00Z.",
		check: (text) =>
			/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(text) && parseDate(text)
				? undefined
				: "Enter a time such as 2030-01-31T18:00:00Z.",
		speaks: /ExpirationTime|expiration|the end/i,
		...optional,
	},
	encapsulation: {label: "Encapsulation", speaks: /Encapsulation/, ...optional},
	dscp: {
		label: "Outer DSCP",
		description: "The mark of the packets to the target.",
		check: numberBetween(0, 63),
		speaks: /OuterDscp|outer DSCP/,
		...optional,
	},
	port: {
		label: "Outer UDP port",
		description: "4789 for VXLAN and 6081 for Geneve otherwise.",
		check: numberBetween(0, 65535),
		speaks: /OuterDestinationPort|outer port/,
		...optional,
	},
	outerSource: {
		label: "Outer source address",
		description: "An address of the source's host. The kernel's choice otherwise.",
		check: checkAddress,
		speaks: /OuterSourceAddress|outer source/,
		...optional,
	},
};

export type SessionForm = FormState<typeof sessionFields>;
interface Props {
	form: SessionForm;
}

const priorities: Choice[] = [
	{value: "", label: "0: last of all"},
	{value: "1", label: "1: when a ring is three quarters full"},
	{value: "2", label: "2: when a ring is half full"},
	{value: "3", label: "3: when a ring is a quarter full"},
];

const encapsulations: Choice[] = [
	{value: "", label: "VXLAN", description: "RFC 7348, as AWS"},
	{value: "geneve", label: "Geneve", description: "RFC 8926, carries the time of capture"},
];

export function SourceField({form}: Props) {
	const sources = useQuery(sourcesQuery);
	const choices = useMemo(
		() =>
			(sources.value ?? []).map((source) => ({
				value: source.id,
				label: sourceText(source),
				description: source.addresses.join(", "),
				labelTag: source.id,
			})),
		[sources.value],
	);
	return <ChoiceField form={form} name="source" choices={choices} query={sources} />;
}

export function TargetField({form}: Props) {
	const targets = useQuery(targetsQuery);
	const choices = useMemo(
		() =>
			(targets.value ?? []).map((target) => ({
				value: target.id,
				label: targetText(target),
				description: `${targetTypes[target.type] ?? target.type}: ${target.locator}`,
			})),
		[targets.value],
	);
	return (
		<ChoiceField
			form={form}
			name="target"
			choices={choices}
			query={targets}
			secondary={<NewOne to="/targets/create" text="Create a target" />}
		/>
	);
}

export function FilterField({form}: Props) {
	const filters = useQuery(filtersQuery);
	const choices = useMemo(
		() =>
			(filters.value ?? []).map((filter) => ({
				value: filter.id,
				label: filterText(filter),
				description: `${filter.rules.length} rules`,
			})),
		[filters.value],
	);
	return (
		<ChoiceField
			form={form}
			name="filter"
			choices={choices}
			query={filters}
			secondary={<NewOne to="/filters/create" text="Create a filter" />}
		/>
	);
}

/* In a tab of its own, so that what was typed here stays; that tab asks this one who is signed in (data/tabs.ts), and the
 * choice appears by itself. */
function NewOne({to, text}: {to: string; text: string}) {
	return (
		<Button href={href(to)} target="_blank" iconName="external" iconAlign="right">
			{text}
		</Button>
	);
}

export function SettingFields({form}: Props) {
	return (
		<ColumnLayout columns={2}>
			<NumberField form={form} name="number" />
			<TextField form={form} name="description" />
			<NumberField form={form} name="vni" />
			<NumberField form={form} name="packetLength" />
		</ColumnLayout>
	);
}

export function OptionFields({form}: Props) {
	return (
		<SpaceBetween size="l">
			<ColumnLayout columns={2}>
				<NumberField form={form} name="packetSampling" />
				<NumberField form={form} name="flowSampling" />
				<NumberField form={form} name="bits" />
				<NumberField form={form} name="packets" />
				<ChoiceField form={form} name="priority" choices={priorities} />
				<TextField form={form} name="expires" />
				<ChoiceField
					form={form}
					name="encapsulation"
					choices={encapsulations}
				/>
				<NumberField form={form} name="dscp" />
				<NumberField form={form} name="port" />
				<TextField form={form} name="outerSource" />
			</ColumnLayout>
			<ToggleField form={form} name="continues" />
			<ToggleField form={form} name="paused" />
		</SpaceBetween>
	);
}
