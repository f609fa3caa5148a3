// SPDX-License-Identifier: Apache-2.0
#include "control/once.h"

#include "base/text.h"
#include "control/state.h"
#include "control/tagging.h"
#include "store/store.h"
#include "store/token.h"

#include <errno.h>
#include <string.h>

#define TOKEN_LENGTH_MAX      64
#define LIFETIME_MILLISECONDS (24LL * 60 * 60 * 1000)

enum { ONCE_DONE = 3 };

static int create(struct transaction *transaction, const struct caller *caller,
		  const struct creation *creation, struct resource_id *ret_id, struct refusal *why);
static int token_find(struct control *control, const struct caller *caller,
		      const struct creation *creation, struct resource_id *ret_id,
		      struct refusal *why);
static int token_keep(struct control *control, const struct caller *caller,
		      const struct creation *creation, const struct resource_id *id);
static bool token_valid(const char *token);

int create_once(struct transaction *transaction, struct control *control,
		const struct caller *caller, const struct creation *creation,
		struct resource_id *ret_id, struct refusal *why)
{
	int r;

	r = transaction_begin(transaction, control);
	if (r == 0)
		r = token_find(control, caller, creation, ret_id, why);
	if (r == 0)
		r = create(transaction, caller, creation, ret_id, why);
	return r == ONCE_DONE ? 0 : r;
}

static int create(struct transaction *transaction, const struct caller *caller,
		  const struct creation *creation, struct resource_id *ret_id, struct refusal *why)
{
	struct control *control = transaction->control;
	struct resource_id id = resource_id_new(creation->kind);
	int r;

	r = tagging_check(creation->tags, creation->tag_count, why);
	if (r == 0)
		r = creation->make(transaction, caller, creation->wish, &id, why);
	if (r == 0)
		r = tagging_add(control, caller, id.text, creation->tags, creation->tag_count, why);
	if (r == 0)
		r = token_keep(control, caller, creation, &id);
	if (r == 0)
		*ret_id = id;
	return r;
}

/* Returns 0 if the token (if any) is new; ONCE_DONE with the id of what the first call made; or REFUSED if that call
 * had other parameters. */
static int token_find(struct control *control, const struct caller *caller,
		      const struct creation *creation, struct resource_id *ret_id,
		      struct refusal *why)
{
	const struct once *once = creation->once;
	struct stored_token row;
	int r;

	if (!once->token)
		return 0;
	if (!token_valid(once->token))
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "The ClientToken '%.80s' is not of 1 to %d ASCII characters",
			      once->token, TOKEN_LENGTH_MAX);
	r = store_get_token(control->store, caller->account.text, creation->action, once->token,
			    &row);
	if (r < 0)
		return r;
	if (r == STORE_MISSING || row.created < control_now(control) - LIFETIME_MILLISECONDS)
		return 0;
	if (strcmp(row.request_hash, once->request_hash) != 0)
		return refuse(why, REFUSE_TOKEN_MISMATCH,
			      "The ClientToken '%s' was used before with other parameters",
			      once->token);
	*ret_id = row.resource;
	return ONCE_DONE;
}

/* Remembers what the call with this token has made. */
static int token_keep(struct control *control, const struct caller *caller,
		      const struct creation *creation, const struct resource_id *id)
{
	const struct once *once = creation->once;
	struct stored_token row = {.resource = *id, .created = control_now(control)};
	int r;

	if (!once->token)
		return 0;
	if (!string_copy(row.request_hash, sizeof(row.request_hash), once->request_hash))
		return -E2BIG;
	r = store_expire_tokens(control->store, row.created - LIFETIME_MILLISECONDS);
	return r < 0 ? r
		     : store_put_token(control->store, caller->account.text, creation->action,
				       once->token, &row);
}

static bool token_valid(const char *token)
{
	size_t length = strlen(token);

	for (size_t i = 0; i < length; i++)
		if (token[i] < 0x20 || token[i] > 0x7e)
			return false;
	return length > 0 && length <= TOKEN_LENGTH_MAX;
}
