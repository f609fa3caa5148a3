/* One target: what stands behind it, who sends to it, with whom it is shared. */
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import {useState} from "react";
import {useSignedIn} from "~/api/keys";
import {useChange, useQuery} from "~/data/use";
import {AskButton} from "~/kit/AskButton";
import {ConfirmChange} from "~/kit/ConfirmChange";
import {Details} from "~/kit/Details";
import {Id} from "~/kit/Id";
import {ChangeProblem} from "~/kit/ProblemView";
import {SessionList} from "~/kit/SessionList";
import {TagTable} from "~/kit/TagTable";
import {nameTag} from "~/nouns/tags";
import {
	shareTarget,
	sharesQuery,
	type Target,
	targetQuery,
	targetTypes,
	unshareTarget,
} from "~/nouns/targets";
import {navigate} from "~/shell/location";
import {DeleteTarget} from "./targets";
import type {PageProps} from "./routes";

export default function TargetPage({parameters}: PageProps) {
	const id = parameters["id"]!;
	const account = useSignedIn()?.identity.account;
	const target = useQuery(targetQuery(id));
	return (
		<Details
			query={target}
			noun="Target"
			title={(item) => nameTag(item.tags) || item.description || id}
			actions={(item) => (
				<DeleteTarget target={item} onDone={() => navigate("/targets")} />
			)}
			values={describe}
			tabs={(item) => [
				{
					id: "sessions",
					label: "Sessions",
					content: (
						<SessionList
							of={(session) =>
								session.trafficMirrorTargetId === id
							}
							empty="No session sends to this target."
						/>
					),
				},
				...(item.owner === account
					? [
							{
								id: "shares",
								label: "Shared with",
								content: <Shares id={id} />,
							},
							{
								id: "tags",
								label: "Tags",
								content: (
									<TagTable
										id={id}
										tags={item.tags}
									/>
								),
							},
						]
					: []),
			]}
		/>
	);
}

function describe(target: Target) {
	return [
		{label: "Target", value: target.id},
		{label: "Type", value: targetTypes[target.type] ?? target.type},
		{label: "Behind it", value: <Id id={target.locator} />},
		{label: "Owner", value: target.owner},
		{label: "Description", value: target.description || "–"},
	];
}

function Shares({id}: {id: string}) {
	const shares = useQuery(sharesQuery);
	const [account, setAccount] = useState("");
	const sharing = useChange(shareTarget, "target");
	const fault = account !== "" && !/^\d{12}$/.test(account);
	const share = async () => {
		if (/^\d{12}$/.test(account) && (await sharing.run(id, account))) setAccount("");
	};
	return (
		<SpaceBetween size="m">
			<ChangeProblem problem={sharing.problem ?? shares.problem} />
			<Table
				variant="container"
				items={(shares.value ?? []).filter(
					(row) => row.trafficMirrorTargetId === id,
				)}
				loading={shares.loading}
				trackBy="accountId"
				ariaLabels={{tableLabel: "Accounts that may send to this target"}}
				header={
					<Header
						variant="h2"
						description="Accounts that may see the target and send to it."
						actions={
							<SpaceBetween
								direction="horizontal"
								size="xs"
							>
								<FormField
									errorText={
										fault &&
										"An account id has 12 digits."
									}
								>
									{" "}
									<Input
										value={account}
										invalid={fault}
										placeholder="Account id, 12 digits"
										ariaLabel="Account id, 12 digits"
										onChange={({
											detail,
										}) =>
											setAccount(
												detail.value.trim(),
											)
										}
										onKeyDown={({
											detail,
										}) =>
											detail.key ===
												"Enter" &&
											void share()
										}
										autoComplete={false}
										inputMode="numeric"
									/>
								</FormField>
								<Button
									disabled={!account || fault}
									loading={sharing.running}
									onClick={share}
								>
									Share
								</Button>
							</SpaceBetween>
						}
					>
						Shared with
					</Header>
				}
				columnDefinitions={[
					{
						id: "account",
						header: "Account",
						cell: (row) => row.accountId,
						isRowHeader: true,
					},
					{
						id: "actions",
						header: "Actions",
						cell: (row) => (
							<StopSharing
								id={id}
								account={row.accountId}
							/>
						),
					},
				]}
				empty={
					<Box color="text-body-secondary">
						It is shared with nobody.
					</Box>
				}
			/>
		</SpaceBetween>
	);
}

function StopSharing({id, account}: {id: string; account: string}) {
	return (
		<AskButton
			text="Stop sharing"
			label={`Stop sharing with ${account}`}
			variant="inline-link"
		>
			{(close) => (
				<ConfirmChange
					title={`Stop sharing with ${account}?`}
					deed="Stop sharing"
					word="stop"
					change={() => unshareTarget(id, account)}
					kinds={["target", "session"]}
					done={`${id} is no longer shared with ${account}.`}
					onClose={close}
				>
					All sessions of that account that send to this target end at
					once. This cannot be undone.
				</ConfirmChange>
			)}
		</AskButton>
	);
}
