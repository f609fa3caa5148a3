/* Ways into the console that wait to be gone: keys behind a code, each handed out once and within a minute, by whichever
 * controller is asked.
 *
 * Whoever has keys on a host asks for a link and opens it in a browser.  The code stands behind the link's '#', which no
 * browser sends anywhere; the page changes it for keys of a session.  Codes are of 256 random bits and known here by their hash. */
#pragma once

struct caller;
struct control;
struct refusal;
struct temporary_key;

#define SIGN_IN_SECONDS      60
#define SIGN_INS_PER_ACCOUNT 8

/* Of an account's many the oldest makes room. */
int control_offer_sign_in(struct control *control, const struct caller *caller,
			  const struct temporary_key *key, const char *digest, struct refusal *why);

/* Gives the key for the code, once.  Refuses with REFUSE_CREDENTIALS_INVALID. */
int control_redeem_sign_in(struct control *control, const char *digest,
			   struct temporary_key *ret_key, struct refusal *why);
