// SPDX-License-Identifier: Apache-2.0
#include "settings/yaml_tree.h"

#include "base/array.h"
#include "base/refusal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <yaml.h>

#define MERGE_KEY "<<"

struct anchor {
	char *name;
	struct yaml_node *node;
};

/* One text on its way into the tree. */
struct reading {
	struct yaml_tree *tree;
	const char *file;
	struct refusal *why;
	struct yaml_node *open[YAML_DEPTH_MAX]; /* Lists and mappings that have not ended. */
	size_t depth;
	char *key; /* Read, and its value not yet. */
	size_t key_line;
	struct anchor *items;
	size_t count, capacity;
	size_t line;
};

static int parse(struct reading *reading, yaml_parser_t *parser);
static int parser_refuse(struct reading *reading, const yaml_parser_t *parser);
static int event_take(struct reading *reading, const yaml_event_t *event);
static int word_take(struct reading *reading, const yaml_event_t *event);
static int collection_open(struct reading *reading, enum yaml_kind kind, const yaml_char_t *tag,
			   const yaml_char_t *anchor);
static int collection_close(struct reading *reading);
static int merge(struct reading *reading, struct yaml_node *mapping);
static void take_out(struct yaml_node *mapping, struct yaml_node *node);
static int alias_take(struct reading *reading, const char *name);
static int node_copy(struct reading *reading, const struct yaml_node *node, size_t depth,
		     struct yaml_node **ret_copy);
static int node_add(struct reading *reading, struct yaml_node *node, const yaml_char_t *anchor);
static int anchor_set(struct reading *reading, const yaml_char_t *name, struct yaml_node *node);
static void anchors_forget(struct reading *reading);
static int node_make(struct reading *reading, enum yaml_kind kind, struct yaml_node **ret_node);
static int reading_refuse(struct reading *reading, const char *format, ...) _printf_(2, 3);
static void nodes_free(struct yaml_node *first);
static void node_free(struct yaml_node *node);

DEFINE_CLEANUP(struct yaml_node *, node_free)

static void append(struct yaml_node **first, struct yaml_node **last, struct yaml_node *node)
{
	if (*last)
		(*last)->next = node;
	else
		*first = node;
	*last = node;
}

static void nodes_free(struct yaml_node *first)
{
	while (first) {
		struct yaml_node *node = first;

		first = node->next;
		node_free(node);
	}
}

void yaml_tree_fini(struct yaml_tree *tree)
{
	nodes_free(tree->first);
	nodes_free(tree->merged);
	*tree = (struct yaml_tree){};
}

int yaml_read(struct yaml_tree *tree, const char *file, const char *text, size_t size,
	      struct refusal *why)
{
	struct reading reading = {.tree = tree, .file = file, .why = why};
	yaml_parser_t parser;
	int r;

	if (size > YAML_SIZE_MAX)
		return refuse(why, 0, "%s: has more than %zu MiB", file, YAML_SIZE_MAX >> 20);
	if (!yaml_parser_initialize(&parser))
		return -ENOMEM;
	yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, size);
	r = parse(&reading, &parser);
	anchors_forget(&reading);
	free(reading.items);
	free(reading.key);
	yaml_parser_delete(&parser);
	return r;
}

int yaml_refuse(struct refusal *why, const struct yaml_node *node, const char *format, ...)
{
	char sentence[sizeof(why->text)];
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(sentence, sizeof(sentence), format, arguments);
	va_end(arguments);
	return refuse(why, 0, "%s:%zu: %s", node->file, node->line, sentence);
}

struct yaml_node *yaml_get(const struct yaml_node *mapping, const char *key)
{
	for (struct yaml_node *node = mapping->first; node; node = node->next)
		if (strcmp(node->key, key) == 0)
			return node;
	return NULL;
}

static int parse(struct reading *reading, yaml_parser_t *parser)
{
	bool ended = false;
	int r = 0;

	while (r == 0 && !ended) {
		yaml_event_t event;

		if (!yaml_parser_parse(parser, &event))
			return parser_refuse(reading, parser);
		reading->line = event.start_mark.line + 1;
		r = event_take(reading, &event);
		ended = event.type == YAML_STREAM_END_EVENT;
		yaml_event_delete(&event);
	}
	return r;
}

static int parser_refuse(struct reading *reading, const yaml_parser_t *parser)
{
	if (parser->error == YAML_MEMORY_ERROR)
		return -ENOMEM;
	reading->line = parser->problem_mark.line + 1;
	if (parser->error == YAML_READER_ERROR)
		return reading_refuse(reading, "is not UTF-8 text (%s at byte %zu)",
				      parser->problem, parser->problem_offset);
	return reading_refuse(reading, "is not YAML: %s", parser->problem);
}

static int event_take(struct reading *reading, const yaml_event_t *event)
{
	switch (event->type) {
	case YAML_DOCUMENT_START_EVENT:
		anchors_forget(reading);
		return 0;
	case YAML_SCALAR_EVENT:
		return word_take(reading, event);
	case YAML_SEQUENCE_START_EVENT:
		return collection_open(reading, YAML_LIST, event->data.sequence_start.tag,
				       event->data.sequence_start.anchor);
	case YAML_MAPPING_START_EVENT:
		return collection_open(reading, YAML_MAPPING, event->data.mapping_start.tag,
				       event->data.mapping_start.anchor);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		return collection_close(reading);
	case YAML_ALIAS_EVENT:
		return alias_take(reading, (const char *)event->data.alias.anchor);
	default:
		return 0;
	}
}

/* Whether the next thing is the key of a mapping. */
static bool key_is_due(const struct reading *reading)
{
	return reading->depth > 0 && reading->open[reading->depth - 1]->kind == YAML_MAPPING &&
	       !reading->key;
}

static int keys_check(struct reading *reading, const struct yaml_node *mapping)
{
	size_t count = 0;

	for (const struct yaml_node *node = mapping->first; node; node = node->next)
		count++;
	if (count >= YAML_KEYS_MAX)
		return reading_refuse(reading, "a mapping has more than %d keys", YAML_KEYS_MAX);
	return 0;
}

static int key_take(struct reading *reading, const char *word)
{
	const struct yaml_node *mapping = reading->open[reading->depth - 1];
	int r = keys_check(reading, mapping);

	if (r != 0)
		return r;
	if (yaml_get(mapping, word))
		return reading_refuse(reading, "'%s' is said twice", word);
	reading->key_line = reading->line;
	reading->key = strdup(word);
	return reading->key ? 0 : -ENOMEM;
}

static int word_take(struct reading *reading, const yaml_event_t *event)
{
	const char *word = (const char *)event->data.scalar.value;
	_cleanup_(node_freep) struct yaml_node *node = NULL;
	int r;

	if (event->data.scalar.tag)
		return reading_refuse(reading, "tags, such as '%s', mean nothing here",
				      (const char *)event->data.scalar.tag);
	if (memchr(word, '\0', event->data.scalar.length))
		return reading_refuse(reading, "a text has a NUL character");
	if (key_is_due(reading))
		return key_take(reading, word);
	r = node_make(reading, YAML_WORD, &node);
	if (r != 0)
		return r;
	node->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	node->word = strdup(word);
	return node->word ? node_add(reading, TAKE_PTR(node), event->data.scalar.anchor) : -ENOMEM;
}

static int collection_open(struct reading *reading, enum yaml_kind kind, const yaml_char_t *tag,
			   const yaml_char_t *anchor)
{
	struct yaml_node *node;
	int r;

	if (tag)
		return reading_refuse(reading, "tags, such as '%s', mean nothing here",
				      (const char *)tag);
	if (key_is_due(reading))
		return reading_refuse(reading, "a key is not a word");
	if (reading->depth == YAML_DEPTH_MAX)
		return reading_refuse(reading, "is nested deeper than %d levels", YAML_DEPTH_MAX);
	r = node_make(reading, kind, &node);
	if (r == 0)
		r = node_add(reading, node, anchor);
	if (r == 0)
		reading->open[reading->depth++] = node;
	return r;
}

static int collection_close(struct reading *reading)
{
	struct yaml_node *node = reading->open[--reading->depth];

	return node->kind == YAML_MAPPING ? merge(reading, node) : 0;
}

/* What stands below "<<" is taken over, unless the mapping says it itself.  It stays what it was, for it may have a name. */
static int merge(struct reading *reading, struct yaml_node *mapping)
{
	struct yaml_node *merged = yaml_get(mapping, MERGE_KEY), *copy;
	int r;

	if (!merged)
		return 0;
	if (merged->kind != YAML_MAPPING)
		return yaml_refuse(reading->why, merged, "'%s' wants a mapping", MERGE_KEY);
	take_out(mapping, merged);
	append(&reading->tree->merged, &reading->tree->last_merged, merged);
	for (const struct yaml_node *node = merged->first; node; node = node->next) {
		if (yaml_get(mapping, node->key))
			continue;
		r = keys_check(reading, mapping);
		if (r == 0)
			r = node_copy(reading, node, reading->depth + 1, &copy);
		if (r != 0)
			return r;
		append(&mapping->first, &mapping->last, copy);
	}
	return 0;
}

static void take_out(struct yaml_node *mapping, struct yaml_node *node)
{
	struct yaml_node *before = NULL;

	for (struct yaml_node *other = mapping->first; other != node; other = other->next)
		before = other;
	if (before)
		before->next = node->next;
	else
		mapping->first = node->next;
	if (mapping->last == node)
		mapping->last = before;
	node->next = NULL;
}

static int alias_take(struct reading *reading, const char *name)
{
	const struct yaml_node *node = NULL;
	struct yaml_node *copy;
	int r;

	for (size_t i = reading->count; i-- > 0 && !node;)
		if (strcmp(reading->items[i].name, name) == 0)
			node = reading->items[i].node;
	if (!node)
		return reading_refuse(reading, "nothing before this is called '&%s'", name);
	for (size_t i = 0; i < reading->depth; i++)
		if (reading->open[i] == node)
			return reading_refuse(reading, "'*%s' stands in itself", name);
	if (key_is_due(reading))
		return reading_refuse(reading, "a key is not a word");
	r = node_copy(reading, node, reading->depth, &copy);
	return r == 0 ? node_add(reading, copy, NULL) : r;
}

static int node_copy(struct reading *reading, const struct yaml_node *node, size_t depth,
		     struct yaml_node **ret_copy)
{
	_cleanup_(node_freep) struct yaml_node *copy = NULL;
	int r;

	if (node->kind != YAML_WORD && depth >= YAML_DEPTH_MAX)
		return reading_refuse(reading, "is nested deeper than %d levels", YAML_DEPTH_MAX);
	r = node_make(reading, node->kind, &copy);
	if (r != 0)
		return r;
	copy->plain = node->plain;
	copy->line = node->line;
	copy->key = node->key ? strdup(node->key) : NULL;
	copy->word = node->word ? strdup(node->word) : NULL;
	if ((node->key && !copy->key) || (node->word && !copy->word))
		return -ENOMEM;
	for (const struct yaml_node *child = node->first; child; child = child->next) {
		struct yaml_node *twin;

		r = node_copy(reading, child, depth + 1, &twin);
		if (r != 0)
			return r;
		append(&copy->first, &copy->last, twin);
	}
	*ret_copy = TAKE_PTR(copy);
	return 0;
}

/* Where the next thing belongs; the tree owns it from here on. */
static int node_add(struct reading *reading, struct yaml_node *node, const yaml_char_t *anchor)
{
	struct yaml_node *parent = reading->depth > 0 ? reading->open[reading->depth - 1] : NULL;

	if (reading->key)
		node->line = reading->key_line;
	free(node->key);
	node->key = TAKE_PTR(reading->key);
	if (parent)
		append(&parent->first, &parent->last, node);
	else
		append(&reading->tree->first, &reading->tree->last, node);
	return anchor ? anchor_set(reading, anchor, node) : 0;
}

static int anchor_set(struct reading *reading, const yaml_char_t *name, struct yaml_node *node)
{
	struct anchor anchor = {strdup((const char *)name), node};
	int r = anchor.name ? array_append(reading, items, count, capacity, anchor) : -ENOMEM;

	if (r != 0)
		free(anchor.name);
	return r;
}

static void anchors_forget(struct reading *reading)
{
	while (reading->count > 0)
		free(reading->items[--reading->count].name);
}

static int node_make(struct reading *reading, enum yaml_kind kind, struct yaml_node **ret_node)
{
	struct yaml_node *node;

	if (reading->tree->nodes == YAML_NODES_MAX)
		return reading_refuse(reading, "there are more than %d values, aliases resolved",
				      YAML_NODES_MAX);
	node = calloc(1, sizeof(*node));
	if (!node)
		return -ENOMEM;
	node->kind = kind;
	node->file = reading->file;
	node->line = reading->line;
	reading->tree->nodes++;
	*ret_node = node;
	return 0;
}

static int reading_refuse(struct reading *reading, const char *format, ...)
{
	const struct yaml_node place = {.file = reading->file, .line = reading->line};
	char sentence[sizeof(reading->why->text)];
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(sentence, sizeof(sentence), format, arguments);
	va_end(arguments);
	return yaml_refuse(reading->why, &place, "%s", sentence);
}

/* No deeper than YAML_DEPTH_MAX. */
static void node_free(struct yaml_node *node)
{
	nodes_free(node->first);
	free(node->key);
	free(node->word);
	free(node);
}
