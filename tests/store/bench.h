/* What the contracts of stores stand on: a store in memory, in a file of its own, or in a schema of its own of the PostgreSQL
 * that the test runs under (tests/postgresql.py). */
#pragma once

#include "base/refusal.h"
#include "store/store.h"

#include <stdbool.h>

struct bench {
	bool lasting; /* It outlives its connection. */
	char directory[64];
	char location[256];
	struct store *store;
	struct refusal why;
};

/* For cmocka. */
int bench_file_setup(void **state);
int bench_memory_setup(void **state);
int bench_postgresql_setup(void **state);
int bench_teardown(void **state);

/* A test of each. */
#define EVERY(test)                                                                          \
	{#test " (file)", (test), bench_file_setup, bench_teardown, NULL},                   \
		{#test " (memory)", (test), bench_memory_setup, bench_teardown, NULL},       \
	{                                                                                    \
#test " (postgresql)", (test), bench_postgresql_setup, bench_teardown, NULL, \
	}
