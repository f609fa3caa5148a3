// SPDX-License-Identifier: Apache-2.0
/* The kept principals lie in a table by a hash of their id, one in a place: a newcomer takes the place of whoever is
 * there.  So the table is bounded without an order in which to give up. */
#include "control/principal.h"

#include "access/policy.h"
#include "base/array.h"
#include "base/count.h"
#include "control/state.h"
#include "mirror/refusals.h"
#include "store/identity.h"
#include "store/policy.h"
#include "store/store.h"

#include <errno.h>
#include <string.h>

#define ARN_BEGIN "arn:aws:iam::"
#define ARN_ROLE  ":role/"

static struct principal **principal_place(struct control *control, const char *id);
static int principal_load(struct control *control, const char *id, struct principal **ret_principal,
			  struct refusal *why);
static int principal_load_policies(struct control *control, struct principal *principal);
static int principal_load_trust(struct principal *principal);
static void principal_free(struct principal *principal);
DEFINE_CLEANUP(struct principal *, principal_free)

struct principal *principal_unref(struct principal *principal)
{
	if (principal && --principal->references == 0)
		principal_free(principal);
	return NULL;
}

int principal_find(struct control *control, const char *id, struct principal **ret_principal,
		   struct refusal *why)
{
	struct principal **place = principal_place(control, id);
	int r;

	if (!*place || strcmp((*place)->identity.id, id) != 0) {
		struct principal *loaded = NULL;

		r = principal_load(control, id, &loaded, why);
		if (r != 0)
			return r;
		principal_unref(*place);
		*place = loaded;
	}
	(*place)->references++;
	*ret_principal = *place;
	return 0;
}

int principal_find_role(struct control *control, const char *arn, struct principal **ret_principal)
{
	const size_t account_at = strlen(ARN_BEGIN), kind_at = account_at + ACCOUNT_ID_SIZE - 1;
	_cleanup_(principal_unrefp) struct principal *principal = NULL;
	_cleanup_identity_ struct identity identity = {};
	struct account_id account = {};
	struct refusal why = {};
	int r = STORE_MISSING;

	if (strlen(arn) > kind_at + strlen(ARN_ROLE) && !strncmp(arn, ARN_BEGIN, account_at) &&
	    !strncmp(arn + kind_at, ARN_ROLE, strlen(ARN_ROLE))) {
		memcpy(account.text, arn + account_at, ACCOUNT_ID_SIZE - 1);
		r = store_find_identity(control->store, account.text, IDENTITY_ROLE,
					strrchr(arn, '/') + 1, &identity);
	}
	if (r == 0)
		r = principal_find(control, identity.id, &principal, &why);
	if (r < 0)
		return r;
	/* A name is found whatever its case, but an ARN has one spelling, and the path in it. */
	*ret_principal = principal && !strcmp(principal->arn, arn) ? TAKE_PTR(principal) : NULL;
	return 0;
}

int principal_format_arn(struct control *control, const struct account_id *account,
			 enum identity_kind kind, const char *name, char ret_arn[IDENTITY_ARN_SIZE])
{
	_cleanup_identity_ struct identity identity = {};
	int r = store_find_identity(control->store, account->text, kind, name, &identity);

	if (r == 0)
		identity_format_arn(&identity, ret_arn);
	return r;
}

void principals_forget(struct control *control)
{
	for (size_t i = 0; i < ARRAY_SIZE(control->principals); i++)
		control->principals[i] = principal_unref(control->principals[i]);
}

/* FNV-1a; ids are random and ours, so nobody can choose where he falls. */
static struct principal **principal_place(struct control *control, const char *id)
{
	uint32_t hash = 2166136261;

	for (const char *c = id; *c != '\0'; c++)
		hash = (hash ^ (unsigned char)*c) * 16777619;
	return &control->principals[hash % ARRAY_SIZE(control->principals)];
}

static int principal_load(struct control *control, const char *id, struct principal **ret_principal,
			  struct refusal *why)
{
	_cleanup_(principal_freep) struct principal *principal = calloc(1, sizeof(*principal));
	int r;

	if (!principal)
		return -ENOMEM;
	principal->references = 1;
	r = store_get_identity(control->store, id, &principal->identity);
	if (r == STORE_MISSING)
		return refuse(why, REFUSE_CREDENTIALS_INVALID,
			      "The security token included in the request is invalid.");
	if (r < 0)
		return r;
	identity_format_arn(&principal->identity, principal->arn);
	r = principal_load_policies(control, principal);
	if (r == 0)
		r = principal_load_trust(principal);
	if (r < 0)
		return r;
	*ret_principal = TAKE_PTR(principal);
	return 0;
}

static int principal_load_policies(struct control *control, struct principal *principal)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	const char *name, *document;
	int r;

	r = store_select_policies(control->store, principal->identity.id, "", &cursor);
	while (r >= 0 && (r = store_next_policy(cursor, &name, &document)) == STORE_ROW) {
		_cleanup_(policy_freep) struct policy *policy = NULL;
		struct refusal why = {};

		r = policy_parse(document, strlen(document), POLICY_OF_IDENTITY, &policy, &why);
		if (r != 0)
			return r == REFUSED ? -EBADMSG : r; /* It was checked when it was put. */
		r = array_append(principal, policies, policy_count, policy_capacity, policy);
		if (r < 0)
			return r;
		policy = NULL;
	}
	return r;
}

static int principal_load_trust(struct principal *principal)
{
	const char *trust = principal->identity.trust;
	struct refusal why = {};
	int r;

	if (!trust)
		return 0;
	r = policy_parse(trust, strlen(trust), POLICY_OF_TRUST, &principal->trust, &why);
	return r == REFUSED ? -EBADMSG : r;
}

static void principal_free(struct principal *principal)
{
	for (size_t i = 0; i < principal->policy_count; i++)
		policy_free(principal->policies[i]);
	free(principal->policies);
	policy_free(principal->trust);
	identity_fini(&principal->identity);
	free(principal);
}
