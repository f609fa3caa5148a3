// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "access/seal.h"
#include "base/cleanup.h"

#include <string.h>

static const struct seal_key key = {"0123456789abcdef0123456789abcde"}, other = {"another"};

static void test_what_is_sealed_opens(void **state)
{
	static const char secret[] = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
	_cleanup_free_ char *text = NULL, *again = NULL, *opened = NULL;
	size_t size;

	(void)state;
	assert_int_equal(seal_close(&key, "secret", secret, strlen(secret), &text), 0);
	assert_int_equal(seal_close(&key, "secret", secret, strlen(secret), &again), 0);
	assert_string_not_equal(text, again);
	assert_null(strstr(text, "wJalr"));
	assert_int_equal(seal_open(&key, "secret", text, &opened, &size), 0);
	assert_int_equal(size, strlen(secret));
	assert_string_equal(opened, secret);
}

static void test_nothing_else_opens(void **state)
{
	_cleanup_free_ char *text = NULL, *opened = NULL;
	size_t size;

	(void)state;
	assert_int_equal(seal_close(&key, "secret", "abc", 3, &text), 0);
	assert_int_equal(seal_open(&other, "secret", text, &opened, &size), SEAL_BROKEN);
	assert_int_equal(seal_open(&key, "token", text, &opened, &size), SEAL_BROKEN);
	assert_int_equal(seal_open(&key, "secret", "", &opened, &size), SEAL_BROKEN);
	assert_int_equal(seal_open(&key, "secret", "no base64!", &opened, &size), SEAL_BROKEN);
	for (size_t i = 0; text[i] && text[i] != '='; i++) {
		char kept = text[i];

		text[i] = kept == 'A' ? 'B' : 'A';
		if (seal_open(&key, "secret", text, &opened, &size) != SEAL_BROKEN)
			fail_msg("character %zu may be changed", i);
		text[i] = kept;
	}
	assert_null(opened);
}

static void test_nothing_can_be_sealed(void **state)
{
	_cleanup_free_ char *text = NULL, *opened = NULL;
	size_t size = 1;

	(void)state;
	assert_int_equal(seal_close(&key, "", "", 0, &text), 0);
	assert_int_equal(seal_open(&key, "", text, &opened, &size), 0);
	assert_int_equal(size, 0);
}

static void test_a_key_is_kept_as_text(void **state)
{
	static const char *const bad[] = {
		"",
		"30313233343536373839616263646566303132333435363738396162636465",
		"3031323334353637383961626364656630313233343536373839616263646566 ",
		"3031323334353637383961626364656630313233343536373839616263646566a",
		"303132333435363738396162636465663031323334353637383961626364656G",
	};
	char text[SEAL_KEY_TEXT_SIZE + 1];
	struct seal_key read = {};

	(void)state;
	seal_key_format(&other, text);
	assert_int_equal(strlen(text), SEAL_KEY_TEXT_SIZE - 1);
	assert_true(seal_key_parse(text, &read));
	assert_memory_equal(&read, &other, sizeof(read));
	strcat(text, "\n");
	assert_true(seal_key_parse(text, &read));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(seal_key_parse(bad[i], &read));
	assert_memory_equal(&read, &other, sizeof(read));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_sealed_opens),
		cmocka_unit_test(test_nothing_else_opens),
		cmocka_unit_test(test_nothing_can_be_sealed),
		cmocka_unit_test(test_a_key_is_kept_as_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
