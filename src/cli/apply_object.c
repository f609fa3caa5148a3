// SPDX-License-Identifier: Apache-2.0
#include "cli/apply_object.h"

#include "base/array.h"
#include "base/text.h"

#include <string.h>

static int compare(const void *a, const void *b);
static int compare_identity(const void *identity, const void *object);

void world_fini(struct world *world)
{
	for (size_t kind = 0; kind < APPLY_KIND_COUNT; kind++) {
		struct objects *objects = &world->kinds[kind];

		while (objects->count > 0)
			object_free(objects->items[--objects->count]);
		free(objects->items);
		*objects = (struct objects){};
	}
}

int object_add(struct objects *objects, enum apply_kind kind, struct object **ret_object)
{
	struct object *object = calloc(1, sizeof(*object));
	int r = object ? array_append(objects, items, count, capacity, object) : -ENOMEM;

	if (r != 0) {
		free(object);
		return r;
	}
	object->kind = kind;
	*ret_object = object;
	return 0;
}

void object_free(struct object *object)
{
	for (size_t i = 0; i < FIELDS_MAX; i++)
		free(object->values[i]);
	free(object->name);
	free(object->identity);
	free(object);
}

const char *object_value(const struct object *object, size_t field)
{
	return object->links[field] ? object->links[field]->id : object->values[field];
}

int object_identify(struct object *object)
{
	const struct kind *kind = object_kind(object);
	_cleanup_text_ struct text text = {};

	if (kind->named && !kind->renamed)
		text_append(&text, object->name ? object->name : "");
	text_append(&text, object->owner ? object->owner->id : "");
	for (size_t i = 0; i < kind->count; i++) {
		const char *value = kind->fields[i].fixed ? object_value(object, i) : NULL;

		text_printf(&text, "\n%s", value ? value : "");
	}
	free(object->identity);
	object->identity = text_steal(&text);
	return object->identity ? 0 : -ENOMEM;
}

void objects_sort(struct objects *objects)
{
	if (objects->count > 0)
		qsort(objects->items, objects->count, sizeof(*objects->items), compare);
}

struct object *objects_find(const struct objects *sorted, const char *identity)
{
	struct object **found = sorted->count > 0
					? bsearch(identity, sorted->items, sorted->count,
						  sizeof(*sorted->items), compare_identity)
					: NULL;

	return found ? *found : NULL;
}

const struct object *objects_find_id(const struct objects *objects, const char *id)
{
	for (size_t i = 0; i < objects->count; i++)
		if (strcmp(objects->items[i]->id, id) == 0)
			return objects->items[i];
	return NULL;
}

void object_write(const struct object *object, struct text *ret_text)
{
	const char *name = object->name ? object->name : object->id;

	text_append(ret_text, object_kind(object)->name);
	if (object->kind == APPLY_RULE)
		text_printf(ret_text, " %s %s %s",
			    object->owner->name ? object->owner->name : object->owner->id,
			    object->values[RULE_DIRECTION], object->values[RULE_NUMBER]);
	else
		text_printf(ret_text, " %s", name);
}

static int compare(const void *a, const void *b)
{
	const struct object *const *first = a, *const *second = b;

	return strcmp((*first)->identity, (*second)->identity);
}

static int compare_identity(const void *identity, const void *object)
{
	const struct object *const *found = object;

	return strcmp(identity, (*found)->identity);
}
