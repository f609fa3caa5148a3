/* A new user, who may do nothing yet. */
import {CreatePage} from "~/kit/CreatePage";
import {useForm} from "~/kit/form";
import {TextField} from "~/kit/FormFields";
import {createUser} from "~/nouns/users";

const fields = {
	name: {
		label: "Name",
		constraint: "At most 64 letters, digits, and + = , . @ _ -",
		check: (text: string) =>
			/^[\w+=,.@-]{1,64}$/.test(text)
				? undefined
				: "A name has letters, digits, and + = , . @ _ - only, at most 64.",
		speaks: /user ?name|EntityAlreadyExists/i,
	},
};

export default function CreateUser() {
	const form = useForm(fields);
	const create = async () => {
		const name = form.texts.name.trim();
		await createUser(name);
		return `/users/${encodeURIComponent(name)}`;
	};
	return (
		<CreatePage
			title="Create a user"
			form={form}
			create={create}
			kinds={["user"]}
			back="/users"
		>
			<TextField form={form} name="name" />
		</CreatePage>
	);
}
