// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/count.h"
#include "mirror/id.h"

#include <stdlib.h>
#include <string.h>

#define ROUNDS 10000

static void only_well_formed_ids_are_taken(void **state)
{
	static const struct {
		enum resource_kind kind;
		const char *text;
		bool valid;
	} rows[] = {
		{RESOURCE_SESSION, "tms-05e1e21760419ecb6", true},
		{RESOURCE_SESSION, "tms-05e1e217", true},
		{RESOURCE_FILTER, "tmf-010db9a7d8056cc2d", true},
		{RESOURCE_FILTER_RULE, "tmfr-01669e70d44b9705a", true},
		{RESOURCE_INSTANCE, "i-0123456789abcdef0", true},
		{RESOURCE_SUBNET, "subnet-0123456789abcdef0", true},
		{RESOURCE_ENDPOINT, "vpce-05e1e21760419ecb6", true},
		{RESOURCE_ENDPOINT_SERVICE, "vpce-svc-05e1e21760419ecb6", true},
		{RESOURCE_ENDPOINT, "vpce-svc-05e1e21760419ecb6", false},
		{RESOURCE_ENDPOINT_SERVICE, "vpce-05e1e21760419ecb6", false},
		{RESOURCE_SESSION, "tms-05e1e21", false},
		{RESOURCE_SESSION, "tms-05e1e21760419ecb60", false},
		{RESOURCE_SESSION, "tms-05E1E21760419ECB6", false},
		{RESOURCE_SESSION, "tms-05e1e21760419ecbg", false},
		{RESOURCE_SESSION, "tms-05e1e21760419ecb6 ", false},
		{RESOURCE_SESSION, " tms-05e1e21760419ecb6", false},
		{RESOURCE_SESSION, "tms05e1e21760419ecb6", false},
		{RESOURCE_SESSION, "tmf-010db9a7d8056cc2d", false},
		{RESOURCE_FILTER, "tmfr-01669e70d44b9705a", false},
		{RESOURCE_SESSION, "tms-", false},
		{RESOURCE_SESSION, "", false},
		{RESOURCE_NONE, "", false},
		{RESOURCE_NONE, "05e1e21760419ecb6", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct resource_id id = {"before"};

		assert_int_equal(resource_id_parse(rows[i].kind, rows[i].text, &id), rows[i].valid);
		assert_string_equal(id.text, rows[i].valid ? rows[i].text : "before");
	}
}

static void every_kind_names_itself(void **state)
{
	(void)state;
	for (enum resource_kind kind = RESOURCE_NONE + 1; kind < RESOURCE_KIND_COUNT; kind++) {
		struct resource_id id = resource_id_new(kind), back;

		assert_int_equal(resource_id_kind(id.text), kind);
		assert_true(resource_id_parse(kind, id.text, &back));
		assert_true(resource_id_equal(&id, &back));
		assert_int_equal(strlen(strrchr(id.text, '-') + 1), 17);
	}
	assert_int_equal(resource_id_kind("ami-0123456789abcdef0"), RESOURCE_NONE);
	assert_int_equal(resource_id_kind(""), RESOURCE_NONE);
	assert_false(resource_id_set(&(struct resource_id){}));
}

/* Every digit takes every value: the last ones too. */
static void new_ids_use_all_digits(void **state)
{
	bool seen[17][16] = {};

	(void)state;
	for (size_t i = 0; i < ROUNDS; i++) {
		struct resource_id id = resource_id_new(RESOURCE_SESSION);

		for (size_t digit = 0; digit < 17; digit++) {
			char one[2] = {id.text[strlen("tms-") + digit]};

			seen[digit][strtoul(one, NULL, 16)] = true;
		}
	}
	for (size_t i = 0; i < sizeof(seen); i++)
		assert_true(((const bool *)seen)[i]);
}

/* The values are those of another implementation; hosts keep their ids over upgrades only if they never change. */
static void derived_ids_stay(void **state)
{
	struct resource_id id = resource_id_derive(RESOURCE_INSTANCE, "host-1/eth0");

	(void)state;
	assert_string_equal(id.text, "i-ce6fcb85d938c4167");
	id = resource_id_derive(RESOURCE_VPC, "");
	assert_string_equal(id.text, "vpc-2647e030782ee7599");
	id = resource_id_derive(RESOURCE_SUBNET, "a");
	assert_string_equal(id.text, "subnet-f75b3a7c6d8bb21ae");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_well_formed_ids_are_taken),
		cmocka_unit_test(every_kind_names_itself),
		cmocka_unit_test(new_ids_use_all_digits),
		cmocka_unit_test(derived_ids_stay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
