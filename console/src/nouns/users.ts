/* Users of the account: people and programs, their keys, and the policies that say what they may do. */
import {
	type AccessKeyMetadata,
	CreateAccessKeyCommand,
	CreateUserCommand,
	DeleteAccessKeyCommand,
	DeleteUserCommand,
	DeleteUserPolicyCommand,
	GetUserCommand,
	GetUserPolicyCommand,
	ListAccessKeysCommand,
	paginateListUserPolicies,
	paginateListUsers,
	PutUserPolicyCommand,
	type StatusType,
	UpdateAccessKeyCommand,
	type User,
} from "@aws-sdk/client-iam";
import {iam} from "~/api/iam";
import {type Made, orUndo} from "~/api/undo";
import type {Query} from "~/data/cache";

export interface UserLine {
	name: string;
	path: string;
	arn: string;
	id: string;
	created?: Date;
}

export interface Policy {
	name: string;
	document: string; // Indented JSON.
}

export interface NewKey {
	id: string;
	secret: string;
}

export const usersQuery: Query<UserLine[]> = {
	key: "users",
	kinds: ["user"],
	every: 60_000,
	async fetch(signal) {
		const users: UserLine[] = [];
		const pages = paginateListUsers({client: iam()}, {}, {abortSignal: signal});
		for await (const page of pages) users.push(...(page.Users ?? []).map(readUser));
		return users;
	},
};

export function userQuery(name: string): Query<UserLine> {
	return {
		key: `user ${name}`,
		kinds: ["user"],
		async fetch(signal) {
			const command = new GetUserCommand({UserName: name});
			return readUser((await iam().send(command, {abortSignal: signal})).User!);
		},
	};
}

export function keysQuery(user: string): Query<AccessKeyMetadata[]> {
	return {
		key: `keys of ${user}`,
		kinds: ["user"],
		async fetch(signal) {
			const command = new ListAccessKeysCommand({UserName: user});
			return (
				(await iam().send(command, {abortSignal: signal}))
					.AccessKeyMetadata ?? []
			);
		},
	};
}

export function policiesQuery(user: string): Query<Policy[]> {
	return {
		key: `policies of ${user}`,
		kinds: ["user"],
		async fetch(signal) {
			const names: string[] = [];
			const pages = paginateListUserPolicies(
				{client: iam()},
				{UserName: user},
				{abortSignal: signal},
			);
			for await (const page of pages) names.push(...(page.PolicyNames ?? []));
			return Promise.all(names.map((name) => fetchPolicy(user, name, signal)));
		},
	};
}

export function createUser(name: string): Promise<unknown> {
	return iam().send(new CreateUserCommand({UserName: name}));
}

/* IAM deletes only who has nothing, so policies and keys go first.  If the user is then not let go, his policies come
 * back; of his keys, which nobody can bring back, the refusal tells. */
export async function deleteUser(name: string): Promise<void> {
	const signal = new AbortController().signal;
	const [keys, policies] = await Promise.all([
		keysQuery(name).fetch(signal),
		policiesQuery(name).fetch(signal),
	]);
	const gone: Made[] = [];
	const part = async (what: string, change: () => Promise<unknown>, undo: Made["undo"]) => {
		await change();
		gone.push({what, undo});
	};
	await orUndo(async () => {
		for (const policy of policies)
			await part(
				`the policy ${policy.name}`,
				() => deletePolicy(name, policy.name),
				() => putPolicy(name, policy),
			);
		for (const {AccessKeyId: id} of keys)
			await part(
				`the key ${id}`,
				() => deleteKey(name, id!),
				() => Promise.reject(new Error("A deleted key is lost.")),
			);
		await iam().send(new DeleteUserCommand({UserName: name}));
	}, gone);
}

export async function createKey(user: string): Promise<NewKey> {
	const answer = await iam().send(new CreateAccessKeyCommand({UserName: user}));
	return {id: answer.AccessKey!.AccessKeyId!, secret: answer.AccessKey!.SecretAccessKey!};
}

export function setKeyStatus(user: string, id: string, status: StatusType): Promise<unknown> {
	return iam().send(
		new UpdateAccessKeyCommand({UserName: user, AccessKeyId: id, Status: status}),
	);
}

export function deleteKey(user: string, id: string): Promise<unknown> {
	return iam().send(new DeleteAccessKeyCommand({UserName: user, AccessKeyId: id}));
}

export function putPolicy(user: string, {name, document}: Policy): Promise<unknown> {
	return iam().send(
		new PutUserPolicyCommand({
			UserName: user,
			PolicyName: name,
			PolicyDocument: document,
		}),
	);
}

export function deletePolicy(user: string, name: string): Promise<unknown> {
	return iam().send(new DeleteUserPolicyCommand({UserName: user, PolicyName: name}));
}

async function fetchPolicy(user: string, name: string, signal: AbortSignal): Promise<Policy> {
	const command = new GetUserPolicyCommand({UserName: user, PolicyName: name});
	const answer = await iam().send(command, {abortSignal: signal});
	const document = decodeURIComponent(answer.PolicyDocument ?? "{}");
	return {name, document: JSON.stringify(JSON.parse(document), undefined, 2)};
}

function readUser(user: User): UserLine {
	return {
		name: user.UserName ?? "",
		path: user.Path ?? "/",
		arn: user.Arn ?? "",
		id: user.UserId ?? "",
		created: user.CreateDate,
	};
}
