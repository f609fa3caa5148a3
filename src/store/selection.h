/* What selectors have still to look at, and what was refused them.
 *
 * Both are written in the transaction of the change that causes them, so whoever comes after a crash knows what to do. */
#pragma once

#include "mirror/selector.h"
#include "store/cursor.h"

#include <stdbool.h>
#include <stdint.h>

struct store;

/* An interface, or those of an instance, are to be looked at by their owner's selectors, if there are any. */
int store_mark_source(struct store *store, const char *source);
int store_mark_sources_of_instance(struct store *store, const char *instance);
int store_delete_mark(struct store *store, const char *source);

struct selector_mark {
	struct resource_id source;
	struct resource_id seen; /* Selectors up to this one have looked. */
};

/* Any of an owner's.  Returns 0 or STORE_MISSING. */
int store_first_mark(struct store *store, const char *owner, struct selector_mark *ret_mark);
/* Unless the interface was marked meanwhile, for all selectors. */
int store_put_mark(struct store *store, const char *owner, const struct selector_mark *mark);
int store_account_has_marks(struct store *store, const char *owner, bool *ret_answer);

/* A selector has to look at all interfaces after 'after', which begins with "". */
int store_put_sweep(struct store *store, const char *selector, const char *after);
int store_end_sweep(struct store *store, const char *selector);
/* Returns 0, or STORE_MISSING if it has looked at all of them. */
int store_get_sweep(struct store *store, const char *selector, struct resource_id *ret_after);
/* Any of an owner's.  Returns 0 or STORE_MISSING. */
int store_first_sweep(struct store *store, const char *owner, struct resource_id *ret_selector,
		      struct resource_id *ret_after);

/* The next owner whose selectors have to look at something, or who was refused something.  Returns 0 or STORE_MISSING. */
int store_next_selecting(struct store *store, const char *after, struct account_id *ret_owner);
int store_next_refused(struct store *store, const char *after, struct account_id *ret_owner);

/* Inserts or replaces. */
int store_put_selector_refusal(struct store *store, const struct selector_refusal *refusal);
int store_delete_selector_refusal(struct store *store, const char *selector, const char *source);
int store_count_selector_refusals(struct store *store, const char *selector, int64_t *ret_count);

/* By selector, then source, those of an owner after the given pair. */
int store_select_selector_refusals(struct store *store, const char *owner,
				   const char *after_selector, const char *after_source,
				   struct cursor **ret_cursor);
int store_select_refusals_of_source(struct store *store, const char *source,
				    struct cursor **ret_cursor);
int store_next_selector_refusal(struct cursor *cursor, struct selector_refusal *ret_refusal);
