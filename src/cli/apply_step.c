// SPDX-License-Identifier: Apache-2.0
#include "cli/apply_step.h"

#include "base/text.h"
#include "cli/lookup.h"
#include "settings/yaml_tree.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static int selector_await_end(struct invocation *invocation, const char *id);
static int create(struct invocation *invocation, const char *set, struct object *wish);
static int create_request(struct invocation *invocation, const char *set, const struct object *wish,
			  struct tmirror_request **ret_request);
static int fill_apart(struct invocation *invocation, const struct object *wish);
static int modify(struct invocation *invocation, const struct change *change);
static int rename_to(struct invocation *invocation, const struct object *wish);
static const char *show(const struct object *object, size_t field, const struct present *present);
static const char *show_before(const struct change *change, size_t field,
			       const struct present *present);
static const char *show_after(const struct change *change, size_t field,
			      const struct present *present, char ret_number[16]);
static bool is_worth_saying(const struct object *wish, size_t field);

static const struct {
	char sign;
	const char *word;
} verbs[] = {
	[CHANGE_CREATE] = {'+', "create"},
	[CHANGE_MODIFY] = {'~', "modify"},
	[CHANGE_DELETE] = {'-', "delete"},
};

void step_write(const struct change *change, const struct present *present, struct text *ret_text)
{
	const struct object *object = change->wish ? change->wish : change->found;
	const struct kind *kind = object_kind(object);
	const char *between = "";
	char number[16];

	text_printf(ret_text, "%c ", verbs[change->verb].sign);
	object_write(object, ret_text);
	if (change->verb == CHANGE_MODIFY && change_renames(change)) {
		text_printf(ret_text, " name: %s → %s",
			    change->found->name ? change->found->name : "none", change->wish->name);
		between = ",";
	}
	for (size_t i = 0; i < kind->count && change->verb != CHANGE_DELETE; i++) {
		const char *key = kind->fields[i].key;
		const char *after = show_after(change, i, present, number);

		if (change->verb == CHANGE_CREATE && is_worth_saying(change->wish, i)) {
			text_printf(ret_text, "%s %s: %s", between, key, after);
			between = ",";
		}
		if (change->verb == CHANGE_MODIFY && change_has(change, i)) {
			text_printf(ret_text, "%s %s: %s → %s", between, key,
				    show_before(change, i, present), after);
			between = ",";
		}
	}
}

json_t *step_to_json(const struct change *change, const struct present *present)
{
	const struct object *object = change->wish ? change->wish : change->found;
	const struct kind *kind = object_kind(object);
	_cleanup_text_ struct text name = {};
	json_t *step, *fields = json_object();
	char number[16];

	for (size_t i = 0; i < kind->count && change->verb != CHANGE_DELETE; i++) {
		const char *after = show_after(change, i, present, number);
		json_t *field = NULL;

		if (change->verb == CHANGE_CREATE && is_worth_saying(change->wish, i))
			field = json_pack("{s:s}", "After", after);
		if (change->verb == CHANGE_MODIFY && change_has(change, i))
			field = json_pack("{s:s, s:s}", "Before", show_before(change, i, present),
					  "After", after);
		if (field)
			(void)json_object_set_new(fields, kind->fields[i].key, field);
	}
	if (change->verb == CHANGE_MODIFY && change_renames(change))
		(void)json_object_set_new(fields, "name",
					  json_pack("{s:s*, s:s}", "Before", change->found->name,
						    "After", change->wish->name));
	object_write(object, &name);
	step = json_pack("{s:s, s:s, s:s, s:s, s:o}", "Change", verbs[change->verb].word, "Kind",
			 kind->name, "Object", name.data, "Id", object->id, "Fields", fields);
	return step;
}

int step_do(struct invocation *invocation, const char *set, const struct change *change)
{
	int r = 0;

	switch (change->verb) {
	case CHANGE_CREATE:
		return create(invocation, set, change->wish);
	case CHANGE_MODIFY:
		if (change_renames(change))
			r = rename_to(invocation, change->wish);
		for (size_t i = 0; i < object_kind(change->wish)->count && r == 0; i++)
			if (change_has(change, i))
				return modify(invocation, change);
		return r;
	case CHANGE_DELETE:
		r = thing_delete(invocation, object_kind(change->found)->thing, change->found->id,
				 &invocation->error);
		return r == 0 && change->found->kind == APPLY_SELECTOR
			       ? selector_await_end(invocation, change->found->id)
			       : r;
	}
	return -EINVAL;
}

/* Until its last session has ended, filter and target are in use. */
static int selector_await_end(struct invocation *invocation, const char *id)
{
	static const struct timespec pause = {.tv_nsec = 100000000};
	const struct lookup lookup = {"DescribeTrafficMirrorSelectors", "trafficMirrorSelectorSet",
				      "traffic-mirror-selector-id", id};

	for (;;) {
		_cleanup_(tmirror_pages_freep) struct tmirror_pages *pages = NULL;
		const struct tmirror_node *item;
		int r = lookup_start(invocation, &lookup, &pages);

		if (r == 0)
			r = tmirror_pages_next(pages, &item, &invocation->error);
		if (r != 0)
			return r == TMIRROR_END ? 0 : r;
		(void)nanosleep(&pause, NULL);
	}
}

static int create(struct invocation *invocation, const char *set, struct object *wish)
{
	const struct thing *thing = object_kind(wish)->thing;
	_cleanup_(tmirror_response_freep) struct tmirror_response *response = NULL;
	_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;
	const char *id;
	int r;

	r = create_request(invocation, set, wish, &request);
	if (r == 0)
		r = invocation_call(invocation, request, &response);
	if (r != 0)
		return r;
	id = tmirror_node_text(tmirror_node_find(tmirror_response_root(response), thing->object),
			       thing->id_element);
	if (!id || !string_copy(wish->id, sizeof(wish->id), id))
		return -EPROTO;
	return fill_apart(invocation, wish);
}

/* A failure to set sticks to the request. */
static void set_tags(struct tmirror_request *request, const char *set, const struct object *wish)
{
	(void)tmirror_request_set(request, "TagSpecification.1.ResourceType",
				  object_kind(wish)->thing->resource_type);
	(void)tmirror_request_set(request, "TagSpecification.1.Tag.1.Key", TAG_SET);
	(void)tmirror_request_set(request, "TagSpecification.1.Tag.1.Value", set);
	(void)tmirror_request_set(request, "TagSpecification.1.Tag.2.Key", "Name");
	(void)tmirror_request_set(request, "TagSpecification.1.Tag.2.Value", wish->name);
}

static int create_request(struct invocation *invocation, const char *set, const struct object *wish,
			  struct tmirror_request **ret_request)
{
	const struct kind *kind = object_kind(wish);
	_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;
	char subnet[THING_ID_SIZE];
	int r;

	r = tmirror_request_new(kind->thing->create, &request);
	if (r == 0 && wish->kind == APPLY_APPLIANCE) {
		r = lookup_subnet(invocation, subnet, sizeof(subnet));
		if (r == 0)
			r = tmirror_request_set(request, "SubnetId", subnet);
	}
	if (r == 0 && wish->owner)
		r = tmirror_request_set(request, thing_filter.id_parameter, wish->owner->id);
	if (r == 0 && kind->named)
		set_tags(request, set, wish);
	for (size_t i = 0; i < kind->count && r == 0; i++) {
		const struct field *field = &kind->fields[i];
		const char *value = object_value(wish, i);

		if (value && !field->apart && !(field->usual && strcmp(value, field->usual) == 0))
			r = field_set(field, request, value, NULL);
	}
	if (r == 0)
		*ret_request = TAKE_PTR(request);
	return r;
}

/* What goes with calls of its own.  If it fails, the object is there, and the next run finds the difference. */
static int fill_apart(struct invocation *invocation, const struct object *wish)
{
	const struct kind *kind = object_kind(wish);
	_cleanup_(tmirror_response_freep) struct tmirror_response *response = NULL;
	_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;
	int r = 0;

	for (size_t i = 0; i < kind->count && r == 0; i++) {
		if (!kind->fields[i].apart || *wish->values[i] == '\0')
			continue;
		r = tmirror_request_new(kind->modify, &request);
		if (r == 0)
			r = tmirror_request_set(request, kind->thing->id_parameter, wish->id);
		if (r == 0)
			r = field_set(&kind->fields[i], request, wish->values[i], "");
		if (r == 0)
			r = invocation_call(invocation, request, &response);
		break;
	}
	return r;
}

static int modify(struct invocation *invocation, const struct change *change)
{
	const struct kind *kind = object_kind(change->wish);
	_cleanup_(tmirror_response_freep) struct tmirror_response *response = NULL;
	_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;
	char number[16];
	int r;

	(void)snprintf(number, sizeof(number), "%u", change->aside);
	r = tmirror_request_new(kind->modify, &request);
	if (r == 0)
		r = tmirror_request_set(request, kind->thing->id_parameter, change->found->id);
	for (size_t i = 0; i < kind->count && r == 0; i++)
		if (change_has(change, i))
			r = field_set(&kind->fields[i], request,
				      change->aside ? number : object_value(change->wish, i),
				      change->found->values[i]);
	return r == 0 ? invocation_call(invocation, request, &response) : r;
}

static int rename_to(struct invocation *invocation, const struct object *wish)
{
	_cleanup_(tmirror_response_freep) struct tmirror_response *response = NULL;
	_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;
	int r;

	r = tmirror_request_new("CreateTags", &request);
	if (r != 0)
		return r;
	(void)tmirror_request_set(request, "ResourceId.1", wish->id);
	(void)tmirror_request_set(request, "Tag.1.Key", "Name");
	(void)tmirror_request_set(request, "Tag.1.Value", wish->name);
	return invocation_call(invocation, request, &response);
}

/* Ids of the set by their names, which are those that the files give them; an empty value in a word. */
static const char *show(const struct object *object, size_t field, const struct present *present)
{
	const char *value = object_value(object, field);
	enum apply_kind kind = field == SESSION_FILTER ? APPLY_FILTER : APPLY_TARGET;
	const struct object *named = object->links[field];

	if (!named && (object->kind == APPLY_SESSION || object->kind == APPLY_SELECTOR) &&
	    (field == SESSION_FILTER || field == SESSION_TARGET))
		named = objects_find_id(&present->own.kinds[kind], value);
	if (named && named->match && named->match->node)
		named = named->match;
	if (named && named->name)
		return named->name;
	return value && *value ? value : "none";
}

static const char *show_before(const struct change *change, size_t field,
			       const struct present *present)
{
	return show(change->found, field, present);
}

static const char *show_after(const struct change *change, size_t field,
			      const struct present *present, char ret_number[16])
{
	if (change->aside == 0)
		return show(change->wish, field, present);
	(void)snprintf(ret_number, 16, "%u", change->aside);
	return ret_number;
}

/* Of something new, what is not as usual, and not in its name already. */
static bool is_worth_saying(const struct object *wish, size_t field)
{
	const struct field *row = &object_kind(wish)->fields[field];
	bool in_name =
		wish->kind == APPLY_APPLIANCE ||
		(wish->kind == APPLY_RULE && (field == RULE_DIRECTION || field == RULE_NUMBER));

	if (wish->links[field])
		return true;
	return !in_name && wish->values[field] &&
	       !(row->usual && strcmp(wish->values[field], row->usual) == 0);
}
