/* Rows of filters and their rules. */
#pragma once

#include "mirror/filter.h"
#include "store/cursor.h"

struct store;

enum rule_selection { RULES_OF_OWNER, RULES_OF_FILTER };

/* Inserts or replaces the filter itself; rules are put one by one. */
int store_put_filter(struct store *store, const struct filter *filter);

/* Without its rules, which may be thousands.  Returns 0 or STORE_MISSING. */
int store_get_filter(struct store *store, const char *id, struct filter *ret_filter);

/* Takes rules and all tags along.  No session may use it any more.  Returns 0 or STORE_MISSING. */
int store_delete_filter(struct store *store, const char *id);
int store_count_filters(struct store *store, const char *owner, int64_t *ret_count);

/* By id, those after 'after'; without rules, too. */
int store_select_filters(struct store *store, const char *owner, const char *after,
			 struct cursor **ret_cursor);
int store_next_filter(struct cursor *cursor, struct filter *ret_filter);

/* Adds the stored rules to a filter that has none. */
int store_load_rules(struct store *store, struct filter *filter);

int store_count_rules(struct store *store, const char *filter, int64_t *ret_count);

/* Whether it has a rule that accepts. */
int store_filter_accepts(struct store *store, const char *filter, bool *ret_answer);

/* The rule that has the number in the direction.  Returns 0 or STORE_MISSING. */
int store_find_rule(struct store *store, const char *filter, enum direction direction,
		    uint16_t number, struct resource_id *ret_id);

/* Inserts or replaces. */
int store_put_rule(struct store *store, const struct filter_rule *rule);

/* Both return 0 or STORE_MISSING.  A rule belongs to whom its filter belongs. */
int store_get_rule(struct store *store, const char *id, struct filter_rule *ret_rule,
		   struct account_id *ret_owner);
int store_delete_rule(struct store *store, const char *id);

int store_select_rules(struct store *store, enum rule_selection selection, const char *key,
		       const char *after, struct cursor **ret_cursor);
int store_next_rule(struct cursor *cursor, struct filter_rule *ret_rule);
