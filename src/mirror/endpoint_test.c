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

static void principals_mean_whom_they_name(void **state)
{
	static const struct {
		const char *principal;
		const char *type; /* NULL: it is none. */
		bool means;       /* The user "ann" of the account. */
	} rows[] = {
		{"*", "All", true},
		{"arn:aws:iam::123456789012:root", "Account", true},
		{"arn:aws:iam::123456789013:root", "Account", false},
		{"arn:aws:iam::123456789012:user/ann", "User", true},
		{"arn:aws:iam::123456789012:user/anna", "User", false},
		{"arn:aws:iam::123456789012:user/an", "User", false},
		{"arn:aws:iam::123456789012:role/ann", "Role", false},
		{"arn:aws:iam::123456789012:user/", NULL, false},
		{"arn:aws:iam::123456789012:rooted", NULL, false},
		{"arn:aws:iam::123456789012:group/all", NULL, false},
		{"arn:aws:iam::12345678901:root", NULL, false},
		{"arn:aws:iam::1234567890123:root", NULL, false},
		{"arn:aws:sts::123456789012:root", NULL, false},
		{"123456789012", NULL, false},
		{"**", NULL, false},
		{"", NULL, false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		enum principal_type type;

		assert_int_equal(principal_type_find(rows[i].principal, &type),
				 rows[i].type != NULL);
		if (rows[i].type)
			assert_string_equal(principal_type_name(type), rows[i].type);
		assert_int_equal(service_principal_means(rows[i].principal, ACCOUNT,
							 "arn:aws:iam::" ACCOUNT ":user/ann"),
				 rows[i].means);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ids_are_numbers_of_64_bits),
		cmocka_unit_test(names_lead_back_to_their_services),
		cmocka_unit_test(principals_mean_whom_they_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
