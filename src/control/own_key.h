/* Keys of hosts, as enrolment, renewal and revocation share them.  Private to control/. */
#pragma once

#include "control/credential.h"
#include "store/credential.h"

/* A new key of the host's; 'hosts' is the identity of the account's hosts.  'ret_secret' (may be NULL) has room for
 * ACCESS_KEY_SECRET_SIZE. */
int own_key_make(struct control *control, const struct identity *hosts, const char *host,
		 char *ret_secret, struct stored_credential *ret_credential);

/* Takes a key back for good: whoever still signs with it is told so. */
int host_key_revoke(struct control *control, const struct account_id *account,
		    const struct stored_credential *credential);

/* Takes back all that are the host's own.  'ret_count' (may be NULL) says how many keys there
 * were. */
int own_keys_revoke(struct control *control, const struct account_id *account, const char *host,
		    size_t *ret_count);
