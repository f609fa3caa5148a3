/* A fleet in one step: appliances that share what is mirrored to one target. */
import {balancingName, portNumber} from "~/kit/checks";
import {CreatePage} from "~/kit/CreatePage";
import {useForm} from "~/kit/form";
import {LongTextField, NumberField, TextField} from "~/kit/FormFields";
import {pathOf} from "~/kit/Id";
import {createFleet} from "~/nouns/fleets";
import {readAppliances} from "~/text/appliances";
import {CheckForm, checkFields, checkParameters, fieldsOf, firstCheck} from "./group-form";

const fields = {
	name: {
		label: "Name",
		description: "If a fleet of this name is there, the appliances are added to it.",
		constraint: "Up to 32 letters, digits and hyphens.",
		check: balancingName,
		speaks: /name/i,
	},
	appliances: {
		label: "Appliances",
		description:
			"One address on each line; with a port of its own as in 10.0.0.5:4790.",
		check: (text: string) => readAppliances(text, true).fault,
		speaks: /targets? |address|family/i,
	},
	port: {label: "UDP port that copies go to", check: portNumber},
	...checkFields,
};

export default function CreateFleet() {
	const form = useForm(fields, {...firstCheck, port: "4789"});
	const create = async () => {
		const {members} = readAppliances(form.texts.appliances, true);
		const group = await createFleet({
			name: form.texts.name.trim(),
			port: form.texts.port.trim(),
			family: members[0]!.Id.includes(":") ? "ipv6" : "ipv4",
			check: checkParameters(form.texts),
			members,
		});
		return pathOf(group)!;
	};
	return (
		<CreatePage
			title="Create a fleet"
			form={form}
			only={["name", "appliances", "port", ...fieldsOf(form.texts.check)]}
			create={create}
			kinds={["balancer", "target"]}
			back="/balancers"
			help={help}
		>
			<TextField form={form} name="name" placeholder="ids" />
			<LongTextField form={form} name="appliances" />
			<NumberField form={form} name="port" />
			<CheckForm form={form} />
		</CreatePage>
	);
}

const help = (
	<p>
		This makes a Network Load Balancer with a listener, a target group with the
		appliances, and a target that sessions send to. What of it is there already is kept;
		if a step is refused, what was made before it is taken away again.
	</p>
);
