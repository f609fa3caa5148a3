// SPDX-License-Identifier: Apache-2.0
/* Quotas of load balancing, by the names that they have at AWS; quota.h has all of them by their own. */
#include "api/elb.h"
#include "control/quota.h"
#include "mirror/limits.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const struct parameter describe_parameters[] = {ELB_PAGE_PARAMETERS};

static int describe_limits(struct call *call, struct refusal *why);
static bool find_first(const char *marker, size_t *ret_first);
static void write_limit(struct call *call, const char *name, uint32_t maximum);

static const struct action actions[] = {
	ACTION("DescribeAccountLimits", describe_parameters, describe_limits),
};

const struct action_table balancer_limit_actions = {actions, ARRAY_SIZE(actions)};

/* There is one VPC. */
static const struct {
	const char *name;
	enum quota quota;
} rows[] = {
	{"target-groups", QUOTA_TARGET_GROUPS},
	{"network-load-balancers", QUOTA_NETWORK_BALANCERS},
	{"listeners-per-network-load-balancer", QUOTA_LISTENERS_PER_BALANCER},
	{"gateway-load-balancers", QUOTA_GATEWAY_BALANCERS},
	{"gateway-load-balancers-per-vpc", QUOTA_GATEWAY_BALANCERS},
	{"geneve-target-groups", QUOTA_TARGET_GROUPS},
};

/* A marker is the name of the last one that was shown. */
static int describe_limits(struct call *call, struct refusal *why)
{
	const char *marker = call_get_text(call, "Marker");
	int64_t page = ELB_PAGE_SIZE_MAX;
	struct quota_list quotas;
	size_t first = 0, end;
	int r;

	(void)arguments_get_number(&call->arguments, "PageSize", &page);
	if (marker && !find_first(marker, &first))
		return refuse(why, REFUSE_PAGINATION_TOKEN, "The Marker '%.64s' is not valid",
			      marker);
	r = control_describe_quotas(call->control, call->caller, NULL, &quotas, why);
	if (r != 0)
		return r;
	xml_open(call->xml, "Limits");
	for (end = first; end < ARRAY_SIZE(rows) && end < first + (size_t)page; end++)
		write_limit(call, rows[end].name, quotas.items[rows[end].quota].value);
	xml_close(call->xml, "Limits");
	elb_write_next(call, end < ARRAY_SIZE(rows) ? rows[end - 1].name : NULL);
	return 0;
}

static bool find_first(const char *marker, size_t *ret_first)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (strcmp(rows[i].name, marker) != 0)
			continue;
		*ret_first = i + 1;
		return true;
	}
	return false;
}

static void write_limit(struct call *call, const char *name, uint32_t maximum)
{
	char text[16];

	(void)snprintf(text, sizeof(text), "%" PRIu32, maximum);
	xml_open(call->xml, "member");
	xml_text(call->xml, "Name", name);
	xml_text(call->xml, "Max", text);
	xml_close(call->xml, "member");
}
