// SPDX-License-Identifier: Apache-2.0
#include "cli/arguments.h"

#include "base/count.h"
#include "base/refusal.h"
#include "base/text.h"
#include "sdk/request.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

static const struct argument_row own_rows[] = {
	{.name = "ID", .word = true, .required = true, .form = FORM_OWN},
	{.name = "REST", .word = true, .repeated = true, .form = FORM_OWN},
	{.name = "length", .letter = 'l', .value = "BYTES", .parameter = "Length"},
	{.name = "field", .value = "F", .parameter = "Field", .form = FORM_LIST, .repeated = true},
	{.name = "ports", .value = "RANGE", .parameter = "Ports", .form = FORM_RANGE},
	{.name = "protocol", .value = "P", .parameter = "Protocol", .form = FORM_PROTOCOL},
	{.name = "tag",
	 .letter = 't',
	 .value = "K=V",
	 .parameter = "TagSpecification",
	 .form = FORM_TAG,
	 .repeated = true},
	{.name = "filter",
	 .value = "N=V",
	 .parameter = "Filter",
	 .form = FORM_FILTER,
	 .repeated = true},
	{.name = "dry-run", .parameter = "DryRun", .form = FORM_SWITCH},
	{.name = "no-dry-run", .parameter = "DryRun", .form = FORM_SWITCH_OFF},
	{.name = "rate", .value = "N", .parameter = "Rate", .form = FORM_QUANTITY},
	{.name = "end", .value = "E", .parameter = "X", .form = FORM_END},
};
static const struct argument_rows own = {own_rows, ARRAY_SIZE(own_rows)};

static const struct argument_row shared_rows[] = {
	{.name = "output", .letter = 'o', .value = "FORM", .form = FORM_OWN},
	{.name = "help", .letter = 'h', .form = FORM_OWN, .is_switch = true, .repeated = true},
};
static const struct argument_rows shared = {shared_rows, ARRAY_SIZE(shared_rows)};

/* Parses a line of words separated by single blanks; "" is no word. */
static int parse(const char *line, struct arguments *arguments, char *storage, size_t size,
		 struct refusal *why)
{
	char *words[32] = {(char[]){"verb"}};
	int count = 1, next, r;

	assert_true(string_copy(storage, size, line));
	for (char *word = strtok(storage, " "); word; word = strtok(NULL, " "))
		words[count++] = word;
	r = arguments_parse(&own, &shared, count, words, arguments, &next, why);
	return r == 0 ? arguments_check(arguments, &own, why) : r;
}

static void lines_become_parameters(void **state _unused_)
{
	static const struct {
		const char *line, *body;
	} cases[] = {
		{"x", ""},
		{"--length 5 x", "&Length=5"},
		{"x --length=5", "&Length=5"},
		{"x -l 5", "&Length=5"},
		{"x -l5", "&Length=5"},
		{"x --length=", "&Length="},
		{"x --length -5", "&Length=-5"},
		{"x --field a,b --field c", "&Field.1=a&Field.2=b&Field.3=c"},
		{"x --ports 80", "&Ports.FromPort=80&Ports.ToPort=80"},
		{"x --ports 80-90", "&Ports.FromPort=80&Ports.ToPort=90"},
		{"x --ports 80-", "&Ports.FromPort=80&Ports.ToPort="},
		{"x --protocol tcp", "&Protocol=6"},
		{"x --protocol 6", "&Protocol=6"},
		{"x --protocol ipx", "&Protocol=ipx"},
		{"x -t a=b=c --tag d",
		 "&TagSpecification.1.ResourceType=thing&TagSpecification.1.Tag.1.Key=a"
		 "&TagSpecification.1.Tag.1.Value=b%3Dc&TagSpecification.1.Tag.2.Key=d"
		 "&TagSpecification.1.Tag.2.Value="},
		{"x --filter a=1,2 --filter tag:b=3",
		 "&Filter.1.Name=a&Filter.1.Value.1=1&Filter.1.Value.2=2"
		 "&Filter.2.Name=tag%3Ab&Filter.2.Value.1=3"},
		{"x --dry-run", "&DryRun=true"},
		{"x --no-dry-run", "&DryRun=false"},
		{"x --rate 8000", "&Rate=8000"},
		{"x --rate 10k", "&Rate=10000"},
		{"x --rate 10M", "&Rate=10000000"},
		{"x --rate 1G", "&Rate=1000000000"},
		{"x --rate 18446744T", "&Rate=18446744000000000000"},
		{"x --rate 18446745T", "&Rate=18446745T"},
		{"x --rate 1.5M", "&Rate=1.5M"},
		{"x --rate M", "&Rate=M"},
		{"x --rate 10m", "&Rate=10m"},
		{"x --rate 10MM", "&Rate=10MM"},
		{"x --end 90s", "&X.DurationSeconds=90"},
		{"x --end 2h", "&X.DurationSeconds=7200"},
		{"x --end 1w", "&X.DurationSeconds=604800"},
		{"x --end 1M", "&X.ExpirationTime=1M"},
		{"x --end never", "&X.ExpirationTime=never"},
		{"x --end=", "&X.ExpirationTime="},
		{"x --end 2026-01-02T03:04:05Z", "&X.ExpirationTime=2026-01-02T03%3A04%3A05Z"},
		{"x -o json -h -h", ""},
		{"x y z", ""},
	};
	static const char head[] = "Action=A&Version=2016-11-15";

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;
		_cleanup_arguments_ struct arguments arguments = {};
		_cleanup_text_ struct text body = {};
		struct refusal why = {};
		char storage[128];

		assert_int_equal(parse(cases[i].line, &arguments, storage, sizeof(storage), &why),
				 0);
		assert_int_equal(tmirror_request_new("A", &request), 0);
		assert_int_equal(arguments_fill(&arguments, "thing", request, &why), 0);
		assert_int_equal(request_encode(request, NULL, &body), 0);
		assert_memory_equal(body.data, head, strlen(head));
		assert_string_equal(body.data + strlen(head), cases[i].body);
		assert_string_equal(arguments_get(&arguments, "ID"), "x");
	}
}

static void nonsense_is_refused(void **state _unused_)
{
	static const struct {
		const char *line, *words;
	} cases[] = {
		{"", "ID is missing"},
		{"x --size 5", "unknown option '--size'"},
		{"x --lengt 5", "unknown option '--lengt'"},
		{"x --lengths 5", "unknown option '--lengths'"},
		{"x -z", "unknown option '-z'"},
		{"x --length", "option '--length' needs a value: BYTES"},
		{"x --length 1 --length 2", "option '--length' is given twice"},
		{"x --dry-run=yes", "option '--dry-run' takes no value"},
		{"x --no-dry-run=yes", "option '--no-dry-run' takes no value"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_arguments_ struct arguments arguments = {};
		struct refusal why = {};
		char storage[128];

		assert_int_equal(parse(cases[i].line, &arguments, storage, sizeof(storage), &why),
				 REFUSED);
		assert_string_equal(why.text, cases[i].words);
	}
}

static void a_filter_has_a_value(void **state _unused_)
{
	_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;
	_cleanup_arguments_ struct arguments arguments = {};
	struct refusal why = {};
	char storage[32];

	assert_int_equal(parse("x --filter abc", &arguments, storage, sizeof(storage), &why), 0);
	assert_int_equal(tmirror_request_new("A", &request), 0);
	assert_int_equal(arguments_fill(&arguments, "", request, &why), REFUSED);
	assert_string_equal(why.text, "filter 'abc' is not of the form NAME=VALUE");
}

static void words_that_repeat_come_in_order(void **state _unused_)
{
	_cleanup_arguments_ struct arguments arguments = {};
	const struct argument *word = NULL;
	char storage[64], seen[8] = "";

	assert_int_equal(parse("x a -h -- --b -", &arguments, storage, sizeof(storage), NULL), 0);
	while ((word = arguments_next(&arguments, "REST", word)))
		strncat(seen, word->value, sizeof(seen) - strlen(seen) - 1);
	assert_string_equal(seen, "a--b-");
}

static void without_rows_the_first_word_ends(void **state _unused_)
{
	char *words[] = {(char[]){"tmirror"}, (char[]){"-o"}, (char[]){"json"}, (char[]){"session"},
			 (char[]){"-x"}};
	_cleanup_arguments_ struct arguments arguments = {};
	int next;

	assert_int_equal(
		arguments_parse(NULL, &shared, ARRAY_SIZE(words), words, &arguments, &next, NULL),
		0);
	assert_int_equal(next, 3);
	assert_string_equal(arguments_get(&arguments, "output"), "json");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_become_parameters),
		cmocka_unit_test(nonsense_is_refused),
		cmocka_unit_test(a_filter_has_a_value),
		cmocka_unit_test(words_that_repeat_come_in_order),
		cmocka_unit_test(without_rows_the_first_word_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
