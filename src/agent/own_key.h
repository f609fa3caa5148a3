/* The key that a host has got itself in the place of the one it was given.
 *
 * What the administrator wrote is his: the file of credentials stays as it is.  The newer key lies in the state directory, under the id of
 * the one that it came from: as long as that is what the file of credentials says, the newer counts, and once another stands there it
 * counts for nothing.
 *
 * A crash between any two steps leaves a key that works: the file is replaced whole, and the old key is good until the new one is
 * used. */
#pragma once

#include "sigv4/credentials.h"

struct refusal;

/* Takes the newer key over, if there is one.  Returns 0, REFUSED (the file is damaged) or a fault. */
int own_key_load(const char *state, struct credentials *credentials, struct refusal *why);

/* Keeps a new key that came from 'origin', the id in the file of credentials.  Returns 0 or a fault. */
int own_key_save(const char *state, const char *origin, const char *id, const char *secret);
