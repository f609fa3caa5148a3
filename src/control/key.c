// SPDX-License-Identifier: Apache-2.0
/* Access keys as their owners make, disable and delete them.  Two per user, so that one can be rotated. */
#include "control/credential.h"

#include "base/text.h"
#include "control/describe.h"
#include "control/find.h"
#include "control/identity_make.h"
#include "control/state.h"
#include "control/transaction.h"
#include "store/identity.h"
#include "store/store.h"

#include <string.h>

#define KEYS_PER_USER_MAX 2

static int refuse_missing_key(const char *id, struct refusal *why);
static int key_find(struct control *control, const struct caller *caller, const char *user,
		    const char *id, struct stored_credential *ret_credential,
		    struct identity *ret_owner, struct refusal *why);
static int room_check(struct control *control, const struct identity *user, struct refusal *why);
static void record_fill(const struct stored_credential *credential, const char *user,
			struct key_record *ret_record);

static int keys_select(struct describe *describe, const char *after, struct cursor **ret_cursor);
static int keys_next(struct describe *describe, struct cursor *cursor, void *record);
static void keys_key(const void *record, struct text *ret_key);

static const struct noun keys = {
	.name = "access keys",
	.record_size = sizeof(struct key_record),
	.smallest_page = 1,
	.select = keys_select,
	.next = keys_next,
	.key = keys_key,
};

static void key_record_fini(struct key_record *record)
{
	explicit_bzero(record->secret, sizeof(record->secret));
}

DEFINE_PAGE_FINI(struct key_page, key_page_fini, key_record_fini)

int control_create_key(struct control *control, const struct caller *caller, const char *user,
		       struct key_record *ret_key, struct refusal *why)
{
	_cleanup_(transaction_end) struct transaction transaction = {};
	_cleanup_identity_ struct identity owner = {};
	struct stored_credential credential;
	struct key_record record;
	char secret[ACCESS_KEY_SECRET_SIZE];
	int r;

	r = transaction_begin(&transaction, control);
	if (r == 0)
		r = find_identity(control, caller, IDENTITY_USER, user, &owner, why);
	if (r == 0)
		r = room_check(control, &owner, why);
	if (r == 0)
		r = key_make(control, &owner, secret, &credential);
	if (r == 0)
		r = identities_commit(&transaction, caller, why);
	if (r == 0) {
		record_fill(&credential, owner.name, &record);
		memcpy(record.secret, secret, sizeof(record.secret));
		*ret_key = record;
		key_record_fini(&record);
	}
	explicit_bzero(secret, sizeof(secret));
	return r;
}

int control_enable_key(struct control *control, const struct caller *caller, const char *user,
		       const char *id, bool enabled, struct refusal *why)
{
	_cleanup_(transaction_end) struct transaction transaction = {};
	_cleanup_identity_ struct identity owner = {};
	struct stored_credential credential;
	int r;

	r = transaction_begin(&transaction, control);
	if (r == 0)
		r = key_find(control, caller, user, id, &credential, &owner, why);
	if (r != 0)
		return r;
	credential.enabled = enabled;
	r = store_put_credential(control->store, &credential);
	return r != 0 ? r : identities_commit(&transaction, caller, why);
}

int control_delete_key(struct control *control, const struct caller *caller, const char *user,
		       const char *id, struct refusal *why)
{
	_cleanup_(transaction_end) struct transaction transaction = {};
	_cleanup_identity_ struct identity owner = {};
	struct stored_credential credential;
	int r;

	r = transaction_begin(&transaction, control);
	if (r == 0)
		r = key_find(control, caller, user, id, &credential, &owner, why);
	if (r == 0)
		r = store_delete_credential(control->store, id);
	return r != 0 ? r : identities_commit(&transaction, caller, why);
}

int control_describe_keys(struct control *control, const struct caller *caller, const char *user,
			  const struct query *query, struct key_page *ret_page, struct refusal *why)
{
	_cleanup_identity_ struct identity owner = {};
	struct describe describe = {control, caller, &keys, query, owner.id};
	struct key_page made;
	struct page page;
	int r;

	r = find_identity(control, caller, IDENTITY_USER, user, &owner, why);
	if (r == 0)
		r = describe_run(&describe, &page, why);
	if (r != 0)
		return r;
	PAGE_TAKE(&made, page);
	for (size_t i = 0; i < made.count; i++)
		memcpy(made.items[i].user, owner.name, sizeof(owner.name));
	*ret_page = made;
	return 0;
}

int control_get_key(struct control *control, const struct caller *caller, const char *id,
		    struct key_record *ret_key, struct refusal *why)
{
	_cleanup_identity_ struct identity owner = {};
	struct stored_credential credential;
	int r;

	r = find_key(control, caller, IDENTITY_USER, id, &credential, &owner);
	if (r == STORE_MISSING)
		return refuse_missing_key(id, why);
	if (r < 0)
		return r;
	record_fill(&credential, owner.name, ret_key);
	return 0;
}

static int refuse_missing_key(const char *id, struct refusal *why)
{
	return refuse(why, REFUSE_ENTITY_NOT_FOUND, "The Access Key with id %.64s cannot be found.",
		      id);
}

static int key_find(struct control *control, const struct caller *caller, const char *user,
		    const char *id, struct stored_credential *ret_credential,
		    struct identity *ret_owner, struct refusal *why)
{
	int r;

	r = find_identity(control, caller, IDENTITY_USER, user, ret_owner, why);
	if (r == 0)
		r = store_get_credential(control->store, id, ret_credential);
	if (r == STORE_MISSING || (r == 0 && strcmp(ret_credential->identity, ret_owner->id) != 0))
		return refuse_missing_key(id, why);
	return r;
}

static int room_check(struct control *control, const struct identity *user, struct refusal *why)
{
	int64_t count;
	int r = store_count_credentials(control->store, user->id, &count);

	if (r < 0 || count < KEYS_PER_USER_MAX)
		return r;
	return refuse(why, REFUSE_ENTITY_LIMIT, "Cannot exceed quota for AccessKeysPerUser: %d",
		      KEYS_PER_USER_MAX);
}

static void record_fill(const struct stored_credential *credential, const char *user,
			struct key_record *ret_record)
{
	struct key_record record = {
		.enabled = credential->enabled,
		.created = credential->created,
		.last_used = credential->last_used,
	};

	(void)string_copy(record.id, sizeof(record.id), credential->id);
	(void)string_copy(record.user, sizeof(record.user), user);
	(void)string_copy(record.last_service, sizeof(record.last_service),
			  credential->last_service);
	(void)string_copy(record.last_region, sizeof(record.last_region), credential->last_region);
	*ret_record = record;
}

static int keys_select(struct describe *describe, const char *after, struct cursor **ret_cursor)
{
	return store_select_credentials(describe->control->store, describe->scope, after,
					ret_cursor);
}

static int keys_next(struct describe *describe _unused_, struct cursor *cursor, void *record)
{
	struct stored_credential credential;
	int r = store_next_credential(cursor, &credential);

	if (r == STORE_ROW)
		record_fill(&credential, "", record);
	return r;
}

static void keys_key(const void *record, struct text *ret_key)
{
	text_append(ret_key, ((const struct key_record *)record)->id);
}
