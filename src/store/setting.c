// SPDX-License-Identifier: Apache-2.0
#include "store/setting.h"

#include "store/statement.h"

#include <string.h>

int store_put_setting(struct store *store, const char *name, const char *value)
{
	return store_run(store,
			 "INSERT INTO settings (name, value) VALUES ($1, $2) "
			 "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
			 VALUES(TEXT(name), TEXT(value)));
}

int store_get_setting(struct store *store, const char *name, char **ret_value)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	char *value;
	int r;

	r = store_query(store, "SELECT value FROM settings WHERE name = $1", VALUES(TEXT(name)),
			&cursor);
	if (r == 0)
		r = cursor_only(cursor);
	if (r != 0)
		return r;
	value = strdup(cursor_text(cursor, 0));
	if (!value)
		return -ENOMEM;
	*ret_value = value;
	return 0;
}
