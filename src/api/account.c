// SPDX-License-Identifier: Apache-2.0
/* Accounts.  Extension actions of IAM: AWS makes accounts elsewhere, and slowly. */
#include "control/account.h"

#include "api/access_key.h"
#include "api/iam.h"
#include "api/tally.h"

#include <string.h>

static const struct parameter create_parameters[] = {
	{"AccountName", PARAMETER_TEXT, .required = true, .minimum = 1,
	 .maximum = ACCOUNT_LABEL_SIZE - 1},
	{"AccountId", PARAMETER_TEXT},
};

static const struct parameter delete_parameters[] = {
	{"AccountId", PARAMETER_TEXT, .required = true},
};

static const struct parameter list_parameters[] = {MARKER_PARAMETERS};

static int create_account(struct call *call, struct refusal *why);
static int delete_account(struct call *call, struct refusal *why);
static int list_accounts(struct call *call, struct refusal *why);
static void write_account(struct call *call, const char *element,
			  const struct account_record *account);

static const struct action actions[] = {
	ACTION("CreateAccount", create_parameters, create_account),
	ACTION("DeleteAccount", delete_parameters, delete_account),
	ACTION("ListAccounts", list_parameters, list_accounts),
};

const struct action_table account_actions = {actions, ARRAY_SIZE(actions)};

static int create_account(struct call *call, struct refusal *why)
{
	struct account_record account;
	struct key_record key;
	int r;

	r = control_create_account(call->control, call->caller, call_get_text(call, "AccountName"),
				   call_get_text(call, "AccountId"), &account, &key, why);
	if (r != 0)
		return r;
	/* A request of the number's last owner may have been counted after that one's end. */
	tally_forget(call->tally, account.id.text);
	write_account(call, "Account", &account);
	access_key_write(call, "AccessKey", &key);
	explicit_bzero(&key, sizeof(key));
	return 0;
}

static int delete_account(struct call *call, struct refusal *why)
{
	const char *id = call_get_text(call, "AccountId");
	int r;

	r = control_delete_account(call->control, call->caller, id, why);
	if (r == 0)
		tally_forget(call->tally, id);
	return r;
}

static int list_accounts(struct call *call, struct refusal *why)
{
	_cleanup_(account_page_fini) struct account_page page = {};
	const struct query query = iam_get_query(call);
	int r;

	r = control_describe_accounts(call->control, call->caller, &query, &page, why);
	if (r != 0)
		return r;
	xml_open(call->xml, "Accounts");
	for (size_t i = 0; i < page.count; i++)
		write_account(call, "member", &page.items[i]);
	xml_close(call->xml, "Accounts");
	iam_write_page_end(call, page.next_token);
	return 0;
}

static void write_account(struct call *call, const char *element,
			  const struct account_record *account)
{
	xml_open(call->xml, element);
	xml_text(call->xml, "AccountId", account->id.text);
	xml_text(call->xml, "AccountName", account->name);
	xml_time(call->xml, "CreateDate", account->created);
	xml_close(call->xml, element);
}
