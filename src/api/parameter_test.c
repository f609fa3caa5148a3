// SPDX-License-Identifier: Apache-2.0
#include "api/parameter.h"

#include "api/form.h"
#include "base/count.h"
#include "base/text.h"
#include "mirror/refusals.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

static const struct parameter rows[] = {
	{"Name", PARAMETER_TEXT, .required = true, .maximum = 8},
	{"Size", PARAMETER_NUMBER},
	{"Share", PARAMETER_NUMBER, .minimum = 1, .maximum = 100},
	{"Flag", PARAMETER_BOOLEAN},
	{"Kind", PARAMETER_TEXT, .words = "one|two"},
	{"Id.N", PARAMETER_TEXT},
	{"Few.N", PARAMETER_TEXT, .elements = 2},
	{"Filter.N.Name", PARAMETER_TEXT},
	{"Filter.N.Value.N", PARAMETER_TEXT},
	{"Range.From", PARAMETER_NUMBER},
	{"ClientToken", PARAMETER_TEXT},
	{"DryRun", PARAMETER_BOOLEAN},
};

static int bind(const char *text, struct form *form, struct arguments *arguments,
		struct refusal *why)
{
	assert_int_equal(form_decode(form, text, strlen(text), why), 0);
	return arguments_bind(rows, ARRAY_SIZE(rows), form, arguments, why);
}

static void test_binds_every_type(void **state)
{
	_cleanup_arguments_ struct arguments arguments = {};
	_cleanup_form_ struct form form = {};
	int64_t number;

	(void)state;
	assert_int_equal(bind("Action=X&Version=Y&X-Amz-Date=Z&Name=n&Size=-7&Share=100&Flag=True"
			      "&Kind=two&Range.From=0&AWSAccessKeyId=k",
			      &form, &arguments, NULL),
			 0);
	assert_string_equal(arguments_get_text(&arguments, "Name"), "n");
	assert_true(arguments_get_number(&arguments, "Size", &number));
	assert_int_equal(number, -7);
	assert_true(arguments_get_number(&arguments, "Share", &number));
	assert_int_equal(number, 100);
	assert_true(arguments_get_boolean(&arguments, "Flag"));
	assert_false(arguments_get_boolean(&arguments, "DryRun"));
	assert_string_equal(arguments_get_text(&arguments, "Kind"), "two");
	assert_true(arguments_get_number(&arguments, "Range.From", &number));
	assert_null(arguments_get_text(&arguments, "ClientToken"));
}

static void test_lists_come_by_index(void **state)
{
	_cleanup_arguments_ struct arguments arguments = {};
	_cleanup_form_ struct form form = {};
	const struct argument *values;
	const char *const *ids;
	size_t count;

	(void)state;
	assert_int_equal(bind("Id.10=c&Name=n&Id.2=b&Id.1=a&Filter.2.Value.1=y&Filter.1.Value.2=x"
			      "&Filter.1.Value.1=w",
			      &form, &arguments, NULL),
			 0);
	ids = arguments_get_texts(&arguments, "Id.N", &count);
	assert_int_equal(count, 3);
	assert_string_equal(ids[0], "a");
	assert_string_equal(ids[1], "b");
	assert_string_equal(ids[2], "c");
	values = arguments_get_list(&arguments, "Filter.N.Value.N", &count);
	assert_int_equal(count, 3);
	assert_string_equal(values[0].value, "w");
	assert_string_equal(values[1].value, "x");
	assert_string_equal(values[2].value, "y");
	assert_int_equal(values[2].index[0], 2);
	assert_null(arguments_get_texts(&arguments, "Filter.N.Name", &count));
	assert_int_equal(count, 0);
}

/* A form of so many elements, all of them alike. */
static void list_write(struct text *text, const char *name, unsigned int count)
{
	text_clear(text);
	text_append(text, "Name=n");
	for (unsigned int i = 1; i <= count; i++)
		text_printf(text, "&%s.%u=x", name, i);
}

static void test_lists_are_bounded(void **state)
{
	static const struct {
		const char *name;
		unsigned int maximum;
		const char *words;
	} cases[] = {
		{"Id", LIST_ELEMENTS_MAX, "The list Id.N has more than the possible 1000 elements"},
		{"Few", 2, "The list Few.N has more than the possible 2 elements"},
	};
	_cleanup_text_ struct text text = {};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		for (unsigned int more = 0; more < 2; more++) {
			_cleanup_arguments_ struct arguments arguments = {};
			_cleanup_form_ struct form form = {};
			struct refusal why = {};

			list_write(&text, cases[i].name, cases[i].maximum + more);
			assert_int_equal(bind(text.data, &form, &arguments, &why),
					 more ? REFUSED : 0);
			if (more) {
				assert_int_equal(why.code, REFUSE_PARAMETER_VALUE);
				assert_string_equal(why.text, cases[i].words);
			}
		}
}

static void test_refuses(void **state)
{
	static const struct {
		const char *form;
		int code;
		const char *words;
	} cases[] = {
		{"Size=1", REFUSE_PARAMETER_MISSING, "The request must contain the parameter Name"},
		{"Name=n&Nmae=x", REFUSE_PARAMETER_UNKNOWN, "The parameter Nmae is not recognized"},
		{"name=n", REFUSE_PARAMETER_UNKNOWN, "The parameter name is not recognized"},
		{"Name=n&Id.0=x", REFUSE_PARAMETER_UNKNOWN, "The parameter Id.0 is not recognized"},
		{"Name=n&Id.01=x", REFUSE_PARAMETER_UNKNOWN,
		 "The parameter Id.01 is not recognized"},
		{"Name=n&Id.999999999999=x", REFUSE_PARAMETER_UNKNOWN,
		 "The parameter Id.999999999999 is not recognized"},
		{"Name=n&Id=x", REFUSE_PARAMETER_UNKNOWN, "The parameter Id is not recognized"},
		{"Name=n&Id.1.2=x", REFUSE_PARAMETER_UNKNOWN,
		 "The parameter Id.1.2 is not recognized"},
		{"Name=n&Name=m", REFUSE_PARAMETER_COMBINATION,
		 "The parameter Name is given more than once"},
		{"Name=n&Id.3=a&Id.3=b", REFUSE_PARAMETER_COMBINATION,
		 "The parameter Id.3 is given more than once"},
		{"Name=123456789", REFUSE_PARAMETER_VALUE,
		 "Value (123456789...) for parameter Name is invalid. It has 9 characters, and "
		 "may have 8"},
		{"Name=%01", REFUSE_PARAMETER_VALUE,
		 "The value for parameter Name is invalid. It contains control characters or is "
		 "not UTF-8"},
		{"Name=%ff", REFUSE_PARAMETER_VALUE,
		 "The value for parameter Name is invalid. It contains control characters or is "
		 "not UTF-8"},
		{"Name=n&Size=12x", REFUSE_PARAMETER_VALUE,
		 "Value (12x) for parameter Size is invalid. Expecting an integer"},
		{"Name=n&Size=", REFUSE_PARAMETER_VALUE,
		 "Value () for parameter Size is invalid. Expecting an integer"},
		{"Name=n&Size=2147483648", REFUSE_PARAMETER_VALUE,
		 "Value (2147483648) for parameter Size is invalid. Expecting an integer from "
		 "-2147483648 to 2147483647"},
		{"Name=n&Size=99999999999999999999", REFUSE_PARAMETER_VALUE,
		 "Value (99999999999999999999) for parameter Size is invalid. Expecting an "
		 "integer"},
		{"Name=n&Share=0", REFUSE_PARAMETER_VALUE,
		 "Value (0) for parameter Share is invalid. Expecting an integer from 1 to 100"},
		{"Name=n&Flag=yes", REFUSE_PARAMETER_VALUE,
		 "Value (yes) for parameter Flag is invalid. Expecting true or false"},
		{"Name=n&Kind=three", REFUSE_PARAMETER_VALUE,
		 "Value (three) for parameter Kind is invalid. Expecting one of: one|two"},
		{"Name=n&Kind=one|two", REFUSE_PARAMETER_VALUE,
		 "Value (one|two) for parameter Kind is invalid. Expecting one of: one|two"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_arguments_ struct arguments arguments = {};
		_cleanup_form_ struct form form = {};
		struct refusal why = {};

		assert_int_equal(bind(cases[i].form, &form, &arguments, &why), REFUSED);
		assert_string_equal(why.text, cases[i].words);
		assert_int_equal(why.code, cases[i].code);
		assert_int_equal(arguments.count, 0);
	}
}

/* As some clients send it. */
static void test_passes_over_empty_lists(void **state)
{
	_cleanup_arguments_ struct arguments arguments = {};
	_cleanup_form_ struct form form = {};

	(void)state;
	assert_int_equal(bind("Name=n&Id=&Filter=", &form, &arguments, NULL), 0);
	assert_int_equal(arguments.count, 1);
}

static void test_length_counts_characters(void **state)
{
	_cleanup_arguments_ struct arguments arguments = {};
	_cleanup_form_ struct form form = {};

	(void)state;
	assert_int_equal(bind("Name=%C3%A9%C3%A9%C3%A9%C3%A9%C3%A9%C3%A9%C3%A9%C3%A9", &form,
			      &arguments, NULL),
			 0);
}

/* Order, spelling of indexes and what makes no difference are no difference; a value never passes for a name. */
static void test_canonical_text(void **state)
{
	static const struct {
		const char *a, *b;
		bool same;
	} cases[] = {
		{"Name=n&Size=1&Id.1=x", "Id.1=x&Size=1&Name=n&DryRun=true&ClientToken=t", true},
		{"Name=n&Size=1", "Name=n&Size=2", false},
		{"Name=n&Id.1=x&Id.2=y", "Name=n&Id.1=y&Id.2=x", false},
		{"Name=n&Kind=one", "Name=n", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_arguments_ struct arguments a = {}, b = {};
		_cleanup_form_ struct form form_a = {}, form_b = {};
		_cleanup_text_ struct text text_a = {}, text_b = {};

		assert_int_equal(bind(cases[i].a, &form_a, &a, NULL), 0);
		assert_int_equal(bind(cases[i].b, &form_b, &b, NULL), 0);
		arguments_append_canonical(&text_a, &a);
		arguments_append_canonical(&text_b, &b);
		assert_int_equal(strcmp(text_a.data, text_b.data) == 0, cases[i].same);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_binds_every_type),
		cmocka_unit_test(test_lists_come_by_index),
		cmocka_unit_test(test_lists_are_bounded),
		cmocka_unit_test(test_refuses),
		cmocka_unit_test(test_passes_over_empty_lists),
		cmocka_unit_test(test_length_counts_characters),
		cmocka_unit_test(test_canonical_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
