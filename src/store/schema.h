/* The schema's versions: each is a step from the one before. */
#pragma once

#include <stddef.h>

struct store;
struct refusal;

struct schema_step {
	int version;
	const char *sql;
};

/* Every step there is, in order. */
const struct schema_step *schema_get_steps(size_t *ret_count);

/* Takes the missing steps in one transaction.  Refuses a store whose version is beyond the last step. */
int schema_migrate(struct store *store, const struct schema_step *steps, size_t count,
		   struct refusal *why);

/* The same as part of a transaction that writes. */
int schema_take(struct store *store, const struct schema_step *steps, size_t count,
		struct refusal *why);

/* Outside of transactions: the version of a store that this program can read.  Refuses what is no store or a newer one, and calls it by its
 * 'name', as in "'FILE'". */
int schema_get_version(struct store *store, const char *name, int *ret_version,
		       struct refusal *why);
