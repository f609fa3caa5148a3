/* A new filter.  It begins with the rules that most people want, or with none. */
import RadioGroup from "@cloudscape-design/components/radio-group";
import {useState} from "react";
import {atMost} from "~/kit/checks";
import {CreatePage} from "~/kit/CreatePage";
import {useForm} from "~/kit/form";
import {LongTextField, TextField} from "~/kit/FormFields";
import {createFilterWith, emptyRule} from "~/nouns/filters";
import {sdkTags} from "~/nouns/tags";
import type {Direction, RuleDraft} from "~/text/rules";

const fields = {
	name: {
		label: "Name",
		description: "Kept as the tag Name.",
		check: atMost(256),
		optional: true,
	},
	description: {
		label: "Description",
		check: atMost(255),
		speaks: /description/i,
		optional: true,
	},
};

const beginnings = [
	{
		value: "all",
		label: "Everything, IPv4 and IPv6",
		description: "One accepting rule for each, in both directions.",
	},
	{value: "none", label: "No rules", description: "Nothing is copied until there are some."},
];

export default function CreateFilter() {
	const form = useForm(fields);
	const [beginning, setBeginning] = useState("all");
	const create = async () => {
		const {name, description} = form.texts;
		const id = await createFilterWith(
			{
				Description: description || undefined,
				TagSpecifications: sdkTags("traffic-mirror-filter", name),
			},
			beginning === "all" ? acceptEverything() : [],
		);
		return `/filters/${id}`;
	};
	return (
		<CreatePage
			title="Create a filter"
			form={form}
			create={create}
			kinds={["filter"]}
			back="/filters"
		>
			<TextField form={form} name="name" />
			<LongTextField form={form} name="description" />
			<RadioGroup
				ariaLabel="Its first rules"
				value={beginning}
				items={beginnings}
				onChange={({detail}) => setBeginning(detail.value)}
			/>
		</CreatePage>
	);
}

function acceptEverything(): RuleDraft[] {
	const blocks: [block: string, number: string][] = [
		["0.0.0.0/0", "100"],
		["::/0", "200"],
	];
	return (["ingress", "egress"] as Direction[]).flatMap((direction) =>
		blocks.map(([block, number]) => ({
			...emptyRule(direction),
			number,
			source: block,
			destination: block,
		})),
	);
}
