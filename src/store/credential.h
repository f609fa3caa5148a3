/* Rows of access keys. */
#pragma once

#include "mirror/id.h"

#include <stdbool.h>
#include <stdint.h>

struct store;

struct stored_credential {
	char id[32];
	char secret[64];
	struct account_id account;
	char principal[256]; /* ARN */
	char user_id[256];
	int64_t kind; /* Of the caller, by control/'s numbers. */
	bool enabled;
	int64_t created; /* Milliseconds since the epoch. */
};

int store_add_credential(struct store *store, const struct stored_credential *credential);

/* Both return 0 or STORE_MISSING. */
int store_get_credential(struct store *store, const char *id,
			 struct stored_credential *ret_credential);
int store_enable_credential(struct store *store, const char *id, bool enabled);
