/* What commands print of what the API answered: a table of columns, or JSON. */
#pragma once

#include "base/text.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct invocation;
struct tmirror_node;
struct tmirror_pages;

/* One column, or one line of a single object.  'write' appends what the cell says; without it the cell is the text at
 * 'path'. */
struct column {
	const char *title;
	const char *path;
	void (*write)(const struct tmirror_node *node, struct text *cell);
	bool numeric;
	bool detail; /* Only when a single object is shown. */
};

struct columns {
	const struct column *rows;
	size_t count;
};

/* All items of the pages, as rows or as an array, for which 'columns' may be NULL.  Returns as tmirror_pages_next()
 * does, but 0 at the end. */
int output_items(struct invocation *invocation, struct tmirror_pages *pages,
		 const struct columns *columns);

/* One object: a line for each column, or an object. */
int output_object(const struct invocation *invocation, const struct tmirror_node *node,
		  const struct columns *columns);

/* The same in two steps, for what is part of something larger; the array is the caller's. */
int output_gather(struct invocation *invocation, struct tmirror_pages *pages, json_t **ret_array);
int output_json(const json_t *json);

static inline void json_freep(json_t **json)
{
	json_decref(*json);
}

/* The value of a tag of the node, or NULL. */
const char *node_tag(const struct tmirror_node *node, const char *key);

/* All tags, as in "Name=web team=blue". */
void write_tags(const struct tmirror_node *node, struct text *cell);
