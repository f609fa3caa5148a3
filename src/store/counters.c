// SPDX-License-Identifier: Apache-2.0
/* A counter is a row (session, epoch, direction, counter): a direction's counters in the order of their struct, which is
 * an array of packet_count. */
#include "store/counters.h"

#include "store/statement.h"

#include <string.h>

#define COUNTERS (sizeof(struct session_direction_counters) / sizeof(struct packet_count))

_Static_assert(LOSS_RING_FULL == 0 && LOSS_SESSION_ENDED == 1 && LOSS_NO_TARGET == 2 &&
		       LOSS_NO_ROUTE == 3 && LOSS_SEND_BUFFER == 4 && LOSS_SEND_ERROR == 5 &&
		       LOSS_MALFORMED == 6 && LOSS_SAMPLED_OUT == 7 && LOSS_RATE_CAP == 8 &&
		       LOSS_SHED == 9 && LOSS_UNREACHABLE == 10,
	       "stored: a new reason goes to the end");

/* What every session with traffic has: accepted and shipped. */
#define COMMON_COUNTERS 2

/* The same bytes under two names. */
union direction_counters {
	struct session_direction_counters named;
	struct packet_count listed[COUNTERS];
};

/* Hosts may report any number, and the sum of a few large ones is more than the engine's integers hold: so upper and lower parts
 * are added up each for itself. */
#define PART ((int64_t)1 << 32)

static uint64_t sum_of_parts(const struct cursor *cursor, int column);
static int counters_get(struct store *store, const char *session, uint64_t epoch,
			union direction_counters ret_known[static DIRECTION_COUNT]);
static struct packet_count count_growth(const struct packet_count *now,
					const struct packet_count *before);
static int common_put(struct store *store, const char *session, uint64_t epoch,
		      const struct session_counters *counters);
static int counter_put(struct store *store, const char *session, uint64_t epoch,
		       unsigned int direction, unsigned int counter,
		       const struct packet_count *count);

int store_put_counters(struct store *store, const char *session, uint64_t epoch,
		       const struct session_counters *counters, struct session_counters *ret_added)
{
	union direction_counters known[DIRECTION_COUNT] = {};
	struct session_counters all_added = {};
	bool common = false;
	int r;

	r = counters_get(store, session, epoch, known);
	for (unsigned int direction = 0; direction < DIRECTION_COUNT; direction++) {
		union direction_counters values = {.named = counters->direction[direction]};
		union direction_counters added = {};

		for (unsigned int i = 0; i < COUNTERS; i++)
			added.listed[i] =
				count_growth(&values.listed[i], &known[direction].listed[i]);
		for (unsigned int i = COMMON_COUNTERS; r >= 0 && i < COUNTERS; i++)
			if (added.listed[i].packets > 0)
				r = counter_put(store, session, epoch, direction, i,
						&values.listed[i]);
		all_added.direction[direction] = added.named;
		common |= added.named.accepted.packets > 0 || added.named.shipped.packets > 0;
	}
	if (r == 0 && common)
		r = common_put(store, session, epoch, counters);
	if (r < 0)
		return r;
	*ret_added = all_added;
	return 0;
}

int store_sum_counters(struct store *store, const char *session,
		       struct session_counters *ret_counters)
{
	union direction_counters sums[DIRECTION_COUNT] = {};
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	int r;

	r = store_query(store,
			"SELECT direction, counter, "
			"CAST(SUM(packets / $2) AS BIGINT), CAST(SUM(packets % $2) AS BIGINT), "
			"CAST(SUM(bytes / $2) AS BIGINT), CAST(SUM(bytes % $2) AS BIGINT) "
			"FROM counters WHERE session = $1 GROUP BY direction, counter",
			VALUES(TEXT(session), INTEGER(PART)), &cursor);
	while (r >= 0 && (r = cursor_next(cursor)) == STORE_ROW) {
		int64_t direction = cursor_integer(cursor, 0), counter = cursor_integer(cursor, 1);

		if (direction >= DIRECTION_COUNT || counter >= (int64_t)COUNTERS)
			continue;
		sums[direction].listed[counter] = (struct packet_count){
			.packets = sum_of_parts(cursor, 2),
			.bytes = sum_of_parts(cursor, 4),
		};
	}
	if (r < 0)
		return r;
	for (unsigned int direction = 0; direction < DIRECTION_COUNT; direction++)
		ret_counters->direction[direction] = sums[direction].named;
	return 0;
}

/* Upper and lower parts, added up in columns that lie side by side. */
static uint64_t sum_of_parts(const struct cursor *cursor, int column)
{
	const int64_t upper = cursor_integer(cursor, column),
		      lower = cursor_integer(cursor, column + 1);

	if (upper >= (INT64_MAX - lower) / PART)
		return INT64_MAX;
	return (uint64_t)(upper * PART + lower);
}

static int counters_get(struct store *store, const char *session, uint64_t epoch,
			union direction_counters ret_known[static DIRECTION_COUNT])
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	int r;

	r = store_query(store,
			"SELECT direction, counter, packets, bytes FROM counters "
			"WHERE session = $1 AND epoch = $2",
			VALUES(TEXT(session), INTEGER(epoch)), &cursor);
	while (r >= 0 && (r = cursor_next(cursor)) == STORE_ROW) {
		int64_t direction = cursor_integer(cursor, 0), counter = cursor_integer(cursor, 1);

		if (direction < DIRECTION_COUNT && counter < (int64_t)COUNTERS)
			ret_known[direction].listed[counter] = (struct packet_count){
				.packets = (uint64_t)cursor_integer(cursor, 2),
				.bytes = (uint64_t)cursor_integer(cursor, 3),
			};
	}
	return r;
}

/* Zeros unless there are more packets, by which reports that come late are told.  Numbers are compared as they are stored. */
static struct packet_count count_growth(const struct packet_count *now,
					const struct packet_count *before)
{
	struct packet_count growth = {};

	if ((int64_t)now->packets <= (int64_t)before->packets)
		return growth;
	growth.packets = now->packets - before->packets;
	if ((int64_t)now->bytes > (int64_t)before->bytes)
		growth.bytes = now->bytes - before->bytes;
	return growth;
}

/* All in one statement, since each is a way to the engine and back, and hosts tell of them every few seconds. */
static int common_put(struct store *store, const char *session, uint64_t epoch,
		      const struct session_counters *counters)
{
	const struct session_direction_counters *in = &counters->direction[DIRECTION_INGRESS],
						*out = &counters->direction[DIRECTION_EGRESS];

	return store_run_unversioned(
		store,
		"INSERT INTO counters (session, epoch, direction, counter, packets, bytes) "
		"SELECT $1, $2, column1, column2, column3, column4 FROM (VALUES "
		"(0, 0, $3, $4), (0, 1, $5, $6), (1, 0, $7, $8), (1, 1, $9, $10)) AS told "
		"WHERE column3 > 0 ON CONFLICT (session, epoch, direction, counter) DO UPDATE "
		"SET packets = excluded.packets, bytes = excluded.bytes "
		"WHERE excluded.packets > counters.packets",
		VALUES(TEXT(session), INTEGER(epoch), INTEGER(in->accepted.packets),
		       INTEGER(in->accepted.bytes), INTEGER(in->shipped.packets),
		       INTEGER(in->shipped.bytes), INTEGER(out->accepted.packets),
		       INTEGER(out->accepted.bytes), INTEGER(out->shipped.packets),
		       INTEGER(out->shipped.bytes)));
}

static int counter_put(struct store *store, const char *session, uint64_t epoch,
		       unsigned int direction, unsigned int counter,
		       const struct packet_count *count)
{
	return store_run_unversioned(
		store,
		"INSERT INTO counters (session, epoch, direction, counter, packets, bytes) "
		"VALUES ($1, $2, $3, $4, $5, $6) "
		"ON CONFLICT (session, epoch, direction, counter) DO UPDATE "
		"SET packets = excluded.packets, bytes = excluded.bytes "
		"WHERE excluded.packets > counters.packets",
		VALUES(TEXT(session), INTEGER(epoch), INTEGER(direction), INTEGER(counter),
		       INTEGER(count->packets), INTEGER(count->bytes)));
}
