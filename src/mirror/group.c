// SPDX-License-Identifier: Apache-2.0
#include "mirror/group.h"

#include "base/count.h"
#include "mirror/refusals.h"
#include "wire/geneve.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define CODE_MIN 200
#define CODE_MAX 599

static int name_check(const char *name, struct refusal *why);
static int port_check(const struct group *group, struct refusal *why);
static int check_check(const struct health_check *check, struct refusal *why);
static int web_check(const struct health_check *check, struct refusal *why);
static int range_check(const char *what, unsigned int value, unsigned int minimum,
		       unsigned int maximum, struct refusal *why);
static bool is_web(enum check_protocol protocol);
static bool name_find(const char *const *names, size_t count, const char *name,
		      unsigned int *ret_index);

static const char *const protocol_names[] = {
	[GROUP_UDP] = "UDP",
	[GROUP_TCP_UDP] = "TCP_UDP",
	[GROUP_GENEVE] = "GENEVE",
};
static const char *const type_names[] = {
	[GROUP_OF_INSTANCES] = "instance",
	[GROUP_OF_ADDRESSES] = "ip",
};
static const char *const check_names[] = {
	[CHECK_TCP] = "TCP", [CHECK_HTTP] = "HTTP", [CHECK_HTTPS] = "HTTPS",
	[CHECK_UDP] = "UDP", [CHECK_ICMP] = "ICMP", [CHECK_NONE] = "NONE",
};

const char *group_protocol_name(enum group_protocol protocol)
{
	return protocol_names[protocol];
}

bool group_protocol_parse(const char *name, enum group_protocol *ret_protocol)
{
	unsigned int index;
	bool found = name_find(protocol_names, ARRAY_SIZE(protocol_names), name, &index);

	if (found)
		*ret_protocol = (enum group_protocol)index;
	return found;
}

const char *group_type_name(enum group_type type)
{
	return type_names[type];
}

bool group_type_parse(const char *name, enum group_type *ret_type)
{
	unsigned int index;
	bool found = name_find(type_names, ARRAY_SIZE(type_names), name, &index);

	if (found)
		*ret_type = (enum group_type)index;
	return found;
}

const char *group_check_name(enum check_protocol protocol)
{
	return check_names[protocol];
}

bool group_check_parse(const char *name, enum check_protocol *ret_protocol)
{
	unsigned int index;
	bool found = name_find(check_names, ARRAY_SIZE(check_names), name, &index);

	if (found)
		*ret_protocol = (enum check_protocol)index;
	return found;
}

void group_make_arn(struct group *group, const char *region)
{
	char digits[ARN_DIGITS_SIZE], rest[GROUP_NAME_SIZE + ARN_DIGITS_SIZE];

	arn_make_digits(digits);
	(void)snprintf(rest, sizeof(rest), "%s/%s", group->name, digits);
	group->arn = arn_compose(ARN_GROUP, region, group->owner.text, rest);
}

void group_check_init(enum group_protocol protocol, enum check_protocol check,
		      struct health_check *ret_check, uint16_t *ret_port)
{
	const bool gateway = protocol == GROUP_GENEVE;

	*ret_check = (struct health_check){
		.protocol = check,
		.path = "/",
		.codes = "200-399",
		.interval = gateway ? 10 : 30,
		.timeout = gateway               ? 5
			   : check == CHECK_HTTP ? 6
						 : 10,
		.healthy_threshold = 5,
		.unhealthy_threshold = 2,
	};
	if (!is_web(check))
		ret_check->path[0] = ret_check->codes[0] = '\0';
	*ret_port = gateway ? 80 : 0;
}

int group_validate(const struct group *group, struct refusal *why)
{
	int r;

	r = name_check(group->name, why);
	if (r == 0)
		r = port_check(group, why);
	return r != 0 ? r : check_check(&group->check, why);
}

bool group_is_like(const struct group *group, const struct group *other)
{
	const struct health_check *a = &group->check, *b = &other->check;

	return strcmp(group->name, other->name) == 0 && group->protocol == other->protocol &&
	       group->type == other->type && group->port == other->port &&
	       group->family == other->family && group->check_port == other->check_port &&
	       a->protocol == b->protocol && strcmp(a->path, b->path) == 0 &&
	       strcmp(a->codes, b->codes) == 0 && a->interval == b->interval &&
	       a->timeout == b->timeout && a->healthy_threshold == b->healthy_threshold &&
	       a->unhealthy_threshold == b->unhealthy_threshold;
}

bool group_codes_valid(const char *codes)
{
	const char *rest = codes;

	if (strlen(codes) >= CHECK_CODES_SIZE)
		return false;
	for (;;) {
		unsigned int first, last;
		int length = 0;

		if (!isdigit((unsigned char)*rest) || sscanf(rest, "%3u%n", &first, &length) != 1)
			return false;
		rest += length;
		last = first;
		if (*rest == '-') {
			if (!isdigit((unsigned char)rest[1]) ||
			    sscanf(rest + 1, "%3u%n", &last, &length) != 1)
				return false;
			rest += 1 + length;
		}
		if (first < CODE_MIN || last > CODE_MAX || first > last)
			return false;
		if (*rest == '\0')
			return true;
		if (*rest++ != ',')
			return false;
	}
}

bool member_address_valid(const struct address *address)
{
	const uint8_t *bytes = address->bytes;

	if (address->family == 4)
		return bytes[0] > 0 && bytes[0] < 224 && bytes[0] != 127 &&
		       !(bytes[0] == 169 && bytes[1] == 254);
	return address->family == 6 && bytes[0] != 0xff && bytes[0] != 0 &&
	       !(bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80);
}

static int name_check(const char *name, struct refusal *why)
{
	size_t length = strlen(name);
	bool good = length > 0 && length < GROUP_NAME_SIZE && name[0] != '-' &&
		    name[length - 1] != '-';

	for (size_t i = 0; good && i < length; i++)
		good = isalnum((unsigned char)name[i]) || name[i] == '-';
	if (good)
		return 0;
	return refuse(
		why, REFUSE_PARAMETER_VALUE,
		"Target group name '%.64s' is not of 1 to %d letters, digits and hyphens, with "
		"no hyphen at either end",
		name, GROUP_NAME_SIZE - 1);
}

static int port_check(const struct group *group, struct refusal *why)
{
	if (group->port == 0)
		return refuse(why, REFUSE_PARAMETER_VALUE, "A port must be specified");
	if (group->protocol == GROUP_GENEVE && group->port != GENEVE_PORT)
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "Port '%u' is not valid for target groups with protocol 'GENEVE', "
			      "which have port %d",
			      group->port, GENEVE_PORT);
	return 0;
}

/* Equal is enough for the timeout: AWS's own defaults are, for an interval of 10 seconds. */
static int check_check(const struct health_check *check, struct refusal *why)
{
	int r;

	r = range_check("Health check interval", check->interval, 5, CHECK_INTERVAL_MAX, why);
	if (r == 0)
		r = range_check("Health check timeout", check->timeout, 2, CHECK_TIMEOUT_MAX, why);
	if (r == 0)
		r = range_check("Health check healthy threshold", check->healthy_threshold, 2,
				CHECK_COUNT_MAX, why);
	if (r == 0)
		r = range_check("Health check unhealthy threshold", check->unhealthy_threshold, 2,
				CHECK_COUNT_MAX, why);
	if (r == 0 && check->timeout > check->interval)
		r = refuse(why, REFUSE_PARAMETER_VALUE,
			   "Health check timeout '%u' must not be greater than the interval '%u'",
			   check->timeout, check->interval);
	return r != 0 ? r : web_check(check, why);
}

static int web_check(const struct health_check *check, struct refusal *why)
{
	const char *name = group_check_name(check->protocol);
	bool good = check->path[0] == '/';

	if (!is_web(check->protocol) && check->path[0] != '\0')
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "Health check path '%.80s' cannot be specified with health check "
			      "protocol '%s'",
			      check->path, name);
	if (!is_web(check->protocol) && check->codes[0] != '\0')
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "Health check matcher '%.64s' cannot be specified with health check "
			      "protocol '%s'",
			      check->codes, name);
	if (!is_web(check->protocol))
		return 0;
	for (const char *p = check->path; good && *p != '\0'; p++)
		good = *p > ' ' && *p < 0x7f;
	if (!good)
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "Health check path '%.80s' is not '/' followed by visible ASCII "
			      "characters",
			      check->path);
	if (!group_codes_valid(check->codes))
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "Health check matcher HTTP code '%.64s' is not of codes and ranges "
			      "from %d to %d, with commas between them",
			      check->codes, CODE_MIN, CODE_MAX);
	return 0;
}

static int range_check(const char *what, unsigned int value, unsigned int minimum,
		       unsigned int maximum, struct refusal *why)
{
	if (value >= minimum && value <= maximum)
		return 0;
	return refuse(why, REFUSE_PARAMETER_VALUE, "%s '%u' must be between %u and %u", what, value,
		      minimum, maximum);
}

static bool is_web(enum check_protocol protocol)
{
	return protocol == CHECK_HTTP || protocol == CHECK_HTTPS;
}

static bool name_find(const char *const *names, size_t count, const char *name,
		      unsigned int *ret_index)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(names[i], name) != 0)
			continue;
		*ret_index = (unsigned int)i;
		return true;
	}
	return false;
}
