// SPDX-License-Identifier: Apache-2.0
#include "health/verdict.h"

#include "base/clock.h"
#include "base/count.h"

static const enum member_reason reasons[] = {
	[FINDING_FAILED] = MEMBER_FAILED_HEALTH_CHECKS,
	[FINDING_TIMED_OUT] = MEMBER_TIMEOUT,
	[FINDING_MISMATCHED] = MEMBER_RESPONSE_CODE_MISMATCH,
};

static bool pass(struct verdict *verdict, const struct health_check *check, uint64_t now);
static bool fail(struct verdict *verdict, const struct health_check *check,
		 enum member_reason reason, uint64_t now);
static void note_fall(struct verdict *verdict, uint64_t now);

bool verdict_take(struct verdict *verdict, const struct health_check *check, enum finding finding,
		  uint64_t now)
{
	if (finding == FINDING_PENDING || finding == FINDING_FAULT)
		return false;
	return finding == FINDING_PASSED ? pass(verdict, check, now)
					 : fail(verdict, check, reasons[finding], now);
}

/* The passes in a row that bring it back. */
static unsigned int verdict_get_passes(const struct verdict *verdict,
				       const struct health_check *check)
{
	return (unsigned int)check->healthy_threshold
	       << (verdict->falls > 1 ? verdict->falls - 1 : 0);
}

static bool pass(struct verdict *verdict, const struct health_check *check, uint64_t now)
{
	if (verdict->state == MEMBER_HEALTHY) {
		verdict->run = 0;
		return false;
	}
	verdict->run++;
	if (verdict->state == MEMBER_UNHEALTHY && verdict->run < verdict_get_passes(verdict, check))
		return false;
	verdict->state = MEMBER_HEALTHY;
	verdict->reason = MEMBER_NO_REASON;
	verdict->run = 0;
	verdict->risen = now;
	return true;
}

static bool fail(struct verdict *verdict, const struct health_check *check,
		 enum member_reason reason, uint64_t now)
{
	if (verdict->state == MEMBER_UNHEALTHY) {
		verdict->reason = reason;
		verdict->run = 0;
		return false;
	}
	if (++verdict->run < check->unhealthy_threshold)
		return false;
	if (verdict->state == MEMBER_HEALTHY)
		note_fall(verdict, now);
	verdict->state = MEMBER_UNHEALTHY;
	verdict->reason = reason;
	verdict->run = 0;
	return true;
}

/* Only time spent in health makes falls forgotten: an appliance that was down for an hour has proved nothing. */
static void note_fall(struct verdict *verdict, uint64_t now)
{
	uint64_t forgotten = (now - verdict->risen) / (VERDICT_MEMORY * NSEC_PER_SEC);

	verdict->falls -= (unsigned int)MIN(forgotten, (uint64_t)verdict->falls);
	verdict->falls = MIN(verdict->falls + 1, (unsigned int)VERDICT_FALLS_MAX);
}
