// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "control/peek.h"

#include "base/array.h"
#include "base/text.h"
#include "control/fixture.h"

#include <stdio.h>
#include <string.h>

static const struct optional_number unset;

struct stage {
	struct fixture *fixture;
	char session[RESOURCE_ID_SIZE];
	struct peek_state state;
};

static struct stage open_stage(void **state)
{
	struct stage stage = {.fixture = *state};
	char filter[RESOURCE_ID_SIZE], target[RESOURCE_ID_SIZE];
	struct fixture *fixture = stage.fixture;

	assert_done(fixture, make_filter(fixture, filter));
	assert_done(fixture, make_target(fixture, fixture->appliance, target));
	assert_done(fixture,
		    make_session(fixture, fixture->tap0, target, filter, 1, stage.session));
	return stage;
}

static void start(struct stage *stage, int64_t snap_length)
{
	assert_done(stage->fixture,
		    control_start_peek(stage->fixture->control, &stage->fixture->user,
				       stage->session, NUMBER(snap_length), &stage->state,
				       &stage->fixture->why));
}

/* What a host shows: 'count' packets of so many bytes, numbered by their times from 'first' on. */
static void tell(struct stage *stage, uint64_t first, size_t count, uint16_t size,
		 struct peek_wishes *ret_wishes)
{
	_cleanup_(peek_batch_fini) struct peek_batch batch = {};
	struct fixture *fixture = stage->fixture;

	for (size_t i = 0; i < count; i++) {
		struct peek_packet packet = {
			.time = first + i, .length = 1500, .bytes = {calloc(size + 1U, 1), size}};

		(void)string_copy(packet.session.text, sizeof(packet.session.text), stage->session);
		assert_int_equal(
			array_append(&batch, packets, packet_count, packet_capacity, packet), 0);
	}
	assert_done(fixture, control_take_packets(fixture->control, &fixture->agent, "alpha",
						  &batch, ret_wishes, &fixture->why));
}

static int get(struct stage *stage, uint64_t after, size_t count, struct peek_page *ret_page)
{
	const struct peek_name name = {stage->session, stage->state.id};

	return control_get_peek(stage->fixture->control, &stage->fixture->user, &name, after, count,
				ret_page, &stage->fixture->why);
}

static size_t wishes_of(struct stage *stage, uint16_t *ret_snap_length)
{
	_cleanup_(peek_wishes_fini) struct peek_wishes wishes = {};

	tell(stage, 0, 0, 0, &wishes);
	if (wishes.item_count > 0) {
		assert_string_equal(wishes.items[0].session.text, stage->session);
		*ret_snap_length = wishes.items[0].snap_length;
	}
	return wishes.item_count;
}

static void test_packets_pass(void **state)
{
	_cleanup_(peek_wishes_fini) struct peek_wishes wishes = {};
	struct stage stage = open_stage(state);
	struct peek_page page = {};

	start(&stage, 100);
	assert_done(stage.fixture, get(&stage, 0, 1000, &page));
	assert_int_equal(page.packet_count, 0);
	tell(&stage, 500, 10, 100, &wishes);
	assert_int_equal(wishes.item_count, 1);
	assert_int_equal(wishes.items[0].snap_length, 100);
	assert_done(stage.fixture, get(&stage, 0, 1000, &page));
	assert_int_equal(page.packet_count, 10);
	assert_int_equal(page.first_number, 1);
	assert_int_equal(page.state.last_number, 10);
	assert_int_equal(page.packets[9].time, 509);
	assert_done(stage.fixture, get(&stage, 7, 2, &page));
	assert_int_equal(page.packet_count, 2);
	assert_int_equal(page.first_number, 8);
	assert_int_equal(page.packets[0].time, 507);
	assert_done(stage.fixture, get(&stage, 10, 1000, &page));
	assert_int_equal(page.packet_count, 0);
	assert_done(stage.fixture, get(&stage, UINT64_MAX - 1, 1000, &page));
	assert_int_equal(page.packet_count, 0);
}

/* Whatever a host tells, a peek keeps the last thousand packets and a mebibyte. */
static void test_what_is_kept_is_bounded(void **state)
{
	struct stage stage = open_stage(state);
	struct peek_page page = {};

	start(&stage, PEEK_SNAP_MAX);
	for (size_t i = 0; i < 10; i++) {
		_cleanup_(peek_wishes_fini) struct peek_wishes wishes = {};

		tell(&stage, 1000 * i, 1000, 10, &wishes);
	}
	assert_done(stage.fixture, get(&stage, 0, SIZE_MAX, &page));
	assert_int_equal(page.packet_count, PEEK_KEPT_MAX);
	assert_int_equal(page.first_number, 9001);
	assert_int_equal(page.packets[0].time, 9000);
	for (size_t i = 0; i < 10; i++) {
		_cleanup_(peek_wishes_fini) struct peek_wishes wishes = {};

		tell(&stage, 10000 + 100 * i, 100, PEEK_SNAP_MAX, &wishes);
	}
	for (uint64_t after = 0, seen = 0; after < 11000; after += page.packet_count) {
		assert_done(stage.fixture, get(&stage, after, SIZE_MAX, &page));
		assert_in_range(page.packet_count, 1, PEEK_PAGE_SIZE_MAX / PEEK_SNAP_MAX);
		after = page.first_number - 1;
		seen += page.packet_count;
		assert_true(seen <= PEEK_KEPT_SIZE_MAX / PEEK_SNAP_MAX);
		assert_int_equal(page.packets[0].time, page.first_number - 1);
	}
}

/* Each sees no more than he asked for, though the host shows what the other wishes. */
static void test_two_lengths(void **state)
{
	_cleanup_(peek_wishes_fini) struct peek_wishes wishes = {};
	struct stage little = open_stage(state), much = little;
	struct peek_page page = {};

	start(&much, 1000);
	start(&little, 60);
	tell(&little, 1, 1, 900, &wishes);
	assert_int_equal(wishes.item_count, 1);
	assert_int_equal(wishes.items[0].snap_length, 1000);
	assert_done(little.fixture, get(&little, 0, 1, &page));
	assert_int_equal(page.packets[0].bytes.size, 60);
	assert_done(much.fixture, get(&much, 0, 1, &page));
	assert_int_equal(page.packets[0].bytes.size, 900);
	assert_int_equal(page.packets[0].length, 1500);
}

static void test_it_ends_by_itself(void **state)
{
	struct stage stage = open_stage(state);
	struct peek_page page = {};
	uint16_t length;

	start(&stage, 128);
	for (int64_t passed = 0; passed < PEEK_LIFE_MILLISECONDS;
	     passed += PEEK_IDLE_MILLISECONDS - 1) {
		assert_done(stage.fixture, get(&stage, 0, 1, &page));
		assert_true(page.state.expires <= page.state.ends);
		stage.fixture->now += PEEK_IDLE_MILLISECONDS - 1;
	}
	assert_refused(stage.fixture, get(&stage, 0, 1, &page), REFUSE_PEEK_NOT_FOUND);
	assert_int_equal(wishes_of(&stage, &length), 0);

	start(&stage, 128);
	stage.fixture->now += PEEK_IDLE_MILLISECONDS - 1;
	assert_int_equal(wishes_of(&stage, &length), 1);
	stage.fixture->now += 1;
	assert_int_equal(wishes_of(&stage, &length), 0);
	assert_refused(stage.fixture, get(&stage, 0, 1, &page), REFUSE_PEEK_NOT_FOUND);
}

static void test_it_ends_with_its_session(void **state)
{
	struct stage stage = open_stage(state);
	uint16_t length;

	start(&stage, 128);
	assert_int_equal(wishes_of(&stage, &length), 1);
	assert_done(stage.fixture,
		    control_delete_session(stage.fixture->control, &stage.fixture->user,
					   stage.session, &stage.fixture->why));
	assert_done(stage.fixture, control_expire_peeks(stage.fixture->control));
	assert_int_equal(wishes_of(&stage, &length), 0);
}

static void test_stopping(void **state)
{
	struct stage stage = open_stage(state);
	const struct peek_name name = {stage.session, stage.state.id};
	struct fixture *fixture = stage.fixture;
	struct peek_page page = {};
	uint16_t length;

	start(&stage, 128);
	assert_done(fixture, control_stop_peek(fixture->control, &fixture->user,
					       &(struct peek_name){stage.session, stage.state.id},
					       &fixture->why));
	assert_refused(fixture, get(&stage, 0, 1, &page), REFUSE_PEEK_NOT_FOUND);
	assert_refused(fixture,
		       control_stop_peek(fixture->control, &fixture->user, &name, &fixture->why),
		       REFUSE_PEEK_NOT_FOUND);
	assert_int_equal(wishes_of(&stage, &length), 0);
}

/* Neither of the same account nor of another, though he knows the id. */
static void test_nobody_else_sees(void **state)
{
	struct stage stage = open_stage(state);
	struct fixture *fixture = stage.fixture;
	const struct caller owner = fixture->user;
	struct peek_page page = {};

	start(&stage, 128);
	(void)snprintf(fixture->user.arn, sizeof(fixture->user.arn), "arn:aws:iam::%s:user/other",
		       FIXTURE_ACCOUNT);
	assert_refused(fixture, get(&stage, 0, 1, &page), REFUSE_PEEK_NOT_FOUND);
	fixture->user = owner;
	(void)string_copy(fixture->user.account.text, sizeof(fixture->user.account.text),
			  "999999999999");
	assert_refused(fixture, get(&stage, 0, 1, &page), REFUSE_SESSION_NOT_FOUND);
	assert_refused(fixture,
		       control_start_peek(fixture->control, &fixture->user, stage.session, unset,
					  &stage.state, &fixture->why),
		       REFUSE_SESSION_NOT_FOUND);
	fixture->user = owner;
}

/* A host speaks for its own sessions only, and users for none. */
static void test_other_hosts_are_not_heard(void **state)
{
	_cleanup_(peek_wishes_fini) struct peek_wishes wishes = {};
	const struct peek_batch nothing = {};
	struct stage stage = open_stage(state);
	struct fixture *fixture = stage.fixture;
	struct caller stranger = fixture->agent;
	struct peek_page page = {};

	start(&stage, 128);
	assert_done(fixture, control_take_packets(fixture->control, &fixture->agent, "beta",
						  &nothing, &wishes, &fixture->why));
	assert_int_equal(wishes.item_count, 0);
	assert_false(control_announce_peeks(fixture->control, &fixture->agent, "beta", false));
	(void)string_copy(stranger.account.text, sizeof(stranger.account.text), "999999999999");
	assert_done(fixture, control_take_packets(fixture->control, &stranger, "alpha", &nothing,
						  &wishes, &fixture->why));
	assert_int_equal(wishes.item_count, 0);
	assert_refused(fixture,
		       control_take_packets(fixture->control, &fixture->user, "alpha", &nothing,
					    &wishes, &fixture->why),
		       REFUSE_NOT_PERMITTED);
	assert_done(fixture, get(&stage, 0, 1, &page));
	assert_int_equal(page.packet_count, 0);
}

static void test_it_is_announced(void **state)
{
	struct stage stage = open_stage(state);
	struct fixture *fixture = stage.fixture;

	assert_false(control_announce_peeks(fixture->control, &fixture->agent, "alpha", false));
	fixture->changed[0] = '\0';
	start(&stage, 128);
	assert_string_equal(fixture->changed, "alpha");
	assert_true(control_announce_peeks(fixture->control, &fixture->agent, "alpha", true));
	assert_false(control_announce_peeks(fixture->control, &fixture->agent, "alpha", true));
	assert_true(control_announce_peeks(fixture->control, &fixture->agent, "alpha", false));
	start(&stage, 128);
	assert_true(control_announce_peeks(fixture->control, &fixture->agent, "alpha", true));
}

static void test_how_many(void **state)
{
	struct stage stage = open_stage(state);
	struct fixture *fixture = stage.fixture;

	for (size_t i = 0; i < PEEKS_PER_ACCOUNT_MAX; i++)
		start(&stage, 128);
	assert_refused(fixture,
		       control_start_peek(fixture->control, &fixture->user, stage.session, unset,
					  &stage.state, &fixture->why),
		       REFUSE_PEEK_LIMIT);
	assert_done(fixture, control_stop_peek(fixture->control, &fixture->user,
					       &(struct peek_name){stage.session, stage.state.id},
					       &fixture->why));
	start(&stage, 128);
}

/* The same people in an account of another number, with a host and a session of their own. */
static struct stage open_account(struct fixture *fixture, unsigned int number)
{
	char filter[RESOURCE_ID_SIZE], target[RESOURCE_ID_SIZE], tap[RESOURCE_ID_SIZE],
		eth[RESOURCE_ID_SIZE], host[16];
	struct stage stage = {.fixture = fixture};

	(void)snprintf(fixture->user.account.text, sizeof(fixture->user.account.text), "%012u",
		       number);
	fixture->agent.account = fixture->user.account;
	(void)snprintf(host, sizeof(host), "host-%u", number);
	REPORT(fixture, host, "192.0.2.9", "eth0", "tap0");
	fixture_find_device(fixture, host, "tap0", tap);
	fixture_find_device(fixture, host, "eth0", eth);
	assert_done(fixture, make_filter(fixture, filter));
	assert_done(fixture, make_target(fixture, eth, target));
	assert_done(fixture, make_session(fixture, tap, target, filter, 1, stage.session));
	return stage;
}

/* Accounts that took all the room give of it to others, down to as many as these have. */
static void test_nobody_has_all_the_room(void **state)
{
	struct fixture *fixture = *state;
	struct peek_page page = {};
	struct stage stage, first = {};

	for (unsigned int i = 0; i < PEEKS_MAX / PEEKS_PER_ACCOUNT_MAX; i++) {
		stage = open_account(fixture, 111111111 + i);
		for (size_t j = 0; j < PEEKS_PER_ACCOUNT_MAX; j++) {
			start(&stage, 128);
			first = i == 0 && j == 0 ? stage : first;
			fixture->now += 1;
		}
	}
	stage = open_account(fixture, 222222222);
	for (size_t i = 0; i < 7; i++)
		start(&stage, 128);
	assert_refused(fixture,
		       control_start_peek(fixture->control, &fixture->user, stage.session, unset,
					  &stage.state, &fixture->why),
		       REFUSE_PEEK_LIMIT);
	assert_done(fixture, get(&stage, 0, 1, &page));
	/* Who had asked longest ago has made room. */
	(void)snprintf(fixture->user.account.text, sizeof(fixture->user.account.text), "%012u",
		       111111111U);
	assert_refused(fixture, get(&first, 0, 1, &page), REFUSE_PEEK_NOT_FOUND);
}

static void test_lengths_and_dry_runs(void **state)
{
	static const int64_t lengths[] = {INT64_MIN, 0, PEEK_SNAP_MAX + 1, INT64_MAX};
	struct stage stage = open_stage(state);
	struct fixture *fixture = stage.fixture;

	for (size_t i = 0; i < 4; i++)
		assert_refused(fixture,
			       control_start_peek(fixture->control, &fixture->user, stage.session,
						  NUMBER(lengths[i]), &stage.state, &fixture->why),
			       REFUSE_PARAMETER_VALUE);
	fixture->user.dry_run = true;
	assert_refused(fixture,
		       control_start_peek(fixture->control, &fixture->user, stage.session, unset,
					  &stage.state, &fixture->why),
		       REFUSE_DRY_RUN);
	fixture->user.dry_run = false;
	assert_false(control_announce_peeks(fixture->control, &fixture->agent, "alpha", false));
	assert_done(fixture, control_start_peek(fixture->control, &fixture->user, stage.session,
						unset, &stage.state, &fixture->why));
	assert_int_equal(stage.state.snap_length, PEEK_SNAP_DEFAULT);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_packets_pass),
		TEST(test_what_is_kept_is_bounded),
		TEST(test_two_lengths),
		TEST(test_it_ends_by_itself),
		TEST(test_it_ends_with_its_session),
		TEST(test_stopping),
		TEST(test_nobody_else_sees),
		TEST(test_other_hosts_are_not_heard),
		TEST(test_it_is_announced),
		TEST(test_how_many),
		TEST(test_nobody_has_all_the_room),
		TEST(test_lengths_and_dry_runs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
