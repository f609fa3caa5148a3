// SPDX-License-Identifier: Apache-2.0
#include "base/clock.h"
#include "base/count.h"
#include "base/refusal.h"
#include "mirror/usage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static int64_t moment(const char *text)
{
	int64_t milliseconds = 0;

	assert_true(timestamp_parse(text, &milliseconds));
	return milliseconds;
}

static struct lifetime lifetime(const char *created, const char *deleted)
{
	return (struct lifetime){.created = moment(created),
				 .deleted = deleted ? moment(deleted) : 0};
}

static void test_partial_hours_are_whole(void **state)
{
	(void)state;
	static const struct {
		const char *deleted;
		uint64_t hours;
	} rows[] = {
		{"2026-03-01T10:20:00.000Z", 1}, /* At once. */
		{"2026-03-01T10:20:00.001Z", 1},  {"2026-03-01T11:20:00.000Z", 1},
		{"2026-03-01T11:20:00.001Z", 2},  {"2026-03-02T10:20:00.000Z", 24},
		{"2026-03-02T10:20:01.000Z", 25}, {NULL, 48},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct lifetime one = lifetime("2026-03-01T10:20:00Z", rows[i].deleted);

		assert_int_equal(
			lifetime_count_hours(&one, INT64_MIN, moment("2026-03-03T10:20:00.000Z")),
			rows[i].hours);
	}
}

static void test_nothing_before_its_time(void **state)
{
	(void)state;
	struct lifetime one = lifetime("2026-03-01T10:20:00Z", NULL);

	assert_int_equal(lifetime_count_hours(&one, INT64_MIN, one.created), 0);
	assert_int_equal(lifetime_count_hours(&one, INT64_MIN, one.created + 1), 1);
	assert_int_equal(lifetime_count_hours(&one, one.created + 1, one.created + 1), 0);
	one.deleted = one.created + 1;
	assert_int_equal(lifetime_count_hours(&one, one.created + 1, INT64_MAX), 0);
}

/* However time is cut, the pieces make the whole. */
static void test_periods_sum_up(void **state)
{
	(void)state;
	static const enum usage_granularity all[] = {USAGE_TOTAL, USAGE_HOURLY, USAGE_DAILY,
						     USAGE_MONTHLY};
	struct lifetime one = lifetime("2026-02-26T23:59:59.500Z", "2026-03-02T00:10:00Z");
	int64_t from = moment("2026-02-20T05:30:00Z"), to = moment("2026-03-05T01:02:03Z");

	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		_cleanup_free_ struct usage_period *periods = NULL;
		struct refusal why = {};
		uint64_t hours = 0;
		size_t count;

		assert_int_equal(usage_periods_new(all[i], from, to, &periods, &count, &why), 0);
		assert_int_equal(periods[0].from, from);
		assert_int_equal(periods[count - 1].to, to);
		for (size_t j = 0; j < count; j++) {
			if (j > 0)
				assert_int_equal(periods[j].from, periods[j - 1].to);
			hours += lifetime_count_hours(&one, periods[j].from, periods[j].to);
		}
		assert_int_equal(hours, 73);
	}
}

static void test_months_have_their_lengths(void **state)
{
	(void)state;
	static const struct {
		const char *moment, *begin, *end;
	} rows[] = {
		{"2028-02-29T23:59:59.999Z", "2028-02-01T00:00:00Z", "2028-03-01T00:00:00Z"},
		{"2026-12-01T00:00:00.000Z", "2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(usage_period_begin(USAGE_MONTHLY, moment(rows[i].moment)),
				 moment(rows[i].begin));
		assert_int_equal(usage_period_end(USAGE_MONTHLY, moment(rows[i].moment)),
				 moment(rows[i].end));
	}
}

static void test_periods_are_bounded(void **state)
{
	(void)state;
	struct usage_period *periods = NULL;
	struct refusal why = {};
	size_t count;

	assert_int_equal(
		usage_periods_new(USAGE_HOURLY, 0, 750 * USAGE_HOUR, &periods, &count, &why), 0);
	assert_int_equal(count, 750);
	free(periods);
	assert_int_equal(
		usage_periods_new(USAGE_HOURLY, 0, 751 * USAGE_HOUR, &periods, &count, &why),
		REFUSED);
	assert_int_equal(usage_periods_new(USAGE_TOTAL, 5, 5, &periods, &count, &why), REFUSED);
}

static void test_sums_belong_to_their_day(void **state)
{
	(void)state;
	struct lifetime sum = lifetime("2026-03-01T00:00:00Z", NULL);

	sum.hours = 17;
	assert_int_equal(lifetime_count_hours(&sum, sum.created, sum.created + 1), 17);
	assert_int_equal(lifetime_count_hours(&sum, sum.created + 1, INT64_MAX), 0);
	assert_int_equal(lifetime_count_hours(&sum, INT64_MIN, sum.created), 0);
}

/* An hour costs what the price was when it began. */
static void test_prices_change(void **state)
{
	(void)state;
	struct lifetime one = lifetime("2026-12-31T22:30:00Z", "2027-01-01T02:30:00Z");
	struct price_list list = PRICE_LIST_DEFAULT;
	struct refusal why = {};

	assert_int_equal(price_list_charge(&list, &one, INT64_MIN, INT64_MAX), 4 * 15000);
	assert_int_equal(price_list_add(&list, "2027-01-01=0.02", &why), 0);
	assert_int_equal(price_list_add(&list, "2026-12-31=1", &why), 0);
	assert_int_equal(price_list_charge(&list, &one, INT64_MIN, INT64_MAX),
			 2 * 1000000 + 2 * 20000);
	assert_int_equal(price_list_charge(&list, &one, moment("2027-01-01T00:00:00Z"), INT64_MAX),
			 2 * 20000);
	assert_int_equal(price_list_get(&list, moment("2026-12-30T00:00:00Z")), 15000);
	assert_int_equal(price_list_get(&list, moment("2026-12-31T00:00:00Z")), 1000000);
	assert_int_equal(price_list_get(&list, INT64_MAX), 20000);
	/* The same day again replaces it; without a day it is the price of all time before. */
	assert_int_equal(price_list_add(&list, "2027-01-01=0", &why), 0);
	assert_int_equal(price_list_add(&list, "0.5", &why), 0);
	assert_int_equal(list.count, 3);
	assert_int_equal(price_list_get(&list, 0), 500000);
	assert_int_equal(price_list_get(&list, INT64_MAX), 0);
}

static void test_wrong_prices_are_refused(void **state)
{
	(void)state;
	static const char *const wrong[] = {
		"",    "x",  "-1",           "1.0000001",   "1001",        "1000.000001",
		"1.",  "1 ", "2027-13-01=1", "2027-1-01=1", "2027-01-01=", "=1",
		"1e3", ".5"};
	struct price_list list = PRICE_LIST_DEFAULT;
	struct refusal why = {};

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		if (price_list_add(&list, wrong[i], &why) != REFUSED)
			fail_msg("'%s' is taken for a price", wrong[i]);
	assert_int_equal(list.count, 1);
	assert_int_equal(price_list_add(&list, "1000", &why), 0);
	assert_int_equal(price_list_set_currency(&list, "EUR", &why), 0);
	assert_string_equal(list.currency, "EUR");
	assert_int_equal(price_list_set_currency(&list, "eur", &why), REFUSED);
	assert_int_equal(price_list_set_currency(&list, "EURO", &why), REFUSED);
}

static void test_amounts_are_readable(void **state)
{
	(void)state;
	static const struct {
		uint64_t millionths;
		const char *text;
	} rows[] = {{0, "0.00"},
		    {15000, "0.015"},
		    {1234567, "1.234567"},
		    {10950000, "10.95"},
		    {2000000, "2.00"}};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char text[PRICE_TEXT_MAX];

		price_format(rows[i].millionths, text);
		assert_string_equal(text, rows[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_partial_hours_are_whole),
		cmocka_unit_test(test_nothing_before_its_time),
		cmocka_unit_test(test_periods_sum_up),
		cmocka_unit_test(test_months_have_their_lengths),
		cmocka_unit_test(test_periods_are_bounded),
		cmocka_unit_test(test_sums_belong_to_their_day),
		cmocka_unit_test(test_prices_change),
		cmocka_unit_test(test_wrong_prices_are_refused),
		cmocka_unit_test(test_amounts_are_readable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
