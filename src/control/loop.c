// SPDX-License-Identifier: Apache-2.0
#include "control/loop.h"

#include "base/array.h"
#include "control/place.h"
#include "control/state.h"
#include "store/group.h"
#include "store/member.h"
#include "store/session.h"
#include "store/source.h"
#include "store/store.h"

#include <errno.h>
#include <string.h>

struct mirrored_address {
	struct address address; /* The first, by which it is found. */
	struct resource_id source;
};

static int addresses_add(const struct source *source, struct mirrored *mirrored);
static int instance_check(struct control *control, const struct group *group, const char *id,
			  struct refusal *why);
static int address_check(const struct mirrored *mirrored, const char *id, struct refusal *why);
static int refuse_member(const char *id, const char *source, struct refusal *why);
static int members_check(struct control *control, const struct source *source, const char *id,
			 struct refusal *why);
static int member_check(struct control *control, const struct source *source,
			const struct member *member, struct refusal *why);
static int mirrored_compare(const void *a, const void *b);

int mirrored_load(struct control *control, const struct group *group, struct mirrored *mirrored)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	struct source source;
	int r;

	if (group->type != GROUP_OF_ADDRESSES)
		return 0;
	r = store_select_sources(control->store, SOURCES_MIRRORED, group->owner.text, "", &cursor);
	while (r >= 0 && (r = store_next_source(cursor, &source)) == STORE_ROW)
		r = addresses_add(&source, mirrored);
	if (r == 0 && mirrored->count > 1)
		qsort(mirrored->items, mirrored->count, sizeof(*mirrored->items), mirrored_compare);
	return r;
}

void mirrored_fini(struct mirrored *mirrored)
{
	free(mirrored->items);
	*mirrored = (struct mirrored){};
}

int loop_check_member(struct control *control, const struct mirrored *mirrored,
		      const struct group *group, const char *id, struct refusal *why)
{
	if (group->type == GROUP_OF_INSTANCES)
		return instance_check(control, group, id, why);
	return address_check(mirrored, id, why);
}

int loop_check_source(struct control *control, const struct source *source, struct refusal *why)
{
	int r = members_check(control, source, source->instance.text, why);

	/* The addresses of a guest's device are the host's, whose copies do not pass it. */
	if (source_orientation(source) == ORIENTATION_GUEST)
		return r;
	for (size_t i = 0; r == 0 && i < source->address_count; i++) {
		char id[ADDRESS_TEXT_SIZE];

		address_format(&source->addresses[i], id);
		r = members_check(control, source, id, why);
	}
	return r;
}

static int addresses_add(const struct source *source, struct mirrored *mirrored)
{
	int r = 0;

	if (source_orientation(source) == ORIENTATION_GUEST)
		return 0;
	for (size_t i = 0; r == 0 && i < source->address_count; i++) {
		const struct mirrored_address item = {source->addresses[i], source->id};

		r = array_append(mirrored, items, count, capacity, item);
	}
	return r;
}

static int instance_check(struct control *control, const struct group *group, const char *id,
			  struct refusal *why)
{
	struct source place;
	int64_t sessions = 0;
	int r = place_find(control, id, group->family, &place);

	if (r == 0)
		r = store_count_sessions(control->store, SESSIONS_OF_SOURCE, place.id.text,
					 &sessions);
	if (sessions > 0)
		return refuse_member(id, place.id.text, why);
	return r < 0 ? r : 0;
}

static int address_check(const struct mirrored *mirrored, const char *id, struct refusal *why)
{
	const struct mirrored_address *found = NULL;
	struct mirrored_address key = {};

	if (!address_parse(id, &key.address))
		return -EBADMSG;
	if (mirrored->count > 0)
		found = bsearch(&key, mirrored->items, mirrored->count, sizeof(key),
				mirrored_compare);
	return found ? refuse_member(id, found->source.text, why) : 0;
}

static int refuse_member(const char *id, const char *source, struct refusal *why)
{
	return refuse(why, REFUSE_MEMBER_INVALID,
		      "The target '%s' is reached by the interface '%s', which is the source of a "
		      "traffic mirror session: copies would be copied again",
		      id, source);
}

static int members_check(struct control *control, const struct source *source, const char *id,
			 struct refusal *why)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	struct member member;
	int r;

	r = store_select_members_of_id(control->store, id, &cursor);
	while (r >= 0 && (r = store_next_member(cursor, &member)) == STORE_ROW) {
		r = member_check(control, source, &member, why);
		if (r != 0)
			return r;
	}
	return r;
}

static int member_check(struct control *control, const struct source *source,
			const struct member *member, struct refusal *why)
{
	struct group group;
	int r = store_get_group(control->store, member->group.text, &group);

	if (r != 0)
		return r == STORE_MISSING ? -EBADMSG : r;
	if (strcmp(group.owner.text, source->owner.text) != 0 ||
	    (group.type == GROUP_OF_INSTANCES && !source_is_primary(source, group.family)))
		return 0;
	return refuse(why, REFUSE_INTERFACE_IS_TARGET,
		      "Copies to '%s' of the target group '%s' arrive at the interface '%s', and "
		      "would be copied again",
		      member->id, group.arn.text, source->id.text);
}

static int mirrored_compare(const void *a, const void *b)
{
	const struct mirrored_address *left = a, *right = b;

	if (left->address.family != right->address.family)
		return left->address.family < right->address.family ? -1 : 1;
	return memcmp(left->address.bytes, right->address.bytes, sizeof(left->address.bytes));
}
