// SPDX-License-Identifier: Apache-2.0
#include "control/policy.h"

#include "access/policy.h"
#include "base/text.h"
#include "control/describe.h"
#include "control/find.h"
#include "control/identity_make.h"
#include "control/state.h"
#include "control/transaction.h"
#include "store/policy.h"
#include "store/store.h"

#include <string.h>

/* What all policies of one owner may come to, blanks not counted. */
static const struct {
	const char *noun;
	size_t length_max;
} owners[IDENTITY_KIND_COUNT] = {
	[IDENTITY_USER] = {"user", 2048},
	[IDENTITY_ROLE] = {"role", 10240},
};

static int document_check(const struct policy_locator *locator, const char *document,
			  struct refusal *why);
static int room_check(struct control *control, const struct identity *owner, struct refusal *why);
static size_t length_without_blanks(const char *document);
static int refuse_missing_policy(int r, const struct policy_locator *locator, struct refusal *why);

static int policies_select(struct describe *describe, const char *after,
			   struct cursor **ret_cursor);
static int policies_next(struct describe *describe, struct cursor *cursor, void *record);
static void policies_key(const void *record, struct text *ret_key);
static void policy_name_fini(struct policy_name *name);

static const struct noun policies = {
	.name = "policies",
	.record_size = sizeof(struct policy_name),
	.smallest_page = 1,
	.select = policies_select,
	.next = policies_next,
	.key = policies_key,
};

DEFINE_PAGE_FINI(struct policy_page, policy_page_fini, policy_name_fini)

int control_put_policy(struct control *control, const struct caller *caller,
		       const struct policy_locator *locator, const char *document,
		       struct refusal *why)
{
	_cleanup_(transaction_end) struct transaction transaction = {};
	_cleanup_identity_ struct identity owner = {};
	int r;

	r = document_check(locator, document, why);
	if (r == 0)
		r = transaction_begin(&transaction, control);
	if (r == 0)
		r = find_identity(control, caller, locator->kind, locator->owner, &owner, why);
	if (r == 0)
		r = store_put_policy(control->store, owner.id, locator->name, document);
	if (r == 0)
		r = room_check(control, &owner, why);
	return r != 0 ? r : identities_commit(&transaction, caller, why);
}

int control_get_policy(struct control *control, const struct caller *caller,
		       const struct policy_locator *locator, char **ret_document,
		       struct refusal *why)
{
	_cleanup_identity_ struct identity owner = {};
	int r;

	r = find_identity(control, caller, locator->kind, locator->owner, &owner, why);
	if (r == 0)
		r = refuse_missing_policy(
			store_get_policy(control->store, owner.id, locator->name, ret_document),
			locator, why);
	return r;
}

int control_delete_policy(struct control *control, const struct caller *caller,
			  const struct policy_locator *locator, struct refusal *why)
{
	_cleanup_(transaction_end) struct transaction transaction = {};
	_cleanup_identity_ struct identity owner = {};
	int r;

	r = transaction_begin(&transaction, control);
	if (r == 0)
		r = find_identity(control, caller, locator->kind, locator->owner, &owner, why);
	if (r == 0)
		r = refuse_missing_policy(
			store_delete_policy(control->store, owner.id, locator->name), locator, why);
	return r != 0 ? r : identities_commit(&transaction, caller, why);
}

int control_describe_policies(struct control *control, const struct caller *caller,
			      enum identity_kind kind, const char *owner_name,
			      const struct query *query, struct policy_page *ret_page,
			      struct refusal *why)
{
	_cleanup_identity_ struct identity owner = {};
	struct describe describe = {control, caller, &policies, query, owner.id};
	struct page page;
	int r;

	r = find_identity(control, caller, kind, owner_name, &owner, why);
	if (r == 0)
		r = describe_run(&describe, &page, why);
	if (r == 0)
		PAGE_TAKE(ret_page, page);
	return r;
}

static int document_check(const struct policy_locator *locator, const char *document,
			  struct refusal *why)
{
	_cleanup_(policy_freep) struct policy *policy = NULL;

	if (!identity_name_valid(locator->name, POLICY_NAME_SIZE - 1))
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "The specified value '%.140s' for policyName is invalid. It must "
			      "contain only alphanumeric characters and/or the following: +=,.@_-",
			      locator->name);
	return policy_parse(document, strlen(document), POLICY_OF_IDENTITY, &policy, why);
}

/* With the policy in place; a refusal takes it back. */
static int room_check(struct control *control, const struct identity *owner, struct refusal *why)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	const char *name, *document;
	size_t length = 0;
	int r;

	r = store_select_policies(control->store, owner->id, "", &cursor);
	while (r >= 0 && (r = store_next_policy(cursor, &name, &document)) == STORE_ROW)
		length += length_without_blanks(document);
	if (r < 0 || length <= owners[owner->kind].length_max)
		return r;
	return refuse(why, REFUSE_ENTITY_LIMIT,
		      "Maximum policy size of %zu bytes exceeded for %s %s",
		      owners[owner->kind].length_max, owners[owner->kind].noun, owner->name);
}

static size_t length_without_blanks(const char *document)
{
	size_t length = 0;

	for (; *document != '\0'; document++)
		length += strchr(" \t\r\n", *document) == NULL;
	return length;
}

static int refuse_missing_policy(int r, const struct policy_locator *locator, struct refusal *why)
{
	if (r != STORE_MISSING)
		return r;
	return refuse(why, REFUSE_ENTITY_NOT_FOUND,
		      "The %s policy with name %.140s cannot be found.", owners[locator->kind].noun,
		      locator->name);
}

static int policies_select(struct describe *describe, const char *after, struct cursor **ret_cursor)
{
	return store_select_policies(describe->control->store, describe->scope, after, ret_cursor);
}

static int policies_next(struct describe *describe _unused_, struct cursor *cursor, void *record)
{
	struct policy_name *policy = record;
	const char *name, *document;
	int r = store_next_policy(cursor, &name, &document);

	if (r == STORE_ROW)
		(void)string_copy(policy->text, sizeof(policy->text), name);
	return r;
}

static void policies_key(const void *record, struct text *ret_key)
{
	text_append(ret_key, ((const struct policy_name *)record)->text);
}

static void policy_name_fini(struct policy_name *name _unused_)
{
}
