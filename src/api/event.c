// SPDX-License-Identifier: Apache-2.0
/* What happened: CloudTrail's LookupEvents, in its own protocol and in that of the older services.
 *
 * A page is merged of the events in the store and of those that are only remembered (api/audit.h).  Where the search in the
 * store paused, the page ends, too, so that none is passed over. */
#include "control/event.h"

#include "api/audit.h"
#include "api/call.h"
#include "api/json.h"
#include "base/clock.h"
#include "sigv4/hash.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define RESULTS_MAX   50
#define HASH_DIGITS   16
#define NUMBER_DIGITS 16
#define TOKEN_SIZE    (HASH_DIGITS + NUMBER_DIGITS + 1)

struct named {
	char type[64];
	char name[TEXT_LENGTH_MAX + 1];
};

/* Bounds are judged below, in CloudTrail's words. */
static const struct parameter lookup_parameters[] = {
	{"LookupAttributes.member.N.AttributeKey", PARAMETER_TEXT},
	{"LookupAttributes.member.N.AttributeValue", PARAMETER_TEXT},
	{"StartTime", PARAMETER_TEXT},
	{"EndTime", PARAMETER_TEXT},
	{"EventCategory", PARAMETER_TEXT},
	{"MaxResults", PARAMETER_NUMBER},
	{"NextToken", PARAMETER_TEXT},
};

static int lookup_events(struct call *call, struct refusal *why);
static int read_lookup(const struct call *call, struct event_lookup *ret_lookup,
		       struct refusal *why);
static int read_attribute(const struct call *call, struct event_lookup *lookup,
			  struct refusal *why);
static int read_times(const struct call *call, struct event_lookup *lookup, struct refusal *why);
static int read_time(const struct call *call, const char *name, int64_t *ret_time,
		     struct refusal *why);
static bool parse_seconds(const char *text, int64_t *ret_milliseconds);
static int read_token(const struct call *call, int64_t *ret_before, struct refusal *why);
static int find_page(const struct call *call, struct event_lookup *lookup,
		     struct event_list *ret_list, int64_t *ret_next);
static int make_token(const struct call *call, int64_t number, char ret_token[TOKEN_SIZE]);
static bool take_resource(const char **line, struct named *ret_resource);
static void write_json(struct text *json, const struct event *event);
static void write_xml(struct text *xml, const struct event *event);

static const struct action actions[] = {
	ACTION("LookupEvents", lookup_parameters, lookup_events),
};

const struct action_table event_actions = {actions, ARRAY_SIZE(actions)};

static int lookup_events(struct call *call, struct refusal *why)
{
	_cleanup_event_list_ struct event_list list = {};
	struct event_lookup lookup = {};
	char token[TOKEN_SIZE] = "";
	int64_t next;
	int r;

	r = read_lookup(call, &lookup, why);
	if (r == 0)
		r = find_page(call, &lookup, &list, &next);
	if (r == 0 && next != INT64_MIN)
		r = make_token(call, next, token);
	if (r != 0)
		return r;
	if (!call->json) {
		xml_open(call->xml, "Events");
		for (size_t i = 0; i < list.count; i++)
			write_xml(call->xml, &list.items[i]);
		xml_close(call->xml, "Events");
		xml_text_if_set(call->xml, "NextToken", token);
		return 0;
	}
	json_open(call->xml, NULL, '{');
	json_open(call->xml, "Events", '[');
	for (size_t i = 0; i < list.count; i++)
		write_json(call->xml, &list.items[i]);
	json_close(call->xml, ']');
	if (token[0] != '\0')
		json_text(call->xml, "NextToken", token);
	json_close(call->xml, '}');
	return 0;
}

static int read_lookup(const struct call *call, struct event_lookup *ret_lookup,
		       struct refusal *why)
{
	struct event_lookup lookup = {.account = call->caller->account.text};
	const struct optional_number maximum = call_get_number(call, "MaxResults");
	const char *category = call_get_text(call, "EventCategory");
	int r;

	if (category)
		return refuse(why, REFUSE_LOOKUP_CATEGORY,
			      "There are no events of the category '%.64s', only management events",
			      category);
	if (maximum.set && (maximum.value < 1 || maximum.value > RESULTS_MAX))
		return refuse(why, REFUSE_LOOKUP_MAX_RESULTS,
			      "MaxResults is from 1 to %d, not %" PRId64, RESULTS_MAX,
			      maximum.value);
	lookup.maximum = maximum.set ? (size_t)maximum.value : RESULTS_MAX;
	r = read_attribute(call, &lookup, why);
	if (r == 0)
		r = read_times(call, &lookup, why);
	if (r == 0)
		r = read_token(call, &lookup.before, why);
	if (r == 0)
		*ret_lookup = lookup;
	return r;
}

/* As CloudTrail, one at most. */
static int read_attribute(const struct call *call, struct event_lookup *lookup, struct refusal *why)
{
	const char *const *keys, *const *values;
	size_t key_count, value_count;

	keys = arguments_get_texts(&call->arguments, "LookupAttributes.member.N.AttributeKey",
				   &key_count);
	values = arguments_get_texts(&call->arguments, "LookupAttributes.member.N.AttributeValue",
				     &value_count);
	if (key_count > 1 || key_count != value_count)
		return refuse(why, REFUSE_LOOKUP_ATTRIBUTES,
			      "A lookup has one attribute at most, with a key and a value");
	if (key_count == 0)
		return 0;
	if (!event_key_valid(keys[0]))
		return refuse(why, REFUSE_LOOKUP_ATTRIBUTES,
			      "There is no attribute '%.64s' of events", keys[0]);
	lookup->key = keys[0];
	lookup->value = values[0];
	return 0;
}

static int read_times(const struct call *call, struct event_lookup *lookup, struct refusal *why)
{
	int r;

	lookup->end = INT64_MAX;
	r = read_time(call, "StartTime", &lookup->begin, why);
	if (r == 0)
		r = read_time(call, "EndTime", &lookup->end, why);
	if (r == 0 && lookup->begin > lookup->end)
		r = refuse(why, REFUSE_LOOKUP_TIME_RANGE, "StartTime is later than EndTime");
	return r;
}

/* Leaves the time as it is if none is given. */
static int read_time(const struct call *call, const char *name, int64_t *ret_time,
		     struct refusal *why)
{
	const char *text = call_get_text(call, name);

	if (!text || timestamp_parse(text, ret_time) || parse_seconds(text, ret_time))
		return 0;
	return refuse(why, REFUSE_PARAMETER_VALUE,
		      "Value (%.64s) for parameter %s is invalid. Expecting a time in UTC, or "
		      "seconds since 1970",
		      text, name);
}

/* "1700000000", "1700000000.25": so the JSON protocol has times. */
static bool parse_seconds(const char *text, int64_t *ret_milliseconds)
{
	const size_t whole = strcspn(text, "."), fraction = strlen(text + whole);
	unsigned long long seconds, thousandths = 0;
	char digits[24];

	(void)snprintf(digits, sizeof(digits), "%.*s", (int)whole, text);
	if (whole >= sizeof(digits) || !string_to_unsigned(digits, INT64_MAX / 2000, &seconds))
		return false;
	if (fraction > 0) {
		(void)snprintf(digits, sizeof(digits), "%.3s%.*s", text + whole + 1,
			       4 - (int)MIN(fraction, 4U), "000");
		if (fraction == 1 || !string_to_unsigned(digits, 999, &thousandths))
			return false;
	}
	*ret_milliseconds = (int64_t)(seconds * 1000 + thousandths);
	return true;
}

static int read_token(const struct call *call, int64_t *ret_before, struct refusal *why)
{
	const char *token = call_get_text(call, "NextToken");
	char expected[TOKEN_SIZE], *end;
	int64_t before;
	int r;

	*ret_before = INT64_MAX;
	if (!token)
		return 0;
	if (strlen(token) != TOKEN_SIZE - 1 || strspn(token, "0123456789abcdef") != TOKEN_SIZE - 1)
		return refuse(why, REFUSE_PAGINATION_TOKEN, "The NextToken '%.64s' is not valid",
			      token);
	before = (int64_t)strtoull(token + HASH_DIGITS, &end, 16);
	r = make_token(call, before, expected);
	if (r < 0)
		return r;
	if (strcmp(token, expected) != 0)
		return refuse(why, REFUSE_PAGINATION_TOKEN,
			      "The NextToken '%.64s' is not of this request", token);
	*ret_before = before;
	return 0;
}

/* 'ret_next' is the number below which the next page begins; INT64_MIN: there is none. */
static int find_page(const struct call *call, struct event_lookup *lookup,
		     struct event_list *ret_list, int64_t *ret_next)
{
	_cleanup_event_list_ struct event_list list = {};
	int64_t reached;
	int r;

	/* What cannot be written just now is still there to be found. */
	(void)audit_keep(call->audit);
	r = control_bound_events(call->control, lookup);
	if (r == 0)
		r = control_find_events(call->control, lookup, &list, &reached);
	if (r == 0)
		r = audit_find(call->audit, lookup, &list);
	if (r < 0)
		return r;
	audit_sort(&list);
	while (list.count > 0 && list.items[list.count - 1].number < reached)
		event_fini(&list.items[--list.count]);
	for (; list.count > lookup->maximum; event_fini(&list.items[list.count]))
		reached = list.items[--list.count - 1].number;
	*ret_list = list;
	*ret_next = reached;
	list = (struct event_list){};
	return 0;
}

/* The hash, of what was asked for and of the number, tells a token that is damaged, or of another question. */
static int make_token(const struct call *call, int64_t number, char ret_token[TOKEN_SIZE])
{
	static const char *const names[] = {"LookupAttributes.member.N.AttributeKey",
					    "LookupAttributes.member.N.AttributeValue", "StartTime",
					    "EndTime"};
	_cleanup_text_ struct text asked = {};
	char hash[HASH_TEXT_SIZE];

	text_append(&asked, call->caller->account.text);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const char *value = call_get_text(call, names[i]);

		text_printf(&asked, "\n%s", value ? value : "");
	}
	text_printf(&asked, "\n%" PRId64, number);
	if (asked.failed)
		return -ENOMEM;
	hash_text(asked.data, asked.length, hash);
	(void)snprintf(ret_token, TOKEN_SIZE, "%.*s%016" PRIx64, HASH_DIGITS, hash,
		       (uint64_t)number);
	return 0;
}

/* The next of the lines "TYPE NAME"; false: there is none. */
static bool take_resource(const char **line, struct named *ret_resource)
{
	const char *name = *line + strcspn(*line, " ");
	const size_t length = strcspn(*line, "\n");

	if (length == 0)
		return false;
	(void)snprintf(ret_resource->type, sizeof(ret_resource->type), "%.*s", (int)(name - *line),
		       *line);
	(void)snprintf(ret_resource->name, sizeof(ret_resource->name), "%.*s",
		       (int)(*line + length - name - 1), name + 1);
	*line += length + 1;
	return true;
}

static void write_json(struct text *json, const struct event *event)
{
	const char *line = event->resources ? event->resources : "";
	struct named resource;

	json_open(json, NULL, '{');
	json_text(json, "EventId", event->id);
	json_text(json, "EventName", event->name);
	json_text(json, "ReadOnly", event->read_only ? "true" : "false");
	json_text(json, "AccessKeyId", event->access_key);
	json_number(json, "EventTime", event->number / 1000000);
	json_text(json, "EventSource", event->source);
	json_text(json, "Username", event->username);
	json_open(json, "Resources", '[');
	while (take_resource(&line, &resource)) {
		json_open(json, NULL, '{');
		json_text(json, "ResourceType", resource.type);
		json_text(json, "ResourceName", resource.name);
		json_close(json, '}');
	}
	json_close(json, ']');
	json_text(json, "CloudTrailEvent", event->record);
	json_close(json, '}');
}

static void write_xml(struct text *xml, const struct event *event)
{
	const char *line = event->resources ? event->resources : "";
	struct named resource;

	xml_open(xml, "member");
	xml_text(xml, "EventId", event->id);
	xml_text(xml, "EventName", event->name);
	xml_boolean(xml, "ReadOnly", event->read_only);
	xml_text(xml, "AccessKeyId", event->access_key);
	xml_time(xml, "EventTime", event->number / 1000);
	xml_text(xml, "EventSource", event->source);
	xml_text(xml, "Username", event->username);
	xml_open(xml, "Resources");
	while (take_resource(&line, &resource)) {
		xml_open(xml, "member");
		xml_text(xml, "ResourceType", resource.type);
		xml_text(xml, "ResourceName", resource.name);
		xml_close(xml, "member");
	}
	xml_close(xml, "Resources");
	xml_text(xml, "CloudTrailEvent", event->record);
	xml_close(xml, "member");
}
