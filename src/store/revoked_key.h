/* Rows of keys that were taken back from hosts. */
#pragma once

#include "mirror/id.h"
#include "store/credential.h"

struct store;

struct revoked_key {
	char id[CREDENTIAL_ID_SIZE];
	struct account_id account;
	char host[HOST_NAME_SIZE]; /* "": any of the account. */
	char secret[128];          /* Sealed as it was. */
	int64_t revoked;           /* Milliseconds since the epoch. */
};

/* Inserts; of an account's more than REVOKED_KEYS_MAX the oldest go. */
#define REVOKED_KEYS_MAX 10000
int store_add_revoked_key(struct store *store, const struct revoked_key *key);

/* Returns 0 or STORE_MISSING. */
int store_get_revoked_key(struct store *store, const char *id, struct revoked_key *ret_key);
