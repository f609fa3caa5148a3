/* What the contracts of stores stand on: a store in memory, or in a file of its own. */
#pragma once

#include "base/refusal.h"
#include "store/store.h"

#include <stdbool.h>

struct bench {
	bool file;
	char directory[64];
	char location[128];
	struct store *store;
	struct refusal why;
};

/* For cmocka. */
int bench_file_setup(void **state);
int bench_memory_setup(void **state);
int bench_teardown(void **state);

/* A test of each. */
#define BOTH(test)                                                                   \
	{#test " (file)", (test), bench_file_setup, bench_teardown, NULL},           \
	{                                                                            \
#test " (memory)", (test), bench_memory_setup, bench_teardown, NULL, \
	}
