/* Rows of accounts. */
#pragma once

#include "mirror/id.h"
#include "store/cursor.h"

#include <stdint.h>

struct store;

#define ACCOUNT_NAME_SIZE 65

struct stored_account {
	struct account_id id;
	char name[ACCOUNT_NAME_SIZE];
	int64_t created; /* Milliseconds since the epoch. */
};

/* Inserts; -EEXIST if the number is taken. */
int store_add_account(struct store *store, const struct stored_account *account);

/* Both return 0 or STORE_MISSING.  Whatever the account owned must be gone, but for the tags of its site. */
int store_get_account(struct store *store, const char *id, struct stored_account *ret_account);
int store_delete_account(struct store *store, const char *id);

/* How many objects of any kind belong to it, not counting its identities. */
int store_count_belongings(struct store *store, const char *account, int64_t *ret_count);

/* By id, those after 'after'. */
int store_select_accounts(struct store *store, const char *after, struct cursor **ret_cursor);
int store_next_account(struct cursor *cursor, struct stored_account *ret_account);
