/* YAML files as trees of nodes that know where they stand.
 *
 * Only what people write by hand is taken: mappings with words as keys, lists, words; anchors, aliases and "<<", which
 * are resolved here.  Every text is a word: what "80" or "true" means is said by whoever looks for it.  An alias is a
 * copy, and copies count: so a file whose aliases multiply runs into the same bounds as one that is as long. */
#pragma once

#include "base/cleanup.h"

#include <stdbool.h>
#include <stddef.h>

struct refusal;

#define YAML_SIZE_MAX  ((size_t)16 << 20)
#define YAML_NODES_MAX 500000
#define YAML_KEYS_MAX  64 /* Of one mapping. */
#define YAML_DEPTH_MAX 12

enum yaml_kind { YAML_WORD, YAML_LIST, YAML_MAPPING };

struct yaml_node {
	enum yaml_kind kind;
	bool plain; /* A word without quotes. */
	const char *file;
	size_t line; /* Of the key, if it has one. */
	char *key;   /* In a mapping; else NULL. */
	char *word;  /* Of YAML_WORD. */
	struct yaml_node *first, *last, *next;
};

/* The documents of all files that were read. */
struct yaml_tree {
	struct yaml_node *first, *last;
	struct yaml_node *merged, *last_merged; /* What stood below "<<": anchors may lie in it. */
	size_t nodes;
};

void yaml_tree_fini(struct yaml_tree *tree);
#define _cleanup_yaml_ _cleanup_(yaml_tree_fini)

/* Appends the documents of the text; 'file' is borrowed.  Returns 0, REFUSED with the place and what is wrong there, as in
 * "mirrors.yaml:7: …", or -ENOMEM.  A tree that was refused is good for nothing but yaml_tree_fini(). */
int yaml_read(struct yaml_tree *tree, const char *file, const char *text, size_t size,
	      struct refusal *why);

/* Says what is wrong with a node. */
int yaml_refuse(struct refusal *why, const struct yaml_node *node, const char *format, ...)
	_printf_(3, 4);

/* The value of a key, or NULL. */
struct yaml_node *yaml_get(const struct yaml_node *mapping, const char *key);
