// SPDX-License-Identifier: Apache-2.0
#include "store/move.h"

#include "mirror/refusals.h"
#include "store/layout.h"
#include "store/schema.h"
#include "store/state.h"
#include "store/statement.h"

#include <string.h>

static int open_end(const char *location, bool make, struct store **ret_store, struct refusal *why);
static int look_at_source(struct store *source, int *ret_schema, struct refusal *why);
static int move_all(struct store *source, struct store *target, const struct layout *layout,
		    struct move *move, struct refusal *why);
static int make_target(struct store *target, const struct layout *layout, int version,
		       struct refusal *why);
static int copy_table(struct store *source, struct store *target, const struct layout_table *table,
		      int64_t *rows, struct refusal *why);
static int copy_row(const struct cursor *row, struct store *target,
		    const struct layout_table *table);
static int compare_table(struct store *source, struct store *target,
			 const struct layout_table *table, struct refusal *why);
static bool rows_are_equal(const struct cursor *a, const struct cursor *b, size_t count);

int store_move(const char *from, const char *to, struct move *ret_move, struct refusal *why)
{
	_cleanup_layout_ struct layout layout = {}; /* Has the statements of both. */
	_cleanup_(store_closep) struct store *source = NULL, *target = NULL;
	struct move move = {};
	int r;

	if (strcmp(from, to) == 0)
		return refuse(why, REFUSE_PARAMETER_VALUE, "The two stores are one");
	r = open_end(from, false, &source, why);
	if (r == 0)
		r = look_at_source(source, &move.schema, why);
	if (r == 0)
		r = layout_make(move.schema, &layout, why);
	if (r == 0)
		r = open_end(to, true, &target, why);
	if (r == 0)
		r = store_begin(source, STORE_WRITE); /* Nobody else does, then. */
	if (r == 0)
		r = store_begin(target, STORE_WRITE);
	if (r == 0)
		r = move_all(source, target, &layout, &move, why);
	if (r == 0)
		r = store_commit(target);
	if (r == 0)
		*ret_move = move;
	return r;
}

/* Who leads a store that is shared is the only one that does, and every controller wishes to. */
static int open_end(const char *location, bool make, struct store **ret_store, struct refusal *why)
{
	_cleanup_(store_closep) struct store *store = NULL;
	bool leads = true;
	int r;

	if (strcmp(location, "memory") == 0)
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "A store in memory ends with its controller");
	r = store_connect(location, make, &store, why);
	if (r == -ENOENT)
		return refuse(why, REFUSE_PARAMETER_VALUE, "There is no store at '%.300s'",
			      location);
	if (r == 0 && store->driver->shared)
		r = store_lead(store, &leads);
	if (r == 0 && !leads)
		return refuse(why, REFUSE_UNAVAILABLE,
			      "A controller works on the store in PostgreSQL: end all that do");
	if (r == 0)
		*ret_store = TAKE_PTR(store);
	return r;
}

static int look_at_source(struct store *source, int *ret_schema, struct refusal *why)
{
	int r = schema_get_version(source, "The first store", ret_schema, why);

	if (r == 0 && source->driver->check)
		r = store_check(source);
	if (r == -EBADMSG)
		return refuse(why, REFUSE_PARAMETER_VALUE, "The first store is damaged");
	return r;
}

/* All are there before the first is compared, so what a later one might do to an earlier one is seen. */
static int move_all(struct store *source, struct store *target, const struct layout *layout,
		    struct move *move, struct refusal *why)
{
	int r = make_target(target, layout, move->schema, why);

	for (size_t i = 0; r == 0 && i < layout->count; i++)
		r = copy_table(source, target, &layout->tables[i], &move->rows, why);
	for (size_t i = 0; r == 0 && i < layout->count; i++)
		r = compare_table(source, target, &layout->tables[i], why);
	move->tables = layout->count;
	return r;
}

static int make_target(struct store *target, const struct layout *layout, int version,
		       struct refusal *why)
{
	const struct schema_step *steps;
	size_t count;
	int64_t one;
	int r;

	steps = schema_get_steps(&count);
	while (count > 1 && steps[count - 1].version > version)
		count--;
	r = schema_take(target, steps, count, why);
	for (size_t i = 0; r == 0 && i < layout->count; i++) {
		const struct layout_table *table = &layout->tables[i];

		r = store_query_integer(target, table->any, NULL, 0, &one);
		if (r == 0)
			return refuse(why, REFUSE_PARAMETER_VALUE,
				      "The second store is not empty: there are rows in its table "
				      "'%s'",
				      table->name);
		r = r == STORE_MISSING ? 0 : r;
	}
	return r;
}

static int copy_table(struct store *source, struct store *target, const struct layout_table *table,
		      int64_t *rows, struct refusal *why)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	int r;

	r = store_query(source, table->select, NULL, 0, &cursor);
	while (r == 0 && (r = cursor_next(cursor)) == STORE_ROW) {
		r = copy_row(cursor, target, table);
		if (r == -EINVAL || r == -EEXIST || r == -E2BIG)
			return refuse(why, REFUSE_PARAMETER_VALUE,
				      "A row of the table '%s' does not fit into the second store: "
				      "its first column is '%.100s'",
				      table->name, cursor_text(cursor, 0));
		++*rows;
	}
	return r;
}

static int copy_row(const struct cursor *row, struct store *target,
		    const struct layout_table *table)
{
	struct value values[LAYOUT_COLUMNS_MAX];

	for (size_t i = 0; i < table->count; i++) {
		const int column = (int)i;

		if (cursor_is_null(row, column))
			values[i] = (struct value){.kind = VALUE_NULL};
		else if (table->columns[i].integer)
			values[i] = INTEGER(cursor_integer(row, column));
		else
			values[i] = TEXT(cursor_text(row, column));
	}
	return store_run(target, table->insert, values, table->count);
}

static int compare_table(struct store *source, struct store *target,
			 const struct layout_table *table, struct refusal *why)
{
	_cleanup_(cursor_closep) struct cursor *there = NULL, *here = NULL;
	int r, s = STORE_ROW;

	r = store_query(source, table->select, NULL, 0, &there);
	if (r == 0)
		r = store_query(target, table->select, NULL, 0, &here);
	while (r == 0 && s == STORE_ROW) {
		r = cursor_next(there);
		s = r < 0 ? r : cursor_next(here);
		if (s < 0)
			return s;
		if (r != s || (s == STORE_ROW && !rows_are_equal(there, here, table->count)))
			return refuse(why, REFUSE_PARAMETER_VALUE,
				      "A row of the table '%s' is not the same in the second "
				      "store: its first column is '%.100s'",
				      table->name, cursor_text(r == STORE_ROW ? there : here, 0));
		r = 0;
	}
	return r;
}

static bool rows_are_equal(const struct cursor *a, const struct cursor *b, size_t count)
{
	for (int column = 0; column < (int)count; column++)
		if (cursor_is_null(a, column) != cursor_is_null(b, column) ||
		    strcmp(cursor_text(a, column), cursor_text(b, column)) != 0)
			return false;
	return true;
}
