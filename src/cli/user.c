// SPDX-License-Identifier: Apache-2.0
#include "base/count.h"
#include "cli/noun.h"

static const struct column columns[] = {
	{.title = "USER", .path = "UserName"},
	{.title = "ARN", .path = "Arn"},
	{.title = "ID", .path = "UserId"},
	{.title = "CREATED", .path = "CreateDate"},
};

static const struct noun user = {
	.id_parameter = "UserName",
	.id_element = "UserName",
	.describe = "iam:ListUsers",
	.set = "ListUsersResult/Users",
	.page_size = "MaxItems",
	.create = "iam:CreateUser",
	.object = "CreateUserResult/User",
	.delete = "iam:DeleteUser",
	.columns = ROWS(columns),
};

static const struct argument_row list_rows[] = {PATH_PREFIX_ROW};

static const struct argument_row create_rows[] = {
	{.name = "NAME",
	 .help = "The user's name",
	 .parameter = "UserName",
	 .word = true,
	 .required = true},
	{.name = "path", .value = "/PATH/", .help = "Where to put the user", .parameter = "Path"},
};

static const struct argument_row delete_rows[] = {IDS_ROW("Names of users")};

static const struct command rows[] = {
	{.noun = "user",
	 .verb = "list",
	 .help = "List the users",
	 .arguments = ROWS(list_rows),
	 .run = noun_list,
	 .about = &user},
	{.noun = "user",
	 .verb = "create",
	 .help = "Make a user, who may do nothing yet; prints the name",
	 .arguments = ROWS(create_rows),
	 .run = noun_create,
	 .about = &user},
	{.noun = "user",
	 .verb = "delete",
	 .help = "Delete users that have neither keys nor policies",
	 .arguments = ROWS(delete_rows),
	 .run = noun_delete,
	 .about = &user},
};

const struct commands user_commands = ROWS(rows);
