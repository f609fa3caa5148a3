// SPDX-License-Identifier: Apache-2.0
#include "mirror/report.h"

#include <stdlib.h>
#include <string.h>

static const char *const loss_reason_names[LOSS_REASON_COUNT] = {
	[LOSS_RING_FULL] = "ring_full",     [LOSS_SESSION_ENDED] = "session_ended",
	[LOSS_NO_TARGET] = "no_target",     [LOSS_NO_ROUTE] = "no_route",
	[LOSS_SEND_BUFFER] = "send_buffer", [LOSS_SEND_ERROR] = "send_error",
	[LOSS_MALFORMED] = "malformed",     [LOSS_SAMPLED_OUT] = "sampled_out",
	[LOSS_RATE_CAP] = "rate_cap",       [LOSS_SHED] = "shed",
	[LOSS_UNREACHABLE] = "unreachable",
};

void report_fini(struct report *report)
{
	free(report->interfaces);
	free(report->sessions);
	free(report->members);
	free(report->fleets);
	free(report->holds);
	*report = (struct report){};
}

int report_member_compare(const struct report_member *left, const struct report_member *right)
{
	int order = strcmp(left->fleet, right->fleet);

	if (order == 0)
		order = strcmp(left->id, right->id);
	return order != 0 ? order : (int)left->port - (int)right->port;
}

const char *loss_reason_name(enum loss_reason reason)
{
	return loss_reason_names[reason];
}
