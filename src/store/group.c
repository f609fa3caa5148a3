// SPDX-License-Identifier: Apache-2.0
#include "store/group.h"

#include "store/statement.h"
#include "store/tag.h"

#define COLUMNS                                                                \
	"arn, owner, name, protocol, type, port, family, check_protocol, "     \
	"check_port, check_path, check_codes, check_interval, check_timeout, " \
	"healthy_threshold, unhealthy_threshold, created"

_Static_assert(GROUP_UDP == 0 && GROUP_TCP_UDP == 1 && GROUP_GENEVE == 2, "stored");
_Static_assert(GROUP_OF_INSTANCES == 0 && GROUP_OF_ADDRESSES == 1, "stored");
_Static_assert(CHECK_TCP == 0 && CHECK_HTTP == 1 && CHECK_HTTPS == 2 && CHECK_UDP == 3 &&
		       CHECK_ICMP == 4 && CHECK_NONE == 5,
	       "stored");

static int row_put(struct store *store, const struct group *group);
static int attributes_put(struct store *store, const struct group *group);
static int group_take(struct store *store, struct cursor *cursor, struct group *ret_group);
static void check_read(struct cursor *cursor, struct group *group);

int store_put_group(struct store *store, const struct group *group)
{
	int r = row_put(store, group);

	return r < 0 ? r : attributes_put(store, group);
}

int store_get_group(struct store *store, const char *arn, struct group *ret_group)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	int r;

	r = store_query(store, "SELECT " COLUMNS " FROM target_groups WHERE arn = $1",
			VALUES(TEXT(arn)), &cursor);
	return r < 0 ? r : group_take(store, cursor, ret_group);
}

int store_find_group(struct store *store, const char *owner, const char *name,
		     struct group *ret_group)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	int r;

	r = store_query(store,
			"SELECT " COLUMNS " FROM target_groups WHERE owner = $1 AND name = $2",
			VALUES(TEXT(owner), TEXT(name)), &cursor);
	return r < 0 ? r : group_take(store, cursor, ret_group);
}

int store_delete_group(struct store *store, const char *arn)
{
	int r = store_delete_tags(store, arn);

	return r < 0 ? r
		     : store_run_one(store, "DELETE FROM target_groups WHERE arn = $1",
				     VALUES(TEXT(arn)));
}

int store_count_groups(struct store *store, const char *owner, int64_t *ret_count)
{
	return store_query_integer(store, "SELECT COUNT(*) FROM target_groups WHERE owner = $1",
				   VALUES(TEXT(owner)), ret_count);
}

int store_select_groups(struct store *store, enum group_selection selection, const char *key,
			const char *after, struct cursor **ret_cursor)
{
	static const char *const queries[] = {
		[GROUPS_OF_OWNER] = "SELECT " COLUMNS " FROM target_groups "
				    "WHERE owner = $1 AND arn > $2 ORDER BY arn",
		[GROUPS_OF_BALANCER] = "SELECT " COLUMNS " FROM target_groups WHERE arn IN "
				       "(SELECT target_group FROM listeners WHERE balancer = $1) "
				       "AND arn > $2 ORDER BY arn",
	};

	return store_query(store, queries[selection], VALUES(TEXT(key), TEXT(after)), ret_cursor);
}

int store_next_group(struct cursor *cursor, struct group *ret_group)
{
	struct group group = {};
	int r = cursor_next(cursor);

	if (r != STORE_ROW)
		return r;
	CURSOR_COPY(cursor, 0, group.arn.text);
	CURSOR_COPY(cursor, 1, group.owner.text);
	CURSOR_COPY(cursor, 2, group.name);
	group.protocol = (enum group_protocol)cursor_integer(cursor, 3);
	group.type = (enum group_type)cursor_integer(cursor, 4);
	group.port = (uint16_t)cursor_integer(cursor, 5);
	group.family = (uint8_t)cursor_integer(cursor, 6);
	check_read(cursor, &group);
	group.created = cursor_integer(cursor, 15);
	*ret_group = group;
	return STORE_ROW;
}

/* A key that only a later version knows is passed over. */
int store_load_group_attributes(struct store *store, struct group *group)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	enum group_attribute attribute;
	int r;

	r = store_query(store, "SELECT key, value FROM group_attributes WHERE group_arn = $1",
			VALUES(TEXT(group->arn.text)), &cursor);
	while (r >= 0 && (r = cursor_next(cursor)) == STORE_ROW)
		if (group_attribute_parse(cursor_text(cursor, 0), &attribute))
			CURSOR_COPY(cursor, 1, group->attributes[attribute]);
	return r;
}

static int row_put(struct store *store, const struct group *group)
{
	const struct health_check *check = &group->check;

	return store_run(
		store,
		"INSERT INTO target_groups (" COLUMNS ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, "
		"$9, $10, $11, $12, $13, $14, $15, $16) "
		"ON CONFLICT (arn) DO UPDATE SET check_protocol = excluded.check_protocol, "
		"check_port = excluded.check_port, check_path = excluded.check_path, "
		"check_codes = excluded.check_codes, check_interval = excluded.check_interval, "
		"check_timeout = excluded.check_timeout, "
		"healthy_threshold = excluded.healthy_threshold, "
		"unhealthy_threshold = excluded.unhealthy_threshold",
		VALUES(TEXT(group->arn.text), TEXT(group->owner.text), TEXT(group->name),
		       INTEGER(group->protocol), INTEGER(group->type), INTEGER(group->port),
		       INTEGER(group->family), INTEGER(check->protocol), INTEGER(group->check_port),
		       TEXT(check->path), TEXT(check->codes), INTEGER(check->interval),
		       INTEGER(check->timeout), INTEGER(check->healthy_threshold),
		       INTEGER(check->unhealthy_threshold), INTEGER(group->created)));
}

static int attributes_put(struct store *store, const struct group *group)
{
	int r = 0;

	for (unsigned int i = 0; r >= 0 && i < GROUP_ATTRIBUTE_COUNT; i++)
		if (group->attributes[i][0] != '\0')
			r = store_run(store,
				      "INSERT INTO group_attributes (group_arn, key, value) "
				      "VALUES ($1, $2, $3) ON CONFLICT (group_arn, key) "
				      "DO UPDATE SET value = excluded.value",
				      VALUES(TEXT(group->arn.text),
					     TEXT(group_attribute_key(i, group->protocol)),
					     TEXT(group->attributes[i])));
	return r;
}

static int group_take(struct store *store, struct cursor *cursor, struct group *ret_group)
{
	struct group group;
	int r = store_next_group(cursor, &group);

	if (r <= 0)
		return r < 0 ? r : STORE_MISSING;
	r = store_load_group_attributes(store, &group);
	if (r == 0)
		*ret_group = group;
	return r;
}

static void check_read(struct cursor *cursor, struct group *group)
{
	struct health_check *check = &group->check;

	check->protocol = (enum check_protocol)cursor_integer(cursor, 7);
	group->check_port = (uint16_t)cursor_integer(cursor, 8);
	CURSOR_COPY(cursor, 9, check->path);
	CURSOR_COPY(cursor, 10, check->codes);
	check->interval = (uint16_t)cursor_integer(cursor, 11);
	check->timeout = (uint16_t)cursor_integer(cursor, 12);
	check->healthy_threshold = (uint8_t)cursor_integer(cursor, 13);
	check->unhealthy_threshold = (uint8_t)cursor_integer(cursor, 14);
}
