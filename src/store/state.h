/* What a store consists of.  Private to store/. */
#pragma once

#include "store/change.h"
#include "store/driver.h"
#include "store/store.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cursor;

struct store {
	const struct driver *driver;
	struct driver_connection *connection;
	struct cursor **kept; /* Statements, compiled once (statement.c). */
	size_t kept_count, kept_capacity;
	bool in_transaction;
	int64_t unversioned; /* Rows that the driver's version has and ours leaves out. */

	/* Of a shared store only. */
	bool logged; /* Its schema is there, with the changes. */
	bool visiting, in_snapshot;
	bool writing;         /* The transaction writes. */
	int64_t seen;         /* Number of the last change that we know of. */
	bool foreign;         /* It was another's, and nobody has asked yet. */
	int64_t version;      /* Of ours, when the transaction began. */
	struct change change; /* What the transaction is going to be. */
};

/* Before a query outside of a transaction: within a visit, all of them see one state. */
int store_settle(struct store *store);

/* Releases all compiled statements, none of which may be running. */
void statements_release(struct store *store);
