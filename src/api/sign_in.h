/* Ways into the console that wait to be gone: keys behind a code, each handed out once and within a minute.
 *
 * Whoever has keys on a host asks for a link and opens it in a browser.  The code stands behind the link's '#', which no
 * browser sends anywhere; the page changes it for keys of a session.  Only the code's hash is kept, all of them are
 * compared whatever is found, and an address that guesses is slowed down.  Under the door's lock. */
#pragma once

#include "base/cleanup.h"

#include <stdint.h>

struct address;
struct refusal;
struct sign_ins;
struct temporary_key;

#define SIGN_IN_SECONDS   60
#define SIGN_IN_CODE_SIZE 65

int sign_ins_new(struct sign_ins **ret_sign_ins);
void sign_ins_free(struct sign_ins *sign_ins);
DEFINE_CLEANUP(struct sign_ins *, sign_ins_free)

/* Takes the key over, and gives the code for it; 'now' is monotonic wherever it occurs.  Of an account's many the oldest
 * makes room.  Refuses with REFUSE_UNAVAILABLE. */
int sign_in_offer(struct sign_ins *sign_ins, struct temporary_key *key, uint64_t now,
		  char ret_code[SIGN_IN_CODE_SIZE], struct refusal *why);

/* Gives the key for the code, once.  Refuses with REFUSE_CREDENTIALS_INVALID, or with REFUSE_TOO_MANY_REQUESTS an address
 * that tries too often. */
int sign_in_redeem(struct sign_ins *sign_ins, const struct address *peer, const char *code,
		   uint64_t now, struct temporary_key *ret_key, struct refusal *why);
