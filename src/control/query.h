/* What every Describe action takes: ids, filters and a page. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define QUERY_RESULTS_MIN       5
#define QUERY_RESULTS_MAX       1000
#define QUERY_FILTER_VALUES_MAX 200

/* Values are alternatives; '*', '?' and '\' mean what string_matches() says. */
struct query_filter {
	const char *name;
	const char *const *values;
	size_t value_count;
};

/* All of it may be zero.  Everything is borrowed.
 *
 * An unknown id refuses the whole call with its kind's not-found.  A page may hold less than was asked for while there
 * is a token for the next one. */
struct query {
	const char *const *ids;
	size_t id_count;
	const struct query_filter *filters; /* All of them must match. */
	size_t filter_count;
	int64_t max_results;    /* 5 to 1000; 0: not given, which pages by 1000. */
	const char *next_token; /* From the page before; NULL or "": the first one. */
};
