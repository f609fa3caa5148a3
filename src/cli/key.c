// SPDX-License-Identifier: Apache-2.0
#include "cli/key.h"

#include "base/count.h"
#include "cli/noun.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static command_function key_create, key_enable, key_disable;
static int set_status(struct invocation *invocation, const char *status);

static const struct column columns[] = {
	{.title = "KEY", .path = "AccessKeyId"},
	{.title = "USER", .path = "UserName"},
	{.title = "STATUS", .path = "Status"},
	{.title = "CREATED", .path = "CreateDate"},
};

static const struct noun key = {
	.id_parameter = "AccessKeyId",
	.describe = "iam:ListAccessKeys",
	.set = "ListAccessKeysResult/AccessKeyMetadata",
	.page_size = "MaxItems",
	.delete = "iam:DeleteAccessKey",
	.columns = ROWS(columns),
};

#define USER_ROW                                                                       \
	{                                                                              \
		.name = "user", .letter = 'u', .value = "NAME",                        \
		.help = "Whose key it is; else the caller's", .parameter = "UserName", \
	}

static const struct argument_row user_rows[] = {USER_ROW};

static const struct argument_row status_rows[] = {
	{.name = ID_WORD,
	 .help = "The key's id",
	 .parameter = "AccessKeyId",
	 .word = true,
	 .required = true},
	USER_ROW,
};

static const struct argument_row delete_rows[] = {IDS_ROW("Ids of keys"), USER_ROW};

static const struct command rows[] = {
	{"key", "list", "List a user's keys", NULL, ROWS(user_rows), noun_list, &key},
	{"key", "create", "Make a key; prints it, secret and all",
	 "A user has room for two, so that one can take over from the other.  The key is printed "
	 "as "
	 "lines that a shell can read, and shown only once.",
	 ROWS(user_rows), key_create, &key},
	{"key", "disable", "Make a key open nothing until it is enabled again", NULL,
	 ROWS(status_rows), key_disable, &key},
	{"key", "enable", "Make a disabled key open again", NULL, ROWS(status_rows), key_enable,
	 &key},
	{"key", "delete", "Delete keys of a user", NULL, ROWS(delete_rows), noun_delete, &key},
};

const struct commands key_commands = ROWS(rows);

int key_print(const char *id, const char *secret)
{
	if (!id || !secret)
		return -EPROTO;
	return printf("export AWS_ACCESS_KEY_ID=%s\nexport AWS_SECRET_ACCESS_KEY=%s\n", id,
		      secret) < 0
		       ? -EIO
		       : 0;
}

static int key_create(struct invocation *invocation)
{
	_cleanup_(tmirror_response_freep) struct tmirror_response *response = NULL;
	_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;
	const struct tmirror_node *made;
	int r;

	r = invocation_request(invocation, "iam:CreateAccessKey", &request);
	if (r == 0)
		r = invocation_call(invocation, request, &response);
	if (r != 0)
		return r;
	made = tmirror_node_find(tmirror_response_root(response),
				 "CreateAccessKeyResult/AccessKey");
	if (!made)
		return -EPROTO;
	if (invocation->json)
		return output_object(invocation, made, &key.columns);
	return key_print(tmirror_node_text(made, "AccessKeyId"),
			 tmirror_node_text(made, "SecretAccessKey"));
}

static int key_enable(struct invocation *invocation)
{
	return set_status(invocation, "Active");
}

static int key_disable(struct invocation *invocation)
{
	return set_status(invocation, "Inactive");
}

static int set_status(struct invocation *invocation, const char *status)
{
	_cleanup_(tmirror_response_freep) struct tmirror_response *response = NULL;
	_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;
	int r;

	r = invocation_request(invocation, "iam:UpdateAccessKey", &request);
	if (r == 0)
		r = tmirror_request_set(request, "Status", status);
	return r != 0 ? r : invocation_call(invocation, request, &response);
}
