/* A new target group: what its members are, where copies go, and how they are checked. */
import {balancingName, portNumber} from "~/kit/checks";
import {CreatePage} from "~/kit/CreatePage";
import {useForm} from "~/kit/form";
import {ChoiceField, NumberField, TextField} from "~/kit/FormFields";
import {pathOf} from "~/kit/Id";
import {createGroup} from "~/nouns/groups";
import {fetchSite} from "~/nouns/site";
import {CheckForm, checkFields, checkParameters, fieldsOf, firstCheck} from "./group-form";

const fields = {
	name: {
		label: "Name",
		constraint: "Up to 32 letters, digits and hyphens.",
		check: balancingName,
		speaks: /group name/i,
	},
	protocol: {label: "For"},
	port: {label: "UDP port that copies go to", check: portNumber, speaks: /^Port/},
	type: {label: "Members are known by"},
	family: {label: "Addresses are of"},
	...checkFields,
};

const protocols = [
	{value: "UDP", label: "A Network Load Balancer", description: "Copies come in VXLAN."},
	{
		value: "GENEVE",
		label: "A Gateway Load Balancer",
		description: "Copies come in Geneve, port 6081.",
	},
];

const types = [
	{value: "ip", label: "Address"},
	{
		value: "instance",
		label: "Instance",
		description: "At the first address of its primary interface.",
	},
];

const families = [
	{value: "ipv4", label: "IPv4"},
	{value: "ipv6", label: "IPv6"},
];

export default function CreateGroup() {
	const form = useForm(fields, {
		...firstCheck,
		protocol: "UDP",
		port: "4789",
		type: "ip",
		family: "ipv4",
	});
	const isGateway = form.texts.protocol === "GENEVE";
	const own = ["name", "protocol", "type", "family"] as const;
	const create = async () => {
		const {name, protocol, port, type, family} = form.texts;
		const {vpc} = await fetchSite();
		const arn = await createGroup({
			Name: name.trim(),
			Protocol: protocol,
			Port: isGateway ? 6081 : port.trim(),
			VpcId: vpc,
			TargetType: type,
			IpAddressType: isGateway ? "ipv4" : family,
			...checkParameters(form.texts),
		});
		return pathOf(arn)!;
	};
	const shown: (keyof typeof fields)[] = [
		...own,
		...(isGateway ? [] : (["port"] as const)),
		...fieldsOf(form.texts.check),
	];
	return (
		<CreatePage
			title="Create a target group"
			form={form}
			only={shown}
			create={create}
			kinds={["balancer"]}
			back="/groups"
		>
			<TextField form={form} name="name" />
			<ChoiceField form={form} name="protocol" choices={protocols} />
			{!isGateway && <NumberField form={form} name="port" />}
			<ChoiceField form={form} name="type" choices={types} />
			{!isGateway && <ChoiceField form={form} name="family" choices={families} />}
			<CheckForm form={form} />
		</CreatePage>
	);
}
