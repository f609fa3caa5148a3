/* What requests about users and roles mean.
 *
 * Both are identities: told apart by kind, and named within it.  Where a user's name may be NULL, it is the caller. */
#pragma once

#include "access/identity.h"
#include "control/control.h"
#include "control/query.h"

#define SESSION_SECONDS_MIN     3600
#define SESSION_SECONDS_LONGEST 43200

struct identity_page {
	struct identity *items;
	size_t count, capacity;
	char *next_token; /* NULL: this was the last page. */
};

void identity_page_fini(struct identity_page *page);

struct identity_wish {
	enum identity_kind kind;
	const char *name;
	const char *path; /* NULL: "/". */
	/* Of a role: */
	const char *trust;       /* Policy document. */
	const char *description; /* NULL: none. */
	struct optional_number session_seconds;
};
int control_create_identity(struct control *control, const struct caller *caller,
			    const struct identity_wish *wish, struct identity *ret_identity,
			    struct refusal *why);

int control_get_identity(struct control *control, const struct caller *caller,
			 enum identity_kind kind, const char *name, struct identity *ret_identity,
			 struct refusal *why);

/* Of a user; NULL: as it was.  Its unique id stays, and with it keys and policies. */
int control_rename_user(struct control *control, const struct caller *caller, const char *name,
			const char *new_name, const char *new_path, struct refusal *why);

/* Of a role; NULL and not set: as it was. */
int control_update_role(struct control *control, const struct caller *caller, const char *name,
			const char *description, struct optional_number session_seconds,
			struct refusal *why);
int control_set_trust(struct control *control, const struct caller *caller, const char *role,
		      const char *trust, struct refusal *why);

/* Refused while it has keys or policies. */
int control_delete_identity(struct control *control, const struct caller *caller,
			    enum identity_kind kind, const char *name, struct refusal *why);

/* By name; 'path_prefix' may be NULL.  There are neither ids nor filters. */
int control_describe_identities(struct control *control, const struct caller *caller,
				enum identity_kind kind, const char *path_prefix,
				const struct query *query, struct identity_page *ret_page,
				struct refusal *why);
