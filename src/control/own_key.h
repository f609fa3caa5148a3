/* Keys that are a host's own, as enrolment and renewal share them.  Private to control/. */
#pragma once

#include "store/credential.h"

struct control;

/* A new key of the host's; 'hosts' is the identity of the account's hosts. */
int own_key_make(struct control *control, const struct identity *hosts, const char *host,
		 struct stored_credential *ret_credential);

/* Ends all of the host's but the one of that id; NULL: all. */
int own_keys_end(struct control *control, const struct identity *hosts, const char *host,
		 const char *but);
