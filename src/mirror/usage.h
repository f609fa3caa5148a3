/* Session-hours: what there is to pay for.
 *
 * A session is charged for as long as it exists, whatever became of its source (AWS, "Traffic Mirroring pricing").  Its first
 * hour begins with it and the next one 3,600 seconds later; each counts in full as soon as it has begun, for the hour of
 * the clock, the day and the month in which it began, in UTC.  So whatever the periods, their sum is the same. */
#pragma once

#include "mirror/source.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct refusal;

#define USAGE_HOUR        (60 * 60 * 1000LL) /* Milliseconds, as all times here. */
#define USAGE_PERIODS_MAX 750                /* 31 days of hours, or two years of days. */

/* A session's existence; or, if 'hours' is set, that many hours of several sessions, all of which began on the day that
 * begins with 'created'. */
struct lifetime {
	struct account_id owner;
	struct resource_id source, session;
	char host[HOST_NAME_SIZE], device[DEVICE_NAME_SIZE]; /* Of the source, as it was. */
	int64_t created;
	int64_t deleted; /* 0: it is there. */
	uint64_t hours;
};

/* The hours that began from 'from' on, and before 'to' and the end of the lifetime. */
uint64_t lifetime_count_hours(const struct lifetime *lifetime, int64_t from, int64_t to);

enum usage_granularity { USAGE_TOTAL, USAGE_HOURLY, USAGE_DAILY, USAGE_MONTHLY };

struct usage_period {
	int64_t from, to;
	uint64_t hours;
	uint64_t cost; /* In millionths of the currency. */
};

/* Where the hour, day or month ends that the moment lies in; INT64_MAX of a total. */
int64_t usage_period_end(enum usage_granularity granularity, int64_t moment);
/* And where it begins. */
int64_t usage_period_begin(enum usage_granularity granularity, int64_t moment);

/* Cuts the time from 'from' to 'to' into periods, the first and the last of which may be shorter.  The array is the caller's to
 * free.  Returns 0, REFUSED (no time, or more than USAGE_PERIODS_MAX), or -ENOMEM. */
int usage_periods_new(enum usage_granularity granularity, int64_t from, int64_t to,
		      struct usage_period **ret_periods, size_t *ret_count, struct refusal *why);

#define PRICES_MAX     16
#define PRICE_MAX      1000000000 /* A thousand of the currency for an hour. */
#define PRICE_DEFAULT  15000      /* AWS's in us-east-1: 0.015 dollars. */
#define CURRENCY_SIZE  4
#define PRICE_TEXT_MAX 24

/* What an hour of a session costs, in millionths of the currency, by when the hour began. */
struct price_list {
	char currency[CURRENCY_SIZE]; /* ISO 4217. */
	struct price {
		int64_t since;
		uint32_t millionths;
	} prices[PRICES_MAX]; /* By rising 'since'; what began before all of them costs as the first says. */
	size_t count;
};

#define PRICE_LIST_DEFAULT                                                             \
	{                                                                              \
		.currency = "USD", .prices = {{INT64_MIN, PRICE_DEFAULT}}, .count = 1, \
	}

/* Takes a price in: "0.02" for all time, or "2027-01-01=0.02" from the beginning of that day on.  Returns 0 or REFUSED. */
int price_list_add(struct price_list *list, const char *text, struct refusal *why);
/* Three capital letters. */
int price_list_set_currency(struct price_list *list, const char *text, struct refusal *why);

/* What the hours of a lifetime cost that began from 'from' on and before 'to'. */
uint64_t price_list_charge(const struct price_list *list, const struct lifetime *lifetime,
			   int64_t from, int64_t to);

/* As in "0.015": at least two decimals. */
void price_format(uint64_t millionths, char ret_text[PRICE_TEXT_MAX]);

/* The price in force at the moment. */
uint32_t price_list_get(const struct price_list *list, int64_t moment);
