/* Access keys.  Secrets must be kept as they are, since SigV4 needs them in the clear. */
#pragma once

#include "control/control.h"

#define ACCESS_KEY_ID_SIZE     21 /* "AKIA" and 16 characters. */
#define ACCESS_KEY_SECRET_SIZE 41

struct access_key {
	char id[ACCESS_KEY_ID_SIZE];
	char secret[ACCESS_KEY_SECRET_SIZE];
	struct caller caller; /* Whom the key speaks for. */
};

/* Makes a key of the control's account.  'name' ends the principal's ARN: letters, digits, '-', '.' and '_'. */
int control_create_access_key(struct control *control, enum caller_kind kind, const char *name,
			      struct access_key *ret_key, struct refusal *why);

/* Refuses with REFUSE_CREDENTIALS_INVALID an id that is unknown or disabled. */
int control_find_access_key(struct control *control, const char *id, struct access_key *ret_key,
			    struct refusal *why);

/* A disabled key stays known, but no longer opens anything. */
int control_enable_access_key(struct control *control, const char *id, bool enabled,
			      struct refusal *why);
