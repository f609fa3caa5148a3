// SPDX-License-Identifier: Apache-2.0
#include "control/explain.h"

#include "control/find.h"
#include "control/host.h"
#include "control/transaction.h"

static const char *const verdict_names[VERDICT_COUNT] = {
	[VERDICT_MIRRORED] = "mirrored", [VERDICT_NO_SESSION] = "no-session",
	[VERDICT_EXCLUDED] = "excluded", [VERDICT_SERVICE_EXCLUDED] = "service-excluded",
	[VERDICT_REJECTED] = "rejected", [VERDICT_UNMATCHED] = "unmatched",
};

static void explanation_copy(const struct explanation *explanation,
			     struct explain_result *ret_result);

const char *verdict_name(enum verdict verdict)
{
	return verdict_names[verdict];
}

int control_explain(struct control *control, const struct caller *caller, const char *interface,
		    enum direction direction, const struct packet_key *key,
		    struct explain_result *ret_result, struct refusal *why)
{
	_cleanup_(plan_freep) struct plan *plan = NULL;
	struct caller host = *caller;
	struct explanation explanation;
	struct source source;
	int r;

	r = find_source(control, caller, interface, &source, why);
	if (r == 0)
		r = dry_run_check(caller, why);
	if (r != 0)
		return r;
	/* The plan is read as its own host would, in the same account. */
	host.kind = CALLER_HOST;
	r = control_get_plan(control, &host, source.host, &plan, why);
	if (r != 0)
		return r;
	explanation = plan_explain(plan, &source.id, direction, key);
	explanation_copy(&explanation, ret_result);
	return 0;
}

static void explanation_copy(const struct explanation *explanation,
			     struct explain_result *ret_result)
{
	*ret_result = (struct explain_result){.verdict = explanation->verdict};
	if (explanation->session) {
		ret_result->session = explanation->session->id;
		ret_result->session_number = explanation->session->number;
	}
	if (explanation->rule) {
		ret_result->rule = explanation->rule->id;
		ret_result->rule_number = explanation->rule->number;
	}
	explanation_format(explanation, ret_result->sentence, sizeof(ret_result->sentence));
}
