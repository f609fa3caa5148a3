// SPDX-License-Identifier: Apache-2.0
#include "api/throttle.h"

#include "base/clock.h"
#include "base/count.h"
#include "mirror/refusals.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define ACCOUNT "123456789012"
#define SECOND  NSEC_PER_SEC

/* Takes until it is refused; returns how many went through. */
static unsigned int drain(struct throttle *throttle, const struct throttle_request *request,
			  uint64_t now)
{
	struct refusal why = {};
	unsigned int taken = 0;
	int r;

	while ((r = throttle_take(throttle, request, now, &why)) == 0 && taken < 10000)
		taken++;
	if (r != 0) {
		assert_int_equal(r, REFUSED);
		assert_int_equal(why.code, REFUSE_TOO_MANY_REQUESTS);
	}
	return taken;
}

static unsigned int drain_action(struct throttle *throttle, const char *service, const char *action,
				 bool everything)
{
	const struct throttle_request request = {ACCOUNT, service, action, everything};

	return drain(throttle, &request, SECOND);
}

static void test_a_bucket_empties_and_fills(void **state)
{
	_cleanup_(throttle_freep) struct throttle *throttle = NULL;
	const struct throttle_request request = {ACCOUNT, "ec2", "DescribeTrafficMirrorSessions"};

	(void)state;
	assert_int_equal(throttle_new(NULL, 0, &throttle), 0);
	assert_int_equal(drain(throttle, &request, SECOND), 100);
	assert_int_equal(drain(throttle, &request, SECOND), 0);
	assert_int_equal(drain(throttle, &request, SECOND + SECOND / 20 - 1), 0);
	assert_int_equal(drain(throttle, &request, SECOND + SECOND / 20), 1);
	assert_int_equal(drain(throttle, &request, 2 * SECOND), 19);
	/* No more than a burst gathers, however long nobody asks. */
	assert_int_equal(drain(throttle, &request, 1000 * SECOND), 100);
}

static void test_buckets_are_of_accounts_and_actions(void **state)
{
	_cleanup_(throttle_freep) struct throttle *throttle = NULL;
	const struct throttle_request other = {"999999999999", "ec2", "CreateTrafficMirrorFilter"};

	(void)state;
	assert_int_equal(throttle_new(NULL, 0, &throttle), 0);
	assert_int_equal(drain_action(throttle, "ec2", "CreateTrafficMirrorFilter", false), 50);
	assert_int_equal(drain_action(throttle, "ec2", "CreateTrafficMirrorFilter", false), 0);
	assert_int_equal(drain_action(throttle, "ec2", "DeleteTrafficMirrorFilter", false), 50);
	assert_int_equal(drain(throttle, &other, SECOND), 50);
}

static void test_the_numbers_are_of_aws(void **state)
{
	static const struct {
		const char *service, *action;
		bool everything;
		unsigned int burst;
	} rows[] = {
		{"ec2", "DescribeNetworkInterfaces", true, 50},
		{"ec2", "DescribeNetworkInterfaces", false, 100},
		{"ec2", "DescribeInstances", true, 50},
		{"ec2", "DescribeTrafficMirrorTargets", true, 100},
		{"ec2", "CreateTags", false, 100},
		{"ec2", "DeleteNetworkInterface", false, 100},
		{"ec2", "ModifyTrafficMirrorSession", false, 50},
		{"sts", "GetCallerIdentity", true, 600},
		{"iam", "ListUsers", true, 100},
		{"iam", "CreateUser", false, 50},
	};
	_cleanup_(throttle_freep) struct throttle *throttle = NULL;

	(void)state;
	assert_int_equal(throttle_new(NULL, 0, &throttle), 0);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_int_equal(
			drain_action(throttle, rows[i].service, rows[i].action, rows[i].everything),
			rows[i].burst);
}

static void test_the_administrator_goes_first(void **state)
{
	_cleanup_(throttle_freep) struct throttle *throttle = NULL;
	struct throttle_rate rates[2];
	struct refusal why = {};

	(void)state;
	assert_int_equal(throttle_rate_parse("CreateTags=3/0.5", &rates[0], &why), 0);
	assert_int_equal(throttle_rate_parse("Describe*=unlimited", &rates[1], &why), 0);
	assert_int_equal(rates[0].interval, 2 * SECOND);
	assert_int_equal(throttle_new(rates, ARRAY_SIZE(rates), &throttle), 0);
	assert_int_equal(drain_action(throttle, "ec2", "CreateTags", false), 3);
	assert_int_equal(drain_action(throttle, "ec2", "DescribeInstances", true), 10000);
	assert_int_equal(drain_action(throttle, "ec2", "DeleteTags", false), 100);
}

static void test_rates_that_are_none(void **state)
{
	static const char *const texts[] = {
		"",        "CreateTags",  "=1/1",        "CreateTags=", "CreateTags=1",
		"*=0/1",   "*=1/0",       "*=1/",        "*=1/0.0001",  "*=1/1.",
		"*=1/.5",  "*=1000001/1", "*=1/1000001", "*=-1/1",      "*=1/-1",
		"*=1/1e3", "*=1/0.5x",    "*=limitless", "*=1/1/1",     "*=1/99999999999999999",
	};
	struct throttle_rate rate;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct refusal why = {};

		assert_int_equal(throttle_rate_parse(texts[i], &rate, &why), REFUSED);
		assert_true(strlen(why.text) > 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_bucket_empties_and_fills),
		cmocka_unit_test(test_buckets_are_of_accounts_and_actions),
		cmocka_unit_test(test_the_numbers_are_of_aws),
		cmocka_unit_test(test_the_administrator_goes_first),
		cmocka_unit_test(test_rates_that_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
