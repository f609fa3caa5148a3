/* Rows of settings that the service makes for itself once and keeps. */
#pragma once

#include <stddef.h>

struct store;

int store_put_setting(struct store *store, const char *name, const char *value);

/* The caller's to free.  Returns 0 or STORE_MISSING. */
int store_get_setting(struct store *store, const char *name, char **ret_value);
