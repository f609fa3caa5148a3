// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mirror/arn.h"

#include "base/count.h"

#include <string.h>

#define BEGINNING "arn:aws:elasticloadbalancing:us-east-1:123456789012:"

static void test_kinds(void **state)
{
	static const struct {
		const char *text;
		enum arn_kind kind;
		const char *rest;
	} cases[] = {
		{BEGINNING "loadbalancer/net/a/50dc6c495c0c9188", ARN_BALANCER,
		 "net/a/50dc6c495c0c9188"},
		{BEGINNING "listener/gwy/a/50dc6c495c0c9188/0467ef3c8400ae65", ARN_LISTENER,
		 "gwy/a/50dc6c495c0c9188/0467ef3c8400ae65"},
		{BEGINNING "targetgroup/a/73e2d6bc24d8a067", ARN_GROUP, "a/73e2d6bc24d8a067"},
		{BEGINNING "targetgroups/a/73e2d6bc24d8a067", ARN_NONE, "a/73e2d6bc24d8a067"},
		{BEGINNING "targetgroup", ARN_NONE, ""},
		{"arn:aws:elasticloadbalancing:us-east-1", ARN_NONE, ""},
		{"arn:aws:ec2:us-east-1:123456789012:loadbalancer/net/a/1", ARN_NONE, ""},
		{"loadbalancer/net/a/1", ARN_NONE, ""},
		{"", ARN_NONE, ""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(arn_get_kind(cases[i].text), cases[i].kind);
		assert_string_equal(arn_get_rest(cases[i].text), cases[i].rest);
	}
}

/* Longer ones would not fit where they are kept. */
static void test_refuses_long_ones(void **state)
{
	char text[ARN_SIZE + 1];

	(void)state;
	memset(text, 'a', sizeof(text));
	memcpy(text, BEGINNING "targetgroup/", strlen(BEGINNING "targetgroup/"));
	text[ARN_SIZE] = '\0';
	assert_int_equal(arn_get_kind(text), ARN_NONE);
	text[ARN_SIZE - 1] = '\0';
	assert_int_equal(arn_get_kind(text), ARN_GROUP);
}

static void test_composes(void **state)
{
	char first[ARN_DIGITS_SIZE], second[ARN_DIGITS_SIZE];
	struct arn arn;

	(void)state;
	arn = arn_compose(ARN_LISTENER, "us-east-1", "123456789012", "net/a/1/2");
	assert_string_equal(arn.text, BEGINNING "listener/net/a/1/2");
	arn_make_digits(first);
	arn_make_digits(second);
	assert_int_equal(strspn(first, "0123456789abcdef"), ARN_DIGITS_SIZE - 1);
	assert_string_not_equal(first, second);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_refuses_long_ones),
		cmocka_unit_test(test_composes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
