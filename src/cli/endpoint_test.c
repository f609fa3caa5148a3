// SPDX-License-Identifier: Apache-2.0
#include "cli/endpoint.h"

#include "base/count.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void endpoints_are_taken_apart(void **state)
{
	static const struct {
		const char *text, *address, *port; /* NULL: refused. */
	} cases[] = {
		{"10.0.0.1", "10.0.0.1", ""},
		{"10.0.0.1:80", "10.0.0.1", "80"},
		{"::1", "::1", ""},
		{"2001:db8::1", "2001:db8::1", ""},
		{"[::1]", "::1", ""},
		{"[::1]:65535", "::1", "65535"},
		{"nonsense", "nonsense", ""}, /* The API's to judge. */
		{"", NULL, NULL},
		{":80", NULL, NULL},
		{"10.0.0.1:", NULL, NULL},
		{"[]:80", NULL, NULL},
		{"[::1", NULL, NULL},
		{"[::1]80", NULL, NULL},
		{"[::1]:", NULL, NULL},
		{"10.0.0.1:123456", NULL, NULL},
		{"1234567890123456789012345678901234567890123456", NULL, NULL},
	};
	char address[ENDPOINT_ADDRESS_SIZE], port[ENDPOINT_PORT_SIZE];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		bool parsed = endpoint_split(cases[i].text, address, port);

		assert_int_equal(parsed, cases[i].address != NULL);
		if (!parsed)
			continue;
		assert_string_equal(address, cases[i].address);
		assert_string_equal(port, cases[i].port);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(endpoints_are_taken_apart)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
