// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "control/fixture.h"
#include "control/session.h"

#include <stdio.h>
#include <string.h>

/* A target in front of the appliance, and a filter. */
static void prepare(struct fixture *fixture, char ret_target[RESOURCE_ID_SIZE],
		    char ret_filter[RESOURCE_ID_SIZE])
{
	assert_done(fixture, make_target(fixture, fixture->appliance, ret_target));
	assert_done(fixture, make_filter(fixture, ret_filter));
}

static void test_created_session_is_described(void **state)
{
	struct fixture *fixture = *state;
	char target[RESOURCE_ID_SIZE], filter[RESOURCE_ID_SIZE];
	const struct tag tag = {(char *)(uintptr_t) "team", (char *)(uintptr_t) "blue"};
	struct session_record made = {};
	struct session_page page = {};
	struct session_wish wish = {
		.source = fixture->eth0,
		.number = NUMBER(7),
		.packet_length = NUMBER(100),
		.vni = NUMBER(0),
		.description = "all of it",
		.tags = &tag,
		.tag_count = 1,
	};
	const char *id;

	prepare(fixture, target, filter);
	wish.target = target;
	wish.filter = filter;
	assert_done(fixture, control_create_session(fixture->control, &fixture->user, &wish, &made,
						    &fixture->why));
	id = made.session.id.text;
	assert_done(fixture, control_describe_sessions(fixture->control, &fixture->user,
						       &(struct query){.ids = &id, .id_count = 1},
						       &page, &fixture->why));
	assert_int_equal(page.count, 1);
	assert_memory_equal(&page.items[0].session, &made.session, sizeof(made.session));
	assert_int_equal(made.session.number, 7);
	assert_int_equal(made.session.packet_length, 100);
	assert_int_equal(made.session.vni, 0);
	assert_string_equal(made.session.owner.text, FIXTURE_ACCOUNT);
	assert_string_equal(page.items[0].session.description, "all of it");
	assert_string_equal(tags_get(&page.items[0].tags, "team"), "blue");
	assert_int_equal(fixture->changes, 1);
	assert_string_equal(fixture->changed, "alpha");
	session_record_fini(&made);
	session_page_fini(&page);
}

static void test_what_a_session_names_must_exist(void **state)
{
	struct fixture *fixture = *state;
	char target[RESOURCE_ID_SIZE], filter[RESOURCE_ID_SIZE], id[RESOURCE_ID_SIZE];

	prepare(fixture, target, filter);
	assert_refused(fixture, make_session(fixture, "eni-00000000", target, filter, 1, id),
		       REFUSE_INTERFACE_NOT_FOUND);
	assert_refused(fixture, make_session(fixture, fixture->eth0, "tmt-00000000", filter, 1, id),
		       REFUSE_TARGET_NOT_FOUND);
	assert_refused(fixture, make_session(fixture, fixture->eth0, target, "tmf-00000000", 1, id),
		       REFUSE_FILTER_NOT_FOUND);
	assert_refused(fixture, make_session(fixture, fixture->eth0, target, "tmf-?", 1, id),
		       REFUSE_PARAMETER_VALUE);
	assert_refused(fixture, make_session(fixture, NULL, target, filter, 1, id),
		       REFUSE_PARAMETER_MISSING);
	assert_int_equal(fixture->changes, 0);
}

static void test_numbers_have_ranges(void **state)
{
	struct fixture *fixture = *state;
	char target[RESOURCE_ID_SIZE], filter[RESOURCE_ID_SIZE];
	const struct {
		struct optional_number number, packet_length, vni;
		int code;
	} rows[] = {
		{.code = REFUSE_PARAMETER_MISSING},
		{.number = NUMBER(0), .code = REFUSE_PARAMETER_VALUE},
		{.number = NUMBER(32767), .code = REFUSE_PARAMETER_VALUE},
		{.number = NUMBER(65537), .code = REFUSE_PARAMETER_VALUE},
		{.number = NUMBER(-1), .code = REFUSE_PARAMETER_VALUE},
		{NUMBER(1), .packet_length = NUMBER(0), .code = REFUSE_PARAMETER_VALUE},
		{NUMBER(1), .packet_length = NUMBER(8501), .code = REFUSE_PARAMETER_VALUE},
		{NUMBER(1), .vni = NUMBER(-1), .code = REFUSE_PARAMETER_VALUE},
		{NUMBER(1), .vni = NUMBER(16777216), .code = REFUSE_PARAMETER_VALUE},
	};

	prepare(fixture, target, filter);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct session_record made = {};
		struct session_wish wish = {
			.source = fixture->eth0,
			.target = target,
			.filter = filter,
			.number = rows[i].number,
			.packet_length = rows[i].packet_length,
			.vni = rows[i].vni,
		};

		assert_refused(fixture,
			       control_create_session(fixture->control, &fixture->user, &wish,
						      &made, &fixture->why),
			       rows[i].code);
	}
}

static void test_source_must_be_attached(void **state)
{
	struct fixture *fixture = *state;
	char target[RESOURCE_ID_SIZE], filter[RESOURCE_ID_SIZE], id[RESOURCE_ID_SIZE];
	char registered[RESOURCE_ID_SIZE], expected[128];

	prepare(fixture, target, filter);
	assert_done(fixture, make_interface(fixture, "192.0.2.11", registered));
	assert_refused(fixture, make_session(fixture, registered, target, filter, 1, id),
		       REFUSE_INTERFACE_NOT_SUPPORTED);
	REPORT(fixture, "alpha", "10.0.0.5", "eth0");
	assert_refused(fixture, make_session(fixture, fixture->tap0, target, filter, 1, id),
		       REFUSE_INTERFACE_NOT_SUPPORTED);
	(void)snprintf(expected, sizeof(expected), "%s must be attached to a supported instance",
		       fixture->tap0);
	assert_string_equal(fixture->why.text, expected);
}

static void test_source_is_no_target(void **state)
{
	struct fixture *fixture = *state;
	char target[RESOURCE_ID_SIZE], filter[RESOURCE_ID_SIZE], id[RESOURCE_ID_SIZE];
	char other[RESOURCE_ID_SIZE];

	prepare(fixture, target, filter);
	assert_done(fixture, make_target(fixture, fixture->tap0, other));
	assert_refused(fixture, make_session(fixture, fixture->tap0, target, filter, 1, id),
		       REFUSE_INTERFACE_IS_TARGET);
	assert_done(fixture, make_session(fixture, fixture->eth0, target, filter, 1, id));
	assert_refused(fixture, make_target(fixture, fixture->eth0, other),
		       REFUSE_INTERFACE_IS_SOURCE);
}

static void test_numbers_and_quotas_of_a_source(void **state)
{
	struct fixture *fixture = *state;
	char target[RESOURCE_ID_SIZE], filter[RESOURCE_ID_SIZE], id[RESOURCE_ID_SIZE];

	prepare(fixture, target, filter);
	assert_done(fixture, make_session(fixture, fixture->eth0, target, filter, 1, id));
	assert_refused(fixture, make_session(fixture, fixture->eth0, target, filter, 1, id),
		       REFUSE_SESSION_NUMBER_TAKEN);
	assert_non_null(strstr(fixture->why.text, "already being used"));
	assert_done(fixture, make_session(fixture, fixture->tap0, target, filter, 1, id));
	assert_done(fixture, make_session(fixture, fixture->eth0, target, filter, 2, id));
	assert_done(fixture, make_session(fixture, fixture->eth0, target, filter, 3, id));
	assert_refused(fixture, make_session(fixture, fixture->eth0, target, filter, 4, id),
		       REFUSE_SESSIONS_PER_SOURCE_LIMIT);
}

static void test_raised_and_lowered_quotas(void **state)
{
	struct limits limits = LIMITS_DEFAULT;
	char target[RESOURCE_ID_SIZE], filter[RESOURCE_ID_SIZE], id[RESOURCE_ID_SIZE];
	struct fixture own, *fixture = &own;

	(void)state;
	limits.sessions_per_source = 5;
	limits.sources_per_target = 1;
	limits.sessions = 6;
	fixture_open(fixture, &limits);
	prepare(fixture, target, filter);
	for (int64_t number = 1; number <= 5; number++)
		assert_done(fixture,
			    make_session(fixture, fixture->eth0, target, filter, number, id));
	assert_refused(fixture, make_session(fixture, fixture->eth0, target, filter, 6, id),
		       REFUSE_SESSIONS_PER_SOURCE_LIMIT);
	assert_refused(fixture, make_session(fixture, fixture->tap0, target, filter, 1, id),
		       REFUSE_SOURCES_PER_TARGET_LIMIT);
	assert_done(fixture, make_interface(fixture, "192.0.2.11", id));
	assert_done(fixture, make_target(fixture, id, target));
	assert_done(fixture, make_session(fixture, fixture->tap0, target, filter, 1, id));
	assert_refused(fixture, make_session(fixture, fixture->tap0, target, filter, 2, id),
		       REFUSE_SESSION_LIMIT);
	fixture_close(fixture);
}

static int modify(struct fixture *fixture, const struct session_change *change,
		  struct session *ret_session)
{
	struct session_record changed = {};
	int r = control_modify_session(fixture->control, &fixture->user, change, &changed,
				       &fixture->why);

	*ret_session = changed.session;
	session_record_fini(&changed);
	return r;
}

static void test_modify(void **state)
{
	struct fixture *fixture = *state;
	char target[RESOURCE_ID_SIZE], filter[RESOURCE_ID_SIZE], id[RESOURCE_ID_SIZE];
	char other[RESOURCE_ID_SIZE];
	struct session before, after;
	struct session_change change = {.session = id};

	prepare(fixture, target, filter);
	assert_done(fixture, make_session(fixture, fixture->eth0, target, filter, 1, id));
	assert_done(fixture, make_session(fixture, fixture->eth0, target, filter, 2, other));
	fixture->changes = 0;

	assert_done(fixture, modify(fixture, &change, &before));
	assert_int_equal(fixture->changes, 0);
	change.number = NUMBER(2);
	assert_refused(fixture, modify(fixture, &change, &after), REFUSE_SESSION_NUMBER_TAKEN);
	change.number = NUMBER(1);
	change.packet_length = NUMBER(64);
	change.description = "cut";
	change.vni = NUMBER(99);
	assert_done(fixture, modify(fixture, &change, &after));
	assert_int_equal(after.packet_length, 64);
	assert_int_equal(after.vni, 99);
	assert_string_equal(after.description, "cut");
	assert_int_equal(fixture->changes, 1);

	change.remove = SESSION_FIELD_PACKET_LENGTH;
	assert_refused(fixture, modify(fixture, &change, &after), REFUSE_PARAMETER_COMBINATION);
	change = (struct session_change){
		.session = id,
		.number = NUMBER(1),
		.remove = SESSION_FIELD_PACKET_LENGTH | SESSION_FIELD_DESCRIPTION |
			  SESSION_FIELD_VNI,
	};
	assert_done(fixture, modify(fixture, &change, &after));
	assert_int_equal(after.packet_length, 0);
	assert_string_equal(after.description, "");
	assert_int_not_equal(after.vni, 99);
	change = (struct session_change){.session = id, .target = "tmt-00000000"};
	assert_refused(fixture, modify(fixture, &change, &after), REFUSE_TARGET_NOT_FOUND);
	change = (struct session_change){.session = "tms-00000000"};
	assert_refused(fixture, modify(fixture, &change, &after), REFUSE_SESSION_NOT_FOUND);
}

static void test_delete(void **state)
{
	struct fixture *fixture = *state;
	char target[RESOURCE_ID_SIZE], filter[RESOURCE_ID_SIZE], id[RESOURCE_ID_SIZE];

	prepare(fixture, target, filter);
	assert_done(fixture, make_session(fixture, fixture->eth0, target, filter, 1, id));
	assert_refused(
		fixture,
		control_delete_target(fixture->control, &fixture->user, target, &fixture->why),
		REFUSE_TARGET_IN_USE);
	assert_refused(
		fixture,
		control_delete_filter(fixture->control, &fixture->user, filter, &fixture->why),
		REFUSE_FILTER_IN_USE);
	assert_done(fixture,
		    control_delete_session(fixture->control, &fixture->user, id, &fixture->why));
	assert_refused(fixture,
		       control_delete_session(fixture->control, &fixture->user, id, &fixture->why),
		       REFUSE_SESSION_NOT_FOUND);
	assert_done(fixture,
		    control_delete_target(fixture->control, &fixture->user, target, &fixture->why));
	assert_done(fixture,
		    control_delete_filter(fixture->control, &fixture->user, filter, &fixture->why));
}

static void test_client_token(void **state)
{
	struct fixture *fixture = *state;
	char target[RESOURCE_ID_SIZE], filter[RESOURCE_ID_SIZE];
	struct session_record first = {}, second = {};
	struct session_wish wish = {
		.source = fixture->eth0,
		.number = NUMBER(1),
		.once = {"once", "hash"},
	};

	prepare(fixture, target, filter);
	wish.target = target;
	wish.filter = filter;
	assert_done(fixture, control_create_session(fixture->control, &fixture->user, &wish, &first,
						    &fixture->why));
	assert_done(fixture, control_create_session(fixture->control, &fixture->user, &wish,
						    &second, &fixture->why));
	assert_string_equal(first.session.id.text, second.session.id.text);
	wish.once.request_hash = "another";
	assert_refused(fixture,
		       control_create_session(fixture->control, &fixture->user, &wish, &second,
					      &fixture->why),
		       REFUSE_TOKEN_MISMATCH);
	fixture->now += 25LL * 60 * 60 * 1000;
	wish.number = NUMBER(2);
	assert_done(fixture, control_create_session(fixture->control, &fixture->user, &wish,
						    &second, &fixture->why));
	assert_string_not_equal(first.session.id.text, second.session.id.text);
	session_record_fini(&first);
	session_record_fini(&second);
}

static void test_dry_run_changes_nothing(void **state)
{
	struct fixture *fixture = *state;
	char target[RESOURCE_ID_SIZE], filter[RESOURCE_ID_SIZE], id[RESOURCE_ID_SIZE];
	struct session_page page = {};

	prepare(fixture, target, filter);
	fixture->user.dry_run = true;
	assert_refused(fixture, make_session(fixture, fixture->eth0, target, filter, 1, id),
		       REFUSE_DRY_RUN);
	assert_refused(fixture, make_session(fixture, "eni-00000000", target, filter, 1, id),
		       REFUSE_INTERFACE_NOT_FOUND);
	fixture->user.dry_run = false;
	assert_int_equal(fixture->changes, 0);
	assert_done(fixture, control_describe_sessions(fixture->control, &fixture->user,
						       &(struct query){}, &page, &fixture->why));
	assert_int_equal(page.count, 0);
	session_page_fini(&page);
}

static void test_another_account_sees_nothing(void **state)
{
	struct fixture *fixture = *state;
	char target[RESOURCE_ID_SIZE], filter[RESOURCE_ID_SIZE], id[RESOURCE_ID_SIZE];
	struct session_page page = {};

	prepare(fixture, target, filter);
	assert_done(fixture, make_session(fixture, fixture->eth0, target, filter, 1, id));
	memcpy(fixture->user.account.text, "999999999999", ACCOUNT_ID_SIZE);
	assert_refused(fixture,
		       control_delete_session(fixture->control, &fixture->user, id, &fixture->why),
		       REFUSE_SESSION_NOT_FOUND);
	assert_done(fixture, control_describe_sessions(fixture->control, &fixture->user,
						       &(struct query){}, &page, &fixture->why));
	assert_int_equal(page.count, 0);
	session_page_fini(&page);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_created_session_is_described),
		TEST(test_what_a_session_names_must_exist),
		TEST(test_numbers_have_ranges),
		TEST(test_source_must_be_attached),
		TEST(test_source_is_no_target),
		TEST(test_numbers_and_quotas_of_a_source),
		cmocka_unit_test(test_raised_and_lowered_quotas),
		TEST(test_modify),
		TEST(test_delete),
		TEST(test_client_token),
		TEST(test_dry_run_changes_nothing),
		TEST(test_another_account_sees_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
