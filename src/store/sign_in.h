/* Rows of sign-ins: keys of the console that wait for whoever has the code to them.
 *
 * What opens is not here: of the code there is its hash, and the token is sealed.  They are in the store so that every
 * controller that shares it finds them, and so that one of them only gives each out. */
#pragma once

#include "mirror/id.h"
#include "store/cursor.h"

#include <stdint.h>

struct store;

#define SIGN_IN_DIGEST_SIZE 65
#define SIGN_IN_KEY_SIZE    21

struct stored_sign_in {
	char digest[SIGN_IN_DIGEST_SIZE]; /* Of the code. */
	struct account_id account;
	char key[SIGN_IN_KEY_SIZE];
	char *token;
	int64_t key_expires, expires; /* Milliseconds since the epoch. */
};

void sign_in_fini(struct stored_sign_in *sign_in);
#define _cleanup_sign_in_ _cleanup_(sign_in_fini)

int store_add_sign_in(struct store *store, const struct stored_sign_in *sign_in);

/* Both return 0 or STORE_MISSING. */
int store_get_sign_in(struct store *store, const char *digest, struct stored_sign_in *ret_sign_in);
int store_delete_sign_in(struct store *store, const char *digest);

/* Leaves of an account's the 'room' that end last, and of all accounts' those that have not ended. */
int store_trim_sign_ins(struct store *store, const char *account, int64_t room, int64_t now);
