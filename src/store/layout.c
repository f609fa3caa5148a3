// SPDX-License-Identifier: Apache-2.0
#include "store/layout.h"

#include "base/array.h"
#include "base/text.h"
#include "store/schema.h"
#include "store/statement.h"

#include <string.h>

static int add_column(struct layout *layout, const struct cursor *cursor);
static int add_table(struct layout *layout, const char *name);
static int write_sql(struct layout_table *table);
static void append_columns(struct text *text, const struct layout_table *table);
static void append_keys(struct text *text, const struct layout_table *table);

int layout_make(int version, struct layout *ret_layout, struct refusal *why)
{
	_cleanup_(store_closep) struct store *store = NULL;
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	_cleanup_layout_ struct layout layout = {};
	const struct schema_step *steps;
	size_t count;
	int r;

	steps = schema_get_steps(&count);
	while (count > 1 && steps[count - 1].version > version)
		count--;
	r = store_connect("memory", true, &store, why);
	if (r == 0)
		r = schema_migrate(store, steps, count, why);
	if (r == 0)
		r = store_query(store,
				"SELECT m.name, c.name, c.type, c.pk FROM sqlite_master AS m "
				"JOIN pragma_table_info(m.name) AS c WHERE m.type = 'table' "
				"AND m.name <> 'schema_version' ORDER BY m.rowid, c.cid",
				NULL, 0, &cursor);
	while (r == 0 && (r = cursor_next(cursor)) == STORE_ROW)
		r = add_column(&layout, cursor);
	for (size_t i = 0; r == 0 && i < layout.count; i++)
		r = write_sql(&layout.tables[i]);
	if (r != 0)
		return r;
	*ret_layout = layout;
	layout = (struct layout){};
	return 0;
}

void layout_fini(struct layout *layout)
{
	for (size_t i = 0; i < layout->count; i++) {
		free(layout->tables[i].select);
		free(layout->tables[i].insert);
		free(layout->tables[i].any);
	}
	free(layout->tables);
	*layout = (struct layout){};
}

static int add_column(struct layout *layout, const struct cursor *cursor)
{
	const char *name = cursor_text(cursor, 0);
	struct layout_table *table;
	struct layout_column *column;
	int r;

	if (layout->count == 0 || strcmp(layout->tables[layout->count - 1].name, name) != 0) {
		r = add_table(layout, name);
		if (r < 0)
			return r;
	}
	table = &layout->tables[layout->count - 1];
	if (table->count == LAYOUT_COLUMNS_MAX)
		return -E2BIG;
	column = &table->columns[table->count++];
	CURSOR_COPY(cursor, 1, column->name);
	column->integer = strcmp(cursor_text(cursor, 2), "BIGINT") == 0;
	column->key = (int)cursor_integer(cursor, 3);
	return 0;
}

static int add_table(struct layout *layout, const char *name)
{
	struct layout_table table = {};

	if (!string_copy(table.name, sizeof(table.name), name))
		return -ENAMETOOLONG;
	return array_append(layout, tables, count, capacity, table);
}

static int write_sql(struct layout_table *table)
{
	_cleanup_text_ struct text select = {}, insert = {}, any = {};

	text_append(&select, "SELECT ");
	append_columns(&select, table);
	text_printf(&select, " FROM \"%s\" ORDER BY ", table->name);
	append_keys(&select, table);
	text_printf(&insert, "INSERT INTO \"%s\" (", table->name);
	append_columns(&insert, table);
	text_append(&insert, ") VALUES (");
	for (size_t i = 0; i < table->count; i++)
		text_printf(&insert, "%s$%zu", i > 0 ? ", " : "", i + 1);
	text_append(&insert, ")");
	text_printf(&any, "SELECT 1 FROM \"%s\" LIMIT 1", table->name);
	if (select.failed || insert.failed || any.failed)
		return -ENOMEM;
	table->select = text_steal(&select);
	table->insert = text_steal(&insert);
	table->any = text_steal(&any);
	return 0;
}

static void append_columns(struct text *text, const struct layout_table *table)
{
	for (size_t i = 0; i < table->count; i++)
		text_printf(text, "%s\"%s\"", i > 0 ? ", " : "", table->columns[i].name);
}

/* Every table has a key; one that had none would fail here, as "ORDER BY" without a column is no SQL. */
static void append_keys(struct text *text, const struct layout_table *table)
{
	for (int key = 1; key <= (int)table->count; key++)
		for (size_t i = 0; i < table->count; i++)
			if (table->columns[i].key == key)
				text_printf(text, "%s\"%s\"", key > 1 ? ", " : "",
					    table->columns[i].name);
}
