/* A new target: an interface, a load balancer's ARN, or an endpoint, according to its type. */
import {useMemo} from "react";
import {useQuery} from "~/data/use";
import {atMost} from "~/kit/checks";
import {CreatePage} from "~/kit/CreatePage";
import {useForm} from "~/kit/form";
import {ChoiceField, LongTextField, TextField} from "~/kit/FormFields";
import {sourcesQuery, sourceText} from "~/nouns/sources";
import {sdkTags} from "~/nouns/tags";
import {createTarget, targetTypes} from "~/nouns/targets";

const fields = {
	type: {label: "Type"},
	interface: {
		label: "Network interface",
		description: "The appliance's.",
		speaks: /interface|InUseByTrafficMirror/i,
	},
	balancer: {
		label: "Load balancer",
		description: "The ARN of a Network Load Balancer with a UDP listener on port 4789.",
		check: (text: string) =>
			text.startsWith("arn:")
				? undefined
				: "An ARN begins with arn: and ends with the balancer's name and id.",
		speaks: /balancer/i,
	},
	endpoint: {
		label: "Endpoint",
		description: "Of a Gateway Load Balancer.",
		check: (text: string) =>
			text.startsWith("vpce-")
				? undefined
				: "An endpoint's id begins with vpce-.",
		speaks: /endpoint/i,
	},
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

type Field = keyof typeof fields;

/* What stands behind a target of each type: its field here, and its parameter. */
const behind: Record<string, {field: Field; parameter: string}> = {
	"network-interface": {field: "interface", parameter: "NetworkInterfaceId"},
	"network-load-balancer": {field: "balancer", parameter: "NetworkLoadBalancerArn"},
	"gateway-load-balancer-endpoint": {
		field: "endpoint",
		parameter: "GatewayLoadBalancerEndpointId",
	},
};

const types = Object.entries(targetTypes).map(([value, label]) => ({value, label}));

export default function CreateTarget() {
	const form = useForm(fields, {type: "network-interface"});
	const {field, parameter} = behind[form.texts.type]!;
	const create = async () => {
		const {name, description} = form.texts;
		const id = await createTarget({
			[parameter]: form.texts[field].trim(),
			Description: description || undefined,
			TagSpecifications: sdkTags("traffic-mirror-target", name),
		});
		return `/targets/${id}`;
	};
	return (
		<CreatePage
			title="Create a target"
			form={form}
			only={["type", field, "name", "description"]}
			create={create}
			kinds={["target"]}
			back="/targets"
		>
			<ChoiceField form={form} name="type" choices={types} />
			{field === "interface" && <InterfaceField form={form} />}
			{field === "balancer" && (
				<TextField
					form={form}
					name="balancer"
					placeholder="arn:aws:elasticloadbalancing:…"
				/>
			)}
			{field === "endpoint" && (
				<TextField form={form} name="endpoint" placeholder="vpce-…" />
			)}
			<TextField form={form} name="name" />
			<LongTextField form={form} name="description" />
		</CreatePage>
	);
}

function InterfaceField({form}: {form: ReturnType<typeof useForm<typeof fields>>}) {
	const interfaces = useQuery(sourcesQuery);
	const choices = useMemo(
		() =>
			(interfaces.value ?? []).map((item) => ({
				value: item.id,
				label: sourceText(item),
				description: item.addresses.join(", "),
				labelTag: item.id,
			})),
		[interfaces.value],
	);
	return <ChoiceField form={form} name="interface" choices={choices} query={interfaces} />;
}
