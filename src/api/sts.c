// SPDX-License-Identifier: Apache-2.0
/* STS: who am I, keys that end by themselves, and a link to the console for whoever has keys already. */
#include "control/temporary.h"

#include "api/call.h"
#include "api/resource.h"
#include "api/tries.h"
#include "base/clock.h"
#include "base/random.h"
#include "base/text.h"
#include "control/sign_in.h"
#include "net/http_server.h"
#include "sigv4/hash.h"

#include <errno.h>
#include <string.h>

#define SIGN_IN_CODE_SIZE 65

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

static const struct parameter redeem_parameters[] = {
	{"SignInCode", PARAMETER_TEXT, .required = true, .minimum = 1, .maximum = 128},
};

static int get_identity(struct call *call, struct refusal *why);
static int get_session_token(struct call *call, struct refusal *why);
static int assume_role(struct call *call, struct refusal *why);
static int create_sign_in(struct call *call, struct refusal *why);
static int redeem_sign_in(struct call *call, struct refusal *why);
static void write_credentials(struct call *call, const struct temporary_key *key);

static const struct action actions[] = {
	{.name = "GetCallerIdentity", .run = get_identity, .open = true},
	ACTION("GetSessionToken", session_parameters, get_session_token, .gives_keys = true,
	       .open = true),
	ACTION("AssumeRole", assume_parameters, assume_role, .gives_keys = true),
	ACTION("CreateConsoleSignIn", session_parameters, create_sign_in, .gives_keys = true,
	       .open = true),
	ACTION("RedeemConsoleSignIn", redeem_parameters, redeem_sign_in, .gives_keys = true,
	       .open = true, .anonymous = true),
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

/* The link leads to where this request came: that name is one by which the controller is known here. */
static int create_sign_in(struct call *call, struct refusal *why)
{
	const char *host = http_request_get_header(call->request, "host");
	_cleanup_(temporary_key_fini) struct temporary_key key = {};
	_cleanup_text_ struct text url = {};
	char code[SIGN_IN_CODE_SIZE], digest[HASH_TEXT_SIZE];
	unsigned char bytes[(SIGN_IN_CODE_SIZE - 1) / 2];
	int r;

	random_bytes(bytes, sizeof(bytes));
	hex_encode(bytes, sizeof(bytes), code);
	hash_text(code, SIGN_IN_CODE_SIZE - 1, digest);
	r = control_get_console_key(call->control, call->caller,
				    call_get_number(call, "DurationSeconds"), &key, why);
	if (r == 0)
		r = control_offer_sign_in(call->control, call->caller, &key, digest, why);
	if (r != 0)
		return r;
	text_printf(&url, "%s://%s/console/#sign-in=%s", call->encrypted ? "https" : "http",
		    host ? host : "", code);
	if (url.failed)
		return -ENOMEM;
	xml_text(call->xml, "SignInUrl", url.data);
	xml_time(call->xml, "Expiration", clock_realtime() + SIGN_IN_SECONDS * 1000);
	explicit_bzero(bytes, sizeof(bytes));
	explicit_bzero(code, sizeof(code));
	explicit_bzero(url.data, url.length);
	return 0;
}

/* Who guesses is slowed down, and nobody else: what is right opens however many try from the same address. */
static int redeem_sign_in(struct call *call, struct refusal *why)
{
	_cleanup_(temporary_key_fini) struct temporary_key key = {};
	const char *code = call_get_text(call, "SignInCode");
	char digest[HASH_TEXT_SIZE];
	int r;

	hash_text(code, strlen(code), digest);
	r = control_redeem_sign_in(call->control, digest, &key, why);
	if (r == REFUSED && why->code == REFUSE_CREDENTIALS_INVALID &&
	    !tries_take(call->tries, &call->request->peer, clock_monotonic()))
		return refuse(why, REFUSE_TOO_MANY_REQUESTS, "Request limit exceeded.");
	if (r != 0)
		return r;
	*call->proven = key.key;
	write_credentials(call, &key);
	xml_text(call->xml, "Region", control_get_region(call->control));
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
