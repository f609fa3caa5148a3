// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/base64.h"
#include "base/count.h"
#include "base/random.h"
#include "base/text.h"

#include <string.h>

/* RFC 4648, section 10. */
static void test_examples(void **state)
{
	static const char *const examples[][2] = {
		{"", ""},
		{"f", "Zg=="},
		{"fo", "Zm8="},
		{"foo", "Zm9v"},
		{"foob", "Zm9vYg=="},
		{"fooba", "Zm9vYmE="},
		{"foobar", "Zm9vYmFy"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(examples); i++) {
		_cleanup_text_ struct text text = {};
		char bytes[8];
		size_t size;

		text_append(&text, "");
		base64_append(&text, examples[i][0], strlen(examples[i][0]));
		assert_string_equal(text.data, examples[i][1]);
		assert_true(base64_decode(examples[i][1], bytes, sizeof(bytes), &size));
		assert_int_equal(size, strlen(examples[i][0]));
		assert_memory_equal(bytes, examples[i][0], size);
	}
}

static void test_any_bytes(void **state)
{
	uint8_t bytes[300], back[300];

	(void)state;
	random_bytes(bytes, sizeof(bytes));
	for (size_t size = 0; size <= sizeof(bytes); size++) {
		_cleanup_text_ struct text text = {};
		size_t decoded;

		text_append(&text, "");
		base64_append(&text, bytes, size);
		assert_false(text.failed);
		assert_true(base64_decode(text.data, back, size, &decoded));
		assert_int_equal(decoded, size);
		assert_memory_equal(back, bytes, size);
		if (size > 0)
			assert_false(base64_decode(text.data, back, size - 1, &decoded));
	}
}

static void test_other_texts(void **state)
{
	static const char *const texts[] = {
		"Z",    "Zg",   "Zg=",      "=",        "====",    "Z===",
		"Zh==", "Zm9=", "Zg==Zg==", "Zm9v\n",   "Zm 9",    "Zm9-",
		"Zg=a", "Zm9_", "Zm9vZg=",  "Zm9v====", "Zm9\xc3",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		char bytes[16];
		size_t size;

		if (base64_decode(texts[i], bytes, sizeof(bytes), &size))
			fail_msg("'%s' was taken", texts[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_examples),
		cmocka_unit_test(test_any_bytes),
		cmocka_unit_test(test_other_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
