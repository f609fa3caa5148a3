// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/count.h"
#include "health/verdict.h"

#define INTERVAL (10 * NSEC_PER_SEC)
#define MEMORY   (VERDICT_MEMORY * NSEC_PER_SEC)

static const struct health_check check = {
	.healthy_threshold = 3,
	.unhealthy_threshold = 2,
};

struct patient {
	struct verdict verdict;
	uint64_t now;
};

/* A row of checks, an interval apart: '+' passed, '-' failed.  Returns how often the state changed. */
static unsigned int take(struct patient *patient, const char *row)
{
	unsigned int changes = 0;

	for (; *row != '\0'; row++) {
		enum member_state before = patient->verdict.state;
		bool changed;

		patient->now += INTERVAL;
		changed = verdict_take(&patient->verdict, &check,
				       *row == '+' ? FINDING_PASSED : FINDING_FAILED, patient->now);
		assert_int_equal(changed, patient->verdict.state != before);
		changes += changed;
	}
	return changes;
}

static void test_newcomers(void **state)
{
	(void)state;
	static const struct {
		const char *row;
		enum member_state state;
		unsigned int changes;
	} rows[] = {
		{"", MEMBER_INITIAL, 0},      {"+", MEMBER_HEALTHY, 1},
		{"-", MEMBER_INITIAL, 0},     {"-+", MEMBER_HEALTHY, 1},
		{"--", MEMBER_UNHEALTHY, 1},  {"--++", MEMBER_UNHEALTHY, 1},
		{"--+++", MEMBER_HEALTHY, 2}, {"--++-+", MEMBER_UNHEALTHY, 1},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct patient patient = {};

		assert_int_equal(take(&patient, rows[i].row), rows[i].changes);
		assert_int_equal(patient.verdict.state, rows[i].state);
	}
}

static void test_failures_count_in_a_row(void **state)
{
	struct patient patient = {};

	(void)state;
	assert_int_equal(take(&patient, "+-+-+-+"), 1);
	assert_int_equal(patient.verdict.state, MEMBER_HEALTHY);
	assert_int_equal(take(&patient, "--"), 1);
	assert_int_equal(patient.verdict.state, MEMBER_UNHEALTHY);
}

static void test_the_last_failure_is_the_reason(void **state)
{
	struct verdict verdict = {};

	(void)state;
	assert_false(verdict_take(&verdict, &check, FINDING_TIMED_OUT, 1));
	assert_int_equal(verdict.reason, MEMBER_NO_REASON);
	assert_true(verdict_take(&verdict, &check, FINDING_TIMED_OUT, 2));
	assert_int_equal(verdict.reason, MEMBER_TIMEOUT);
	assert_false(verdict_take(&verdict, &check, FINDING_MISMATCHED, 3));
	assert_int_equal(verdict.reason, MEMBER_RESPONSE_CODE_MISMATCH);
	assert_false(verdict_take(&verdict, &check, FINDING_FAILED, 4));
	assert_int_equal(verdict.reason, MEMBER_FAILED_HEALTH_CHECKS);
	for (int i = 0; i < 3; i++)
		(void)verdict_take(&verdict, &check, FINDING_PASSED, 5);
	assert_int_equal(verdict.state, MEMBER_HEALTHY);
	assert_int_equal(verdict.reason, MEMBER_NO_REASON);
}

/* What a host cannot ask neither counts nor breaks a row. */
static void test_faults_say_nothing(void **state)
{
	struct patient patient = {};

	(void)state;
	(void)take(&patient, "+-");
	assert_false(verdict_take(&patient.verdict, &check, FINDING_FAULT, patient.now));
	assert_false(verdict_take(&patient.verdict, &check, FINDING_PENDING, patient.now));
	assert_int_equal(take(&patient, "-"), 1);
}

/* The passes that were needed to come back after a fall. */
static unsigned int fall_and_rise(struct patient *patient)
{
	unsigned int passes = 0;

	assert_int_equal(take(patient, "--"), 1);
	while (patient->verdict.state == MEMBER_UNHEALTHY) {
		(void)take(patient, "+");
		passes++;
	}
	return passes;
}

static void test_falls_are_damped(void **state)
{
	struct patient patient = {};

	(void)state;
	(void)take(&patient, "+");
	assert_int_equal(fall_and_rise(&patient), 3);
	assert_int_equal(fall_and_rise(&patient), 6);
	assert_int_equal(fall_and_rise(&patient), 12);
	assert_int_equal(fall_and_rise(&patient), 24);
	assert_int_equal(fall_and_rise(&patient), 24);
	/* Each five minutes of health make one forgotten. */
	patient.now += MEMORY;
	assert_int_equal(fall_and_rise(&patient), 24);
	patient.now += 2 * MEMORY;
	assert_int_equal(fall_and_rise(&patient), 12);
	patient.now += 100 * MEMORY;
	assert_int_equal(fall_and_rise(&patient), 3);
}

static void test_being_down_makes_nothing_forgotten(void **state)
{
	struct patient patient = {};

	(void)state;
	(void)take(&patient, "+");
	assert_int_equal(fall_and_rise(&patient), 3);
	assert_int_equal(take(&patient, "--"), 1);
	patient.now += 100 * MEMORY;
	assert_int_equal(take(&patient, "+++++"), 0);
	assert_int_equal(take(&patient, "+"), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_newcomers),
		cmocka_unit_test(test_failures_count_in_a_row),
		cmocka_unit_test(test_the_last_failure_is_the_reason),
		cmocka_unit_test(test_faults_say_nothing),
		cmocka_unit_test(test_falls_are_damped),
		cmocka_unit_test(test_being_down_makes_nothing_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
