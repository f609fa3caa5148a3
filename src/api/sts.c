// SPDX-License-Identifier: Apache-2.0
/* STS: who am I, and keys that end by themselves. */
#include "control/temporary.h"

#include "api/call.h"
#include "api/resource.h"

#include <string.h>

static const struct parameter session_parameters[] = {
	{"DurationSeconds", PARAMETER_NUMBER},
};

static const struct parameter assume_parameters[] = {
	{"RoleArn", PARAMETER_TEXT, .required = true, .minimum = 20, .maximum = 2048,
	 .names = &trusted_role_resource},
	{"RoleSessionName", PARAMETER_TEXT, .required = true, .minimum = 2, .maximum = 64,
	 .key = "sts:RoleSessionName"},
	{"DurationSeconds", PARAMETER_NUMBER},
	{"ExternalId", PARAMETER_TEXT, .minimum = 2, .maximum = 1224, .key = "sts:ExternalId"},
	{"Policy", PARAMETER_DOCUMENT, .minimum = 1, .maximum = TEMPORARY_POLICY_SIZE - 1},
};

static int get_identity(struct call *call, struct refusal *why);
static int get_session_token(struct call *call, struct refusal *why);
static int assume_role(struct call *call, struct refusal *why);
static void write_credentials(struct call *call, const struct temporary_key *key);

static const struct action actions[] = {
	{.name = "GetCallerIdentity", .run = get_identity, .open = true},
	ACTION("GetSessionToken", session_parameters, get_session_token, .gives_keys = true,
	       .open = true),
	ACTION("AssumeRole", assume_parameters, assume_role, .gives_keys = true),
};

const struct action_table sts_actions = {actions, ARRAY_SIZE(actions)};

static int get_identity(struct call *call, struct refusal *why)
{
	(void)why;
	xml_text(call->xml, "Arn", call->caller->arn);
	xml_text(call->xml, "UserId", call->caller->user_id);
	xml_text(call->xml, "Account", call->caller->account.text);
	return 0;
}

static int get_session_token(struct call *call, struct refusal *why)
{
	_cleanup_(temporary_key_fini) struct temporary_key key = {};
	int r;

	r = control_get_session_key(call->control, call->caller,
				    call_get_number(call, "DurationSeconds"), &key, why);
	if (r != 0)
		return r;
	write_credentials(call, &key);
	return 0;
}

static int assume_role(struct call *call, struct refusal *why)
{
	_cleanup_(temporary_key_fini) struct temporary_key key = {};
	const struct role_wish wish = {
		.role = call_get_text(call, "RoleArn"),
		.name = call_get_text(call, "RoleSessionName"),
		.seconds = call_get_number(call, "DurationSeconds"),
		.policy = call_get_text(call, "Policy"),
	};
	int r;

	if (!identity_name_valid(wish.name, strlen(wish.name)))
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "The RoleSessionName '%.64s' has other characters than letters, "
			      "digits and _+=,.@-",
			      wish.name);
	r = control_assume_role(call->control, call->caller, &wish, &key, why);
	if (r != 0)
		return r;
	write_credentials(call, &key);
	xml_open(call->xml, "AssumedRoleUser");
	xml_text(call->xml, "AssumedRoleId", key.key.caller.user_id);
	xml_text(call->xml, "Arn", key.key.caller.arn);
	xml_close(call->xml, "AssumedRoleUser");
	if (key.policy_share > 0)
		xml_number(call->xml, "PackedPolicySize", key.policy_share);
	return 0;
}

static void write_credentials(struct call *call, const struct temporary_key *key)
{
	xml_open(call->xml, "Credentials");
	xml_text(call->xml, "AccessKeyId", key->key.id);
	xml_text(call->xml, "SecretAccessKey", key->key.secret);
	xml_text(call->xml, "SessionToken", key->token);
	xml_time(call->xml, "Expiration", key->expires);
	xml_close(call->xml, "Credentials");
}
