// SPDX-License-Identifier: Apache-2.0
/* What every storage engine makes of the history's statements: sums, rings, and who is found. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bench.h"
#include "store/counters.h"
#include "store/filter.h"
#include "store/history.h"
#include "store/host.h"
#include "store/instance.h"
#include "store/session.h"
#include "store/source.h"
#include "store/target.h"

#define OWNER   "123456789012"
#define SESSION "tms-00000001"
#define BEGIN   (INT64_C(1700000000) / 3600 * 3600) /* Of an hour. */

/* What each scope calls the only session's object. */
static const char *const objects[HISTORY_SCOPE_COUNT] = {
	[HISTORY_OF_INSTANCE] = "i-00000001",
	[HISTORY_OF_SESSION] = SESSION,
	[HISTORY_OF_INTERFACE] = "eni-00000001",
	[HISTORY_OF_HOST] = "alpha",
};

static void furnish(struct bench *bench)
{
	struct stored_host host = {.name = "alpha", .owner = {OWNER}};
	struct stored_instance instance = {.id = {"i-00000001"}, .owner = {OWNER}, .host = "alpha"};
	struct source source = {.id = {"eni-00000001"},
				.owner = {OWNER},
				.instance = {"i-00000001"},
				.host = "alpha",
				.device = "eth0"};
	struct target target = {.id = {"tmt-00000001"}, .owner = {OWNER}, .locator = "eni-x"};
	struct filter filter = {.id = {"tmf-00000001"}, .owner = {OWNER}};
	struct session session = {.id = {SESSION},
				  .owner = {OWNER},
				  .source = source.id,
				  .target = target.id,
				  .filter = filter.id,
				  .number = 1};

	assert_int_equal(store_put_host(bench->store, &host), 0);
	assert_int_equal(store_add_instance(bench->store, &instance), 0);
	assert_int_equal(store_put_source(bench->store, &source), 0);
	assert_int_equal(store_add_target(bench->store, &target), 0);
	assert_int_equal(store_put_filter(bench->store, &filter), 0);
	assert_int_equal(store_put_session(bench->store, &session), 0);
}

static struct session_counters make_counters(uint64_t packets)
{
	struct session_counters counters = {};

	counters.direction[DIRECTION_EGRESS].accepted = (struct packet_count){packets, 9 * packets};
	counters.direction[DIRECTION_EGRESS].shipped = (struct packet_count){packets, 9 * packets};
	counters.direction[DIRECTION_EGRESS].lost[LOSS_RATE_CAP] = (struct packet_count){1, 60};
	return counters;
}

static void add(struct bench *bench, int64_t second, uint64_t packets)
{
	const struct session_counters added = make_counters(packets);

	assert_int_equal(store_add_history(bench->store, SESSION, second * 1000 + 7, &added), 0);
}

/* Packets accepted, and copies lost, of the periods of an hour. */
static void sum(struct bench *bench, enum history_scope scope, enum history_resolution resolution,
		uint64_t *ret_accepted, uint64_t *ret_lost)
{
	struct history_span part = {
		.owner = OWNER,
		.scope = scope,
		.object = objects[scope],
		.resolution = resolution,
		.to = BEGIN + 3600,
	};

	*ret_accepted = *ret_lost = 0;
	for (part.from = BEGIN; part.from < BEGIN + 3600; part.from = part.to) {
		_cleanup_(cursor_closep) struct cursor *periods = NULL, *lost = NULL;
		struct stored_losses losses;
		struct stored_period period;

		part.to = BEGIN + 3600;
		part.to = history_part_end(&part);
		assert_int_equal(store_select_history(bench->store, &part, &periods), 0);
		while (store_next_history(periods, &period) == STORE_ROW) {
			assert_true(period.began >= part.from && period.began < part.to);
			*ret_accepted += period.direction[DIRECTION_EGRESS].accepted.packets;
			assert_int_equal(period.direction[DIRECTION_EGRESS].shipped.bytes,
					 9 * period.direction[DIRECTION_EGRESS].accepted.packets);
			assert_int_equal(period.direction[DIRECTION_INGRESS].accepted.packets, 0);
		}
		assert_int_equal(store_select_history_losses(bench->store, &part, &lost), 0);
		while (store_next_history_losses(lost, &losses) == STORE_ROW) {
			const struct packet_count *count =
				&losses.lost[DIRECTION_EGRESS][LOSS_RATE_CAP];

			assert_true(losses.began >= part.from && losses.began < part.to);
			assert_int_equal(losses.lost[DIRECTION_INGRESS][LOSS_RATE_CAP].packets, 0);
			assert_int_equal(count->bytes, 60 * count->packets);
			*ret_lost += count->packets;
		}
	}
}

static void test_seconds_become_minutes_and_hours(void **state)
{
	struct bench *bench = *state;
	uint64_t accepted, lost;

	furnish(bench);
	add(bench, BEGIN + 10, 3);
	add(bench, BEGIN + 10, 4);
	add(bench, BEGIN + 59, 5);
	add(bench, BEGIN + 60, 6);
	for (int again = 0; again < 2; again++)
		assert_int_equal(store_fold_history(bench->store, SESSION, BEGIN, BEGIN + 120), 0);
	for (enum history_scope scope = 0; scope < HISTORY_SCOPE_COUNT; scope++)
		for (enum history_resolution i = 0; i < HISTORY_RESOLUTION_COUNT; i++) {
			sum(bench, scope, i, &accepted, &lost);
			assert_int_equal(accepted, 18);
			assert_int_equal(lost, 4);
		}
	/* A turn of the ring later, its second has the place. */
	add(bench, BEGIN + 10 + history_rings[HISTORY_SECONDS].length, 1);
	sum(bench, HISTORY_OF_SESSION, HISTORY_SECONDS, &accepted, &lost);
	assert_int_equal(accepted, 5 + 6 + 1);
	assert_int_equal(lost, 3);
}

static void test_what_has_a_history_is_found(void **state)
{
	const struct session_counters counters = make_counters(1);
	struct session_counters added;
	struct bench *bench = *state;
	char object[HOST_NAME_SIZE];
	int64_t count;

	furnish(bench);
	add(bench, BEGIN, 1);
	assert_int_equal(store_fold_history(bench->store, SESSION, BEGIN, BEGIN + 60), 0);
	assert_int_equal(store_put_counters(bench->store, SESSION, 1, &counters, &added), 0);
	for (enum history_scope scope = 0; scope < HISTORY_SCOPE_COUNT; scope++) {
		_cleanup_(cursor_closep) struct cursor *reasons = NULL;
		enum direction direction;
		enum loss_reason reason;

		assert_int_equal(store_count_history_sessions(bench->store, OWNER, scope,
							      objects[scope], &count),
				 0);
		assert_int_equal(count, 1);
		for (int64_t hours = 0; hours < 6; hours++) {
			_cleanup_(cursor_closep) struct cursor *found = NULL;

			assert_int_equal(store_select_history_objects(
						 bench->store, OWNER, scope, "", NULL, true,
						 (BEGIN + hours * 3600) * 1000, &found),
					 0);
			assert_int_equal(store_next_history_object(found, object),
					 hours < 4 ? STORE_ROW : 0);
			if (hours < 4)
				assert_string_equal(object, objects[scope]);
		}
		assert_int_equal(store_select_history_reasons(bench->store, OWNER, scope,
							      objects[scope], &reasons),
				 0);
		assert_int_equal(store_next_history_reason(reasons, &direction, &reason),
				 STORE_ROW);
		assert_int_equal(direction, DIRECTION_EGRESS);
		assert_int_equal(reason, LOSS_RATE_CAP);
		assert_int_equal(store_next_history_reason(reasons, &direction, &reason), 0);
	}
}

/* However many reasons there are, and however often a host reports in a second. */
static void test_losses_are_one_row(void **state)
{
	struct session_counters added = {};
	struct bench *bench = *state;
	struct history_span part = {.owner = OWNER,
				    .scope = HISTORY_OF_SESSION,
				    .object = SESSION,
				    .resolution = HISTORY_HOURS,
				    .from = BEGIN,
				    .to = BEGIN + 3600};
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	struct stored_losses losses;
	int64_t rows;

	furnish(bench);
	for (unsigned int i = 0; i < DIRECTION_COUNT; i++)
		for (unsigned int j = 0; j < LOSS_REASON_COUNT; j++)
			added.direction[i].lost[j] = (struct packet_count){10 * i + j + 1, 1 + j};
	for (int i = 0; i < 3; i++)
		assert_int_equal(store_add_history(bench->store, SESSION, BEGIN * 1000, &added), 0);
	assert_int_equal(store_count_history(bench->store, SESSION, &rows), 0);
	assert_int_equal(rows, 1);
	assert_int_equal(store_fold_history(bench->store, SESSION, BEGIN, BEGIN + 60), 0);
	assert_int_equal(store_count_history(bench->store, SESSION, &rows), 0);
	assert_int_equal(rows, 3);
	assert_int_equal(store_select_history_losses(bench->store, &part, &cursor), 0);
	assert_int_equal(store_next_history_losses(cursor, &losses), STORE_ROW);
	for (unsigned int i = 0; i < DIRECTION_COUNT; i++)
		for (unsigned int j = 0; j < LOSS_REASON_COUNT; j++) {
			assert_int_equal(losses.lost[i][j].packets, 3 * (10 * i + j + 1));
			assert_int_equal(losses.lost[i][j].bytes, 3 * (1 + j));
		}
	assert_int_equal(store_next_history_losses(cursor, &losses), 0);
}

static void test_how_far_it_is_folded(void **state)
{
	struct history_fold fold = {1, 2, {"tms-1"}}, back;
	struct bench *bench = *state;

	assert_int_equal(store_get_history_fold(bench->store, &back), STORE_MISSING);
	for (fold.from = 1; fold.from < 3; fold.from++) {
		assert_int_equal(store_put_history_fold(bench->store, &fold), 0);
		assert_int_equal(store_get_history_fold(bench->store, &back), 0);
		assert_memory_equal(&back, &fold, sizeof(fold));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		EVERY(test_seconds_become_minutes_and_hours),
		EVERY(test_what_has_a_history_is_found),
		EVERY(test_losses_are_one_row),
		EVERY(test_how_far_it_is_folded),
	};

	return cmocka_run_group_tests_name("history", tests, NULL, NULL);
}
