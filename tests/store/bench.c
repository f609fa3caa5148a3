// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bench.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int bench_open(void **state, struct bench *bench)
{
	assert_int_equal(store_open(bench->location, &bench->store, &bench->why), 0);
	*state = bench;
	return 0;
}

static struct bench *bench_new(bool lasting)
{
	struct bench *bench = calloc(1, sizeof(*bench));

	assert_non_null(bench);
	bench->lasting = lasting;
	return bench;
}

int bench_file_setup(void **state)
{
	struct bench *bench = bench_new(true);

	(void)snprintf(bench->directory, sizeof(bench->directory), "/tmp/tmirror-store-XXXXXX");
	assert_non_null(mkdtemp(bench->directory));
	(void)snprintf(bench->location, sizeof(bench->location), "sqlite:%s/store",
		       bench->directory);
	return bench_open(state, bench);
}

int bench_memory_setup(void **state)
{
	struct bench *bench = bench_new(false);

	(void)snprintf(bench->location, sizeof(bench->location), "memory");
	return bench_open(state, bench);
}

/* Each test has a schema, and nobody cleans up: the server goes with the test. */
int bench_postgresql_setup(void **state)
{
	static unsigned int made;
	const char *server = getenv("TMIRROR_TEST_POSTGRESQL");
	struct bench *bench = bench_new(true);
	char sql[64];
	PGconn *connection;
	PGresult *result;

	assert_non_null(server);
	(void)snprintf(sql, sizeof(sql), "CREATE SCHEMA store_%d_%u", getpid(), ++made);
	connection = PQconnectdb(server);
	result = PQexec(connection, sql);
	if (PQresultStatus(result) != PGRES_COMMAND_OK)
		fail_msg("%s: %s", server, PQerrorMessage(connection));
	PQclear(result);
	PQfinish(connection);
	(void)snprintf(bench->location, sizeof(bench->location),
		       "%s&options=-csearch_path%%3Dstore_%d_%u", server, getpid(), made);
	return bench_open(state, bench);
}

int bench_teardown(void **state)
{
	static const char *const suffixes[] = {"", "-wal", "-shm"};
	struct bench *bench = *state;
	char path[160];

	store_close(bench->store);
	for (size_t i = 0; bench->directory[0] != '\0' && i < 3; i++) {
		(void)snprintf(path, sizeof(path), "%s/store%s", bench->directory, suffixes[i]);
		(void)unlink(path);
	}
	if (bench->directory[0] != '\0')
		assert_int_equal(rmdir(bench->directory), 0);
	free(bench);
	return 0;
}
