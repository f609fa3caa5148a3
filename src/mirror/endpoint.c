// SPDX-License-Identifier: Apache-2.0
#include "mirror/endpoint.h"

#include "base/count.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PRINCIPAL_BEGINNING "arn:aws:iam::"
#define ACCOUNT_DIGITS      12

static const char *principal_name(const char *principal);

const char *endpoint_state_name(enum endpoint_state state)
{
	static const char *const names[] = {
		[ENDPOINT_PENDING_ACCEPTANCE] = "pendingAcceptance",
		[ENDPOINT_AVAILABLE] = "available",
		[ENDPOINT_REJECTED] = "rejected",
	};

	return names[state];
}

uint64_t endpoint_get_number(const struct resource_id *id)
{
	const char *digits = strrchr(id->text, '-');

	return digits ? strtoull(digits + 1, NULL, 16) : 0;
}

void endpoint_service_format_name(const struct resource_id *id, const char *region,
				  char ret_name[static ENDPOINT_SERVICE_NAME_SIZE])
{
	(void)snprintf(ret_name, ENDPOINT_SERVICE_NAME_SIZE, "com.amazonaws.vpce.%s.%s", region,
		       id->text);
}

bool endpoint_service_parse_name(const char *name, const char *region, struct resource_id *ret_id)
{
	const char *id = strrchr(name, '.');
	char expected[ENDPOINT_SERVICE_NAME_SIZE];
	struct resource_id parsed;

	if (!id || !resource_id_parse(RESOURCE_ENDPOINT_SERVICE, id + 1, &parsed))
		return false;
	endpoint_service_format_name(&parsed, region, expected);
	if (strcmp(name, expected) != 0)
		return false;
	*ret_id = parsed;
	return true;
}

static const struct {
	const char *name, *beginning;
} principal_types[] = {
	[PRINCIPAL_ALL] = {"All", NULL},
	[PRINCIPAL_ACCOUNT] = {"Account", "root"},
	[PRINCIPAL_USER] = {"User", "user/"},
	[PRINCIPAL_ROLE] = {"Role", "role/"},
};

const char *principal_type_name(enum principal_type type)
{
	return principal_types[type].name;
}

bool principal_type_find(const char *principal, enum principal_type *ret_type)
{
	const char *name = principal_name(principal);

	if (strcmp(principal, "*") == 0) {
		*ret_type = PRINCIPAL_ALL;
		return true;
	}
	for (enum principal_type type = PRINCIPAL_ACCOUNT; type <= PRINCIPAL_ROLE; type++) {
		const char *beginning = principal_types[type].beginning;
		const size_t length = strlen(beginning);

		/* "root" is the whole name; of the others the name has to follow. */
		if (strncmp(name, beginning, length) != 0 ||
		    (name[length] == '\0') != (type == PRINCIPAL_ACCOUNT))
			continue;
		*ret_type = type;
		return true;
	}
	return false;
}

void principal_format_account(const char *account,
			      char ret_principal[static SERVICE_PRINCIPAL_SIZE])
{
	(void)snprintf(ret_principal, SERVICE_PRINCIPAL_SIZE, PRINCIPAL_BEGINNING "%.*s:root",
		       ACCOUNT_DIGITS, account);
}

/* What stands behind the account, or "". */
static const char *principal_name(const char *principal)
{
	const char *account;

	if (strncmp(principal, PRINCIPAL_BEGINNING, strlen(PRINCIPAL_BEGINNING)) != 0 ||
	    strlen(principal) >= SERVICE_PRINCIPAL_SIZE)
		return "";
	account = principal + strlen(PRINCIPAL_BEGINNING);
	if (strspn(account, "0123456789") != ACCOUNT_DIGITS || account[ACCOUNT_DIGITS] != ':')
		return "";
	return account + ACCOUNT_DIGITS + 1;
}
