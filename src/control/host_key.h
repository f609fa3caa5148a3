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

/* Agents that still have it are refused from then on; they go on mirroring by the plan they have. */
int control_delete_host_key(struct control *control, const struct caller *caller, const char *id,
			    struct refusal *why);

/* Without their secrets. */
int control_list_host_keys(struct control *control, const struct caller *caller,
			   struct host_key_list *ret_list);
