/* What requests about tags mean.  All or nothing over the ids of a call. */
#pragma once

#include "control/control.h"
#include "control/query.h"

struct tag_record {
	struct resource_id resource;
	enum resource_kind kind;
	char *key;
	char *value;
};

struct tag_page {
	struct tag_record *items;
	size_t count, capacity;
	char *next_token; /* NULL: this was the last page. */
};

void tag_page_fini(struct tag_page *page);

/* Sets or overwrites.  An id whose prefix no kind has is REFUSE_ID_MALFORMED, an unknown one its kind's not-found. */
int control_create_tags(struct control *control, const struct caller *caller,
			const char *const *ids, size_t id_count, const struct tag *tags,
			size_t tag_count, struct refusal *why);

/* A tag whose value is NULL goes whatever its value is, else only if the values are equal.  No tag at all removes all
 * the user's tags.  What is not there is no error. */
int control_delete_tags(struct control *control, const struct caller *caller,
			const char *const *ids, size_t id_count, const struct tag *tags,
			size_t tag_count, struct refusal *why);

/* Filters: key, value, resource-id, resource-type, tag:<key>.  There are no ids. */
int control_describe_tags(struct control *control, const struct caller *caller,
			  const struct query *query, struct tag_page *ret_page,
			  struct refusal *why);
