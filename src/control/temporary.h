/* Keys that end by themselves, as STS gives them out.
 *
 * Nothing of them is stored.  Whatever there is to know travels with the client in the session token, sealed with the key
 * that also seals secrets: every controller of the store can open it, and nobody else can read or make one.  Who is
 * deleted meanwhile takes all of his with him. */
#pragma once

#include "control/credential.h"

#include <stdbool.h>

#define TEMPORARY_POLICY_SIZE 2049

#define TEMPORARY_SECONDS_MIN 900
/* Of a key that a user asks for himself. */
#define TEMPORARY_SECONDS_MAX     129600
#define TEMPORARY_SECONDS_DEFAULT 43200
/* Of a role; its own maximum may be longer, but not for one that was taken on from another. */
#define TEMPORARY_ROLE_SECONDS_DEFAULT 3600
#define TEMPORARY_CHAINED_SECONDS_MAX  3600

struct temporary_key {
	struct access_key key;
	char *token;
	int64_t expires;           /* Milliseconds since the epoch. */
	unsigned int policy_share; /* Per cent of the room for a policy; 0: there is none. */
};

void temporary_key_fini(struct temporary_key *key);

/* For the caller, who must be a user with a key for good. */
int control_get_session_key(struct control *control, const struct caller *caller,
			    struct optional_number seconds, struct temporary_key *ret_key,
			    struct refusal *why);

/* The same for a session of the console, which IAM takes as it takes the user's own key. */
int control_get_console_key(struct control *control, const struct caller *caller,
			    struct optional_number seconds, struct temporary_key *ret_key,
			    struct refusal *why);

/* For a role that the caller may take on, which the door has made sure of. */
struct role_wish {
	const char *role; /* ARN */
	const char *name; /* Of the session. */
	struct optional_number seconds;
	const char *policy; /* What narrows it, JSON; NULL: nothing. */
};
int control_assume_role(struct control *control, const struct caller *caller,
			const struct role_wish *wish, struct temporary_key *ret_key,
			struct refusal *why);

/* Whom a token speaks for, if it is this id's and has not ended.  Refuses with REFUSE_CREDENTIALS_INVALID or
 * REFUSE_TOKEN_EXPIRED.  'ret_policy' is what narrows it, the caller's to free; NULL: nothing. */
int control_find_temporary_key(struct control *control, const char *id, const char *token,
			       struct access_key *ret_key, char **ret_policy, struct refusal *why);
