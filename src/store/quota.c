// SPDX-License-Identifier: Apache-2.0
#include "store/quota.h"

#include "store/statement.h"

int store_put_quota(struct store *store, const char *account, const char *name, int64_t value)
{
	return store_run(store,
			 "INSERT INTO quotas (account, name, value) VALUES ($1, $2, $3) "
			 "ON CONFLICT (account, name) DO UPDATE SET value = excluded.value",
			 VALUES(TEXT(account), TEXT(name), INTEGER(value)));
}

int store_get_quota(struct store *store, const char *account, const char *name, int64_t *ret_value)
{
	return store_query_integer(store,
				   "SELECT value FROM quotas WHERE account = $1 AND name = $2",
				   VALUES(TEXT(account), TEXT(name)), ret_value);
}

int store_delete_quota(struct store *store, const char *account, const char *name)
{
	return store_run(store, "DELETE FROM quotas WHERE account = $1 AND name = $2",
			 VALUES(TEXT(account), TEXT(name)));
}
