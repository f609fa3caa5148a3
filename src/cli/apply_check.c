// SPDX-License-Identifier: Apache-2.0
#include "cli/apply_check.h"

#include "base/clock.h"
#include "base/count.h"
#include "base/refusal.h"
#include "base/text.h"
#include "settings/yaml_tree.h"

#include <errno.h>
#include <string.h>

static int index_make(const struct objects *objects, struct objects *ret_index);
static int key_make(struct object *object);
static int twice_check(const struct objects *index, struct refusal *why);
static void drop_expired(struct objects *sessions, int64_t now);
static int all_link(struct world *wishes, size_t field, const struct objects *index,
		    const char *id_prefix, struct refusal *why);
static int sessions_link(const struct objects *sessions, size_t field, const struct objects *index,
			 const char *id_prefix, struct refusal *why);
static int rule_check(const struct object *rule, struct refusal *why);
static int session_check(const struct object *session, struct refusal *why);

static void index_fini(struct objects *index)
{
	free(index->items);
}

int apply_check(struct world *wishes, struct refusal *why)
{
	struct objects *rules = &wishes->kinds[APPLY_RULE];
	int r = 0;

	for (enum apply_kind kind = APPLY_TARGET; kind < APPLY_KIND_COUNT && r == 0; kind++) {
		_cleanup_(index_fini) struct objects index = {};

		r = index_make(&wishes->kinds[kind], &index);
		if (r == 0)
			r = twice_check(&index, why);
		if (r == 0 && kind == APPLY_FILTER)
			r = all_link(wishes, SESSION_FILTER, &index, "tmf-", why);
		if (r == 0 && kind == APPLY_TARGET)
			r = all_link(wishes, SESSION_TARGET, &index, "tmt-", why);
	}
	for (size_t i = 0; i < rules->count && r == 0; i++)
		r = rule_check(rules->items[i], why);
	for (enum apply_kind kind = APPLY_SESSION; kind <= APPLY_SELECTOR && r == 0; kind++)
		for (size_t i = 0; i < wishes->kinds[kind].count && r == 0; i++)
			r = session_check(wishes->kinds[kind].items[i], why);
	return r;
}

void apply_drop_expired(struct world *wishes, int64_t now)
{
	drop_expired(&wishes->kinds[APPLY_SESSION], now);
	drop_expired(&wishes->kinds[APPLY_SELECTOR], now);
}

static void drop_expired(struct objects *sessions, int64_t now)
{
	size_t kept = 0;

	for (size_t i = 0; i < sessions->count; i++) {
		struct object *session = sessions->items[i];
		int64_t end;

		if (timestamp_parse(session->values[SESSION_EXPIRES], &end) && end <= now)
			object_free(session);
		else
			sessions->items[kept++] = session;
	}
	sessions->count = kept;
}

/* The same objects in another order, by what must be there once. */
static int index_make(const struct objects *objects, struct objects *ret_index)
{
	struct objects index = {.count = objects->count};
	int r = 0;

	index.items = calloc(objects->count + 1, sizeof(*index.items));
	if (!index.items)
		return -ENOMEM;
	for (size_t i = 0; i < objects->count && r == 0; i++) {
		index.items[i] = objects->items[i];
		r = key_make(index.items[i]);
	}
	if (r == 0)
		objects_sort(&index);
	*ret_index = index;
	return r;
}

static int key_make(struct object *object)
{
	_cleanup_text_ struct text key = {};

	if (object->kind == APPLY_RULE)
		text_printf(&key, "%s\n%s\n%s", object->owner->name, object->values[RULE_DIRECTION],
			    object->values[RULE_NUMBER]);
	else
		text_append(&key, object->name);
	free(object->identity);
	object->identity = text_steal(&key);
	return object->identity ? 0 : -ENOMEM;
}

static int twice_check(const struct objects *index, struct refusal *why)
{
	for (size_t i = 1; i < index->count; i++) {
		const struct object *first = index->items[i - 1], *second = index->items[i];
		_cleanup_text_ struct text text = {};

		if (strcmp(first->identity, second->identity) != 0)
			continue;
		if (first->node->line > second->node->line) {
			first = second;
			second = index->items[i - 1];
		}
		object_write(second, &text);
		return yaml_refuse(why, second->node, "'%s' is in %s:%zu already",
				   text.data ? text.data : "", first->node->file,
				   first->node->line);
	}
	return 0;
}

/* Of sessions and of selectors. */
static int all_link(struct world *wishes, size_t field, const struct objects *index,
		    const char *id_prefix, struct refusal *why)
{
	int r = sessions_link(&wishes->kinds[APPLY_SESSION], field, index, id_prefix, why);

	return r == 0 ? sessions_link(&wishes->kinds[APPLY_SELECTOR], field, index, id_prefix, why)
		      : r;
}

static int sessions_link(const struct objects *sessions, size_t field, const struct objects *index,
			 const char *id_prefix, struct refusal *why)
{
	const char *key = apply_kinds[APPLY_SESSION].fields[field].key;

	for (size_t i = 0; i < sessions->count; i++) {
		struct object *session = sessions->items[i];
		const char *name = session->values[field];

		session->links[field] = objects_find(index, name);
		if (!session->links[field] && strncmp(name, id_prefix, strlen(id_prefix)) != 0)
			return yaml_refuse(why, yaml_get(session->node, key),
					   "no %s of these files is called '%s'; others are said "
					   "by their ids (%s…)",
					   key, name, id_prefix);
	}
	return 0;
}

/* The value of a field, by the file's word for it. */
static const char *value_of(const struct object *object, const char *key)
{
	const struct kind *kind = object_kind(object);

	for (size_t i = 0; i < kind->count; i++)
		if (strcmp(kind->fields[i].key, key) == 0)
			return object->values[i];
	return "";
}

static int rule_check(const struct object *rule, struct refusal *why)
{
	const char *protocol = value_of(rule, "protocol");
	const char *source = value_of(rule, "source");
	const char *destination = value_of(rule, "destination");
	bool tcp = strcmp(protocol, "6") == 0, udp = strcmp(protocol, "17") == 0;

	if (!strchr(source, ':') != !strchr(destination, ':'))
		return yaml_refuse(why, rule->node,
				   "source '%s' and destination '%s' are not of one address family",
				   source, destination);
	if (!tcp && !udp &&
	    (*value_of(rule, "source-ports") || *value_of(rule, "destination-ports")))
		return yaml_refuse(why, rule->node, "ports want protocol tcp or udp");
	if (!tcp && strcmp(value_of(rule, "tcp-flags"), "any") != 0)
		return yaml_refuse(why, rule->node, "tcp-flags want protocol tcp");
	return 0;
}

static bool samples(const struct object *session, const char *key)
{
	return !string_is_among(value_of(session, key), (const char *const[]){"0", "1"}, 2);
}

static int session_check(const struct object *session, struct refusal *why)
{
	if (samples(session, "packet-sampling") && samples(session, "flow-sampling"))
		return yaml_refuse(why, session->node, "a %s samples packets or flows, not both",
				   object_kind(session)->name);
	return 0;
}
