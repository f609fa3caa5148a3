/* What requests about selectors mean.
 *
 * A selector makes a session for every plugged interface of its account that has certain tags, or whose instance has them, and
 * keeps that true as interfaces and tags come and go.  Such a session is like any other, but only its selector changes and
 * ends it.  It stays while its interface is unplugged, and goes with the tag.  Where a session cannot be made, the reason is
 * kept and it is tried again once something has changed. */
#pragma once

#include "control/control.h"
#include "control/query.h"
#include "control/session.h"
#include "mirror/selector.h"

enum selector_state {
	SELECTOR_ACTIVE,   /* What it selects is as it should be, or was refused. */
	SELECTOR_SETTLING, /* It has still to look at some interfaces. */
	SELECTOR_DELETING, /* It has still to end some sessions. */
};

/* As in "settling". */
const char *selector_state_name(enum selector_state state);

struct selector_record {
	struct selector selector;
	struct tags tags;
	enum selector_state state;
	int64_t sessions, refusals;
};

struct selector_page {
	struct selector_record *items;
	size_t count, capacity;
	char *next_token; /* NULL: this was the last page. */
};

void selector_record_fini(struct selector_record *record);
void selector_page_fini(struct selector_page *page);

/* One value of a filter of tags, or none, which is any. */
struct tag_filter {
	const char *key;
	const char *const *values;
	size_t value_count;
};

struct selector_wish {
	const struct tag_filter *filters; /* At least one; all of them must match. */
	size_t filter_count;
	const char *target, *filter;
	struct optional_number number; /* As of sessions; of each source the same. */
	struct optional_number packet_length;
	struct optional_number vni;  /* Not set: each session has one of its own. */
	const char *description;     /* Of the selector and its sessions. */
	struct options_wish options; /* The end is that of the selector, too. */
	const struct tag *tags;
	size_t tag_count;
	struct once once;
};
int control_create_selector(struct control *control, const struct caller *caller,
			    const struct selector_wish *wish, struct selector_record *ret_selector,
			    struct refusal *why);

/* NULL or not set: as it is.  Its sessions follow. */
struct selector_change {
	const char *selector;
	const struct tag_filter
		*filters; /* Instead of those that there are, unless there are none. */
	size_t filter_count;
	const char *target, *filter;
	struct optional_number number, packet_length, vni;
	const char *description;
	struct options_wish options;
	unsigned int remove; /* Set of enum session_field. */
};
int control_modify_selector(struct control *control, const struct caller *caller,
			    const struct selector_change *change,
			    struct selector_record *ret_selector, struct refusal *why);

/* It is gone when its last session has ended: at once, unless there are many. */
int control_delete_selector(struct control *control, const struct caller *caller,
			    const char *selector, struct refusal *why);

/* Filters: description, owner-id, packet-length, session-number, state, traffic-mirror-filter-id, traffic-mirror-selector-id,
 * traffic-mirror-target-id, virtual-network-id, tag:<key>, tag-key. */
int control_describe_selectors(struct control *control, const struct caller *caller,
			       const struct query *query, struct selector_page *ret_page,
			       struct refusal *why);

struct selector_refusal_page {
	struct selector_refusal *items;
	size_t count, capacity;
	char *next_token;
};

void selector_refusal_page_fini(struct selector_refusal_page *page);

/* Filters: network-interface-id, reason, traffic-mirror-selector-id.  There are no ids. */
int control_describe_selector_refusals(struct control *control, const struct caller *caller,
				       const struct query *query,
				       struct selector_refusal_page *ret_page, struct refusal *why);

/* One thing that a selector has done. */
struct selector_act {
	enum selector_verb { SELECTOR_MAKES, SELECTOR_CHANGES, SELECTOR_ENDS } verb;
	struct account_id owner;
	struct resource_id selector, session, source;
};

/* Does a part of what requests and reports have left to do, as much as fits between two requests; and looks at some of what was
 * refused, if anything has changed since.  Cheap when there is nothing; to be called every second or so, and again while
 * there is more. */
int control_settle_selectors(struct control *control, bool *ret_more, struct refusal *why);
