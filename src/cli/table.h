/* Tables for eyes: columns as wide as what stands in them, whatever the script; control characters made visible, for
 * what others named may not steer the terminal. */
#pragma once

#include "base/cleanup.h"
#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>

#define TABLE_COLUMNS_MAX 24

struct table {
	const char *titles[TABLE_COLUMNS_MAX]; /* Borrowed. */
	bool numeric[TABLE_COLUMNS_MAX];       /* Aligned to the right. */
	size_t column_count;
	char **cells; /* Row by row. */
	size_t cell_count, cell_capacity;
};

void table_fini(struct table *table);
#define _cleanup_table_ _cleanup_(table_fini)

void table_add_column(struct table *table, const char *title, bool numeric);

/* Appends the next cell; NULL is shown as "-".  Returns 0 or -ENOMEM. */
int table_add_cell(struct table *table, const char *cell);

/* 'colour' makes the titles stand out. */
void table_render(const struct table *table, bool colour, struct text *ret_text);

/* The text with each character that does not print replaced by U+FFFD, and the columns it takes. */
size_t text_append_printable(struct text *text, const char *string);
