// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "agent/controllers.h"
#include "agent/skew.h"
#include "base/count.h"
#include "base/refusal.h"

#include <string.h>

static void test_lists(void **state)
{
	struct controllers controllers = {};
	struct refusal why = {};

	(void)state;
	assert_int_equal(controllers_parse("https://a:8773/, http://[::1]:1", &controllers, &why),
			 0);
	assert_int_equal(controllers.count, 2);
	assert_string_equal(controllers.urls[0], "https://a:8773");
	assert_string_equal(controllers.urls[1], "http://[::1]:1");
	assert_int_equal(controllers.current, 0);
}

static void test_what_is_no_list(void **state)
{
	static const char *const texts[] = {
		"a:8773",
		"https://a,",
		"https://a,,https://b",
		"https://a,ftp://b",
		"http://1,http://2,http://3,http://4,http://5,http://6,http://7,http://8,http://9",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct controllers controllers = {};
		struct refusal why = {};
		const int expected = i == 1 ? 0 : REFUSED; /* A comma at the end is no URL. */

		assert_int_equal(controllers_parse(texts[i], &controllers, &why), expected);
	}
}

/* Of several lines that fail at the same one, one moves on. */
static void test_turns(void **state)
{
	struct controllers controllers = {};
	struct refusal why = {};

	(void)state;
	assert_int_equal(controllers_parse("http://a,http://b,http://c", &controllers, &why), 0);
	controllers_leave(&controllers, 0);
	controllers_leave(&controllers, 0);
	assert_int_equal(controllers.current, 1);
	controllers_leave(&controllers, 1);
	controllers_leave(&controllers, 2);
	assert_int_equal(controllers.current, 0);
}

/* From half of a pause to one and a half, which doubles from turn to turn up to ten seconds. */
static void test_pauses(void **state)
{
	struct controllers one = {.count = 1}, three = {.count = 3};
	unsigned int longest = 100;

	(void)state;
	for (unsigned int failures = 1; failures < 1000; failures++) {
		assert_int_equal(controllers_pause(&one, failures, 0), longest / 2);
		assert_int_equal(controllers_pause(&one, failures, longest - 1),
				 longest / 2 + longest - 1);
		longest = MIN(longest * 2, 10000u);
	}
	assert_int_equal(controllers_pause(&three, 4, 0), 50);
	assert_int_equal(controllers_pause(&three, 5, 0), 50);
	assert_int_equal(controllers_pause(&three, 6, 0), 100);
	assert_int_equal(controllers_pause(&three, 7, 0), 50);
	assert_int_equal(controllers_pause(&three, 9, 0), 200);
}

static void test_skew(void **state)
{
	int64_t skew = 1;

	(void)state;
	assert_true(skew_learn("Sun, 06 Nov 1994 08:49:37 GMT", 784111777000, &skew));
	assert_int_equal(skew, 0);
	assert_true(skew_learn("Sun, 06 Nov 1994 08:49:37 GMT", 784111777000 - 3600000, &skew));
	assert_int_equal(skew, 3600000);
	assert_true(skew_learn("Sun, 06 Nov 1994 08:49:37 GMT", 784111777000 + 1, &skew));
	assert_int_equal(skew, -1);
	assert_false(skew_learn("", 0, &skew));
	assert_false(skew_learn("yesterday", 0, &skew));
	assert_false(skew_learn("Sun, 06 Nov 1994 08:49:37 GMT and more", 0, &skew));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lists), cmocka_unit_test(test_what_is_no_list),
		cmocka_unit_test(test_turns), cmocka_unit_test(test_pauses),
		cmocka_unit_test(test_skew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
