/* All users of the account. */
import SpaceBetween from "@cloudscape-design/components/space-between";
import {useQuery} from "~/data/use";
import {AskButton} from "~/kit/AskButton";
import type {Column} from "~/kit/columns";
import {ConfirmChange} from "~/kit/ConfirmChange";
import {useHelp, usePageTitle} from "~/kit/Page";
import {ResourceTable} from "~/kit/ResourceTable";
import {RouteButton, RouteLink} from "~/kit/RouteLink";
import {deleteUser, type UserLine, usersQuery} from "~/nouns/users";

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
	return (
		<SpaceBetween direction="horizontal" size="xs">
			<DeleteUser name={user?.name} />
			<RouteButton variant="primary" to="/users/create">
				Create a user
			</RouteButton>
		</SpaceBetween>
	);
}

export function DeleteUser({name = "", onDone}: {name?: string; onDone?(): void}) {
	return (
		<AskButton text="Delete" disabled={!name}>
			{(close) => (
				<ConfirmChange
					title={`Delete ${name}?`}
					deed="Delete"
					word="delete"
					change={() => deleteUser(name)}
					kinds={["user"]}
					done={`${name} is deleted.`}
					onDone={onDone}
					onClose={close}
				>
					The user's keys and policies go too, and whoever uses these
					keys is refused at once.
				</ConfirmChange>
			)}
		</AskButton>
	);
}

const help = (
	<p>
		A user is a person or a program with keys of its own. A new one may do nothing until
		a policy allows it.
	</p>
);
