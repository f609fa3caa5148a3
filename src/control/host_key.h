/* Access keys of an account's hosts.  A host belongs to the account whose key its agent reports with.
 *
 * The hosts of an account share one identity, which may have two keys that any of them can use, so that one can be replaced while the
 * other is in use.  Besides, each host may have a key of its own, which speaks for that host alone (enrolment.h).  Keys of hosts open the
 * hosts' door and nothing else. */
#pragma once

#include "control/credential.h"

#define HOSTS_NAME    "agent" /* Of that identity. */
#define HOST_KEYS_MAX 2

struct host_key_list {
	struct key_record items[HOST_KEYS_MAX];
	size_t count;
};

int control_create_host_key(struct control *control, const struct caller *caller,
			    struct key_record *ret_key, struct refusal *why);

/* Renewal: another key for the host whose own is 'present', of which it may be the last step that the agent keeps it.  Both are good
 * until the new one is used, and for ten minutes then.  Asked again, the same key gives another new one, and that before is gone. */
int control_renew_host_key(struct control *control, const struct access_key *present,
			   struct access_key *ret_key, struct refusal *why);

/* The first use of a host's own key: what came before it ends soon. */
int control_settle_host_key(struct control *control, const struct access_key *key,
			    struct refusal *why);

/* Takes a host's own keys back: its agent gets no plan from then on, is told why, and ends all sessions. */
int control_revoke_host(struct control *control, const struct caller *caller, const char *host,
			struct refusal *why);

/* So that the door can tell agents for sure.  Refuses with REFUSE_CREDENTIALS_INVALID a key that was not revoked. */
int control_find_revoked_key(struct control *control, const char *id, struct access_key *ret_key,
			     struct refusal *why);

/* Agents that still have it are told so from then on, and end all sessions. */
int control_delete_host_key(struct control *control, const struct caller *caller, const char *id,
			    struct refusal *why);

/* Without their secrets. */
int control_list_host_keys(struct control *control, const struct caller *caller,
			   struct host_key_list *ret_list);
