/* What the account may have and has, what was too much, and with whom its targets are shared. */
import Button from "@cloudscape-design/components/button";
import ProgressBar from "@cloudscape-design/components/progress-bar";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Tabs from "@cloudscape-design/components/tabs";
import {useChange, useQuery} from "~/data/use";
import {AskButton} from "~/kit/AskButton";
import {attempt} from "~/kit/attempt";
import {numberBetween} from "~/kit/checks";
import type {Column} from "~/kit/columns";
import {useForm} from "~/kit/form";
import {NumberField} from "~/kit/FormFields";
import {Id} from "~/kit/Id";
import {Page} from "~/kit/Page";
import {Question} from "~/kit/Question";
import {ResourceTable} from "~/kit/ResourceTable";
import {
	modifyQuota,
	type Quota,
	quotasQuery,
	type Refusals,
	refusalsQuery,
	resetQuota,
} from "~/nouns/quotas";
import {type Share, sharesQuery} from "~/nouns/targets";
import {useSearchParameter} from "~/shell/location";
import {notify} from "~/shell/notices";
import {parseDate} from "~/text/dates";

const quotaColumns: Column<Quota>[] = [
	{id: "name", header: "Quota", value: (quota) => wordsOf(quota.name), width: 240},
	{
		id: "usage",
		header: "In use",
		value: ({usage}) => (usage === undefined ? undefined : Number(usage)),
		cell: (quota) => <Use quota={quota} />,
		width: 260,
	},
	{id: "value", header: "At most", value: ({value}) => Number(value)},
	{id: "default", header: "Usually", value: (quota) => Number(quota.default)},
	{
		id: "refused",
		header: "Requests refused for it",
		value: ({refused}) => Number(refused),
		width: 200,
	},
];

const refusalColumns: Column<Refusals>[] = [
	{id: "action", header: "Action", value: ({action}) => action, width: 280},
	{id: "reason", header: "Reason", value: ({reason}) => reason, choices: true},
	{id: "count", header: "Times", value: ({count}) => Number(count)},
	{id: "first", header: "First", value: ({firstTime}) => parseDate(firstTime), width: 200},
	{id: "last", header: "Last", value: ({lastTime}) => parseDate(lastTime), width: 200},
	{id: "account", header: "Account", value: ({accountId}) => accountId, choices: true},
];

const shareColumns: Column<Share>[] = [
	{
		id: "target",
		header: "Target",
		value: (share) => share.trafficMirrorTargetId,
		cell: (share) => <Id id={share.trafficMirrorTargetId} />,
		width: 240,
	},
	{id: "owner", header: "Owner", value: (share) => share.ownerId, choices: true},
	{id: "account", header: "Shared with", value: (share) => share.accountId, choices: true},
];

export default function Settings() {
	const [tab, setTab] = useSearchParameter("tab");
	return (
		<Page title="Settings" help={help}>
			<Tabs
				ariaLabel="Settings"
				activeTabId={tab || "quotas"}
				onChange={({detail}) => setTab(detail.activeTabId)}
				tabs={[
					{id: "quotas", label: "Quotas", content: <Quotas />},
					{
						id: "refusals",
						label: "Refused as too much",
						content: <Refused />,
					},
					{
						id: "shares",
						label: "Shared targets",
						content: <Shares />,
					},
				]}
			/>
		</Page>
	);
}

function Quotas() {
	return (
		<ResourceTable
			name="quotas"
			title="Quotas"
			noun="quotas"
			variant="container"
			description="Only people of the service's first account change them."
			query={useQuery(quotasQuery)}
			columns={quotaColumns}
			keyOf={({name}) => name}
			selection="single"
			actions={([quota]) => <QuotaActions quota={quota} />}
		/>
	);
}

function Refused() {
	return (
		<ResourceTable
			name="refusals"
			title="Refused as too much"
			noun="refusals"
			variant="container"
			description="Since the controller was started."
			query={useQuery(refusalsQuery)}
			columns={refusalColumns}
			keyOf={(row) => [row.accountId, row.action, row.reason].join()}
			firstSorting={{column: "last", descending: true}}
			empty="Nothing was too much."
		/>
	);
}

function Shares() {
	return (
		<ResourceTable
			name="shares"
			title="Shared targets"
			noun="shares"
			variant="container"
			description="What the account shares, and what is shared with it. A target's page changes it."
			query={useQuery(sharesQuery)}
			columns={shareColumns}
			keyOf={(share) => `${share.trafficMirrorTargetId} ${share.accountId}`}
			empty="No target is shared."
		/>
	);
}

function Use({quota: {name, usage, value}}: {quota: Quota}) {
	if (usage === undefined) return <>–</>;
	const share = Number(value) > 0 ? (100 * Number(usage)) / Number(value) : 100;
	return (
		<ProgressBar
			value={Math.min(share, 100)}
			ariaLabel={`${wordsOf(name)} in use`}
			additionalInfo={`${Number(usage).toLocaleString()} of ${Number(value).toLocaleString()}`}
		/>
	);
}

function QuotaActions({quota}: {quota?: Quota}) {
	const reset = () =>
		quota &&
		attempt(
			`${wordsOf(quota.name)}: ${quota.default} again.`,
			() => resetQuota(quota.name),
			"quota",
		);
	return (
		<SpaceBetween direction="horizontal" size="xs">
			<Button disabled={!quota || quota.value === quota.default} onClick={reset}>
				Reset
			</Button>
			<AskButton text="Change" disabled={!quota}>
				{(close) => <ChangeQuota quota={quota!} onDone={close} />}
			</AskButton>
		</SpaceBetween>
	);
}

function ChangeQuota({quota, onDone}: {quota: Quota; onDone(): void}) {
	const most = Number(quota.maximum) || 4_294_967_295;
	const form = useForm(
		{value: {label: "At most", check: numberBetween(0, most)}},
		{value: quota.value},
	);
	const change = useChange(modifyQuota, "quota");
	const confirm = async () => {
		const value = form.texts.value.trim();
		if (!form.submit() || !(await change.run(quota.name, value))) return;
		notify("success", `${wordsOf(quota.name)}: ${value} from now on.`);
		onDone();
	};
	return (
		<Question
			title={`Change the quota: ${wordsOf(quota.name)}`}
			deed="Change"
			running={change.running}
			problem={change.problem}
			onConfirm={confirm}
			onCancel={onDone}
		>
			<NumberField form={form} name="value" />
			<span>A lower one refuses what is new and takes nothing away.</span>
		</Question>
	);
}

function wordsOf(name: string): string {
	const text = name.replaceAll("-", " ");
	return text.charAt(0).toUpperCase() + text.slice(1);
}

const help = (
	<p>
		A quota is how much an account may have. A request beyond it is refused, and counted
		here, as are requests that came faster than the account may ask.
	</p>
);
