// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/count.h"
#include "mirror/endpoint.h"

#include <string.h>

#define REGION  "eu-north-1"
#define ACCOUNT "123456789012"

static void ids_are_numbers_of_64_bits(void **state)
{
	const struct resource_id largest = {"vpce-0ffffffffffffffff"};

	(void)state;
	assert_int_equal(endpoint_get_number(&(struct resource_id){"vpce-0000000000000000a"}), 10);
	assert_true(endpoint_get_number(&largest) == UINT64_MAX);
	for (int i = 0; i < 1000; i++) {
		const struct resource_id id = resource_id_new(RESOURCE_ENDPOINT);

		assert_int_equal(strncmp(id.text, "vpce-0", 6), 0);
		assert_true(endpoint_get_number(&id) != 0);
	}
}

static void names_lead_back_to_their_services(void **state)
{
	static const char *const others[] = {
		"",
		".",
		"vpce-svc-05e1e21760419ecb6",
		"com.amazonaws.vpce.eu-north-1.vpce-05e1e21760419ecb6",
		"com.amazonaws.vpce.eu-north-2.vpce-svc-05e1e21760419ecb6",
		"com.amazonaws.eu-north-1.s3",
		"com.amazonaws.vpce.eu-north-1.vpce-svc-05e1e21760419ecb6.",
		" com.amazonaws.vpce.eu-north-1.vpce-svc-05e1e21760419ecb6",
	};
	const struct resource_id id = {"vpce-svc-05e1e21760419ecb6"};
	char name[ENDPOINT_SERVICE_NAME_SIZE];
	struct resource_id back = {};

	(void)state;
	endpoint_service_format_name(&id, REGION, name);
	assert_string_equal(name, "com.amazonaws.vpce.eu-north-1.vpce-svc-05e1e21760419ecb6");
	assert_true(endpoint_service_parse_name(name, REGION, &back));
	assert_true(resource_id_equal(&id, &back));
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		assert_false(endpoint_service_parse_name(others[i], REGION, &back));
}

static void principals_are_told_by_their_form(void **state)
{
	static const struct {
		const char *principal;
		const char *type; /* NULL: it is none. */
	} rows[] = {
		{"*", "All"},
		{"arn:aws:iam::123456789012:root", "Account"},
		{"arn:aws:iam::123456789013:root", "Account"},
		{"arn:aws:iam::123456789012:user/ann", "User"},
		{"arn:aws:iam::123456789012:user/anna", "User"},
		{"arn:aws:iam::123456789012:user/an", "User"},
		{"arn:aws:iam::123456789012:role/ann", "Role"},
		{"arn:aws:iam::123456789012:user/", NULL},
		{"arn:aws:iam::123456789012:rooted", NULL},
		{"arn:aws:iam::123456789012:group/all", NULL},
		{"arn:aws:iam::12345678901:root", NULL},
		{"arn:aws:iam::1234567890123:root", NULL},
		{"arn:aws:sts::123456789012:root", NULL},
		{"123456789012", NULL},
		{"**", NULL},
		{"", NULL},
	};

	char everybody[SERVICE_PRINCIPAL_SIZE];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		enum principal_type type;

		assert_int_equal(principal_type_find(rows[i].principal, &type),
				 rows[i].type != NULL);
		if (rows[i].type)
			assert_string_equal(principal_type_name(type), rows[i].type);
	}
	principal_format_account(ACCOUNT, everybody);
	assert_string_equal(everybody, "arn:aws:iam::" ACCOUNT ":root");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ids_are_numbers_of_64_bits),
		cmocka_unit_test(names_lead_back_to_their_services),
		cmocka_unit_test(principals_are_told_by_their_form),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
