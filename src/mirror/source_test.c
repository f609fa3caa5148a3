// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/count.h"
#include "mirror/source.h"

static void devices_have_readable_names(void **state)
{
	static const struct {
		const char *name;
		bool valid;
	} rows[] = {
		{"eth0", true},       {"a23456789012345", true},
		{"br-lan.100", true}, {"...", true},
		{"vnét0", true},      {"a234567890123456", false},
		{"", false},          {".", false},
		{"..", false},        {"a/b", false},
		{"eth0:1", false},    {"a b", false},
		{"a\tb", false},      {"a\xff", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_int_equal(device_name_valid(rows[i].name), rows[i].valid);
}

static void orientations_have_names(void **state)
{
	enum orientation orientation = ORIENTATION_AUTOMATIC;

	(void)state;
	for (enum orientation wanted = 0; wanted <= ORIENTATION_GUEST; wanted++) {
		assert_true(orientation_parse(orientation_name(wanted), &orientation));
		assert_int_equal(orientation, wanted);
	}
	assert_false(orientation_parse("Guest", &orientation));
	assert_false(orientation_parse("", &orientation));
}

static void a_wish_overrides_what_was_found(void **state)
{
	struct source source = {.orientation = ORIENTATION_GUEST};

	(void)state;
	assert_int_equal(source_orientation(&source), ORIENTATION_GUEST);
	source.override = ORIENTATION_HOST;
	assert_int_equal(source_orientation(&source), ORIENTATION_HOST);
}

static void the_first_address_of_a_family_is_the_primary(void **state)
{
	struct source source = {.address_count = 3};

	(void)state;
	assert_true(address_parse("2001:db8::1", &source.addresses[0]));
	assert_true(address_parse("192.0.2.1", &source.addresses[1]));
	assert_true(address_parse("192.0.2.2", &source.addresses[2]));
	assert_ptr_equal(source_get_address(&source, 4), &source.addresses[1]);
	assert_ptr_equal(source_get_address(&source, 6), &source.addresses[0]);
	source.address_count = 1;
	assert_null(source_get_address(&source, 4));
}

static void hosts_have_names_for_paths(void **state)
{
	static const struct {
		const char *name;
		bool valid;
	} rows[] = {
		{"web-1", true},
		{"a", true},
		{"a_b.example.org", true},
		{"...", true},
		{"", false},
		{".", false},
		{"..", false},
		{"a/b", false},
		{"a b", false},
		{"caf\xc3\xa9", false},
		{"123456789012345678901234567890123456789012345678901234567890123", true},
		{"1234567890123456789012345678901234567890123456789012345678901234", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (host_name_valid(rows[i].name) != rows[i].valid)
			fail_msg("%s", rows[i].name);
}

static void an_instance_is_reached_by_a_device_per_family(void **state)
{
	const struct source both = {.primary_ipv4 = true, .primary_ipv6 = true};
	const struct source one = {.primary_ipv6 = true};

	(void)state;
	assert_true(source_is_primary(&both, 4) && source_is_primary(&both, 6));
	assert_true(!source_is_primary(&one, 4) && source_is_primary(&one, 6));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hosts_have_names_for_paths),
		cmocka_unit_test(devices_have_readable_names),
		cmocka_unit_test(orientations_have_names),
		cmocka_unit_test(a_wish_overrides_what_was_found),
		cmocka_unit_test(the_first_address_of_a_family_is_the_primary),
		cmocka_unit_test(an_instance_is_reached_by_a_device_per_family),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
