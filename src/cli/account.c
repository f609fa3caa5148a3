// SPDX-License-Identifier: Apache-2.0
#include "base/count.h"
#include "cli/key.h"
#include "cli/noun.h"

#include <errno.h>
#include <stdio.h>

static command_function account_create;

static const struct column columns[] = {
	{.title = "ACCOUNT", .path = "AccountId"},
	{.title = "NAME", .path = "AccountName"},
	{.title = "CREATED", .path = "CreateDate"},
};

static const struct noun account = {
	.id_parameter = "AccountId",
	.describe = "iam:ListAccounts",
	.set = "ListAccountsResult/Accounts",
	.page_size = "MaxItems",
	.delete = "iam:DeleteAccount",
	.columns = ROWS(columns),
};

static const struct argument_row create_rows[] = {
	{.name = "NAME",
	 .help = "What to call it",
	 .parameter = "AccountName",
	 .word = true,
	 .required = true},
	{.name = "account-id",
	 .value = "DIGITS",
	 .help = "Its number of 12 digits; else a random one",
	 .parameter = "AccountId"},
};

static const struct argument_row delete_rows[] = {IDS_ROW("Numbers of accounts")};

static const struct command rows[] = {
	{.noun = "account",
	 .verb = "list",
	 .help = "List the accounts; only the first one's people see others than their own",
	 .run = noun_list,
	 .about = &account},
	{.noun = "account",
	 .verb = "create",
	 .help = "Make an account and its user admin; prints his key",
	 .more = "The key is printed as lines that a shell can read, and shown only once.",
	 .arguments = ROWS(create_rows),
	 .run = account_create,
	 .about = &account},
	{.noun = "account",
	 .verb = "delete",
	 .help = "Delete accounts that own nothing, with their users, keys and roles",
	 .arguments = ROWS(delete_rows),
	 .run = noun_delete,
	 .about = &account},
};

const struct commands account_commands = ROWS(rows);

static int account_create(struct invocation *invocation)
{
	_cleanup_(tmirror_response_freep) struct tmirror_response *response = NULL;
	_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;
	const struct tmirror_node *made, *key;
	const char *id;
	int r;

	r = invocation_request(invocation, "iam:CreateAccount", &request);
	if (r == 0)
		r = invocation_call(invocation, request, &response);
	if (r != 0)
		return r;
	made = tmirror_node_find(tmirror_response_root(response), "CreateAccountResult");
	id = tmirror_node_text(made, "Account/AccountId");
	key = tmirror_node_find(made, "AccessKey");
	if (!id || !key)
		return -EPROTO;
	if (invocation->json)
		return output_object(invocation, made, &account.columns);
	if (printf("# account %s\n", id) < 0)
		return -EIO;
	return key_print(tmirror_node_text(key, "AccessKeyId"),
			 tmirror_node_text(key, "SecretAccessKey"));
}
