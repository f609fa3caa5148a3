/* A user's access keys.  A secret is shown when its key is made and never again, so it stays until it is dismissed. */
import type {AccessKeyMetadata} from "@aws-sdk/client-iam";
import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import CopyToClipboard from "@cloudscape-design/components/copy-to-clipboard";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import {useState} from "react";
import {useChange, useQuery} from "~/data/use";
import {AskButton} from "~/kit/AskButton";
import {attempt} from "~/kit/attempt";
import type {Column} from "~/kit/columns";
import {ConfirmChange} from "~/kit/ConfirmChange";
import {ChangeProblem} from "~/kit/ProblemView";
import {ResourceTable} from "~/kit/ResourceTable";
import {createKey, deleteKey, keysQuery, type NewKey, setKeyStatus} from "~/nouns/users";

const columns: Column<AccessKeyMetadata>[] = [
	{id: "id", header: "Access key id", value: ({AccessKeyId}) => AccessKeyId, width: 260},
	{id: "status", header: "Status", value: ({Status}) => Status, choices: true},
	{id: "created", header: "Created", value: ({CreateDate}) => CreateDate, width: 200},
];

export function UserKeys({user}: {user: string}) {
	const keys = useQuery(keysQuery(user));
	const [made, setMade] = useState<NewKey>();
	const making = useChange(async () => setMade(await createKey(user)), "user");
	return (
		<SpaceBetween size="m">
			<ChangeProblem problem={making.problem} />
			{made && <Secret made={made} onDismiss={() => setMade(undefined)} />}
			<ResourceTable
				name="keys"
				title="Access keys"
				noun="access keys"
				variant="container"
				description="Two at most, so that one can take the other's place."
				query={keys}
				columns={columns}
				keyOf={({AccessKeyId}) => AccessKeyId!}
				selection="single"
				actions={([key]) => (
					<SpaceBetween direction="horizontal" size="xs">
						<KeyActions user={user} chosen={key} />
						<Button
							loading={making.running}
							onClick={() => making.run()}
						>
							Create a key
						</Button>
					</SpaceBetween>
				)}
				empty="Without a key nobody can sign in as this user."
			/>
		</SpaceBetween>
	);
}

function Secret({made, onDismiss}: {made: NewKey; onDismiss(): void}) {
	return (
		<Alert
			type="success"
			header="Keep this secret now: it is shown only once"
			dismissible
			dismissAriaLabel="Dismiss the secret"
			onDismiss={onDismiss}
		>
			<KeyValuePairs
				columns={2}
				items={[
					{label: "Access key id", value: <Copied text={made.id} />},
					{
						label: "Secret access key",
						value: <Copied text={made.secret} />,
					},
				]}
			/>
		</Alert>
	);
}

function Copied({text}: {text: string}) {
	return (
		<CopyToClipboard
			variant="inline"
			textToCopy={text}
			copyButtonAriaLabel="Copy"
			copySuccessText="Copied"
			copyErrorText="The browser did not let it"
		/>
	);
}

function KeyActions({user, chosen}: {user: string; chosen?: AccessKeyMetadata}) {
	const id = chosen?.AccessKeyId ?? "";
	const next = chosen?.Status === "Active" ? "Inactive" : "Active";
	return (
		<>
			<Button
				disabled={!chosen}
				onClick={() =>
					attempt(
						`${id} is ${next === "Active" ? "enabled" : "disabled"}.`,
						() => setKeyStatus(user, id, next),
						"user",
					)
				}
			>
				{chosen && next === "Active" ? "Enable" : "Disable"}
			</Button>
			<AskButton text="Delete" disabled={!chosen}>
				{(close) => (
					<ConfirmChange
						title={`Delete ${id}?`}
						deed="Delete"
						word="delete"
						change={() => deleteKey(user, id)}
						kinds={["user"]}
						done={`${id} is deleted.`}
						onClose={close}
					>
						Whoever still uses this key is refused from then on.
					</ConfirmChange>
				)}
			</AskButton>
		</>
	);
}
