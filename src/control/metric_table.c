// SPDX-License-Identifier: Apache-2.0
#include "control/metric_table.h"

#include "base/count.h"
#include "mirror/report.h"

#include <string.h>

#define EC2    "AWS/EC2"
#define MIRROR "TrafficMirror"

/* Both directions, in bytes and in packets. */
#define FOUR(namespace, bytes, packets, subject)                              \
	{namespace, bytes "In", subject, DIRECTION_INGRESS, true},            \
		{namespace, bytes "Out", subject, DIRECTION_EGRESS, true},    \
		{namespace, packets "In", subject, DIRECTION_INGRESS, false}, \
	{                                                                     \
		namespace, packets "Out", subject, DIRECTION_EGRESS, false    \
	}

/* clang-format off */
const struct metric metric_table[] = {
	FOUR(EC2, "NetworkMirror", "NetworkPacketsMirror", METRIC_SHIPPED),
	FOUR(EC2, "NetworkSkipMirror", "NetworkPacketsSkipMirror", METRIC_SKIPPED),
	FOUR(MIRROR, "BytesAccepted", "PacketsAccepted", METRIC_ACCEPTED),
	FOUR(MIRROR, "BytesShipped", "PacketsShipped", METRIC_SHIPPED),
	FOUR(MIRROR, "BytesLost", "PacketsLost", METRIC_LOST),
};
/* clang-format on */

const size_t metric_count = ARRAY_SIZE(metric_table);

static const struct {
	const char *namespace, *dimension;
} scopes[HISTORY_SCOPE_COUNT] = {
	[HISTORY_OF_INSTANCE] = {EC2, "InstanceId"},
	[HISTORY_OF_SESSION] = {MIRROR, "TrafficMirrorSessionId"},
	[HISTORY_OF_INTERFACE] = {MIRROR, "NetworkInterfaceId"},
	[HISTORY_OF_HOST] = {MIRROR, "HostName"},
};

static const struct metric *find_metric(const struct metric_wish *wish);
static bool take_dimension(const struct metric_dimension *dimension, struct metric_choice *choice);
static bool take_reason(const char *name, struct metric_choice *choice);

const char *metric_scope_dimension(enum history_scope scope)
{
	return scopes[scope].dimension;
}

const char *metric_scope_namespace(enum history_scope scope)
{
	return scopes[scope].namespace;
}

bool metric_scope_has(enum history_scope scope, const char *namespace, const char *name)
{
	if (namespace && strcmp(namespace, scopes[scope].namespace) != 0)
		return false;
	for (size_t i = 0; i < metric_count; i++)
		if (strcmp(metric_table[i].namespace, scopes[scope].namespace) == 0 &&
		    (!name || strcmp(metric_table[i].name, name) == 0))
			return true;
	return false;
}

bool metric_choose(const struct metric_wish *wish, struct metric_choice *ret_choice)
{
	struct metric_choice choice = {.metric = find_metric(wish), .reason = -1};

	if (!choice.metric)
		return false;
	for (size_t i = 0; i < wish->dimension_count; i++)
		if (!take_dimension(&wish->dimensions[i], &choice))
			return false;
	if (!choice.object)
		return false;
	*ret_choice = choice;
	return true;
}

const char *metric_unit(const struct metric *metric)
{
	return metric->bytes ? "Bytes" : "Count";
}

bool metric_has_reasons(const struct metric *metric)
{
	return metric->subject == METRIC_LOST;
}

/* What sampling and the cap leave out does not meet a lack of room: that is what AWS's metric speaks of. */
bool metric_choice_counts(const struct metric_choice *choice, enum loss_reason reason)
{
	if (choice->metric->subject == METRIC_SKIPPED)
		return reason != LOSS_SAMPLED_OUT && reason != LOSS_RATE_CAP;
	return choice->reason < 0 || reason == (enum loss_reason)choice->reason;
}

static const struct metric *find_metric(const struct metric_wish *wish)
{
	for (size_t i = 0; i < metric_count; i++)
		if (strcmp(metric_table[i].namespace, wish->namespace) == 0 &&
		    strcmp(metric_table[i].name, wish->name) == 0)
			return &metric_table[i];
	return NULL;
}

/* One that names another thing than the first did makes a metric that there is not. */
static bool take_dimension(const struct metric_dimension *dimension, struct metric_choice *choice)
{
	if (strcmp(dimension->name, METRIC_REASON) == 0)
		return choice->reason < 0 && take_reason(dimension->value, choice);
	for (unsigned int i = 0; i < HISTORY_SCOPE_COUNT; i++) {
		if (strcmp(scopes[i].dimension, dimension->name) != 0 ||
		    strcmp(scopes[i].namespace, choice->metric->namespace) != 0)
			continue;
		if (choice->object)
			return false;
		choice->scope = (enum history_scope)i;
		choice->object = dimension->value;
		return true;
	}
	return false;
}

static bool take_reason(const char *name, struct metric_choice *choice)
{
	for (unsigned int i = 0; metric_has_reasons(choice->metric) && i < LOSS_REASON_COUNT; i++)
		if (strcmp(loss_reason_name((enum loss_reason)i), name) == 0) {
			choice->reason = (int)i;
			return true;
		}
	return false;
}
