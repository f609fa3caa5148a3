// SPDX-License-Identifier: Apache-2.0
#include "control/identity.h"

#include "base/text.h"
#include "control/describe.h"
#include "control/find.h"
#include "control/identity_make.h"
#include "control/role.h"
#include "control/state.h"
#include "control/transaction.h"
#include "store/identity.h"
#include "store/policy.h"
#include "store/store.h"

#include <errno.h>
#include <string.h>

static const struct kind_words {
	const char *noun, *quota;
	int64_t quota_number;
} words[IDENTITY_KIND_COUNT] = {
	[IDENTITY_USER] = {"User", "UsersPerAccount", 5000},
	[IDENTITY_ROLE] = {"Role", "RolesPerAccount", 1000},
};

static int wish_check(const struct identity_wish *wish, struct refusal *why);
static int name_check(const char *name, const char *what, struct refusal *why);
static int path_check(const char *path, const char *what, struct refusal *why);
static int quota_check(struct control *control, const struct caller *caller,
		       enum identity_kind kind, struct refusal *why);
static int refuse_taken(enum identity_kind kind, const char *name, struct refusal *why);
static int unused_check(struct control *control, const struct identity *identity,
			struct refusal *why);

static int identities_select(struct describe *describe, const char *after,
			     struct cursor **ret_cursor);
static int identities_next(struct describe *describe, struct cursor *cursor, void *record);
static void identities_fini(void *record);
static void identities_key(const void *record, struct text *ret_key);

static const struct noun nouns[IDENTITY_KIND_COUNT] = {
#define NOUN(plural)                                                                           \
	{                                                                                      \
		.name = plural, .record_size = sizeof(struct identity), .smallest_page = 1,    \
		.select = identities_select, .next = identities_next, .fini = identities_fini, \
		.key = identities_key                                                          \
	}
	[IDENTITY_USER] = NOUN("users"),
	[IDENTITY_ROLE] = NOUN("roles"),
#undef NOUN
};

DEFINE_PAGE_FINI(struct identity_page, identity_page_fini, identity_fini)

int control_create_identity(struct control *control, const struct caller *caller,
			    const struct identity_wish *wish, struct identity *ret_identity,
			    struct refusal *why)
{
	_cleanup_(transaction_end) struct transaction transaction = {};
	_cleanup_identity_ struct identity identity = {};
	int r;

	r = wish_check(wish, why);
	if (r == 0)
		r = transaction_begin(&transaction, control);
	if (r == 0)
		r = quota_check(control, caller, wish->kind, why);
	if (r == 0)
		r = identity_make(control, &caller->account, wish->kind, wish->name, &identity);
	if (r == -EEXIST)
		return refuse_taken(wish->kind, wish->name, why);
	if (r == 0 && wish->path)
		(void)string_copy(identity.path, sizeof(identity.path), wish->path);
	if (r == 0 && wish->kind == IDENTITY_ROLE)
		r = role_fill(wish, &identity, why);
	if (r == 0)
		r = store_put_identity(control->store, &identity);
	if (r == 0)
		r = identities_commit(&transaction, caller, why);
	if (r != 0)
		return r;
	*ret_identity = identity;
	identity.trust = NULL;
	return 0;
}

int control_get_identity(struct control *control, const struct caller *caller,
			 enum identity_kind kind, const char *name, struct identity *ret_identity,
			 struct refusal *why)
{
	return find_identity(control, caller, kind, name, ret_identity, why);
}

int control_rename_user(struct control *control, const struct caller *caller, const char *name,
			const char *new_name, const char *new_path, struct refusal *why)
{
	_cleanup_(transaction_end) struct transaction transaction = {};
	_cleanup_identity_ struct identity user = {};
	int r;

	r = new_name ? name_check(new_name, "newUserName", why) : 0;
	if (r == 0 && new_path)
		r = path_check(new_path, "newPath", why);
	if (r == 0)
		r = transaction_begin(&transaction, control);
	if (r == 0)
		r = find_identity(control, caller, IDENTITY_USER, name, &user, why);
	if (r != 0)
		return r;
	if (new_name)
		(void)string_copy(user.name, sizeof(user.name), new_name);
	if (new_path)
		(void)string_copy(user.path, sizeof(user.path), new_path);
	r = store_put_identity(control->store, &user);
	if (r == -EEXIST)
		return refuse_taken(IDENTITY_USER, new_name, why);
	return r < 0 ? r : identities_commit(&transaction, caller, why);
}

int control_delete_identity(struct control *control, const struct caller *caller,
			    enum identity_kind kind, const char *name, struct refusal *why)
{
	_cleanup_(transaction_end) struct transaction transaction = {};
	_cleanup_identity_ struct identity identity = {};
	int r;

	r = transaction_begin(&transaction, control);
	if (r == 0)
		r = find_identity(control, caller, kind, name, &identity, why);
	if (r == 0)
		r = unused_check(control, &identity, why);
	if (r == 0)
		r = store_delete_identity(control->store, identity.id);
	return r != 0 ? r : identities_commit(&transaction, caller, why);
}

int control_describe_identities(struct control *control, const struct caller *caller,
				enum identity_kind kind, const char *path_prefix,
				const struct query *query, struct identity_page *ret_page,
				struct refusal *why)
{
	struct describe describe = {control, caller, &nouns[kind], query, path_prefix};
	struct page page;
	int r = describe_run(&describe, &page, why);

	if (r == 0)
		PAGE_TAKE(ret_page, page);
	return r;
}

static int wish_check(const struct identity_wish *wish, struct refusal *why)
{
	const char *what = wish->kind == IDENTITY_ROLE ? "roleName" : "userName";
	int r = name_check(wish->name, what, why);

	return r == 0 && wish->path ? path_check(wish->path, "path", why) : r;
}

static int name_check(const char *name, const char *what, struct refusal *why)
{
	if (identity_name_valid(name, IDENTITY_NAME_SIZE - 1))
		return 0;
	return refuse(why, REFUSE_PARAMETER_VALUE,
		      "The specified value '%.80s' for %s is invalid. It must contain only "
		      "alphanumeric characters and/or the following: +=,.@_-, and at most %d of "
		      "them",
		      name, what, IDENTITY_NAME_SIZE - 1);
}

static int path_check(const char *path, const char *what, struct refusal *why)
{
	if (identity_path_valid(path))
		return 0;
	return refuse(why, REFUSE_PARAMETER_VALUE,
		      "The specified value '%.80s' for %s is invalid. It must begin and end with / "
		      "and contain only printable ASCII characters, at most %d of them",
		      path, what, IDENTITY_PATH_SIZE - 1);
}

static int quota_check(struct control *control, const struct caller *caller,
		       enum identity_kind kind, struct refusal *why)
{
	int64_t count;
	int r = store_count_identities(control->store, caller->account.text, kind, &count);

	if (r < 0 || count < words[kind].quota_number)
		return r;
	return refuse(why, REFUSE_ENTITY_LIMIT, "Cannot exceed quota for %s: %lld",
		      words[kind].quota, (long long)words[kind].quota_number);
}

static int refuse_taken(enum identity_kind kind, const char *name, struct refusal *why)
{
	return refuse(why, REFUSE_ENTITY_EXISTS, "%s with name %.80s already exists.",
		      words[kind].noun, name);
}

static int unused_check(struct control *control, const struct identity *identity,
			struct refusal *why)
{
	int64_t keys, policies;
	int r;

	r = store_count_credentials(control->store, identity->id, &keys);
	if (r == 0)
		r = store_count_policies(control->store, identity->id, &policies);
	if (r != 0 || keys + policies == 0)
		return r;
	return refuse(why, REFUSE_ENTITY_IN_USE, "Cannot delete entity, must delete %s first.",
		      keys > 0 ? "access keys" : "policies");
}

static int identities_select(struct describe *describe, const char *after,
			     struct cursor **ret_cursor)
{
	return store_select_identities(describe->control->store, describe->caller->account.text,
				       (enum identity_kind)(describe->noun - nouns),
				       describe->scope ? describe->scope : "", after, ret_cursor);
}

static int identities_next(struct describe *describe _unused_, struct cursor *cursor, void *record)
{
	return store_next_identity(cursor, record);
}

static void identities_fini(void *record)
{
	identity_fini(record);
}

static void identities_key(const void *record, struct text *ret_key)
{
	const struct identity *identity = record;
	char folded[IDENTITY_NAME_SIZE];

	identity_fold_name(identity->name, folded);
	text_append(ret_key, folded);
}
