/* Prometheus's text format, version 0.0.4.
 *
 * A family is begun once, and all its samples follow; names and labels are the caller's to choose well (base units, "_total" of
 * what only grows). */
#pragma once

#include "base/text.h"

#include <stdint.h>

#define EXPOSITION_TYPE "text/plain; version=0.0.4; charset=utf-8"

enum metric_type { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM };

struct metric {
	const char *name; /* As in "tmirror_hosts". */
	const char *help; /* A sentence without its full stop. */
	enum metric_type type;
};

struct label {
	const char *name;
	const char *value; /* Any UTF-8. */
};

/* Writes HELP and TYPE. */
void exposition_begin(struct text *text, const struct metric *metric);

/* One sample of the family, whose name 'suffix' may add to ("_bucket"; "" else). */
void exposition_add(struct text *text, const struct metric *metric, const char *suffix,
		    const struct label *labels, size_t label_count, double value);
/* The same without a loss of digits. */
void exposition_add_count(struct text *text, const struct metric *metric, const char *suffix,
			  const struct label *labels, size_t label_count, uint64_t value);

/* What is customary of every process: processor time, memory, descriptors, start. */
void exposition_put_process(struct text *text);
