// SPDX-License-Identifier: Apache-2.0
/* What every storage engine makes of cursors: others may be open and rows be written meanwhile, and who stops early has not read
 * everything.
 *
 * The last is asked of PostgreSQL only, whose bytes come through a socket: this program's recv() stands before libpq's and
 * counts them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bench.h"
#include "store/event.h"
#include "store/filter.h"
#include "store/host.h"
#include "store/instance.h"
#include "store/session.h"
#include "store/setting.h"
#include "store/source.h"
#include "store/statement.h"
#include "store/target.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#define OWNER        "123456789012"
#define MANY         4000
#define SOME         200 /* More than a few pieces. */
#define RECORD_SIZE  1000
#define SESSION_SIZE 400 /* More than a session's row takes on the wire. */

static uint64_t received;

/* Called by libpq. */
__attribute__((visibility("default"))) ssize_t recv(int socket, void *buffer, size_t size,
						    int flags)
{
	ssize_t length = recvfrom(socket, buffer, size, flags, NULL, NULL);

	received += length > 0 ? (uint64_t)length : 0;
	return length;
}

static void add_numbers(struct bench *bench, int count)
{
	assert_int_equal(store_execute(bench->store, "CREATE TABLE numbers (n BIGINT PRIMARY KEY)"),
			 0);
	assert_int_equal(store_begin(bench->store, STORE_WRITE), 0);
	for (int n = 0; n < count; n++)
		assert_int_equal(store_run(bench->store, "INSERT INTO numbers (n) VALUES ($1)",
					   VALUES(INTEGER(n))),
				 0);
	assert_int_equal(store_commit(bench->store), 0);
}

static void select_numbers(struct bench *bench, struct cursor **ret_cursor)
{
	assert_int_equal(store_query(bench->store, "SELECT n FROM numbers WHERE n >= $1 ORDER BY n",
				     VALUES(INTEGER(0)), ret_cursor),
			 0);
}

static void expect_numbers(struct cursor *cursor, int from, int to)
{
	for (int n = from; n < to; n++) {
		assert_int_equal(cursor_next(cursor), STORE_ROW);
		assert_int_equal(cursor_integer(cursor, 0), n);
	}
}

/* Around every size at which something else happens. */
static void test_all_rows_come_in_order(void **state)
{
	static const int counts[] = {0, 1, 63, 64, 65, 66, 127, 128, 129, 192, 193, 300};
	struct bench *bench = *state;

	assert_int_equal(store_execute(bench->store, "CREATE TABLE numbers (n BIGINT PRIMARY KEY)"),
			 0);
	for (size_t i = 0, n = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		assert_int_equal(store_begin(bench->store, STORE_WRITE), 0);
		for (; n < (size_t)counts[i]; n++)
			assert_int_equal(store_run(bench->store, "INSERT INTO numbers VALUES ($1)",
						   VALUES(INTEGER(n))),
					 0);
		assert_int_equal(store_commit(bench->store), 0);
		for (enum store_access access = STORE_READ; access <= STORE_NOTE + 1; access++) {
			_cleanup_(cursor_closep) struct cursor *cursor = NULL;

			if (access <= STORE_NOTE)
				assert_int_equal(store_begin(bench->store, access), 0);
			select_numbers(bench, &cursor);
			expect_numbers(cursor, 0, counts[i]);
			assert_int_equal(cursor_next(cursor), 0);
			store_rollback(bench->store);
		}
	}
}

static void test_queries_within_queries(void **state)
{
	struct bench *bench = *state;
	_cleanup_(cursor_closep) struct cursor *outer = NULL;

	add_numbers(bench, SOME);
	assert_int_equal(store_begin(bench->store, STORE_WRITE), 0);
	select_numbers(bench, &outer);
	for (int n = 0; n < SOME; n++) {
		_cleanup_(cursor_closep) struct cursor *inner = NULL;

		expect_numbers(outer, n, n + 1);
		select_numbers(bench, &inner);
		expect_numbers(inner, 0, n);
		assert_int_equal(store_run(bench->store,
					   "UPDATE numbers SET n = -1 - n WHERE n = $1",
					   VALUES(INTEGER(n))),
				 0);
		cursor_close(TAKE_PTR(inner));
		select_numbers(bench, &inner);
		expect_numbers(inner, 0, n);
		expect_numbers(inner, n + 1, SOME);
		assert_int_equal(cursor_next(inner), 0);
		assert_int_equal(store_run(bench->store,
					   "UPDATE numbers SET n = -1 - n WHERE n = $1",
					   VALUES(INTEGER(-1 - n))),
				 0);
	}
	assert_int_equal(cursor_next(outer), 0);
	assert_int_equal(store_commit(bench->store), 0);
}

/* Of a visit the snapshot ends when something is written; what was begun in it goes on. */
static void test_a_cursor_outlives_its_transaction(void **state)
{
	struct bench *bench = *state;

	add_numbers(bench, SOME);
	for (int turn = 0; turn < 2; turn++) {
		_cleanup_(cursor_closep) struct cursor *cursor = NULL;

		assert_int_equal(store_enter(bench->store), 0);
		select_numbers(bench, &cursor);
		expect_numbers(cursor, 0, 10);
		assert_int_equal(store_put_setting(bench->store, "turn", turn ? "two" : "one"), 0);
		expect_numbers(cursor, 10, SOME);
		assert_int_equal(cursor_next(cursor), 0);
		store_leave(bench->store);
	}
	for (int turn = 0; turn < 2; turn++) {
		_cleanup_(cursor_closep) struct cursor *cursor = NULL;

		assert_int_equal(store_begin(bench->store, STORE_WRITE), 0);
		select_numbers(bench, &cursor);
		expect_numbers(cursor, 0, 70);
		assert_int_equal(store_commit(bench->store), 0);
		expect_numbers(cursor, 70, SOME);
		assert_int_equal(cursor_next(cursor), 0);
	}
}

static void test_one_event_of_many(void **state)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	_cleanup_event_ struct event event = {};
	struct bench *bench = *state;
	char sql[512];

	(void)snprintf(sql, sizeof(sql),
		       "INSERT INTO events (number, account, refused, place, read_only, id, name, "
		       "source, username, access_key, resources, record) SELECT n, '" OWNER
		       "', 0, n, 0, 'id', 'name', 'source', 'root', 'key', '', repeat('x', %d) "
		       "FROM generate_series(1, %d) AS n",
		       RECORD_SIZE, MANY);
	assert_int_equal(store_execute(bench->store, sql), 0);
	assert_int_equal(store_enter(bench->store), 0);
	received = 0;
	assert_int_equal(store_select_events(bench->store, OWNER, INT64_MAX, &cursor), 0);
	assert_int_equal(store_next_event(cursor, &event), STORE_ROW);
	assert_int_equal(event.number, MANY);
	cursor_close(TAKE_PTR(cursor));
	store_leave(bench->store);
	assert_in_range(received, RECORD_SIZE, 150 * RECORD_SIZE);
}

static void add_sessions(struct bench *bench)
{
	struct stored_host host = {.name = "alpha", .owner = {OWNER}};
	struct stored_instance instance = {.id = {"i-00000001"}, .owner = {OWNER}, .host = "alpha"};
	struct source source = {.id = {"eni-00000001"},
				.owner = {OWNER},
				.instance = {"i-00000001"},
				.host = "alpha",
				.device = "eth0"};
	struct target target = {.id = {"tmt-00000001"}, .owner = {OWNER}, .locator = "eni-x"};
	struct filter filter = {.id = {"tmf-00000001"}, .owner = {OWNER}};

	assert_int_equal(store_put_host(bench->store, &host), 0);
	assert_int_equal(store_add_instance(bench->store, &instance), 0);
	assert_int_equal(store_put_source(bench->store, &source), 0);
	assert_int_equal(store_add_target(bench->store, &target), 0);
	assert_int_equal(store_put_filter(bench->store, &filter), 0);
	assert_int_equal(store_execute(bench->store,
				       "INSERT INTO sessions (id, owner, source, target, filter, "
				       "number, vni, packet_length, description, created) SELECT "
				       "'tms-' || lpad(n::text, 8, '0'), '" OWNER
				       "', 'eni-00000001', 'tmt-00000001', 'tmf-00000001', n, n, "
				       "0, '', 0 FROM generate_series(1, 4000) AS n"),
			 0);
}

/* As the history's walk does it, 32 at a time and each time in a visit of its own. */
static void test_a_walk_reads_what_it_passes(void **state)
{
	struct bench *bench = *state;
	struct session session = {};
	int passed = 0, r = STORE_ROW;

	add_sessions(bench);
	received = 0;
	while (r == STORE_ROW) {
		_cleanup_(cursor_closep) struct cursor *cursor = NULL;

		assert_int_equal(store_enter(bench->store), 0);
		assert_int_equal(store_select_sessions(bench->store, SESSIONS_OF_ALL, "",
						       session.id.text, &cursor),
				 0);
		for (int i = 0; i < 32 && (r = store_next_session(cursor, &session)) == STORE_ROW;
		     i++)
			passed++;
		cursor_close(TAKE_PTR(cursor));
		store_leave(bench->store);
	}
	assert_int_equal(r, 0);
	assert_int_equal(passed, MANY);
	assert_in_range(received, MANY, MANY * 5 * SESSION_SIZE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		EVERY(test_all_rows_come_in_order),
		EVERY(test_queries_within_queries),
		EVERY(test_a_cursor_outlives_its_transaction),
		cmocka_unit_test_setup_teardown(test_one_event_of_many, bench_postgresql_setup,
						bench_teardown),
		cmocka_unit_test_setup_teardown(test_a_walk_reads_what_it_passes,
						bench_postgresql_setup, bench_teardown),
	};

	return cmocka_run_group_tests_name("reading", tests, NULL, NULL);
}
