/* Secrets at rest.  The key lies outside of the store, so that a copy of the store alone opens nothing.
 *
 * The store remembers by a sealed word which key its secrets were sealed with: with any other nothing is opened, and
 * nothing written. */
#pragma once

#include "access/seal.h"

#include <stdbool.h>

struct control;
struct refusal;
struct store;
struct stored_credential;

/* Whether the store has been opened with a key before: then there is one, and a new one would be wrong. */
int sealing_find(struct store *store, bool *ret_sealed);

/* Compares the key with the store's, and seals what an older version has left plain.  Returns 0, REFUSED or a fault.
 * Private to control/, as are the following. */
int sealing_settle(struct control *control, struct refusal *why);

/* Into and out of the credential's secret.  'ret_secret' has room for ACCESS_KEY_SECRET_SIZE. */
int sealing_close(struct control *control, const char *secret,
		  struct stored_credential *credential);
int sealing_open(struct control *control, const struct stored_credential *credential,
		 char *ret_secret);
