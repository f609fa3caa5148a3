/* Filters, rules, targets and sessions as tmirror apply compares them: those that the files wish, and those that are there.
 * Both are the same kind of thing: a row of values, each in its one spelling. */
#pragma once

#include "cli/apply_field.h"

#include <stdbool.h>
#include <stddef.h>

struct object {
	enum apply_kind kind;
	char *name;                             /* Its tag Name; NULL: it has none. */
	char *values[FIELDS_MAX];               /* NULL: as it happens to be. */
	const struct object *links[FIELDS_MAX]; /* Its id is the value, as soon as it has one. */
	const struct object *owner;             /* A rule's filter. */
	char *identity;                         /* Equal texts: the same thing. */
	char id[THING_ID_SIZE];                 /* "" until it is made. */
	const struct object *match;             /* The other side's, if it has it. */
	const struct yaml_node *node;           /* Where it is wished… */
	const struct tmirror_node *item;        /* …or what was answered. */
};

/* Own their items; an index of them has the same items in another order, and does not. */
struct objects {
	struct object **items;
	size_t count, capacity;
};

struct world {
	struct objects kinds[APPLY_KIND_COUNT];
};

void world_fini(struct world *world);
#define _cleanup_world_ _cleanup_(world_fini)

/* Appends an object without values. */
int object_add(struct objects *objects, enum apply_kind kind, struct object **ret_object);

static inline const struct kind *object_kind(const struct object *object)
{
	return &apply_kinds[object->kind];
}

void object_free(struct object *object);

/* NULL: as it happens to be.  "" may also be an id that is not there yet. */
const char *object_value(const struct object *object, size_t field);

/* Says what the object is known by: its name, if another name makes it another one, and what cannot be changed. */
int object_identify(struct object *object);

/* By identity. */
void objects_sort(struct objects *objects);
struct object *objects_find(const struct objects *sorted, const char *identity);

/* By their ids; not sorted. */
const struct object *objects_find_id(const struct objects *objects, const char *id);

/* As in "rule web ingress 100". */
void object_write(const struct object *object, struct text *ret_text);
