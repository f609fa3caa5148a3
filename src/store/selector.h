/* Rows of selectors, with the terms that they select by. */
#pragma once

#include "mirror/selector.h"
#include "store/cursor.h"

struct store;

enum selector_selection {
	SELECTORS_OF_OWNER,
	SELECTORS_OF_FILTER,
	SELECTORS_OF_TARGET, /* Of the target's owner: another account's hinder nobody. */
};

/* Inserts or replaces, terms included. */
int store_put_selector(struct store *store, const struct selector *selector);

/* Returns 0 or STORE_MISSING. */
int store_get_selector(struct store *store, const char *id, struct selector *ret_selector);

/* Takes tags, terms and refusals along; no session may be its any more.  Returns 0 or STORE_MISSING. */
int store_delete_selector(struct store *store, const char *id);

int store_count_selectors(struct store *store, enum selector_selection selection, const char *key,
			  int64_t *ret_count);

/* Says of those whose time has come that they are ending, and that this is to be done.  'now' is in seconds. */
int store_count_expired_selectors(struct store *store, int64_t now, int64_t *ret_count);
int store_end_expired_selectors(struct store *store, int64_t now);

/* An owner's by id, those after 'after'; without their terms. */
int store_select_selectors(struct store *store, const char *owner, const char *after,
			   struct cursor **ret_cursor);
int store_next_selector(struct cursor *cursor, struct selector *ret_selector);
int store_load_selector_terms(struct store *store, struct selector *selector);
