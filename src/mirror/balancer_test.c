// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/count.h"
#include "mirror/balancer.h"
#include "mirror/refusals.h"

#include <string.h>

static struct balancer sample(enum balancer_type type)
{
	struct balancer balancer = {
		.owner = {"123456789012"},
		.type = type,
		.name = "sensors",
	};

	balancer_make_arn(&balancer, "eu-1");
	return balancer;
}

/* The value of an attribute; NULL: the balancer has none of that key. */
static const char *get(const struct balancer *balancer, const char *key)
{
	const char *name, *value;

	for (size_t i = 0; (name = balancer_get_attribute(balancer, i, &value)); i++)
		if (strcmp(name, key) == 0)
			return value;
	return NULL;
}

static void test_names(void **state)
{
	static const char *const good[] = {"a", "A-1", "12345678901234567890123456789012",
					   "internal"};
	static const char *const bad[] = {
		"",    "-a", "a-",         "a_b",
		"a b", "ä",  "internal-a", "123456789012345678901234567890123"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		assert_int_equal(balancer_validate_name(good[i], &(struct refusal){}), 0);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct refusal why = {};

		assert_int_equal(balancer_validate_name(bad[i], &why), REFUSED);
		assert_int_equal(why.code, REFUSE_PARAMETER_VALUE);
	}
}

static void test_arn_and_dns(void **state)
{
	struct balancer network = sample(BALANCER_NETWORK), gateway = sample(BALANCER_GATEWAY);
	char dns[BALANCER_DNS_SIZE];

	(void)state;
	assert_non_null(strstr(network.arn.text,
			       "arn:aws:elasticloadbalancing:eu-1:123456789012:loadbalancer/net/"
			       "sensors/"));
	assert_non_null(strstr(gateway.arn.text, ":loadbalancer/gwy/sensors/"));
	balancer_format_dns(&network, "eu-1", dns);
	assert_memory_equal(dns, "sensors-", 8);
	assert_memory_equal(dns + 8, strrchr(network.arn.text, '/') + 1, 16);
	assert_string_equal(dns + 24, ".elb.eu-1.amazonaws.com");
}

static void test_types(void **state)
{
	enum balancer_type type = BALANCER_NETWORK;

	(void)state;
	assert_true(balancer_type_parse("gateway", &type));
	assert_int_equal(type, BALANCER_GATEWAY);
	assert_string_equal(balancer_type_name(type), "gateway");
	assert_false(balancer_type_parse("application", &type));
}

static void test_attributes(void **state)
{
	struct balancer network = sample(BALANCER_NETWORK), gateway = sample(BALANCER_GATEWAY);
	struct refusal why = {};

	(void)state;
	assert_string_equal(get(&network, "deletion_protection.enabled"), "false");
	assert_int_equal(
		balancer_set_attribute(&network, "deletion_protection.enabled", "true", &why), 0);
	assert_true(network.guarded);
	assert_string_equal(get(&network, "deletion_protection.enabled"), "true");
	assert_string_equal(get(&network, "load_balancing.cross_zone.enabled"), "false");
	assert_string_equal(get(&network, "dns_record.client_routing_policy"),
			    "any_availability_zone");
	assert_string_equal(get(&gateway, "load_balancing.cross_zone.enabled"), "false");
	assert_null(get(&gateway, "dns_record.client_routing_policy"));
}

/* What asks for nothing is taken; what asks for something that is not there is refused. */
static void test_attributes_that_mean_nothing(void **state)
{
	static const struct {
		enum balancer_type type;
		const char *key, *value;
		int code;
	} cases[] = {
		{BALANCER_NETWORK, "access_logs.s3.enabled", "false", 0},
		{BALANCER_NETWORK, "access_logs.s3.enabled", "true", REFUSE_CONFIGURATION},
		{BALANCER_NETWORK, "access_logs.s3.bucket", "", 0},
		{BALANCER_NETWORK, "access_logs.s3.bucket", "b", REFUSE_CONFIGURATION},
		{BALANCER_NETWORK, "zonal_shift.config.enabled", "true", REFUSE_CONFIGURATION},
		{BALANCER_NETWORK, "load_balancing.cross_zone.enabled", "true", 0},
		{BALANCER_NETWORK, "load_balancing.cross_zone.enabled", "yes",
		 REFUSE_PARAMETER_VALUE},
		{BALANCER_NETWORK, "routing.http2.enabled", "true", REFUSE_PARAMETER_VALUE},
		{BALANCER_GATEWAY, "access_logs.s3.enabled", "false", REFUSE_CONFIGURATION},
		{BALANCER_GATEWAY, "deletion_protection.enabled", "true", 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct balancer balancer = sample(cases[i].type);
		struct refusal why = {};

		assert_int_equal(
			balancer_set_attribute(&balancer, cases[i].key, cases[i].value, &why),
			cases[i].code ? REFUSED : 0);
		assert_int_equal(why.code, cases[i].code);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_arn_and_dns),
		cmocka_unit_test(test_types),
		cmocka_unit_test(test_attributes),
		cmocka_unit_test(test_attributes_that_mean_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
