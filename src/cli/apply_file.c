// SPDX-License-Identifier: Apache-2.0
/* From the tree of a file to objects.  Nothing is passed over: what no row of apply_field.c names is refused. */
#include "cli/apply_file.h"

#include "base/count.h"
#include "base/refusal.h"
#include "base/text.h"
#include "cli/apply_check.h"
#include "cli/apply_spelling.h"

#include <errno.h>
#include <string.h>

#define NAME_MAX_LENGTH 255

const char *const locator_keys[LOCATOR_COUNT] = {"interface", "address", "fleet", "load-balancer",
						 "endpoint"};

static int document_read(const struct yaml_node *document, struct world *wishes,
			 const struct yaml_node **set, struct refusal *why);
static int set_read(const struct yaml_node *document, const struct yaml_node **set,
		    struct refusal *why);
static int list_read(const struct yaml_node *list, enum apply_kind kind, struct world *wishes,
		     struct refusal *why);
static int object_read(const struct yaml_node *node, enum apply_kind kind,
		       const struct object *owner, struct world *wishes, struct object **ret_object,
		       struct refusal *why);
static int name_read(struct object *object, struct refusal *why);
static int key_read(struct object *object, const struct yaml_node *value, struct refusal *why);
static int list_value_read(const struct yaml_node *value, const struct field *field,
			   char **ret_value, struct refusal *why);
static int value_read(const struct yaml_node *value, const struct field *field, char **ret_value,
		      struct refusal *why);
static int rest_fill(struct object *object, struct refusal *why);
static int rules_read(const struct object *filter, const char *direction, struct world *wishes,
		      struct refusal *why);

/* The lists of a document. */
static const struct {
	const char *key;
	enum apply_kind kind;
} lists[] = {
	{"filters", APPLY_FILTER},
	{"targets", APPLY_TARGET},
	{"sessions", APPLY_SESSION},
	{"selectors", APPLY_SELECTOR},
};

static const char *const directions[] = {"ingress", "egress"};

int apply_file_read(const struct yaml_tree *tree, struct world *wishes, const char **ret_set,
		    struct refusal *why)
{
	const struct yaml_node *set = NULL;
	int r = 0;

	for (const struct yaml_node *node = tree->first; node && r == 0; node = node->next) {
		bool empty = node->kind == YAML_WORD && node->plain && node->word[0] == '\0';

		if (!empty)
			r = document_read(node, wishes, &set, why);
	}
	if (r == 0 && !set)
		return refuse(why, 0, "the files have no document, and so no set");
	if (r == 0)
		r = apply_check(wishes, why);
	if (r == 0)
		*ret_set = set->word;
	return r;
}

static int document_read(const struct yaml_node *document, struct world *wishes,
			 const struct yaml_node **set, struct refusal *why)
{
	int r;

	if (document->kind != YAML_MAPPING)
		return yaml_refuse(why, document,
				   "a document is a mapping with set, filters, "
				   "targets, sessions and selectors");
	r = set_read(document, set, why);
	for (const struct yaml_node *node = document->first; node && r == 0; node = node->next) {
		size_t i = 0;

		if (strcmp(node->key, "set") == 0)
			continue;
		while (i < ARRAY_SIZE(lists) && strcmp(node->key, lists[i].key) != 0)
			i++;
		if (i == ARRAY_SIZE(lists))
			return yaml_refuse(why, node,
					   "a document has no key '%s', but set, filters, targets, "
					   "sessions and selectors",
					   node->key);
		r = list_read(node, lists[i].kind, wishes, why);
	}
	return r;
}

/* What is no longer wished goes by the set, so there is one. */
static int set_read(const struct yaml_node *document, const struct yaml_node **set,
		    struct refusal *why)
{
	const struct yaml_node *node = yaml_get(document, "set");

	if (!node)
		return yaml_refuse(why, document, "the document does not say its set");
	if (node->kind != YAML_WORD || !text_is_plain(node->word, SET_NAME_MAX))
		return yaml_refuse(why, node,
				   "a set is a text of 1 to %d characters, without line breaks",
				   SET_NAME_MAX);
	if (*set && strcmp((*set)->word, node->word) != 0)
		return yaml_refuse(why, node,
				   "the set is '%s', but '%s' in %s:%zu; apply one set "
				   "at a time",
				   node->word, (*set)->word, (*set)->file, (*set)->line);
	*set = node;
	return 0;
}

static int list_check(const struct yaml_node *list, struct refusal *why)
{
	return list->kind == YAML_LIST
		       ? 0
		       : yaml_refuse(why, list, "'%s' is not a list; an empty one is []",
				     list->key);
}

static int list_read(const struct yaml_node *list, enum apply_kind kind, struct world *wishes,
		     struct refusal *why)
{
	struct object *object;
	int r = list_check(list, why);

	for (const struct yaml_node *node = list->first; node && r == 0; node = node->next) {
		r = object_read(node, kind, NULL, wishes, &object, why);
		if (r == 0)
			r = name_read(object, why);
		for (size_t i = 0; i < ARRAY_SIZE(directions) && r == 0 && kind == APPLY_FILTER;
		     i++)
			r = rules_read(object, directions[i], wishes, why);
	}
	return r;
}

static int object_read(const struct yaml_node *node, enum apply_kind kind,
		       const struct object *owner, struct world *wishes, struct object **ret_object,
		       struct refusal *why)
{
	struct object *object;
	int r;

	if (node->kind != YAML_MAPPING)
		return yaml_refuse(why, node, "a %s is a mapping of keys to values",
				   apply_kinds[kind].name);
	r = object_add(&wishes->kinds[kind], kind, &object);
	if (r != 0)
		return r;
	object->node = node;
	object->owner = owner;
	for (const struct yaml_node *value = node->first; value && r == 0; value = value->next)
		r = key_read(object, value, why);
	if (r == 0)
		r = rest_fill(object, why);
	if (r == 0)
		*ret_object = object;
	return r;
}

static int name_read(struct object *object, struct refusal *why)
{
	const struct yaml_node *name = yaml_get(object->node, "name");

	if (!name)
		return yaml_refuse(why, object->node, "a %s wants a name",
				   object_kind(object)->name);
	if (name->kind != YAML_WORD || !text_is_plain(name->word, NAME_MAX_LENGTH))
		return yaml_refuse(why, name,
				   "a name is a text of 1 to %d characters, without line breaks",
				   NAME_MAX_LENGTH);
	object->name = strdup(name->word);
	return object->name ? 0 : -ENOMEM;
}

/* Keys that no field stands for, but which are looked at elsewhere. */
static bool key_is_known(const struct object *object, const char *key)
{
	if (object->kind == APPLY_RULE)
		return false;
	if (strcmp(key, "name") == 0)
		return true;
	if (object->kind == APPLY_FILTER)
		return string_is_among(key, directions, ARRAY_SIZE(directions));
	return object->kind == APPLY_TARGET && string_is_among(key, locator_keys, LOCATOR_COUNT);
}

static int key_read(struct object *object, const struct yaml_node *value, struct refusal *why)
{
	const struct kind *kind = object_kind(object);

	if (key_is_known(object, value->key))
		return 0;
	for (size_t i = 0; i < kind->count; i++) {
		const struct field *field = &kind->fields[i];

		if (field->implied || strcmp(field->key, value->key) != 0)
			continue;
		return field->list ? list_value_read(value, field, &object->values[i], why)
				   : value_read(value, field, &object->values[i], why);
	}
	return yaml_refuse(why, value, "a %s has no key '%s'", kind->name, value->key);
}

/* Of words that there is one of at most, the value is that word; of tags, all of them in one text. */
static int list_value_read(const struct yaml_node *value, const struct field *field,
			   char **ret_value, struct refusal *why)
{
	_cleanup_text_ struct text all = {};
	int r = list_check(value, why);

	if (r != 0 || !value->first)
		return r;
	if (field->words && value->first->next)
		return yaml_refuse(why, value->first->next, "'%s' has one element at most, '%s'",
				   field->key, field->words);
	for (const struct yaml_node *node = value->first; node && r == 0; node = node->next) {
		_cleanup_free_ char *one = NULL;

		r = value_read(node, field, &one, why);
		if (r == 0)
			text_printf(&all, "%s%s", all.length ? TAGS_BETWEEN : "", one);
	}
	if (r != 0)
		return r;
	free(*ret_value);
	*ret_value = text_steal(&all);
	return *ret_value ? 0 : -ENOMEM;
}

static int value_refuse(const struct yaml_node *value, const struct field *field,
			struct refusal *why)
{
	if (field->words)
		return yaml_refuse(why, value, "%s '%.128s' is not one of %s", field->key,
				   value->word, field->words);
	if (field->spelling == &spelling_description)
		return yaml_refuse(why, value, "%s is not %s", field->key, field->spelling->wants);
	if (field->spelling->wants)
		return yaml_refuse(why, value, "%s '%.128s' is not %s", field->key, value->word,
				   field->spelling->wants);
	return yaml_refuse(why, value, "%s '%.128s' is not a number from %llu to %llu", field->key,
			   value->word, (unsigned long long)field->minimum,
			   (unsigned long long)field->maximum);
}

static int value_read(const struct yaml_node *value, const struct field *field, char **ret_value,
		      struct refusal *why)
{
	bool failed;
	char *spelled;

	if (value->kind != YAML_WORD)
		return yaml_refuse(why, value, "'%s' wants one value", field->key);
	if (value->plain && (value->word[0] == '\0' || strcmp(value->word, "~") == 0 ||
			     strcmp(value->word, "null") == 0))
		return yaml_refuse(why, value, "'%s' has no value; leave it out", field->key);
	spelled = field_spell(field, value->word, &failed);
	if (!spelled)
		return failed ? -ENOMEM : value_refuse(value, field, why);
	free(*ret_value);
	*ret_value = spelled;
	return 0;
}

/* What is not said is as usual. */
static int rest_fill(struct object *object, struct refusal *why)
{
	const struct kind *kind = object_kind(object);

	for (size_t i = 0; i < kind->count; i++) {
		const struct field *field = &kind->fields[i];

		if (object->values[i])
			continue;
		if (field->required)
			return yaml_refuse(why, object->node, "a %s wants '%s'", kind->name,
					   field->key);
		if (field->usual && !(object->values[i] = strdup(field->usual)))
			return -ENOMEM;
	}
	return 0;
}

static int rules_read(const struct object *filter, const char *direction, struct world *wishes,
		      struct refusal *why)
{
	const struct yaml_node *list = yaml_get(filter->node, direction);
	struct object *rule;
	int r;

	if (!list)
		return 0;
	r = list_check(list, why);
	for (const struct yaml_node *node = list->first; node && r == 0; node = node->next) {
		r = object_read(node, APPLY_RULE, filter, wishes, &rule, why);
		if (r == 0 && !(rule->values[RULE_DIRECTION] = strdup(direction)))
			r = -ENOMEM;
	}
	return r;
}
