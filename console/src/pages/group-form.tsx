/* The fields of a target group's health check, which are the same when it is made and when it is modified. */
import ColumnLayout from "@cloudscape-design/components/column-layout";
import type {Parameters} from "~/api/query";
import {numberBetween, portNumber} from "~/kit/checks";
import type {FormState} from "~/kit/form";
import {ChoiceField, NumberField, TextField} from "~/kit/FormFields";
import type {Group} from "~/nouns/groups";

export const checkFields = {
	check: {
		label: "Check",
		description: "How a host finds out who serves.",
		speaks: /protocol/i,
	},
	checkPort: {
		label: "Check's port",
		description: "Else the port that copies go to.",
		optional: true,
		check: portNumber,
		speaks: /check port/i,
	},
	path: {
		label: "Path",
		optional: true,
		check: (text: string) =>
			text.startsWith("/") ? undefined : "A path begins with /.",
		speaks: /path/i,
	},
	codes: {
		label: "Statuses that pass",
		description: "As in 200-299 or 200,204.",
		optional: true,
		check: (text: string) =>
			/^\d{3}(-\d{3})?(,\d{3}(-\d{3})?)*$/.test(text)
				? undefined
				: "Enter statuses and ranges with commas between them.",
		speaks: /matcher/i,
	},
	interval: {
		label: "Interval, seconds",
		check: numberBetween(5, 300),
		speaks: /interval/i,
	},
	timeout: {label: "Timeout, seconds", check: numberBetween(2, 120), speaks: /timeout/i},
	healthy: {
		label: "Passes until healthy",
		check: numberBetween(2, 10),
		speaks: /^Healthy threshold/i,
	},
	unhealthy: {
		label: "Failures until unhealthy",
		check: numberBetween(2, 10),
		speaks: /unhealthy threshold/i,
	},
};

export type CheckField = keyof typeof checkFields;

export const firstCheck = {
	check: "ICMP",
	interval: "10",
	timeout: "5",
	healthy: "3",
	unhealthy: "3",
};

const usual = {path: "/", codes: "200-399"};

export const checks = [
	{value: "ICMP", description: "An echo is answered."},
	{value: "TCP", description: "A connection is made."},
	{value: "HTTP", description: "A GET is answered with a status that passes."},
	{value: "HTTPS", description: "Likewise; certificates are not verified."},
	{value: "UDP", description: "A datagram is not refused by the appliance's host."},
	{value: "NONE", label: "None", description: "Whoever is registered serves."},
];

/* Which of them a check has. */
export function fieldsOf(check: string): CheckField[] {
	if (check === "NONE") return ["check"];
	const times: CheckField[] = ["check", "interval", "timeout", "healthy", "unhealthy"];
	if (check === "ICMP") return times;
	return check.startsWith("HTTP")
		? [...times, "checkPort", "path", "codes"]
		: [...times, "checkPort"];
}

export function CheckForm({form}: {form: FormState<typeof checkFields>}) {
	const shown = new Set(fieldsOf(form.texts.check));
	return (
		<>
			<ChoiceField form={form} name="check" choices={checks} />
			{shown.has("checkPort") && <NumberField form={form} name="checkPort" />}
			{shown.has("path") && (
				<TextField form={form} name="path" placeholder={usual.path} />
			)}
			{shown.has("codes") && (
				<TextField form={form} name="codes" placeholder={usual.codes} />
			)}
			{shown.has("interval") && (
				<ColumnLayout columns={2}>
					<NumberField form={form} name="interval" />
					<NumberField form={form} name="timeout" />
					<NumberField form={form} name="healthy" />
					<NumberField form={form} name="unhealthy" />
				</ColumnLayout>
			)}
		</>
	);
}

/* Checks that AWS does not know go by a parameter of our own. */
export function checkParameters(texts: Record<CheckField, string>): Parameters {
	const {check} = texts;
	const shown = new Set(fieldsOf(check));
	const text = (name: CheckField) =>
		shown.has(name) ? texts[name].trim() || undefined : undefined;
	const protocol = /^(TCP|HTTPS?)$/.test(check)
		? {HealthCheckProtocol: check}
		: {"Extension.HealthCheckProtocol": check};
	return {
		...protocol,
		HealthCheckPort: shown.has("checkPort")
			? (text("checkPort") ?? "traffic-port")
			: undefined,
		// What is emptied is what it usually is, not what it was.
		HealthCheckPath: shown.has("path") ? (text("path") ?? usual.path) : undefined,
		"Matcher.HttpCode": shown.has("codes") ? (text("codes") ?? usual.codes) : undefined,
		HealthCheckIntervalSeconds: text("interval"),
		HealthCheckTimeoutSeconds: text("timeout"),
		HealthyThresholdCount: text("healthy"),
		UnhealthyThresholdCount: text("unhealthy"),
	};
}

export function checkTexts(group: Group): Record<CheckField, string> {
	return {
		check: group.Extension.HealthCheckProtocol,
		checkPort: group.HealthCheckPort === "traffic-port" ? "" : group.HealthCheckPort,
		path: group.HealthCheckPath ?? "",
		codes: group.Matcher?.HttpCode ?? "",
		interval: group.HealthCheckIntervalSeconds,
		timeout: group.HealthCheckTimeoutSeconds,
		healthy: group.HealthyThresholdCount,
		unhealthy: group.UnhealthyThresholdCount,
	};
}
