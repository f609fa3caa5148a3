// SPDX-License-Identifier: Apache-2.0
/* How arguments become parameters of the API: one function for each form. */
#include "base/clock.h"
#include "base/count.h"
#include "base/refusal.h"
#include "base/text.h"
#include "cli/arguments.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

struct filling {
	struct tmirror_request *request;
	const char *resource_type;
	unsigned int tags, filters; /* So far. */
};

typedef int fill_function(struct filling *filling, const struct argument *argument,
			  struct refusal *why);

static fill_function fill_value, fill_list, fill_range, fill_protocol, fill_tag, fill_filter,
	fill_tag_filter, fill_switch, fill_switch_off, fill_quantity, fill_end, fill_past,
	fill_nothing;

struct unit {
	char letter;
	unsigned long long factor;
};

static const struct unit time_units[] = {
	{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}, {'w', 604800}};

static int fill_alternatives(struct filling *filling, const struct argument *argument,
			     const char *what);
static const char *scaled(const char *value, const struct unit *units, size_t count,
			  char ret_text[24]);

int arguments_fill(const struct arguments *arguments, const char *resource_type,
		   struct tmirror_request *request, struct refusal *why)
{
	static fill_function *const functions[] = {
		[FORM_VALUE] = fill_value,
		[FORM_LIST] = fill_list,
		[FORM_RANGE] = fill_range,
		[FORM_PROTOCOL] = fill_protocol,
		[FORM_TAG] = fill_tag,
		[FORM_FILTER] = fill_filter,
		[FORM_TAG_FILTER] = fill_tag_filter,
		[FORM_SWITCH] = fill_switch,
		[FORM_SWITCH_OFF] = fill_switch_off,
		[FORM_QUANTITY] = fill_quantity,
		[FORM_END] = fill_end,
		[FORM_PAST] = fill_past,
		[FORM_OWN] = fill_nothing,
	};
	struct filling filling = {.request = request, .resource_type = resource_type};
	int r = 0;

	for (size_t i = 0; i < arguments->count && r == 0; i++)
		r = functions[arguments->items[i].row->form](&filling, &arguments->items[i], why);
	return r;
}

static const struct {
	const char *name, *number;
} protocols[] = {
	{"icmp", "1"}, {"tcp", "6"},     {"udp", "17"},   {"gre", "47"},
	{"esp", "50"}, {"icmpv6", "58"}, {"sctp", "132"},
};

const char *protocol_number(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(protocols); i++) {
		if (strcmp(name, protocols[i].name) == 0)
			return protocols[i].number;
	}
	return name;
}

const char *protocol_name(const char *number)
{
	for (size_t i = 0; i < ARRAY_SIZE(protocols); i++) {
		if (strcmp(number, protocols[i].number) == 0)
			return protocols[i].name;
	}
	return number;
}

/* Sets the parameter 'name', made as by printf(3), to the first 'length' characters of 'value'. */
static int set(struct tmirror_request *request, const char *value, size_t length,
	       const char *format, ...) _printf_(4, 5);

static int set(struct tmirror_request *request, const char *value, size_t length,
	       const char *format, ...)
{
	_cleanup_free_ char *copy = strndup(value, length);
	_cleanup_free_ char *name = NULL;
	va_list arguments;
	int printed;

	va_start(arguments, format);
	printed = vasprintf(&name, format, arguments);
	va_end(arguments);
	if (printed < 0) {
		name = NULL;
		return -ENOMEM;
	}
	return copy ? tmirror_request_set(request, name, copy) : -ENOMEM;
}

static int fill_value(struct filling *filling, const struct argument *argument,
		      struct refusal *why _unused_)
{
	return tmirror_request_set(filling->request, argument->row->parameter, argument->value);
}

static int fill_list(struct filling *filling, const struct argument *argument,
		     struct refusal *why _unused_)
{
	const char *value = argument->value;
	int r = 0;

	while (r == 0) {
		size_t length = strcspn(value, ",");
		_cleanup_free_ char *copy = strndup(value, length);

		if (!copy)
			return -ENOMEM;
		r = tmirror_request_append(filling->request, argument->row->parameter, copy);
		if (value[length] == '\0')
			break;
		value += length + 1;
	}
	return r;
}

static int fill_range(struct filling *filling, const struct argument *argument,
		      struct refusal *why _unused_)
{
	const char *name = argument->row->parameter;
	size_t length = strcspn(argument->value, "-");
	const char *to = argument->value[length] ? argument->value + length + 1 : argument->value;
	int r;

	r = set(filling->request, argument->value, length, "%s.FromPort", name);
	return r == 0 ? set(filling->request, to, strlen(to), "%s.ToPort", name) : r;
}

static int fill_protocol(struct filling *filling, const struct argument *argument,
			 struct refusal *why _unused_)
{
	return tmirror_request_set(filling->request, argument->row->parameter,
				   protocol_number(argument->value));
}

static int fill_tag(struct filling *filling, const struct argument *argument,
		    struct refusal *why _unused_)
{
	const char *name = argument->row->parameter, *value = argument->value;
	size_t length = strcspn(value, "=");
	unsigned int number = ++filling->tags;
	const char *rest = value[length] ? value + length + 1 : "";
	int r;

	r = set(filling->request, filling->resource_type, strlen(filling->resource_type),
		"%s.1.ResourceType", name);
	if (r == 0)
		r = set(filling->request, value, length, "%s.1.Tag.%u.Key", name, number);
	if (r == 0)
		r = set(filling->request, rest, strlen(rest), "%s.1.Tag.%u.Value", name, number);
	return r;
}

static int fill_filter(struct filling *filling, const struct argument *argument,
		       struct refusal *why)
{
	const char *value = argument->value;

	if (!strchr(value, '='))
		return refuse(why, 0, "filter '%s' is not of the form NAME=VALUE", value);
	return fill_alternatives(filling, argument, "Name");
}

static int fill_tag_filter(struct filling *filling, const struct argument *argument,
			   struct refusal *why _unused_)
{
	return fill_alternatives(filling, argument, "Key");
}

/* 'what' is before the equals sign. */
static int fill_alternatives(struct filling *filling, const struct argument *argument,
			     const char *what)
{
	const char *name = argument->row->parameter, *value = argument->value;
	size_t length = strcspn(value, "=");
	unsigned int number = ++filling->filters;
	int r;

	r = set(filling->request, value, length, "%s.%u.%s", name, number, what);
	for (unsigned int i = 1; r == 0 && value[length] != '\0'; i++) {
		value += length + 1;
		length = strcspn(value, ",");
		r = set(filling->request, value, length, "%s.%u.Value.%u", name, number, i);
	}
	return r;
}

static int fill_switch(struct filling *filling, const struct argument *argument,
		       struct refusal *why _unused_)
{
	return tmirror_request_set(filling->request, argument->row->parameter, "true");
}

static int fill_switch_off(struct filling *filling, const struct argument *argument,
			   struct refusal *why _unused_)
{
	return tmirror_request_set(filling->request, argument->row->parameter, "false");
}

/* What is no number goes on as it is: the API knows what to say of it. */
static int fill_quantity(struct filling *filling, const struct argument *argument,
			 struct refusal *why _unused_)
{
	static const struct unit units[] = {
		{'k', 1000}, {'M', 1000000}, {'G', 1000000000}, {'T', 1000000000000}};
	char text[24];
	const char *number = scaled(argument->value, units, ARRAY_SIZE(units), text);

	return tmirror_request_set(filling->request, argument->row->parameter,
				   number ? number : argument->value);
}

static int fill_end(struct filling *filling, const struct argument *argument,
		    struct refusal *why _unused_)
{
	char text[24];
	const char *seconds = scaled(argument->value, time_units, ARRAY_SIZE(time_units), text);
	const char *value = seconds ? seconds : argument->value;

	return set(filling->request, value, strlen(value), "%s.%s", argument->row->parameter,
		   seconds ? "DurationSeconds" : "ExpirationTime");
}

static int fill_past(struct filling *filling, const struct argument *argument,
		     struct refusal *why _unused_)
{
	char text[24], time[TIMESTAMP_SIZE];
	const char *seconds = scaled(argument->value, time_units, ARRAY_SIZE(time_units), text);
	const char *value = argument->value;
	unsigned long long past;

	if (seconds && string_to_unsigned(seconds, INT32_MAX, &past)) {
		timestamp_format(clock_realtime() - (int64_t)past * 1000, time);
		value = time;
	}
	return set(filling->request, value, strlen(value), "%s", argument->row->parameter);
}

/* "10M" in full, or NULL if it is not digits and a unit. */
static const char *scaled(const char *value, const struct unit *units, size_t count,
			  char ret_text[24])
{
	size_t length = strspn(value, "0123456789");
	unsigned long long number;
	char digits[20];

	if (length == 0 || length >= sizeof(digits) || value[length] == '\0' ||
	    value[length + 1] != '\0')
		return NULL;
	(void)snprintf(digits, sizeof(digits), "%.*s", (int)length, value);
	for (size_t i = 0; i < count; i++) {
		if (units[i].letter != value[length] ||
		    !string_to_unsigned(digits, ULLONG_MAX / units[i].factor, &number))
			continue;
		(void)snprintf(ret_text, 24, "%llu", number * units[i].factor);
		return ret_text;
	}
	return NULL;
}

static int fill_nothing(struct filling *filling _unused_, const struct argument *argument _unused_,
			struct refusal *why _unused_)
{
	return 0;
}
