/* Access keys.  Secrets are kept so that they can be read again, since SigV4 needs them in the clear, but sealed. */
#pragma once

#include "access/identity.h"
#include "control/control.h"
#include "control/query.h"

#define ACCESS_KEY_ID_SIZE     21 /* "AKIA" and 16 characters. */
#define ACCESS_KEY_SECRET_SIZE 41
#define SERVICE_NAME_SIZE      32

struct access_key {
	char id[ACCESS_KEY_ID_SIZE];
	char secret[ACCESS_KEY_SECRET_SIZE];
	struct caller caller; /* Whom the key speaks for. */
	bool revoked;         /* It was, and is good for being told so only. */
	int64_t created;      /* Milliseconds since the epoch; 0 of a temporary one. */
	int64_t last_used;    /* As it was stored when the key was found. */
};

/* Makes a key of the control's account for whoever has the state directory: of the user or the host of that name, which is
 * made, too, if it is not there.  Such a user may do everything. */
int control_create_access_key(struct control *control, enum caller_kind kind, const char *name,
			      struct access_key *ret_key, struct refusal *why);

/* Refuses with REFUSE_CREDENTIALS_INVALID an id that is unknown or disabled. */
int control_find_access_key(struct control *control, const char *id, struct access_key *ret_key,
			    struct refusal *why);

/* Remembers, to the minute, when a key was last used and for what.  A store that cannot be written is no reason to
 * refuse the request, so nothing is returned.  Temporary keys have no such memory; keys of hosts
 * only of the first time, when a host's own takes over from the one before. */
void control_note_key_use(struct control *control, const struct access_key *key,
			  const char *service, const char *region);

/* A key as its owner sees it. */
struct key_record {
	char id[ACCESS_KEY_ID_SIZE];
	char secret[ACCESS_KEY_SECRET_SIZE]; /* "" but in the answer that makes the key. */
	char user[IDENTITY_NAME_SIZE];
	bool enabled;
	int64_t created;
	int64_t last_used; /* 0: never. */
	char last_service[SERVICE_NAME_SIZE];
	char last_region[REGION_NAME_SIZE];
};

struct key_page {
	struct key_record *items;
	size_t count, capacity;
	char *next_token; /* NULL: this was the last page. */
};

void key_page_fini(struct key_page *page);

/* In all of these 'user' is a name; NULL: the caller, who then must be a user. */
int control_create_key(struct control *control, const struct caller *caller, const char *user,
		       struct key_record *ret_key, struct refusal *why);

/* A disabled key stays known, but no longer opens anything. */
int control_enable_key(struct control *control, const struct caller *caller, const char *user,
		       const char *id, bool enabled, struct refusal *why);
int control_delete_key(struct control *control, const struct caller *caller, const char *user,
		       const char *id, struct refusal *why);
int control_describe_keys(struct control *control, const struct caller *caller, const char *user,
			  const struct query *query, struct key_page *ret_page,
			  struct refusal *why);

/* Any key of the caller's account. */
int control_get_key(struct control *control, const struct caller *caller, const char *id,
		    struct key_record *ret_key, struct refusal *why);
