// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/refusal.h"
#include "mirror/refusals.h"
#include "mirror/selector.h"

#include <string.h>

/* Lists end with an empty key. */
struct example_tag {
	const char *key, *value;
};

struct example_term {
	unsigned int filter;
	const char *key, *value;
};

struct example {
	const char *what;
	struct example_term terms[4];
	struct example_tag own[3], instance[3];
	bool matches;
};

static const struct example examples[] = {
	{"one value", {{1, "app", "web"}}, {{"app", "web"}}, {}, true},
	{"another value", {{1, "app", "web"}}, {{"app", "db"}}, {}, false},
	{"values are told apart by case", {{1, "app", "web"}}, {{"app", "Web"}}, {}, false},
	{"keys are, too", {{1, "app", "web"}}, {{"App", "web"}}, {}, false},
	{"no tag", {{1, "app", "web"}}, {}, {}, false},
	{"any run", {{1, "app", "web-*"}}, {{"app", "web-1"}}, {}, true},
	{"one character", {{1, "app", "web-?"}}, {{"app", "web-12"}}, {}, false},
	{"a star that is meant", {{1, "app", "\\*"}}, {{"app", "x"}}, {}, false},
	{"keys have no wildcards", {{1, "a*", "web"}}, {{"app", "web"}}, {}, false},
	{"any value", {{1, "app", NULL}}, {{"app", ""}}, {}, true},
	{"any value, but no tag", {{1, "app", NULL}}, {{"tier", "1"}}, {}, false},
	{"an empty value", {{1, "app", ""}}, {{"app", "web"}}, {}, false},
	{"one of two values", {{1, "app", "web"}, {1, "app", "db"}}, {{"app", "db"}}, {}, true},
	{"both of two filters",
	 {{1, "app", "web"}, {2, "tier", "1"}},
	 {{"app", "web"}, {"tier", "1"}},
	 {},
	 true},
	{"one of two filters",
	 {{1, "app", "web"}, {2, "tier", "1"}},
	 {{"app", "web"}, {"tier", "2"}},
	 {},
	 false},
	{"two filters on one key",
	 {{1, "app", "web*"}, {2, "app", "*1"}},
	 {{"app", "web1"}},
	 {},
	 true},
	{"the instance's tag", {{1, "app", "web"}}, {}, {{"app", "web"}}, true},
	{"the interface's own goes before",
	 {{1, "app", "web"}},
	 {{"app", "none"}},
	 {{"app", "web"}},
	 false},
	{"one of each",
	 {{1, "app", "web"}, {2, "tier", "1"}},
	 {{"tier", "1"}},
	 {{"app", "web"}},
	 true},
	{"no filter selects nothing", {}, {{"app", "web"}}, {}, false},
};

static void tags_make(struct tags *tags, const struct example_tag *wanted)
{
	for (size_t i = 0; i < 3 && wanted[i].key; i++)
		assert_int_equal(tags_set(tags, wanted[i].key, wanted[i].value), 0);
}

static void test_matching(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(examples) / sizeof(*examples); i++) {
		const struct example *example = &examples[i];
		_cleanup_selector_ struct selector selector = {};
		_cleanup_(tags_fini) struct tags own = {}, instance = {};
		unsigned int effort = 0;

		for (size_t j = 0; j < 4 && example->terms[j].key; j++)
			assert_int_equal(selector_add_term(&selector, example->terms[j].filter,
							   example->terms[j].key,
							   example->terms[j].value),
					 0);
		tags_make(&own, example->own);
		tags_make(&instance, example->instance);
		if (selector_matches(&selector, &own, &instance, &effort) != example->matches)
			fail_msg("%s", example->what);
	}
}

static void selector_make(struct selector *selector, unsigned int filters, unsigned int values)
{
	selector->model.number = 1;
	for (unsigned int i = 0; i < filters; i++)
		for (unsigned int j = 0; j < values; j++)
			assert_int_equal(selector_add_term(selector, i, "app", "web"), 0);
}

static void test_bounds(void **state)
{
	const struct {
		unsigned int filters, values;
		int code;
	} rows[] = {
		{1, 1, REFUSE_NONE},
		{SELECTOR_FILTERS_MAX, SELECTOR_TERMS_MAX / SELECTOR_FILTERS_MAX, REFUSE_NONE},
		{SELECTOR_TERMS_MAX / SELECTOR_VALUES_MAX, SELECTOR_VALUES_MAX, REFUSE_NONE},
		{SELECTOR_TERMS_MAX / SELECTOR_VALUES_MAX + 1, SELECTOR_VALUES_MAX,
		 REFUSE_PARAMETER_VALUE},
		{SELECTOR_FILTERS_MAX + 1, 1, REFUSE_PARAMETER_VALUE},
		{1, SELECTOR_VALUES_MAX + 1, REFUSE_PARAMETER_VALUE},
		{0, 0, REFUSE_PARAMETER_MISSING},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		_cleanup_selector_ struct selector selector = {};
		struct refusal why = {};

		selector_make(&selector, rows[i].filters, rows[i].values);
		assert_int_equal(selector_validate(&selector, &why),
				 rows[i].code == REFUSE_NONE ? 0 : REFUSED);
		assert_int_equal(why.code, rows[i].code);
	}
}

/* Runs are looked for in values, so there are fewer of them; and whoever looks knows what it took. */
static void test_effort(void **state)
{
	_cleanup_(tags_fini) struct tags own = {}, instance = {};
	_cleanup_selector_ struct selector selector = {.model.number = 1};
	char run[TAG_VALUE_LENGTH_MAX + 1] = "*", value[TAG_VALUE_LENGTH_MAX + 1] = "";
	unsigned int plain = 0, effort = 0;
	struct refusal why = {};

	(void)state;
	memset(run + 1, 'a', sizeof(run) - 2);
	memset(value, 'a', sizeof(value) - 1);
	run[sizeof(run) - 2] = 'b';
	assert_int_equal(tags_set(&own, "app", value), 0);
	for (unsigned int i = 0; i < 16; i++) {
		assert_int_equal(selector_add_term(&selector, 0, "app", "a"), 0);
		assert_false(selector_matches(&selector, &own, &instance, &plain));
	}
	assert_int_equal(plain, 16 * 17 / 2);
	selector_clear_terms(&selector);
	for (unsigned int i = 0; i < 16; i++)
		assert_int_equal(selector_add_term(&selector, 0, "app", run), 0);
	assert_int_equal(selector_validate(&selector, &why), 0);
	assert_false(selector_matches(&selector, &own, &instance, &effort));
	assert_in_range(effort, 16 * 250, 16 * 260);
	assert_int_equal(selector_add_term(&selector, 1, "app", "*"), 0);
	assert_int_equal(selector_validate(&selector, &why), REFUSED);
	assert_int_equal(why.code, REFUSE_PARAMETER_VALUE);
}

static void test_keys_and_values(void **state)
{
	char long_key[TAG_KEY_LENGTH_MAX + 2] = "", long_value[TAG_VALUE_LENGTH_MAX + 2] = "";
	const struct {
		const char *key, *value;
		bool good;
	} rows[] = {
		{"tmirror:orientation", "guest", true},
		{"", "web", false},
		{long_key, "web", false},
		{"app", long_value, false},
		{"a\n", "web", false},
		{"app", NULL, true},
	};

	(void)state;
	memset(long_key, 'k', TAG_KEY_LENGTH_MAX + 1);
	memset(long_value, 'v', TAG_VALUE_LENGTH_MAX + 1);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		_cleanup_selector_ struct selector selector = {.model.number = 1};
		struct refusal why = {};

		assert_int_equal(selector_add_term(&selector, 1, rows[i].key, rows[i].value), 0);
		assert_int_equal(selector_validate(&selector, &why), rows[i].good ? 0 : REFUSED);
	}
}

/* The model is judged as a session is. */
static void test_model(void **state)
{
	_cleanup_selector_ struct selector selector = {};
	struct refusal why = {};

	(void)state;
	selector_make(&selector, 1, 1);
	selector.model.number = 0;
	assert_int_equal(selector_validate(&selector, &why), REFUSED);
	assert_int_equal(why.code, REFUSE_PARAMETER_VALUE);
}

static void test_end(void **state)
{
	struct selector selector = {};

	(void)state;
	assert_false(selector_is_over(&selector, INT64_MAX));
	selector.model.options.expires = 1000;
	assert_false(selector_is_over(&selector, 999999));
	assert_true(selector_is_over(&selector, 1000000));
	selector = (struct selector){.ending = true};
	assert_true(selector_is_over(&selector, 0));
}

static void test_sessions_alike(void **state)
{
	const struct session model = {.number = 1, .vni = 7, .description = "d"};
	struct session other = model;

	(void)state;
	(void)strcpy(other.id.text, "tms-1");
	(void)strcpy(other.source.text, "eni-1");
	other.created = 5;
	assert_true(session_alike(&model, &other));
	other.options.continues = true;
	assert_false(session_alike(&model, &other));
	other = model;
	other.options.outer_source = (struct address){.family = 4, .bytes = {10}};
	assert_false(session_alike(&model, &other));
	other = model;
	other.number = 2;
	assert_false(session_alike(&model, &other));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_matching),       cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_effort),         cmocka_unit_test(test_keys_and_values),
		cmocka_unit_test(test_model),          cmocka_unit_test(test_end),
		cmocka_unit_test(test_sessions_alike),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
