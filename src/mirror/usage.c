// SPDX-License-Identifier: Apache-2.0
#include "mirror/usage.h"

#include "base/clock.h"
#include "base/count.h"
#include "base/refusal.h"
#include "base/text.h"
#include "mirror/refusals.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MILLIONTHS 1000000

static uint64_t hours_begun(const struct lifetime *lifetime, int64_t moment);
static int64_t month_begin(int64_t moment, int months);
static int price_parse(const char *text, uint32_t *ret_millionths);
static int64_t price_end(const struct price_list *list, size_t i);

uint64_t lifetime_count_hours(const struct lifetime *lifetime, int64_t from, int64_t to)
{
	if (lifetime->hours > 0)
		return from <= lifetime->created && lifetime->created < to ? lifetime->hours : 0;
	return from < to ? hours_begun(lifetime, to) - hours_begun(lifetime, from) : 0;
}

int64_t usage_period_begin(enum usage_granularity granularity, int64_t moment)
{
	switch (granularity) {
	case USAGE_HOURLY:
		return moment - (moment % USAGE_HOUR + USAGE_HOUR) % USAGE_HOUR;
	case USAGE_DAILY:
		return moment - (moment % (24 * USAGE_HOUR) + 24 * USAGE_HOUR) % (24 * USAGE_HOUR);
	case USAGE_MONTHLY:
		return month_begin(moment, 0);
	case USAGE_TOTAL:
		break;
	}
	return INT64_MIN;
}

int64_t usage_period_end(enum usage_granularity granularity, int64_t moment)
{
	switch (granularity) {
	case USAGE_HOURLY:
		return usage_period_begin(granularity, moment) + USAGE_HOUR;
	case USAGE_DAILY:
		return usage_period_begin(granularity, moment) + 24 * USAGE_HOUR;
	case USAGE_MONTHLY:
		return month_begin(moment, 1);
	case USAGE_TOTAL:
		break;
	}
	return INT64_MAX;
}

int usage_periods_new(enum usage_granularity granularity, int64_t from, int64_t to,
		      struct usage_period **ret_periods, size_t *ret_count, struct refusal *why)
{
	_cleanup_free_ struct usage_period *periods = NULL;
	size_t count = 0;

	if (from >= to)
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "The end of the time must be later than its beginning");
	periods = calloc(USAGE_PERIODS_MAX, sizeof(*periods));
	if (!periods)
		return -ENOMEM;
	for (int64_t begin = from, end; begin < to; begin = end) {
		end = usage_period_end(granularity, begin);
		if (count == USAGE_PERIODS_MAX)
			return refuse(why, REFUSE_PARAMETER_VALUE,
				      "The time has more than %d periods; ask for less of it, or "
				      "for longer periods",
				      USAGE_PERIODS_MAX);
		periods[count++] = (struct usage_period){begin, end < to ? end : to, 0, 0};
	}
	*ret_periods = TAKE_PTR(periods);
	*ret_count = count;
	return 0;
}

int price_list_add(struct price_list *list, const char *text, struct refusal *why)
{
	const char *amount = strchr(text, '=');
	struct price price = {.since = INT64_MIN};
	char day[TIMESTAMP_SIZE];
	size_t place = 0;

	if (amount) {
		(void)snprintf(day, sizeof(day), "%.*sT00:00:00Z", (int)(amount - text), text);
		if (amount - text != 10 || !timestamp_parse(day, &price.since))
			return refuse(why, REFUSE_PARAMETER_VALUE,
				      "the price '%s' does not begin with a day, as in "
				      "2027-01-01=0.02",
				      text);
	}
	if (price_parse(amount ? amount + 1 : text, &price.millionths) != 0)
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "the price '%s' is not a number from 0 to 1000 with at most six "
			      "decimals",
			      text);
	while (place < list->count && list->prices[place].since < price.since)
		place++;
	if (place == list->count || list->prices[place].since != price.since) {
		if (list->count == PRICES_MAX)
			return refuse(why, REFUSE_PARAMETER_VALUE, "there are more than %d prices",
				      PRICES_MAX);
		memmove(&list->prices[place + 1], &list->prices[place],
			(list->count - place) * sizeof(*list->prices));
		list->count++;
	}
	list->prices[place] = price;
	return 0;
}

int price_list_set_currency(struct price_list *list, const char *text, struct refusal *why)
{
	if (strlen(text) != CURRENCY_SIZE - 1 || strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != 3)
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "the currency '%s' is not three capital letters, as in EUR", text);
	(void)string_copy(list->currency, sizeof(list->currency), text);
	return 0;
}

uint64_t price_list_charge(const struct price_list *list, const struct lifetime *lifetime,
			   int64_t from, int64_t to)
{
	uint64_t cost = 0;

	for (size_t i = 0; i < list->count; i++) {
		int64_t since = i == 0 ? INT64_MIN : list->prices[i].since;
		int64_t end = price_end(list, i);

		cost += list->prices[i].millionths *
			lifetime_count_hours(lifetime, since > from ? since : from,
					     end < to ? end : to);
	}
	return cost;
}

uint32_t price_list_get(const struct price_list *list, int64_t moment)
{
	size_t i = 0;

	while (i + 1 < list->count && price_end(list, i) <= moment)
		i++;
	return list->count > 0 ? list->prices[i].millionths : 0;
}

void price_format(uint64_t millionths, char ret_text[PRICE_TEXT_MAX])
{
	int length = snprintf(ret_text, PRICE_TEXT_MAX, "%" PRIu64 ".%06" PRIu64,
			      millionths / MILLIONTHS, millionths % MILLIONTHS);
	int shortest = length - 4;

	while (length > shortest && ret_text[length - 1] == '0')
		ret_text[--length] = '\0';
}

/* Of all hours of the lifetime those that began before the moment.  One is charged always: AWS knows no free session. */
static uint64_t hours_begun(const struct lifetime *lifetime, int64_t moment)
{
	int64_t end = moment;

	if (lifetime->deleted != 0 && lifetime->deleted < end)
		end = lifetime->deleted > lifetime->created ? lifetime->deleted
							    : lifetime->created + 1;
	if (end > moment)
		end = moment;
	if (end <= lifetime->created)
		return 0;
	return (uint64_t)(end - lifetime->created - 1) / USAGE_HOUR + 1;
}

static int64_t month_begin(int64_t moment, int months)
{
	time_t seconds = (time_t)(usage_period_begin(USAGE_DAILY, moment) / 1000);
	struct tm date;

	gmtime_r(&seconds, &date);
	date = (struct tm){.tm_year = date.tm_year, .tm_mon = date.tm_mon + months, .tm_mday = 1};
	return (int64_t)timegm(&date) * 1000;
}

static int price_parse(const char *text, uint32_t *ret_millionths)
{
	static const char digits[] = "0123456789";
	size_t whole = strspn(text, digits);
	size_t fraction = text[whole] == '.' ? strspn(text + whole + 1, digits) : 0;
	uint64_t value = 0;

	if (whole == 0 || whole > 4 || fraction > 6 || (text[whole] == '.' && fraction == 0) ||
	    text[whole + (text[whole] == '.') + fraction] != '\0')
		return -EINVAL;
	for (size_t i = 0; i < whole; i++)
		value = value * 10 + (uint64_t)(text[i] - '0');
	for (size_t i = 0; i < 6; i++)
		value = value * 10 + (i < fraction ? (uint64_t)(text[whole + 1 + i] - '0') : 0);
	if (value > PRICE_MAX)
		return -ERANGE;
	*ret_millionths = (uint32_t)value;
	return 0;
}

static int64_t price_end(const struct price_list *list, size_t i)
{
	return i + 1 < list->count ? list->prices[i + 1].since : INT64_MAX;
}
