/* Rows of hosts. */
#pragma once

#include "mirror/report.h"
#include "store/cursor.h"

struct store;

struct stored_host {
	char name[HOST_NAME_SIZE];
	struct account_id owner;
	struct resource_id instance;
	char agent_version[VERSION_SIZE];
	char kernel[96];
	int64_t first_report, last_report; /* Milliseconds since the epoch. */
	uint64_t plan_revision;
	uint64_t applied_revision;
	struct report_reattachments reattachments;
	char access_key[32];   /* What the last report was signed with. */
	int64_t protocol;      /* That its agent speaks; 0: from before that was told. */
	bool inventory_wanted; /* The host must say all its interfaces before anything else. */
};

/* Inserts, or replaces all but the plan's revision. */
int store_put_host(struct store *store, const struct stored_host *host);

/* Returns 0 or STORE_MISSING. */
int store_get_host(struct store *store, const char *name, struct stored_host *ret_host);

/* With its instances and their tags.  Its interfaces must be gone. */
int store_delete_host(struct store *store, const char *name);

/* Until the next store_put_host() that says otherwise.  No host of the name is no error. */
int store_want_inventory(struct store *store, const char *name);

/* Gives the host's plan a new revision: the time, or the next number if that is not later.  So revisions are not
 * used again even after an older copy of the store was restored. */
int store_raise_revision(struct store *store, const char *name, int64_t now);

/* By name, those after 'after'. */
int store_select_hosts(struct store *store, const char *owner, const char *after,
		       struct cursor **ret_cursor);
int store_next_host(struct cursor *cursor, struct stored_host *ret_host);

enum host_selection {
	HOST_NAMES_ALL,       /* The key is "". */
	HOST_NAMES_OF_FILTER, /* With a session that uses the filter. */
	HOST_NAMES_OF_TARGET, /* With a session that sends to the target. */
	HOST_NAMES_OF_GROUP,  /* To a load balancer with a listener that forwards to the group. */
	HOST_NAMES_OF_BALANCER, /* To a target in front of the load balancer, or of an endpoint to it. */
};

int store_select_host_names(struct store *store, enum host_selection selection, const char *key,
			    struct cursor **ret_cursor);
/* Those of a shared store whose plan has got a new revision in a change after 'since' (store/change.h). */
int store_select_changed_hosts(struct store *store, int64_t since, struct cursor **ret_cursor);
int store_next_host_name(struct cursor *cursor, char ret_name[static HOST_NAME_SIZE]);
