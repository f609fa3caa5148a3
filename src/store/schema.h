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
