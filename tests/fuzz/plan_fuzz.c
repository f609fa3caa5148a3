// SPDX-License-Identifier: Apache-2.0
/* A plan that is taken holds together: it can be walked, and it survives being written and read again. */
#include "base/refusal.h"
#include "fuzz.h"
#include "mirror/explain.h"
#include "mirror/plan.h"

#include <string.h>

static void sessions_walk(const struct plan *plan)
{
	static const struct packet_key key = {.source = {4, {10, 0, 0, 1}},
					      .destination = {4, {10, 0, 0, 2}},
					      .protocol = 17,
					      .has_ports = true,
					      .source_port = 40000,
					      .destination_port = 53};
	char sentence[256];

	for (size_t i = 0; i < plan->session_count; i++) {
		const struct plan_session *session = &plan->sessions[i];
		struct explanation explanation;

		require(plan_find_source(plan, &session->source));
		require(plan_find_filter(plan, &session->filter));
		require(plan_find_target(plan, &session->target));
		require(session->fleet[0] == '\0' || plan_find_fleet(plan, session->fleet));
		explanation = plan_explain(plan, &session->source, DIRECTION_EGRESS, &key);
		require(explanation.verdict != VERDICT_NO_SESSION);
		explanation_format(&explanation, sentence, sizeof(sentence));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(plan_freep) struct plan *plan = NULL, *back = NULL;
	_cleanup_free_ char *first = NULL, *second = NULL;
	struct refusal why;

	if (plan_decode((const char *)data, size, &plan, &why) != 0)
		return 0;
	sessions_walk(plan);
	require(plan_encode(plan, &first) == 0);
	require(plan_decode(first, strlen(first), &back, &why) == 0);
	require(plan_encode(back, &second) == 0);
	require(strcmp(first, second) == 0);
	return 0;
}
