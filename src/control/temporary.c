// SPDX-License-Identifier: Apache-2.0
/* What is sealed in a token are lines: id, secret, principal, name of the session (of a user's: "", or "console"), when it began and when it
 * ends, and after them the policy as it was given, with whatever line breaks it has. */
#include "control/temporary.h"

#include "access/policy.h"
#include "access/seal.h"
#include "base/count.h"
#include "base/text.h"
#include "control/identity_make.h"
#include "control/principal.h"
#include "control/state.h"
#include "mirror/refusals.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define PURPOSE "tmirror session token"
#define CONSOLE "console" /* The name of a user's session. */

enum line { LINE_ID, LINE_SECRET, LINE_PRINCIPAL, LINE_NAME, LINE_BEGAN, LINE_ENDS, LINE_COUNT };

static int user_key_issue(struct control *control, const struct caller *caller, const char *name,
			  struct optional_number seconds, struct temporary_key *ret_key,
			  struct refusal *why);
static int seconds_take(struct optional_number seconds, int64_t maximum, int64_t fallback,
			int64_t *ret_seconds, struct refusal *why);
static int policy_check(const char *policy, struct refusal *why);
static int key_issue(struct control *control, const struct principal *principal, const char *name,
		     int64_t seconds, const char *policy, struct temporary_key *ret_key);
static int token_close(struct control *control, const struct access_key *key, const char *name,
		       int64_t expires, const char *policy, char **ret_token);
static int token_read(const char *lines[LINE_COUNT], struct control *control, const char *id,
		      struct access_key *ret_key, struct refusal *why);
static bool token_split(char *text, const char *lines[LINE_COUNT], const char **ret_policy);
static void caller_fill(const struct principal *principal, const char *name, int64_t began,
			struct caller *ret_caller);
static int refuse_token(struct refusal *why);

void temporary_key_fini(struct temporary_key *key)
{
	free(key->token);
	explicit_bzero(key, sizeof(*key));
}

int control_get_session_key(struct control *control, const struct caller *caller,
			    struct optional_number seconds, struct temporary_key *ret_key,
			    struct refusal *why)
{
	return user_key_issue(control, caller, "", seconds, ret_key, why);
}

int control_get_console_key(struct control *control, const struct caller *caller,
			    struct optional_number seconds, struct temporary_key *ret_key,
			    struct refusal *why)
{
	return user_key_issue(control, caller, CONSOLE, seconds, ret_key, why);
}

int control_assume_role(struct control *control, const struct caller *caller,
			const struct role_wish *wish, struct temporary_key *ret_key,
			struct refusal *why)
{
	_cleanup_(principal_unrefp) struct principal *role = NULL;
	const bool chained = strstr(caller->arn, ":assumed-role/") != NULL;
	int64_t seconds = 0;
	int r;

	r = principal_find_role(control, wish->role, &role);
	if (r < 0)
		return r;
	if (!role)
		return refuse(why, REFUSE_NOT_PERMITTED, "The role '%.200s' cannot be assumed.",
			      wish->role);
	r = seconds_take(wish->seconds,
			 chained ? TEMPORARY_CHAINED_SECONDS_MAX
				 : role->identity.session_seconds_max,
			 TEMPORARY_ROLE_SECONDS_DEFAULT, &seconds, why);
	if (r == 0)
		r = policy_check(wish->policy, why);
	return r == 0 ? key_issue(control, role, wish->name, seconds, wish->policy, ret_key) : r;
}

int control_find_temporary_key(struct control *control, const char *id, const char *token,
			       struct access_key *ret_key, char **ret_policy, struct refusal *why)
{
	const char *lines[LINE_COUNT], *policy = "";
	char *text = NULL;
	size_t size;
	int r;

	r = seal_open(&control->seal_key, PURPOSE, token, &text, &size);
	if (r != 0)
		return r < 0 ? r : refuse_token(why);
	r = token_split(text, lines, &policy) ? token_read(lines, control, id, ret_key, why)
					      : refuse_token(why);
	if (r == 0 && *policy != '\0') {
		*ret_policy = strdup(policy);
		r = *ret_policy ? 0 : -ENOMEM;
	}
	explicit_bzero(text, size);
	free(text);
	return r;
}

static int user_key_issue(struct control *control, const struct caller *caller, const char *name,
			  struct optional_number seconds, struct temporary_key *ret_key,
			  struct refusal *why)
{
	_cleanup_(principal_unrefp) struct principal *principal = NULL;
	int64_t length = 0;
	int r;

	if (caller->kind == CALLER_HOST)
		return refuse(why, REFUSE_NOT_PERMITTED,
			      "A host's key gives no session credentials.");
	if (caller->session_began != 0)
		return refuse(why, REFUSE_NOT_PERMITTED, "Cannot call %s with session credentials",
			      *name ? "CreateConsoleSignIn" : "GetSessionToken");
	r = seconds_take(seconds, TEMPORARY_SECONDS_MAX, TEMPORARY_SECONDS_DEFAULT, &length, why);
	if (r == 0)
		r = principal_find(control, caller->principal, &principal, why);
	return r == 0 ? key_issue(control, principal, name, length, NULL, ret_key) : r;
}

static int seconds_take(struct optional_number seconds, int64_t maximum, int64_t fallback,
			int64_t *ret_seconds, struct refusal *why)
{
	const int64_t value = seconds.set ? seconds.value : MIN(fallback, maximum);

	if (value < TEMPORARY_SECONDS_MIN || value > maximum)
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "The requested DurationSeconds %" PRId64 " is not between %d and "
			      "%" PRId64 ", the longest that is possible here",
			      value, TEMPORARY_SECONDS_MIN, maximum);
	*ret_seconds = value;
	return 0;
}

static int policy_check(const char *policy, struct refusal *why)
{
	_cleanup_(policy_freep) struct policy *parsed = NULL;

	if (!policy)
		return 0;
	return policy_parse(policy, strlen(policy), POLICY_OF_IDENTITY, &parsed, why);
}

static int key_issue(struct control *control, const struct principal *principal, const char *name,
		     int64_t seconds, const char *policy, struct temporary_key *ret_key)
{
	const int64_t now = control_now(control);
	struct temporary_key issued = {.expires = now + seconds * 1000};
	int r;

	key_pick("ASIA", issued.key.id, issued.key.secret);
	caller_fill(principal, name, now, &issued.key.caller);
	r = token_close(control, &issued.key, name, issued.expires, policy ? policy : "",
			&issued.token);
	if (r < 0) {
		temporary_key_fini(&issued);
		return r;
	}
	if (policy)
		issued.policy_share =
			(unsigned int)(1 + strlen(policy) * 99 / (TEMPORARY_POLICY_SIZE - 1));
	*ret_key = issued;
	explicit_bzero(&issued, sizeof(issued));
	return 0;
}

static int token_close(struct control *control, const struct access_key *key, const char *name,
		       int64_t expires, const char *policy, char **ret_token)
{
	_cleanup_text_ struct text text = {};
	int r;

	text_printf(&text, "%s\n%s\n%s\n%s\n%" PRId64 "\n%" PRId64 "\n%s", key->id, key->secret,
		    key->caller.principal, name, key->caller.session_began, expires, policy);
	if (text.failed)
		return -ENOMEM;
	r = seal_close(&control->seal_key, PURPOSE, text.data, text.length, ret_token);
	explicit_bzero(text.data, text.length);
	return r;
}

static int token_read(const char *lines[LINE_COUNT], struct control *control, const char *id,
		      struct access_key *ret_key, struct refusal *why)
{
	_cleanup_(principal_unrefp) struct principal *principal = NULL;
	unsigned long long began, ends;
	struct access_key key = {};
	int r;

	if (strcmp(lines[LINE_ID], id) != 0 ||
	    !string_copy(key.id, sizeof(key.id), lines[LINE_ID]) ||
	    !string_copy(key.secret, sizeof(key.secret), lines[LINE_SECRET]) ||
	    !string_to_unsigned(lines[LINE_BEGAN], INT64_MAX, &began) ||
	    !string_to_unsigned(lines[LINE_ENDS], INT64_MAX, &ends))
		return refuse_token(why);
	if (control_now(control) >= (int64_t)ends)
		return refuse(why, REFUSE_TOKEN_EXPIRED,
			      "The security token included in the request is expired");
	r = principal_find(control, lines[LINE_PRINCIPAL], &principal, why);
	if (r != 0)
		return r;
	caller_fill(principal, lines[LINE_NAME], (int64_t)began, &key.caller);
	*ret_key = key;
	explicit_bzero(&key, sizeof(key));
	return 0;
}

static bool token_split(char *text, const char *lines[LINE_COUNT], const char **ret_policy)
{
	for (size_t i = 0; i < LINE_COUNT; i++) {
		char *end = strchr(text, '\n');

		if (!end)
			return false;
		*end = '\0';
		lines[i] = text;
		text = end + 1;
	}
	*ret_policy = text;
	return true;
}

/* Who has taken on a role goes by the role's name and the session's. */
static void caller_fill(const struct principal *principal, const char *name, int64_t began,
			struct caller *ret_caller)
{
	const struct identity *identity = &principal->identity;
	struct caller caller = {
		.account = identity->account,
		.kind = CALLER_USER,
		.session_began = began,
	};

	(void)string_copy(caller.principal, sizeof(caller.principal), identity->id);
	if (identity->kind == IDENTITY_ROLE) {
		(void)snprintf(caller.arn, sizeof(caller.arn), "arn:aws:sts::%s:assumed-role/%s/%s",
			       identity->account.text, identity->name, name);
		(void)snprintf(caller.user_id, sizeof(caller.user_id), "%s:%s", identity->id, name);
	} else {
		caller.console = strcmp(name, CONSOLE) == 0;
		(void)string_copy(caller.arn, sizeof(caller.arn), principal->arn);
		(void)string_copy(caller.user_id, sizeof(caller.user_id), identity->id);
	}
	*ret_caller = caller;
}

static int refuse_token(struct refusal *why)
{
	return refuse(why, REFUSE_CREDENTIALS_INVALID,
		      "The security token included in the request is invalid.");
}
