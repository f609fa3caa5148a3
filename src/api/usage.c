// SPDX-License-Identifier: Apache-2.0
/* What sessions cost.  An extension action: AWS has a service of its own for bills, of another protocol. */
#include "control/usage.h"

#include "api/call.h"

#include <string.h>

static const struct parameter describe_parameters[] = {
	{"StartTime", PARAMETER_TEXT},
	{"EndTime", PARAMETER_TEXT},
	{"Granularity", PARAMETER_TEXT, .words = "total|hourly|daily|monthly"},
	{"GroupBy", PARAMETER_TEXT, .words = "account|source|session"},
	{"AccountId", PARAMETER_TEXT, .key = "tmirror:AccountId"},
	FILTER_PARAMETERS,
	PAGE_PARAMETERS,
	DRY_RUN_PARAMETER,
};

static int describe_usage(struct call *call, struct refusal *why);
static unsigned int get_word(const struct call *call, const char *name, const char *const *words,
			     unsigned int count, unsigned int fallback);
static void write_usage(struct call *call, const struct usage_record *record);
static void write_amount(struct call *call, uint64_t hours, uint64_t cost);

static const struct action actions[] = {
	ACTION("DescribeTrafficMirrorUsage", describe_parameters, describe_usage),
};

const struct action_table usage_actions = {actions, ARRAY_SIZE(actions)};

static int describe_usage(struct call *call, struct refusal *why)
{
	static const char *const granularities[] = {
		[USAGE_TOTAL] = "total",
		[USAGE_HOURLY] = "hourly",
		[USAGE_DAILY] = "daily",
		[USAGE_MONTHLY] = "monthly",
	};
	static const char *const groups[] = {
		[USAGE_BY_ACCOUNT] = "account",
		[USAGE_BY_SOURCE] = "source",
		[USAGE_BY_SESSION] = "session",
	};
	const struct usage_wish wish = {
		.account = call_get_text(call, "AccountId"),
		.from = call_get_text(call, "StartTime"),
		.to = call_get_text(call, "EndTime"),
		.granularity = get_word(call, "Granularity", granularities,
					ARRAY_SIZE(granularities), USAGE_TOTAL),
		.group = get_word(call, "GroupBy", groups, ARRAY_SIZE(groups), USAGE_BY_SESSION),
	};
	_cleanup_(usage_page_fini) struct usage_page page = {};
	struct query query;
	int r;

	r = call_get_query(call, NULL, &query, why);
	if (r == 0)
		r = control_describe_usage(call->control, call->caller, &wish, &query, &page, why);
	if (r != 0)
		return r;
	xml_time(call->xml, "startTime", page.from);
	xml_time(call->xml, "endTime", page.to);
	xml_open(call->xml, "trafficMirrorUsageSet");
	for (size_t i = 0; i < page.count; i++)
		write_usage(call, &page.items[i]);
	xml_close(call->xml, "trafficMirrorUsageSet");
	call_write_next(call, page.next_token);
	return 0;
}

/* The place of a parameter's word among those that it can have. */
static unsigned int get_word(const struct call *call, const char *name, const char *const *words,
			     unsigned int count, unsigned int fallback)
{
	const char *word = call_get_text(call, name);

	for (unsigned int i = 0; word && i < count; i++)
		if (strcmp(word, words[i]) == 0)
			return i;
	return fallback;
}

static void write_usage(struct call *call, const struct usage_record *record)
{
	const struct lifetime *group = &record->group;

	xml_open(call->xml, "item");
	xml_text(call->xml, "accountId", group->owner.text);
	xml_text_if_set(call->xml, "networkInterfaceId", group->source.text);
	xml_text_if_set(call->xml, "hostName", group->host);
	xml_text_if_set(call->xml, "deviceName", group->device);
	if (group->hours == 0)
		xml_text_if_set(call->xml, "trafficMirrorSessionId", group->session.text);
	if (group->created > 0 && group->hours == 0)
		xml_time(call->xml, "creationTime", group->created);
	if (group->deleted > 0 && group->hours == 0)
		xml_time(call->xml, "deletionTime", group->deleted);
	xml_text(call->xml, "currency", control_get_prices(call->control)->currency);
	write_amount(call, record->hours, record->cost);
	xml_open(call->xml, "periodSet");
	for (size_t i = 0; i < record->period_count; i++) {
		xml_open(call->xml, "item");
		xml_time(call->xml, "startTime", record->periods[i].from);
		xml_time(call->xml, "endTime", record->periods[i].to);
		write_amount(call, record->periods[i].hours, record->periods[i].cost);
		xml_close(call->xml, "item");
	}
	xml_close(call->xml, "periodSet");
	xml_close(call->xml, "item");
}

static void write_amount(struct call *call, uint64_t hours, uint64_t cost)
{
	char text[PRICE_TEXT_MAX];

	price_format(cost, text);
	xml_count(call->xml, "hours", hours);
	xml_text(call->xml, "cost", text);
}
