// SPDX-License-Identifier: Apache-2.0
/* "Something changed": an extension action that may wait for it, so that whoever shows objects need not ask for all of them
 * again and again. */
#include "api/call.h"
#include "api/changes.h"
#include "base/clock.h"

#define WAIT_SECONDS_MAX 30

static const struct parameter parameters[] = {
	{"Since", PARAMETER_NUMBER, .maximum = INT64_MAX},
	{"WaitSeconds", PARAMETER_NUMBER, .maximum = WAIT_SECONDS_MAX},
	DRY_RUN_PARAMETER,
};

static int describe_changes(struct call *call, struct refusal *why);
static int wait_for_change(struct call *call, bool *ret_waits);
static void write_changes(struct call *call, int64_t revision, unsigned int kinds);

static const struct action actions[] = {
	ACTION("DescribeTrafficMirrorChanges", parameters, describe_changes),
};

const struct action_table change_actions = {actions, ARRAY_SIZE(actions)};

/* Who does not say since when only learns where to begin. */
static int describe_changes(struct call *call, struct refusal *why)
{
	const struct optional_number since = call_get_number(call, "Since");
	unsigned int kinds = 0;
	bool waits = false;
	int64_t revision;
	int r;

	(void)why;
	revision = changes_get(call->changes, call->caller->account.text, since.value,
			       MAX(clock_realtime(), control_get_last_change(call->control)),
			       &kinds);
	if (since.set && kinds == 0) {
		r = wait_for_change(call, &waits);
		if (r < 0 || waits)
			return r;
	}
	write_changes(call, revision, since.set ? kinds : 0);
	return 0;
}

static int wait_for_change(struct call *call, bool *ret_waits)
{
	const struct optional_number seconds = call_get_number(call, "WaitSeconds");
	const uint64_t until = call->wait.arrived + (uint64_t)seconds.value * NSEC_PER_SEC;
	const char *account = call->caller->account.text;
	int r;

	*ret_waits = !call->caller->dry_run && call->wait.possible && clock_monotonic() < until;
	if (!*ret_waits)
		return 0;
	r = changes_watch(call->changes, account);
	if (r < 0)
		return r;
	changes_format_key(account, call->wait.key);
	call->wait.until = until;
	return 0;
}

static void write_changes(struct call *call, int64_t revision, unsigned int kinds)
{
	xml_number(call->xml, "revision", revision);
	xml_open(call->xml, "changedKindSet");
	for (unsigned int kind = 0; kind < CHANGE_KIND_COUNT; kind++)
		if (kinds & CHANGE(kind))
			xml_text(call->xml, "item", change_kind_name(kind));
	xml_close(call->xml, "changedKindSet");
}
