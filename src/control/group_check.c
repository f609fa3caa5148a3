// SPDX-License-Identifier: Apache-2.0
#include "control/group_check.h"

#include "base/count.h"
#include "base/text.h"
#include "control/values.h"

#include <stdint.h>
#include <string.h>

static int protocol_take(const struct check_wish *wish, enum check_protocol *protocol,
			 struct refusal *why);
static void protocol_change(struct group *group, enum check_protocol protocol);
static int enabled_check(const struct check_wish *wish, const struct group *group,
			 struct refusal *why);
static int port_take(const char *port, uint16_t *ret_port, struct refusal *why);
static int texts_take(const struct check_wish *wish, struct health_check *check,
		      struct refusal *why);
static int numbers_take(const struct check_wish *wish, struct health_check *check,
			struct refusal *why);

int group_check_take(const struct check_wish *wish, bool fresh, struct group *group,
		     struct refusal *why)
{
	enum check_protocol protocol = fresh ? CHECK_TCP : group->check.protocol;
	struct health_check *check = &group->check;
	int r;

	r = protocol_take(wish, &protocol, why);
	if (r == 0 && fresh)
		group_check_init(group->protocol, protocol, check, &group->check_port);
	else if (r == 0 && protocol != check->protocol)
		protocol_change(group, protocol);
	if (r == 0)
		r = enabled_check(wish, group, why);
	if (r == 0 && wish->port)
		r = port_take(wish->port, &group->check_port, why);
	if (r == 0)
		r = texts_take(wish, check, why);
	if (r == 0)
		r = numbers_take(wish, check, why);
	/* AWS's default of ten seconds would not fit its shortest intervals. */
	if (r == 0 && fresh && !wish->timeout.set && check->timeout > check->interval)
		check->timeout = check->interval;
	return r;
}

static int protocol_take(const struct check_wish *wish, enum check_protocol *protocol,
			 struct refusal *why)
{
	const char *name = wish->extension ? wish->extension : wish->protocol;

	if (wish->extension && wish->protocol)
		return refuse(
			why, REFUSE_PARAMETER_COMBINATION,
			"HealthCheckProtocol and Extension.HealthCheckProtocol cannot be used "
			"together");
	if (!name)
		return 0;
	if (!group_check_parse(name, protocol) || (*protocol > CHECK_HTTPS) != !!wish->extension)
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "Health check protocol '%.32s' is not supported: it is one of TCP, "
			      "HTTP and HTTPS, or of UDP, ICMP and NONE as "
			      "Extension.HealthCheckProtocol",
			      name);
	return 0;
}

/* Times stay as they are; path and codes are the new protocol's. */
static void protocol_change(struct group *group, enum check_protocol protocol)
{
	struct health_check fresh;
	uint16_t port;

	group_check_init(group->protocol, protocol, &fresh, &port);
	if (fresh.path[0] == '\0' || group->check.path[0] == '\0') {
		memcpy(group->check.path, fresh.path, sizeof(fresh.path));
		memcpy(group->check.codes, fresh.codes, sizeof(fresh.codes));
	}
	group->check.protocol = protocol;
}

/* So it is with AWS, for groups of instances and addresses. */
static int enabled_check(const struct check_wish *wish, const struct group *group,
			 struct refusal *why)
{
	const bool none = group->check.protocol == CHECK_NONE;

	if (!wish->enabled.set || (wish->enabled.value == 0) == none)
		return 0;
	if (none)
		return refuse(why, REFUSE_PARAMETER_COMBINATION,
			      "Health checks cannot be enabled with health check protocol 'NONE'");
	return refuse(why, REFUSE_PARAMETER_VALUE,
		      "Health check enabled must be true for target groups with target type '%s'",
		      group_type_name(group->type));
}

static int port_take(const char *port, uint16_t *ret_port, struct refusal *why)
{
	unsigned long long number;

	if (strcmp(port, "traffic-port") == 0) {
		*ret_port = 0;
		return 0;
	}
	if (!string_to_unsigned(port, UINT16_MAX, &number) || number == 0)
		return refuse(
			why, REFUSE_PARAMETER_VALUE,
			"Health check port '%.32s' must be 'traffic-port' or a number between 1 "
			"and %d",
			port, UINT16_MAX);
	*ret_port = (uint16_t)number;
	return 0;
}

static int texts_take(const struct check_wish *wish, struct health_check *check,
		      struct refusal *why)
{
	if (wish->path && !string_copy(check->path, sizeof(check->path), wish->path))
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "Health check path is longer than %d characters",
			      CHECK_PATH_SIZE - 1);
	if (wish->codes && !string_copy(check->codes, sizeof(check->codes), wish->codes))
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "Health check matcher HTTP code is longer than %d characters",
			      CHECK_CODES_SIZE - 1);
	return 0;
}

/* What does not fit the types does not fit AWS's bounds either, which group_validate() keeps. */
static int numbers_take(const struct check_wish *wish, struct health_check *check,
			struct refusal *why)
{
	const struct {
		const struct optional_number *wish;
		const char *what;
		int64_t minimum, maximum;
	} rows[] = {
		{&wish->interval, "HealthCheckIntervalSeconds", 5, CHECK_INTERVAL_MAX},
		{&wish->timeout, "HealthCheckTimeoutSeconds", 2, CHECK_TIMEOUT_MAX},
		{&wish->healthy_threshold, "HealthyThresholdCount", 2, CHECK_COUNT_MAX},
		{&wish->unhealthy_threshold, "UnhealthyThresholdCount", 2, CHECK_COUNT_MAX},
	};
	int64_t numbers[ARRAY_SIZE(rows)] = {check->interval, check->timeout,
					     check->healthy_threshold, check->unhealthy_threshold};
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(rows); i++)
		if (rows[i].wish->set)
			r = number_take(rows[i].wish, rows[i].what, rows[i].minimum,
					rows[i].maximum, &numbers[i], why);
	if (r != 0)
		return r;
	check->interval = (uint16_t)numbers[0];
	check->timeout = (uint16_t)numbers[1];
	check->healthy_threshold = (uint8_t)numbers[2];
	check->unhealthy_threshold = (uint8_t)numbers[3];
	return 0;
}
