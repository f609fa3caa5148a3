/* What tables a version of the schema has, and the SQL that carries their rows: for whoever has to treat all alike.
 *
 * Nobody writes it down, so no table can be forgotten: it is asked of an empty store in memory that took the steps of the
 * schema.  Private to store/. */
#pragma once

#include "base/cleanup.h"

#include <stdbool.h>
#include <stddef.h>

struct refusal;

#define LAYOUT_NAME_SIZE   64
#define LAYOUT_COLUMNS_MAX 40

struct layout_table {
	char name[LAYOUT_NAME_SIZE];
	struct layout_column {
		char name[LAYOUT_NAME_SIZE];
		bool integer; /* Else a text. */
		int key;      /* Its place in the primary key, from 1; 0: not in it. */
	} columns[LAYOUT_COLUMNS_MAX];
	size_t count;
	char *select; /* All rows by the primary key, whose order is the same in every engine.  Owned. */
	char *insert; /* A row, its values in the columns' order.  Owned. */
	char *any;    /* A row if there is one.  Owned. */
};

struct layout {
	struct layout_table *tables; /* What others refer to comes first. */
	size_t count, capacity;
};

/* Returns 0, REFUSED or a fault. */
int layout_make(int version, struct layout *ret_layout, struct refusal *why);
void layout_fini(struct layout *layout);
#define _cleanup_layout_ _cleanup_(layout_fini)
