// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/count.h"
#include "mirror/listener.h"
#include "mirror/refusals.h"

#include <string.h>

static void test_arn(void **state)
{
	struct balancer balancer = {.owner = {"123456789012"}, .name = "sensors"};
	struct listener listener = {.owner = {"123456789012"}};
	size_t length;

	(void)state;
	balancer_make_arn(&balancer, "eu-1");
	listener.balancer = balancer.arn;
	listener_make_arn(&listener, "eu-1");
	assert_int_equal(arn_get_kind(listener.arn.text), ARN_LISTENER);
	length = strlen(arn_get_rest(balancer.arn.text));
	assert_memory_equal(arn_get_rest(listener.arn.text), arn_get_rest(balancer.arn.text),
			    length);
	assert_int_equal(strlen(arn_get_rest(listener.arn.text)), length + ARN_DIGITS_SIZE);
}

static void test_protocols(void **state)
{
	enum listener_protocol protocol = LISTENER_EVERYTHING;

	(void)state;
	assert_true(listener_protocol_parse("UDP", &protocol));
	assert_int_equal(protocol, LISTENER_UDP);
	assert_true(listener_protocol_parse("TCP_UDP", &protocol));
	assert_string_equal(listener_protocol_name(protocol), "TCP_UDP");
	assert_false(listener_protocol_parse("TCP", &protocol));
	assert_false(listener_protocol_parse("", &protocol));
}

static void test_attributes(void **state)
{
	static const struct {
		const char *key, *value;
		uint32_t seconds; /* 0: refused. */
	} cases[] = {
		{LISTENER_IDLE_KEY, "60", 60},         {LISTENER_IDLE_KEY, "6000", 6000},
		{LISTENER_IDLE_KEY, "59", 0},          {LISTENER_IDLE_KEY, "6001", 0},
		{LISTENER_IDLE_KEY, "soon", 0},        {LISTENER_IDLE_KEY, "", 0},
		{"tcp.idle_timeout.minutes", "60", 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct listener listener = {.tcp_idle = LISTENER_IDLE_DEFAULT};
		struct refusal why = {};

		assert_int_equal(
			listener_set_attribute(&listener, cases[i].key, cases[i].value, &why),
			cases[i].seconds ? 0 : REFUSED);
		assert_int_equal(why.code, cases[i].seconds ? 0 : REFUSE_PARAMETER_VALUE);
		assert_int_equal(listener.tcp_idle,
				 cases[i].seconds ? cases[i].seconds : LISTENER_IDLE_DEFAULT);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_arn),
		cmocka_unit_test(test_protocols),
		cmocka_unit_test(test_attributes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
