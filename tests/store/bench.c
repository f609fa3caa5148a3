// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int bench_open(void **state, bool file)
{
	struct bench *bench = calloc(1, sizeof(*bench));

	assert_non_null(bench);
	bench->file = file;
	(void)snprintf(bench->directory, sizeof(bench->directory), "/tmp/tmirror-store-XXXXXX");
	assert_non_null(mkdtemp(bench->directory));
	(void)snprintf(bench->location, sizeof(bench->location), "sqlite:%s/store",
		       bench->directory);
	if (!file)
		(void)snprintf(bench->location, sizeof(bench->location), "memory");
	assert_int_equal(store_open(bench->location, &bench->store, &bench->why), 0);
	*state = bench;
	return 0;
}

int bench_file_setup(void **state)
{
	return bench_open(state, true);
}

int bench_memory_setup(void **state)
{
	return bench_open(state, false);
}

int bench_teardown(void **state)
{
	static const char *const suffixes[] = {"", "-wal", "-shm"};
	struct bench *bench = *state;
	char path[160];

	store_close(bench->store);
	for (size_t i = 0; i < 3; i++) {
		(void)snprintf(path, sizeof(path), "%s/store%s", bench->directory, suffixes[i]);
		(void)unlink(path);
	}
	assert_int_equal(rmdir(bench->directory), 0);
	free(bench);
	return 0;
}
