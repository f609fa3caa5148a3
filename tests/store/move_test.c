// SPDX-License-Identifier: Apache-2.0
/* A store with rows in every table there is goes from a file into PostgreSQL and back.
 *
 * The rows are made from the schema alone, so a table that comes later is in here, too. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bench.h"
#include "store/layout.h"
#include "store/move.h"
#include "store/schema.h"
#include "store/statement.h"

#include <stdio.h>
#include <string.h>

#define ROWS 70 /* More than come with a query. */

struct world {
	struct bench *file, *server, *back;
	struct layout layout;
	int version;
};

static int setup(void **state)
{
	struct world *world = calloc(1, sizeof(*world));
	struct refusal why = {};
	size_t count;

	assert_non_null(world);
	world->version = (int)(schema_get_steps(&count), count);
	assert_int_equal(bench_file_setup((void **)&world->file), 0);
	assert_int_equal(bench_file_setup((void **)&world->back), 0);
	assert_int_equal(bench_postgresql_setup((void **)&world->server), 0);
	assert_int_equal(layout_make(world->version, &world->layout, &why), 0);
	*state = world;
	return 0;
}

static int teardown(void **state)
{
	struct world *world = *state;

	bench_teardown((void **)&world->file);
	bench_teardown((void **)&world->back);
	bench_teardown((void **)&world->server);
	layout_fini(&world->layout);
	free(world);
	return 0;
}

/* What refers to another table does so by a value that this one has in row 'row', too: a key's column is filled by its row
 * alone, and so is what refers to it. */
static void fill_table(struct store *store, const struct layout_table *table, char *text)
{
	for (int row = 0; row < ROWS; row++) {
		struct value values[LAYOUT_COLUMNS_MAX];

		(void)snprintf(text, 64, "%03d it's \"quoted\" – äöü\n\t'", row);
		for (size_t i = 0; i < table->count; i++)
			values[i] = table->columns[i].integer ? INTEGER(row) : TEXT(text);
		if (strcmp(table->columns[0].name, "number") == 0)
			values[0] = INTEGER(INT64_MAX - row);
		assert_int_equal(store_run(store, table->insert, values, table->count), 0);
	}
}

static void fill(struct world *world)
{
	struct store *store = world->file->store;
	char text[64];

	assert_int_equal(store_begin(store, STORE_WRITE), 0);
	for (size_t i = 0; i < world->layout.count; i++)
		fill_table(store, &world->layout.tables[i], text);
	assert_int_equal(store_run(store, "UPDATE interfaces SET host = NULL", NULL, 0), 0);
	assert_int_equal(store_commit(store), 0);
}

/* The whole store as a number: of every row in turn, every column's text. */
static uint64_t digest(const struct world *world, struct store *store, int64_t *ret_rows)
{
	uint64_t hash = 14695981039346656037ULL;

	*ret_rows = 0;
	for (size_t i = 0; i < world->layout.count; i++) {
		const struct layout_table *table = &world->layout.tables[i];
		_cleanup_(cursor_closep) struct cursor *cursor = NULL;

		assert_int_equal(store_query(store, table->select, NULL, 0, &cursor), 0);
		for (; cursor_next(cursor) == STORE_ROW; ++*ret_rows)
			for (int column = 0; column < (int)table->count; column++) {
				const char *text = cursor_is_null(cursor, column)
							   ? "\001"
							   : cursor_text(cursor, column);

				for (; *text != '\0'; text++)
					hash = (hash ^ (unsigned char)*text) * 1099511628211ULL;
				hash *= 1099511628211ULL;
			}
	}
	return hash;
}

/* As a program does it that has neither of them open; the cursors' statements belong to the layout. */
static int move(struct bench *from, struct bench *to, struct move *ret_move, struct refusal *why)
{
	store_close(from->store);
	store_close(to->store);
	from->store = to->store = NULL;
	return store_move(from->location, to->location, ret_move, why);
}

static void reopen(struct bench *bench)
{
	if (!bench->store)
		assert_int_equal(store_open(bench->location, &bench->store, &bench->why), 0);
}

static void test_there_and_back(void **state)
{
	struct world *world = *state;
	struct move there = {}, back = {};
	struct refusal why = {};
	uint64_t before;
	int64_t rows;

	fill(world);
	before = digest(world, world->file->store, &rows);
	assert_true(world->layout.count > 35);
	assert_int_equal(rows, (int64_t)world->layout.count * ROWS);
	assert_int_equal(move(world->file, world->server, &there, &why), 0);
	assert_int_equal(move(world->server, world->back, &back, &why), 0);
	assert_int_equal(there.rows, rows);
	assert_int_equal(there.schema, world->version);
	assert_memory_equal(&there, &back, sizeof(there));
	reopen(world->file);
	reopen(world->server);
	reopen(world->back);
	assert_true(digest(world, world->file->store, &rows) == before);
	assert_true(digest(world, world->server->store, &rows) == before);
	assert_true(digest(world, world->back->store, &rows) == before);
	assert_int_equal(rows, there.rows);
}

static void expect_refusal(struct bench *from, struct bench *to, const char *sentence)
{
	struct refusal why = {};
	struct move moved;

	assert_int_equal(move(from, to, &moved, &why), REFUSED);
	if (!strstr(why.text, sentence))
		fail_msg("'%s' is not in '%s'", sentence, why.text);
	reopen(from);
	reopen(to);
}

static void test_a_store_that_is_not_empty_is_refused(void **state)
{
	struct world *world = *state;
	struct bench *const ends[] = {world->server, world->back};

	for (size_t i = 0; i < 2; i++) {
		uint64_t before;
		int64_t rows;

		assert_int_equal(store_run(ends[i]->store,
					   "INSERT INTO settings (name, value) VALUES ('a', 'b')",
					   NULL, 0),
				 0);
		before = digest(world, ends[i]->store, &rows);
		expect_refusal(world->file, ends[i],
			       "The second store is not empty: there are rows in its table");
		assert_true(digest(world, ends[i]->store, &rows) == before);
	}
}

/* SQLite keeps whatever it is given; what comes out as something else is found, and nothing of it holds. */
static void test_a_row_that_changes_is_found(void **state)
{
	struct world *world = *state;
	int64_t rows;

	fill(world);
	assert_int_equal(store_run(world->file->store,
				   "UPDATE quotas SET value = 'many' WHERE value = 69", NULL, 0),
			 0);
	expect_refusal(world->file, world->server,
		       "A row of the table 'quotas' is not the same in the second store: its first "
		       "column is '069");
	(void)digest(world, world->server->store, &rows);
	assert_int_equal(rows, 0);
	assert_int_equal(store_run(world->file->store,
				   "UPDATE quotas SET value = 1, name = CAST(X'ff' AS TEXT) "
				   "WHERE value = 'many'",
				   NULL, 0),
			 0);
	expect_refusal(world->file, world->server,
		       "A row of the table 'quotas' does not fit into the second store");
	(void)digest(world, world->server->store, &rows);
	assert_int_equal(rows, 0);
}

/* Whoever serves steps it up later. */
static void test_an_older_store_stays_as_old(void **state)
{
	_cleanup_(store_closep) struct store *store = NULL;
	struct world *world = *state;
	const struct schema_step *steps;
	struct refusal why = {};
	struct move moved = {};
	char location[300];
	int64_t version;
	size_t count;

	steps = schema_get_steps(&count);
	(void)snprintf(location, sizeof(location), "%s-old", world->file->location);
	assert_int_equal(store_connect(location, true, &store, &why), 0);
	assert_int_equal(schema_migrate(store, steps, 10, &why), 0);
	store_close(TAKE_PTR(store));
	store_close(TAKE_PTR(world->back->store));
	(void)unlink(strchr(world->back->location, ':') + 1);
	assert_int_equal(store_move(location, world->back->location, &moved, &why), 0);
	assert_int_equal(moved.schema, 10);
	assert_int_equal(store_connect(world->back->location, false, &store, &why), 0);
	assert_int_equal(store_query_integer(store, "SELECT MAX(version) FROM schema_version", NULL,
					     0, &version),
			 0);
	assert_int_equal(version, 10);
	(void)unlink(strchr(location, ':') + 1);
}

static void test_what_is_no_store_is_refused(void **state)
{
	struct world *world = *state;
	struct refusal why = {};
	struct move moved;

	assert_int_equal(store_move("sqlite:/nowhere/at/all", world->back->location, &moved, &why),
			 REFUSED);
	assert_non_null(strstr(why.text, "There is no store at"));
	assert_int_equal(store_move("memory", world->back->location, &moved, &why), REFUSED);
	assert_int_equal(store_move(world->back->location, world->back->location, &moved, &why),
			 REFUSED);
	assert_string_equal(why.text, "The two stores are one");
}

static void test_a_store_that_is_worked_on_is_refused(void **state)
{
	_cleanup_(store_closep) struct store *leader = NULL;
	struct world *world = *state;
	struct refusal why = {};
	struct move moved;
	bool leads = false;

	assert_int_equal(store_connect(world->server->location, false, &leader, &why), 0);
	assert_int_equal(store_lead(leader, &leads), 0);
	assert_true(leads);
	assert_int_equal(store_move(world->file->location, world->server->location, &moved, &why),
			 REFUSED);
	assert_non_null(strstr(why.text, "A controller works on the store"));
	assert_int_equal(store_move(world->server->location, world->back->location, &moved, &why),
			 REFUSED);
}

#define IN_A_WORLD(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_A_WORLD(test_there_and_back),
		IN_A_WORLD(test_a_store_that_is_not_empty_is_refused),
		IN_A_WORLD(test_a_row_that_changes_is_found),
		IN_A_WORLD(test_an_older_store_stays_as_old),
		IN_A_WORLD(test_what_is_no_store_is_refused),
		IN_A_WORLD(test_a_store_that_is_worked_on_is_refused),
	};

	return cmocka_run_group_tests_name("move", tests, NULL, NULL);
}
