/* A new load balancer by itself; a fleet is made with all its parts by fleet-create.tsx. */
import {CreatePage} from "~/kit/CreatePage";
import {balancingName} from "~/kit/checks";
import {useForm} from "~/kit/form";
import {ChoiceField, TextField} from "~/kit/FormFields";
import {pathOf} from "~/kit/Id";
import {createBalancer} from "~/nouns/balancers";
import {fetchSite} from "~/nouns/site";

const fields = {
	type: {label: "Type"},
	name: {
		label: "Name",
		constraint: "Up to 32 letters, digits and hyphens.",
		check: balancingName,
		speaks: /name/i,
	},
};

const types = [
	{
		value: "network",
		label: "Network",
		description: "Copies go to the appliances as they would to one target.",
	},
	{
		value: "gateway",
		label: "Gateway",
		description: "Copies go to the appliances in Geneve, through an endpoint.",
	},
];

export default function CreateBalancer() {
	const form = useForm(fields, {type: "network"});
	const create = async () => {
		const {subnet} = await fetchSite();
		return pathOf(
			await createBalancer(form.texts.name.trim(), form.texts.type, subnet),
		)!;
	};
	return (
		<CreatePage
			title="Create a load balancer"
			form={form}
			create={create}
			kinds={["balancer"]}
			back="/balancers"
		>
			<ChoiceField form={form} name="type" choices={types} />
			<TextField form={form} name="name" />
		</CreatePage>
	);
}
