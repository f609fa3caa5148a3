// SPDX-License-Identifier: Apache-2.0
#include "cli/apply_world.h"

#include "base/count.h"
#include "base/text.h"
#include "cli/output.h"

#include <errno.h>
#include <string.h>

static int kind_read(struct invocation *invocation, enum apply_kind kind, const char *set,
		     struct present *present);
static int object_read(struct present *present, enum apply_kind kind, const char *set,
		       const struct tmirror_node *item);
static int fields_read(struct object *object);
static int rules_read(struct present *present, const struct object *filter, const char *set);

void present_fini(struct present *present)
{
	world_fini(&present->own);
	world_fini(&present->others);
	for (size_t i = 0; i < APPLY_KIND_COUNT; i++)
		tmirror_pages_free(present->pages[i]);
	*present = (struct present){};
}

int apply_world_read(struct invocation *invocation, const char *set, struct present *ret_present)
{
	_cleanup_present_ struct present present = {};
	int r = 0;

	for (enum apply_kind kind = 0; kind < APPLY_KIND_COUNT && r == 0; kind++)
		if (apply_kinds[kind].describe)
			r = kind_read(invocation, kind, set, &present);
	if (r != 0)
		return r;
	*ret_present = present;
	present = (struct present){};
	return 0;
}

static int kind_read(struct invocation *invocation, enum apply_kind kind, const char *set,
		     struct present *present)
{
	const struct kind *row = &apply_kinds[kind];
	_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;
	struct tmirror_pages **pages = &present->pages[kind];
	const struct tmirror_node *item;
	int r;

	r = tmirror_request_new(row->describe, &request);
	if (r == 0)
		r = tmirror_request_set(request, "MaxResults", "1000");
	if (r == 0 && row->extended)
		r = tmirror_request_set(request, "Extension.Show", "true");
	if (r == 0)
		r = tmirror_pages_new(invocation->client, request, row->set, pages);
	while (r == 0 && (r = tmirror_pages_next(*pages, &item, &invocation->error)) == 0)
		r = object_read(present, kind, set, item);
	return r == TMIRROR_END ? 0 : r;
}

static int object_read(struct present *present, enum apply_kind kind, const char *set,
		       const struct tmirror_node *item)
{
	const char *tag = node_tag(item, TAG_SET), *name = node_tag(item, "Name");
	bool own = tag && strcmp(tag, set) == 0;
	struct world *world = own ? &present->own : &present->others;
	const char *id = tmirror_node_text(item, apply_kinds[kind].thing->id_element);
	struct object *object;
	int r;

	r = object_add(&world->kinds[kind], kind, &object);
	if (r != 0)
		return r;
	object->item = item;
	if (!id || !string_copy(object->id, sizeof(object->id), id))
		return -EPROTO;
	if (name && !(object->name = strdup(name)))
		return -ENOMEM;
	r = fields_read(object);
	if (r != 0 || !own || kind != APPLY_FILTER)
		return r;
	r = rules_read(present, object, "ingressFilterRuleSet");
	return r == 0 ? rules_read(present, object, "egressFilterRuleSet") : r;
}

static int fields_read(struct object *object)
{
	const struct kind *kind = object_kind(object);

	for (size_t i = 0; i < kind->count; i++) {
		object->values[i] = field_of_node(&kind->fields[i], object->item);
		if (!object->values[i])
			return -ENOMEM;
	}
	return 0;
}

static int rules_read(struct present *present, const struct object *filter, const char *set)
{
	const struct tmirror_node *item = tmirror_node_first(tmirror_node_find(filter->item, set));
	struct object *rule;
	int r = 0;

	for (; item && r == 0; item = tmirror_node_next(item)) {
		const char *id = tmirror_node_text(item, thing_rule.id_element);

		r = object_add(&present->own.kinds[APPLY_RULE], APPLY_RULE, &rule);
		if (r != 0)
			return r;
		rule->item = item;
		rule->owner = filter;
		if (!id || !string_copy(rule->id, sizeof(rule->id), id))
			return -EPROTO;
		r = fields_read(rule);
	}
	return r;
}
