// SPDX-License-Identifier: Apache-2.0
#include "mirror/listener.h"

#include "base/count.h"
#include "base/text.h"
#include "mirror/refusals.h"

#include <stdio.h>
#include <string.h>

static const char *const protocol_names[] = {
	[LISTENER_EVERYTHING] = "",
	[LISTENER_UDP] = "UDP",
	[LISTENER_TCP_UDP] = "TCP_UDP",
};

const char *listener_protocol_name(enum listener_protocol protocol)
{
	return protocol_names[protocol];
}

bool listener_protocol_parse(const char *name, enum listener_protocol *ret_protocol)
{
	for (size_t i = LISTENER_UDP; i < ARRAY_SIZE(protocol_names); i++) {
		if (strcmp(protocol_names[i], name) != 0)
			continue;
		*ret_protocol = (enum listener_protocol)i;
		return true;
	}
	return false;
}

void listener_make_arn(struct listener *listener, const char *region)
{
	char digits[ARN_DIGITS_SIZE], rest[BALANCER_NAME_SIZE + 2 * ARN_DIGITS_SIZE + 8];

	arn_make_digits(digits);
	(void)snprintf(rest, sizeof(rest), "%s/%s", arn_get_rest(listener->balancer.text), digits);
	listener->arn = arn_compose(ARN_LISTENER, region, listener->owner.text, rest);
}

int listener_set_attribute(struct listener *listener, const char *key, const char *value,
			   struct refusal *why)
{
	unsigned long long seconds;

	if (strcmp(key, LISTENER_IDLE_KEY) != 0)
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "Listener attribute key '%.256s' is not recognized", key);
	if (!string_to_unsigned(value, LISTENER_IDLE_MAX, &seconds) || seconds < LISTENER_IDLE_MIN)
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "Listener attribute '%s' is a number from %d to %d, not '%.64s'", key,
			      LISTENER_IDLE_MIN, LISTENER_IDLE_MAX, value);
	listener->tcp_idle = (uint32_t)seconds;
	return 0;
}
