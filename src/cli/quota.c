// SPDX-License-Identifier: Apache-2.0
/* How many of each thing an account may have, and what was refused because it was too much. */
#include "base/count.h"
#include "cli/noun.h"

static command_function quota_list, quota_refusals, quota_set, quota_reset;
static int list(struct invocation *invocation, const char *action, const char *set,
		const struct columns *shown);
static int call(struct invocation *invocation, const char *action);

static const struct column columns[] = {
	{.title = "QUOTA", .path = "name"},
	{.title = "VALUE", .path = "value"},
	{.title = "DEFAULT", .path = "default"},
	{.title = "USED", .path = "usage"},
	{.title = "REFUSED", .path = "refused", .numeric = true},
};

static const struct column refusal_columns[] = {
	{.title = "ACCOUNT", .path = "accountId"},
	{.title = "ACTION", .path = "action"},
	{.title = "REASON", .path = "reason"},
	{.title = "COUNT", .path = "count", .numeric = true},
	{.title = "FIRST", .path = "firstTime"},
	{.title = "LAST", .path = "lastTime"},
};

static const struct noun quota = {.columns = ROWS(columns)};
static const struct noun refusal = {.columns = ROWS(refusal_columns)};

/* clang-format off */
#define NAME_ROW \
	{.name = "NAME", .help = "Which one, as quota list calls it", .parameter = "Name", .word = true, .required = true}
#define ACCOUNT_ROW \
	{.name = "account", .value = "DIGITS", .help = "Whose; else of the own account", .parameter = "AccountId"}
/* clang-format on */

static const struct argument_row list_rows[] = {ACCOUNT_ROW};

static const struct argument_row set_rows[] = {
	NAME_ROW,
	{.name = "NUMBER",
	 .help = "How many there may be",
	 .parameter = "Value",
	 .word = true,
	 .required = true},
	ACCOUNT_ROW,
	DRY_RUN_ROW,
};

static const struct argument_row reset_rows[] = {NAME_ROW, ACCOUNT_ROW, DRY_RUN_ROW};

static const struct command rows[] = {
	{"quota", "list", "List an account's quotas, and how much of them is used",
	 "Only the first account's people see those of other accounts.  REFUSED are requests of "
	 "the account that were beyond the quota, since the controller was started.",
	 ROWS(list_rows), quota_list, &quota},
	{"quota", "refusals", "List what was refused because it was too much",
	 "REASON is the quota, or 'throttled': the requests came too fast.  Counted since the "
	 "controller was started; the first account's people see all accounts.",
	 ROWS(list_rows), quota_refusals, &refusal},
	{"quota", "set", "Change a quota; only the first account's people may",
	 "It holds at once.  A lower one refuses what is new and takes nothing away.",
	 ROWS(set_rows), quota_set, &quota},
	{"quota", "reset", "Go back to the service's default", NULL, ROWS(reset_rows), quota_reset,
	 &quota},
};

const struct commands quota_commands = ROWS(rows);

/* Quotas are a handful and refusals some thousands at most, so both come whole, without pages to ask for. */
static int quota_list(struct invocation *invocation)
{
	return list(invocation, "DescribeTrafficMirrorQuotas", "trafficMirrorQuotaSet",
		    &quota.columns);
}

static int quota_refusals(struct invocation *invocation)
{
	return list(invocation, "DescribeTrafficMirrorRefusals", "trafficMirrorRefusalSet",
		    &refusal.columns);
}

static int quota_set(struct invocation *invocation)
{
	return call(invocation, "ModifyTrafficMirrorQuota");
}

static int quota_reset(struct invocation *invocation)
{
	return call(invocation, "ResetTrafficMirrorQuota");
}

static int list(struct invocation *invocation, const char *action, const char *set,
		const struct columns *shown)
{
	_cleanup_(tmirror_pages_freep) struct tmirror_pages *pages = NULL;
	int r = invocation_pages(invocation, action, set, &pages);

	return r != 0 ? r : output_items(invocation, pages, shown);
}

static int call(struct invocation *invocation, const char *action)
{
	_cleanup_(tmirror_response_freep) struct tmirror_response *response = NULL;
	_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;
	int r = invocation_request(invocation, action, &request);

	return r != 0 ? r : invocation_call(invocation, request, &response);
}
