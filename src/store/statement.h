/* What the nouns' files say their SQL with: statements that are compiled once, typed values, rows.  Private to store/. */
#pragma once

#include "base/address.h"
#include "base/cleanup.h"
#include "mirror/endpoint.h"
#include "mirror/filter.h"
#include "mirror/session.h"
#include "mirror/target.h"
#include "store/cursor.h"
#include "store/store.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>

/* Enumerations are stored by number, so their numbers stay. */
_Static_assert(DIRECTION_INGRESS == 0 && DIRECTION_EGRESS == 1, "stored");
_Static_assert(RULE_ACCEPT == 0 && RULE_REJECT == 1 && PROTOCOL_ANY == -1, "stored");
_Static_assert(TARGET_NETWORK_INTERFACE == 0 && TARGET_NETWORK_LOAD_BALANCER == 1 &&
		       TARGET_GATEWAY_LOAD_BALANCER_ENDPOINT == 2,
	       "stored");
_Static_assert(ORIENTATION_AUTOMATIC == 0 && ORIENTATION_HOST == 1 && ORIENTATION_GUEST == 2,
	       "stored");
_Static_assert(INTERFACE_ORDINARY == 0 && INTERFACE_NETWORK_LOAD_BALANCER == 1 &&
		       INTERFACE_GATEWAY_LOAD_BALANCER == 2 &&
		       INTERFACE_GATEWAY_LOAD_BALANCER_ENDPOINT == 3,
	       "stored");
_Static_assert(ENDPOINT_PENDING_ACCEPTANCE == 0 && ENDPOINT_AVAILABLE == 1 &&
		       ENDPOINT_REJECTED == 2,
	       "stored");
_Static_assert(ENCAPSULATION_VXLAN == 0 && ENCAPSULATION_GENEVE == 1, "stored");

struct value {
	enum value_kind { VALUE_INTEGER, VALUE_TEXT, VALUE_NULL } kind;
	int64_t integer;
	const char *text;
};

#define INTEGER(number)                       \
	((struct value){                      \
		.kind = VALUE_INTEGER,        \
		.integer = (int64_t)(number), \
	})
#define TEXT(string)                \
	((struct value){            \
		.kind = VALUE_TEXT, \
		.text = (string),   \
	})
/* A text whose absence is null. */
#define TEXT_OR_NULL(string)                                   \
	((struct value){                                       \
		.kind = (string)[0] ? VALUE_TEXT : VALUE_NULL, \
		.text = (string),                              \
	})

/* The values of $1, $2, … in order, as two arguments. */
#define VALUES(...)                          \
	(const struct value[]){__VA_ARGS__}, \
		sizeof((const struct value[]){__VA_ARGS__}) / sizeof(struct value)

/* Opens a store as it is: its schema may be any, also none.  One that is not there is made if 'make', else it is -ENOENT.
 * Returns 0, REFUSED for an unknown location, or a fault. */
int store_connect(const char *location, bool make, struct store **ret_store, struct refusal *why);

/* As the driver's check and copy. */
int store_check(struct store *store);
int store_copy(struct store *store, const char *path);

/* As the driver's await and lead; of shared stores. */
int store_await(struct store *store, unsigned int milliseconds);
int store_lead(struct store *store, bool *ret_leads);

struct driver;

/* Which engine a location speaks of, and what follows its colon.  Returns 0 or REFUSED. */
int store_find_driver(const char *location, const struct driver **ret_driver, const char **ret_rest,
		      struct refusal *why);

/* Runs a script: statements without values and rows. */
int store_execute(struct store *store, const char *sql);

/* Runs a statement that gives no rows.  'sql' is a string literal: statements are told apart by its address. */
int store_run(struct store *store, const char *sql, const struct value *values, size_t count);

/* The same for events and what hosts report, which store_get_version() leaves out. */
int store_run_unversioned(struct store *store, const char *sql, const struct value *values,
			  size_t count);

/* As store_run(), and STORE_MISSING if no row was changed. */
int store_run_one(struct store *store, const char *sql, const struct value *values, size_t count);

/* Starts a query; cursor_next() gives the rows. */
int store_query(struct store *store, const char *sql, const struct value *values, size_t count,
		struct cursor **ret_cursor);

/* The number of the change that the running transaction is going to be; of a store that is not shared, 0. */
int64_t store_get_change(const struct store *store);

/* Runs a query of one integer.  Returns 0 or STORE_MISSING when there is no row. */
int store_query_integer(struct store *store, const char *sql, const struct value *values,
			size_t count, int64_t *ret_integer);

/* Moves to the next row.  Returns STORE_ROW, or 0 at the end. */
int cursor_next(struct cursor *cursor);

/* Moves to the only row.  Returns 0 or STORE_MISSING. */
int cursor_only(struct cursor *cursor);

int64_t cursor_integer(const struct cursor *cursor, int column);
bool cursor_is_null(const struct cursor *cursor, int column);
/* "" for null. */
const char *cursor_text(const struct cursor *cursor, int column);
/* Copies into a field whose size the writer already kept to. */
void cursor_copy(const struct cursor *cursor, int column, char *ret_text, size_t size);
#define CURSOR_COPY(cursor, column, field) cursor_copy(cursor, column, field, sizeof(field))
