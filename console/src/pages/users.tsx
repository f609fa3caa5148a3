/* All users of the account. */
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import {useState} from "react";
import {useChange, useQuery} from "~/data/use";
import type {Column} from "~/kit/columns";
import {Confirm} from "~/kit/Confirm";
import {useHelp, usePageTitle} from "~/kit/Page";
import {ResourceTable} from "~/kit/ResourceTable";
import {RouteButton, RouteLink} from "~/kit/RouteLink";
import {deleteUser, type UserLine, usersQuery} from "~/nouns/users";
import {notify} from "~/shell/notices";

const columns: Column<UserLine>[] = [
	{
		id: "name",
		header: "User",
		value: ({name}) => name,
		cell: ({name}) => (
			<RouteLink to={`/users/${encodeURIComponent(name)}`}>{name}</RouteLink>
		),
		width: 240,
	},
	{id: "arn", header: "ARN", value: ({arn}) => arn, width: 360},
	{id: "created", header: "Created", value: ({created}) => created, width: 200},
	{id: "id", header: "Id", value: ({id}) => id, hidden: true, width: 220},
];

export default function Users() {
	usePageTitle("Users");
	useHelp("Users", help);
	return (
		<ResourceTable
			name="users"
			title="Users"
			noun="users"
			query={useQuery(usersQuery)}
			columns={columns}
			keyOf={({name}) => name}
			selection="single"
			actions={([user]) => <Actions user={user} />}
			empty={<RouteButton to="/users/create">Create a user</RouteButton>}
		/>
	);
}

function Actions({user}: {user?: UserLine}) {
	const [asking, ask] = useState(false);
	return (
		<SpaceBetween direction="horizontal" size="xs">
			<Button disabled={!user} onClick={() => ask(true)}>
				Delete
			</Button>
			<RouteButton variant="primary" to="/users/create">
				Create a user
			</RouteButton>
			{asking && user && (
				<DeleteUser
					name={user.name}
					onDone={() => ask(false)}
					onCancel={() => ask(false)}
				/>
			)}
		</SpaceBetween>
	);
}

export function DeleteUser(props: {name: string; onDone(): void; onCancel(): void}) {
	const deletion = useChange(deleteUser, "user");
	const confirm = async () => {
		if (!(await deletion.run(props.name))) return;
		notify("success", `${props.name} is deleted.`);
		props.onDone();
	};
	return (
		<Confirm
			title={`Delete ${props.name}?`}
			deed="Delete"
			word="delete"
			running={deletion.running}
			problem={deletion.problem}
			onConfirm={confirm}
			onCancel={props.onCancel}
		>
			The user's keys and policies go too, and whoever uses these keys is refused
			at once.
		</Confirm>
	);
}

const help = (
	<p>
		A user is a person or a program with keys of its own. A new one may do nothing until
		a policy allows it.
	</p>
);
