// SPDX-License-Identifier: Apache-2.0
#include "control/role.h"

#include "access/policy.h"
#include "base/text.h"
#include "control/find.h"
#include "control/identity_make.h"
#include "control/state.h"
#include "control/transaction.h"
#include "control/values.h"
#include "store/identity.h"

#include <errno.h>
#include <string.h>

#define TRUST_LENGTH_MAX 2048

static int session_seconds_take(const struct optional_number *seconds, struct identity *role,
				struct refusal *why);
static int description_set(const char *description, struct identity *role, struct refusal *why);
static int trust_take(const char *trust, struct identity *role, struct refusal *why);

int role_fill(const struct identity_wish *wish, struct identity *role, struct refusal *why)
{
	int r = 0;

	role->session_seconds_max = SESSION_SECONDS_MIN;
	if (wish->session_seconds.set)
		r = session_seconds_take(&wish->session_seconds, role, why);
	if (r == 0 && wish->description)
		r = description_set(wish->description, role, why);
	return r == 0 ? trust_take(wish->trust, role, why) : r;
}

int control_update_role(struct control *control, const struct caller *caller, const char *name,
			const char *description, struct optional_number session_seconds,
			struct refusal *why)
{
	_cleanup_(transaction_end) struct transaction transaction = {};
	_cleanup_identity_ struct identity role = {};
	int r;

	r = transaction_begin(&transaction, control);
	if (r == 0)
		r = find_identity(control, caller, IDENTITY_ROLE, name, &role, why);
	if (r == 0 && description)
		r = description_set(description, &role, why);
	if (r == 0 && session_seconds.set)
		r = session_seconds_take(&session_seconds, &role, why);
	if (r == 0)
		r = store_put_identity(control->store, &role);
	return r != 0 ? r : identities_commit(&transaction, caller, why);
}

int control_set_trust(struct control *control, const struct caller *caller, const char *name,
		      const char *trust, struct refusal *why)
{
	_cleanup_(transaction_end) struct transaction transaction = {};
	_cleanup_identity_ struct identity role = {};
	int r;

	r = transaction_begin(&transaction, control);
	if (r == 0)
		r = find_identity(control, caller, IDENTITY_ROLE, name, &role, why);
	if (r == 0)
		r = trust_take(trust, &role, why);
	if (r == 0)
		r = store_put_identity(control->store, &role);
	return r != 0 ? r : identities_commit(&transaction, caller, why);
}

static int session_seconds_take(const struct optional_number *seconds, struct identity *role,
				struct refusal *why)
{
	return number_take(seconds, "MaxSessionDuration", SESSION_SECONDS_MIN,
			   SESSION_SECONDS_LONGEST, &role->session_seconds_max, why);
}

static int description_set(const char *description, struct identity *role, struct refusal *why)
{
	if (string_copy(role->description, sizeof(role->description), description))
		return 0;
	return refuse(why, REFUSE_PARAMETER_VALUE,
		      "The specified value for description is longer than %zu characters",
		      sizeof(role->description) - 1);
}

static int trust_take(const char *trust, struct identity *role, struct refusal *why)
{
	_cleanup_(policy_freep) struct policy *policy = NULL;
	char *copy;
	int r;

	if (strlen(trust) > TRUST_LENGTH_MAX)
		return refuse(why, REFUSE_ENTITY_LIMIT,
			      "Cannot exceed quota for ACLSizePerRole: %d", TRUST_LENGTH_MAX);
	r = policy_parse(trust, strlen(trust), POLICY_OF_TRUST, &policy, why);
	if (r != 0)
		return r;
	copy = strdup(trust);
	if (!copy)
		return -ENOMEM;
	free(role->trust);
	role->trust = copy;
	return 0;
}
