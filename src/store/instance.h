/* Rows of instances: hosts, and guests of theirs. */
#pragma once

#include "mirror/source.h"
#include "store/cursor.h"

struct store;

struct stored_instance {
	struct resource_id id;
	struct account_id owner;
	char host[HOST_NAME_SIZE];
	char device[DEVICE_NAME_SIZE]; /* Empty: the host itself. */
	int64_t created;
};

/* Inserts; an instance never changes. */
int store_add_instance(struct store *store, const struct stored_instance *instance);

/* Returns 0 or STORE_MISSING. */
int store_get_instance(struct store *store, const char *id, struct stored_instance *ret_instance);

/* Takes the tags along.  Does nothing to an instance that still has an interface, or that is a host. */
int store_forget_instance(struct store *store, const char *id);

int store_select_instances(struct store *store, const char *owner, const char *after,
			   struct cursor **ret_cursor);
int store_next_instance(struct cursor *cursor, struct stored_instance *ret_instance);
