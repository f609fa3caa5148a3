/* Rows of access keys.  A secret is sealed by whoever calls; here it is a text. */
#pragma once

#include "access/identity.h"
#include "mirror/source.h"
#include "store/cursor.h"

struct store;

#define CREDENTIAL_ID_SIZE 32

struct stored_credential {
	char id[CREDENTIAL_ID_SIZE];
	char identity[IDENTITY_ID_SIZE]; /* Whose it is. */
	char secret[128];
	bool sealed; /* False of a key that an older version made, until the next start. */
	bool enabled;
	int64_t created;   /* Milliseconds since the epoch. */
	int64_t last_used; /* The same; 0: never. */
	char last_service[32];
	char last_region[64];
	char host[HOST_NAME_SIZE]; /* Of a host's own key; else "". */
	int64_t expires;           /* Milliseconds since the epoch; 0: never. */
};

int store_add_credential(struct store *store, const struct stored_credential *credential);

/* Replaces all but id, owner, host and times of creation and end.  All of these return 0 or STORE_MISSING. */
int store_put_credential(struct store *store, const struct stored_credential *credential);

/* Touches nothing else: whoever notes a use may know less of the key than whoever disables it meanwhile. */
int store_note_credential_use(struct store *store, const char *id, int64_t when,
			      const char *service, const char *region);

/* Sets the end of a host's own keys that have none yet, but for the one of that id. */
int store_expire_host_credentials(struct store *store, const char *identity, const char *host,
				  const char *but, int64_t when);

int store_get_credential(struct store *store, const char *id,
			 struct stored_credential *ret_credential);
int store_delete_credential(struct store *store, const char *id);

int store_count_credentials(struct store *store, const char *identity, int64_t *ret_count);

/* Those that are no host's own. */
int store_count_shared_credentials(struct store *store, const char *identity, int64_t *ret_count);

/* By id, those after 'after'. */
int store_select_credentials(struct store *store, const char *identity, const char *after,
			     struct cursor **ret_cursor);
/* By id, those of one host; "": those that are no host's own. */
int store_select_host_credentials(struct store *store, const char *identity, const char *host,
				  struct cursor **ret_cursor);
int store_next_credential(struct cursor *cursor, struct stored_credential *ret_credential);

/* One whose secret is plain.  Returns 0, or STORE_MISSING when all are sealed. */
int store_find_plain_credential(struct store *store, struct stored_credential *ret_credential);
