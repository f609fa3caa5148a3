// SPDX-License-Identifier: Apache-2.0
#include "api/changes.h"

#include "api/action.h"
#include "api/record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#define MINE   "111111111111"
#define OTHERS "222222222222"

static unsigned int since(const struct changes *changes, const char *account, int64_t revision)
{
	unsigned int kinds;

	(void)changes_get(changes, account, revision, 7000, &kinds);
	return kinds;
}

static int64_t revision_of(const struct changes *changes, const char *account)
{
	unsigned int kinds;

	return changes_get(changes, account, 0, 7000, &kinds);
}

static void test_tells_each_account_its_own(void **state)
{
	_cleanup_(changes_freep) struct changes *changes = NULL;
	int64_t mine, others;

	(void)state;
	assert_int_equal(changes_new(1000, &changes), 0);
	mine = revision_of(changes, MINE);
	others = revision_of(changes, OTHERS);
	assert_int_equal(since(changes, MINE, mine), 0);
	changes_note(changes, MINE, CHANGE(CHANGE_FILTER), 2000);
	assert_int_equal(since(changes, MINE, mine), CHANGE(CHANGE_FILTER));
	assert_int_equal(since(changes, OTHERS, others), 0);
	assert_int_equal(revision_of(changes, OTHERS), others);
	changes_note(changes, MINE, CHANGE(CHANGE_SESSION) | CHANGE(CHANGE_TAG), 3000);
	assert_int_equal(since(changes, MINE, mine),
			 CHANGE(CHANGE_FILTER) | CHANGE(CHANGE_SESSION) | CHANGE(CHANGE_TAG));
	changes_note(changes, NULL, CHANGE(CHANGE_TARGET), 4000);
	assert_int_equal(since(changes, OTHERS, others), CHANGE(CHANGE_TARGET));
	assert_true(since(changes, MINE, mine) & CHANGE(CHANGE_TARGET));
	assert_int_equal(since(changes, MINE, revision_of(changes, MINE)), 0);
}

/* Two in one millisecond, and one after the clock was set back. */
static void test_no_change_is_hidden_by_the_clock(void **state)
{
	static const int64_t times[] = {5000, 5000, 100};
	_cleanup_(changes_freep) struct changes *changes = NULL;

	(void)state;
	assert_int_equal(changes_new(5000, &changes), 0);
	for (size_t i = 0; i < ARRAY_SIZE(times); i++) {
		int64_t before = revision_of(changes, MINE);

		changes_note(changes, MINE, CHANGE(CHANGE_USER), times[i]);
		assert_true(revision_of(changes, MINE) > before);
		assert_int_equal(since(changes, MINE, before), CHANGE(CHANGE_USER));
	}
}

static void test_after_a_start_everything_may_have_changed(void **state)
{
	_cleanup_(changes_freep) struct changes *changes = NULL;

	(void)state;
	assert_int_equal(changes_new(7000, &changes), 0);
	assert_int_equal(since(changes, MINE, 6999), CHANGE_ALL);
	assert_int_equal(since(changes, MINE, 0), CHANGE_ALL);
	assert_int_equal(since(changes, MINE, 8000), CHANGE_ALL);
	assert_int_equal(since(changes, MINE, INT64_MAX), CHANGE_ALL);
}

/* Two controllers with one store: what the one did, the other knows by its number only. */
static void test_revisions_of_others_are_understood(void **state)
{
	_cleanup_(changes_freep) struct changes *one = NULL, *two = NULL;
	unsigned int kinds;
	int64_t seen;

	(void)state;
	assert_int_equal(changes_new(1000, &one), 0);
	assert_int_equal(changes_new(1000, &two), 0);
	assert_int_equal(since(two, MINE, revision_of(one, MINE)), 0);
	for (int64_t number = 2000; number < 7000; number += 1000) {
		changes_note(one, number < 4000 ? MINE : OTHERS, CHANGE(CHANGE_FILTER), number);
		changes_note(two, NULL, CHANGE_ALL, number);
		seen = changes_get(two, MINE, number - 1000, number, &kinds);
		assert_int_equal(seen, number);
		assert_int_equal(kinds, CHANGE_ALL);
		assert_int_equal(changes_get(one, MINE, seen, number, &kinds), seen);
		assert_int_equal(kinds, 0);
		assert_int_equal(changes_get(two, MINE, seen, number, &kinds), seen);
		assert_int_equal(kinds, 0);
	}
}

static void append_key(void *context, const char *key)
{
	(void)strcat(context, key);
	(void)strcat(context, " ");
}

static void test_wakes_those_who_watch(void **state)
{
	_cleanup_(changes_freep) struct changes *changes = NULL;
	char keys[200] = "";

	(void)state;
	assert_int_equal(changes_new(1, &changes), 0);
	changes_wake(changes, NULL, append_key, keys);
	assert_string_equal(keys, "");
	assert_int_equal(changes_watch(changes, MINE), 0);
	assert_int_equal(changes_watch(changes, MINE), 0);
	assert_int_equal(changes_watch(changes, OTHERS), 0);
	changes_wake(changes, MINE, append_key, keys);
	assert_string_equal(keys, "changes/" MINE " ");
	changes_wake(changes, NULL, append_key, keys);
	assert_int_equal(strlen(keys), 3 * strlen("changes/" MINE " "));
	assert_non_null(strstr(keys, OTHERS));
}

/* An action without a row would make everybody fetch everything. */
static void test_every_action_that_changes_has_a_row(void **state)
{
	const struct service *service;
	size_t seen = 0;

	(void)state;
	for (size_t i = 0; (service = service_get(i)); i++)
		for (size_t j = 0; j < service->table_count; j++)
			for (size_t k = 0; k < service->tables[j]->count; k++) {
				const char *name = service->tables[j]->rows[k].name;
				struct change_effect effect = change_effect_of(service, name);

				if (record_only_reads(name))
					continue;
				seen++;
				if (effect.kinds == CHANGE_ALL)
					fail_msg("%s:%s has no row", service->name, name);
				assert_true(effect.kinds & CHANGE(CHANGE_EVENT));
			}
	assert_true(seen > 50);
}

static void test_what_concerns_others_changes_everywhere(void **state)
{
	static const struct {
		const char *service, *action;
		struct change_effect effect;
	} rows[] = {
		{"ec2", "CreateTrafficMirrorSession", {CHANGE(CHANGE_SESSION)}},
		{"ec2", "ModifyTrafficMirrorFilterRule", {CHANGE(CHANGE_FILTER)}},
		{"ec2", "ModifyTrafficMirrorFilterNetworkServices", {CHANGE(CHANGE_FILTER)}},
		{"ec2", "CreateTrafficMirrorTarget", {CHANGE(CHANGE_TARGET)}},
		{"ec2",
		 "UnshareTrafficMirrorTarget",
		 {CHANGE(CHANGE_TARGET) | CHANGE(CHANGE_SESSION), true}},
		{"ec2", "CreateTags", {CHANGE(CHANGE_TAG)}},
		{"elasticloadbalancing", "RegisterTargets", {CHANGE(CHANGE_BALANCER)}},
		{"iam", "DeleteAccount", {CHANGE(CHANGE_ACCOUNT), true}},
		{"iam", "PutUserPolicy", {CHANGE(CHANGE_USER)}},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct change_effect effect =
			change_effect_of(service_find(rows[i].service), rows[i].action);

		assert_int_equal(effect.kinds, rows[i].effect.kinds | CHANGE(CHANGE_EVENT));
		assert_int_equal(effect.everywhere, rows[i].effect.everywhere);
	}
}

static void test_every_kind_has_a_name(void **state)
{
	(void)state;
	for (unsigned int kind = 0; kind < CHANGE_KIND_COUNT; kind++)
		assert_non_null(change_kind_name(kind));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tells_each_account_its_own),
		cmocka_unit_test(test_no_change_is_hidden_by_the_clock),
		cmocka_unit_test(test_after_a_start_everything_may_have_changed),
		cmocka_unit_test(test_revisions_of_others_are_understood),
		cmocka_unit_test(test_wakes_those_who_watch),
		cmocka_unit_test(test_every_action_that_changes_has_a_row),
		cmocka_unit_test(test_what_concerns_others_changes_everywhere),
		cmocka_unit_test(test_every_kind_has_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
