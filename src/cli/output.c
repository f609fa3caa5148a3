// SPDX-License-Identifier: Apache-2.0
#include "cli/output.h"

#include "cli/command.h"
#include "cli/json.h"
#include "cli/table.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define JSON_STYLE (JSON_INDENT(4) | JSON_ENCODE_ANY)

static int table_add_node(struct table *table, const struct tmirror_node *node,
			  const struct columns *columns);
static int column_write(const struct column *column, const struct tmirror_node *node,
			struct text *ret_cell);
static int print_text(const struct text *text);

static int items_as_table(struct invocation *invocation, struct tmirror_pages *pages,
			  const struct columns *columns)
{
	_cleanup_table_ struct table table = {};
	_cleanup_text_ struct text text = {};
	const struct tmirror_node *item;
	int r;

	for (size_t i = 0; i < columns->count; i++) {
		if (!columns->rows[i].detail)
			table_add_column(&table, columns->rows[i].title, columns->rows[i].numeric);
	}
	while ((r = tmirror_pages_next(pages, &item, &invocation->error)) == 0) {
		r = table_add_node(&table, item, columns);
		if (r < 0)
			return r;
	}
	if (r != TMIRROR_END)
		return r;
	table_render(&table, invocation->colour, &text);
	return print_text(&text);
}

int output_items(struct invocation *invocation, struct tmirror_pages *pages,
		 const struct columns *columns)
{
	_cleanup_(json_freep) json_t *array = NULL;
	int r;

	if (!invocation->json)
		return items_as_table(invocation, pages, columns);
	r = output_gather(invocation, pages, &array);
	return r == 0 ? output_json(array) : r;
}

static int object_as_lines(const struct invocation *invocation, const struct tmirror_node *node,
			   const struct columns *columns)
{
	const char *before = invocation->colour ? "\033[1m" : "";
	const char *after = invocation->colour ? "\033[0m" : "";
	_cleanup_text_ struct text text = {};
	int width = 0;

	for (size_t i = 0; i < columns->count; i++) {
		int length = (int)strlen(columns->rows[i].title);

		width = length > width ? length : width;
	}
	for (size_t i = 0; i < columns->count; i++) {
		const struct column *column = &columns->rows[i];
		_cleanup_text_ struct text cell = {};
		int r = column_write(column, node, &cell);

		if (r < 0)
			return r;
		if (cell.length == 0)
			continue;
		text_printf(&text, "%s%-*s%s  ", before, width, column->title, after);
		(void)text_append_printable(&text, cell.data);
		text_append_char(&text, '\n');
	}
	return print_text(&text);
}

int output_object(const struct invocation *invocation, const struct tmirror_node *node,
		  const struct columns *columns)
{
	_cleanup_(json_freep) json_t *json = NULL;

	if (!invocation->json)
		return object_as_lines(invocation, node, columns);
	json = json_from_node(node);
	return output_json(json);
}

int output_gather(struct invocation *invocation, struct tmirror_pages *pages, json_t **ret_array)
{
	_cleanup_(json_freep) json_t *array = json_array();
	const struct tmirror_node *item;
	int r;

	while ((r = tmirror_pages_next(pages, &item, &invocation->error)) == 0) {
		if (json_array_append_new(array, json_from_node(item)) < 0)
			return -ENOMEM;
	}
	if (r != TMIRROR_END)
		return r;
	*ret_array = TAKE_PTR(array);
	return 0;
}

int output_json(const json_t *json)
{
	if (!json)
		return -ENOMEM;
	if (json_dumpf(json, stdout, JSON_STYLE) < 0 || putchar('\n') < 0)
		return -EIO;
	return 0;
}

const char *node_tag(const struct tmirror_node *node, const char *key)
{
	const struct tmirror_node *tag;

	for (tag = tmirror_node_first(tmirror_node_find(node, "tagSet")); tag;
	     tag = tmirror_node_next(tag)) {
		const char *name = tmirror_node_text(tag, "key");

		if (name && strcmp(name, key) == 0)
			return tmirror_node_text(tag, "value");
	}
	return NULL;
}

void write_tags(const struct tmirror_node *node, struct text *cell)
{
	const struct tmirror_node *tag = tmirror_node_first(tmirror_node_find(node, "tagSet"));

	for (; tag; tag = tmirror_node_next(tag)) {
		const char *key = tmirror_node_text(tag, "key");
		const char *value = tmirror_node_text(tag, "value");

		text_printf(cell, "%s%s=%s", cell->length ? " " : "", key ? key : "",
			    value ? value : "");
	}
}

static int table_add_node(struct table *table, const struct tmirror_node *node,
			  const struct columns *columns)
{
	for (size_t i = 0; i < columns->count; i++) {
		_cleanup_text_ struct text cell = {};
		int r;

		if (columns->rows[i].detail)
			continue;
		r = column_write(&columns->rows[i], node, &cell);
		if (r == 0)
			r = table_add_cell(table, cell.data);
		if (r < 0)
			return r;
	}
	return 0;
}

static int column_write(const struct column *column, const struct tmirror_node *node,
			struct text *ret_cell)
{
	const char *value;

	if (column->write) {
		column->write(node, ret_cell);
	} else {
		value = tmirror_node_text(node, column->path);
		text_append(ret_cell, value ? value : "");
	}
	return ret_cell->failed ? -ENOMEM : 0;
}

static int print_text(const struct text *text)
{
	if (text->failed)
		return -ENOMEM;
	if (text->length > 0 && fputs(text->data, stdout) < 0)
		return -EIO;
	return 0;
}
