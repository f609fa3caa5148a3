/* Rows of quotas: those that are an account's own.  They go with the account. */
#pragma once

#include <stdint.h>

struct store;

int store_put_quota(struct store *store, const char *account, const char *name, int64_t value);

/* Returns 0 or STORE_MISSING. */
int store_get_quota(struct store *store, const char *account, const char *name, int64_t *ret_value);

/* One that is not there is gone already. */
int store_delete_quota(struct store *store, const char *account, const char *name);
