/* One user: what he may do, and the keys he does it with. */
import {useQuery} from "~/data/use";
import {Details} from "~/kit/Details";
import {type UserLine, userQuery} from "~/nouns/users";
import {navigate} from "~/shell/location";
import {formatDate} from "~/text/dates";
import type {PageProps} from "./routes";
import {UserKeys} from "./user-keys";
import {UserPolicies} from "./user-policies";
import {DeleteUser} from "./users";

export default function UserPage({parameters}: PageProps) {
	const name = parameters["name"]!;
	const user = useQuery(userQuery(name));
	return (
		<Details
			query={user}
			noun="User"
			title={(item) => item.name}
			actions={() => <DeleteUser name={name} onDone={() => navigate("/users")} />}
			values={describe}
			tabs={() => [
				{
					id: "policies",
					label: "Policies",
					content: <UserPolicies user={name} />,
				},
				{
					id: "keys",
					label: "Access keys",
					content: <UserKeys user={name} />,
				},
			]}
		/>
	);
}

function describe(user: UserLine) {
	return [
		{label: "User", value: user.name},
		{label: "ARN", value: user.arn},
		{label: "Id", value: user.id},
		{label: "Created", value: formatDate(user.created)},
	];
}
