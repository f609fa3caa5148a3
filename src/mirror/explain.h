/* What would become of a packet, and why: the same decisions as the kernel's classifier, in the same order, but
 * with the reason at the end. */
#pragma once

#include "mirror/limits.h"
#include "mirror/plan.h"

enum verdict {
	VERDICT_MIRRORED, /* 'session' takes it by 'rule', or by its network service if that is NULL. */
	VERDICT_NO_SESSION,       /* The source has no session. */
	VERDICT_EXCLUDED,         /* Of a kind that is never mirrored; 'exclusion' names it. */
	VERDICT_SERVICE_EXCLUDED, /* DNS with a provided resolver, which no session asks for. */
	VERDICT_REJECTED, /* By 'rule' of the last session that had one; later sessions had no accepting rule. */
	VERDICT_UNMATCHED, /* No rule of any session matches. */
	VERDICT_COUNT,
};

struct explanation {
	enum verdict verdict;
	const struct plan_session *session; /* Borrowed from the plan; NULL if none. */
	const struct filter_rule *rule;     /* Borrowed from the plan; NULL if none. */
	const char *exclusion;              /* As in "DHCP"; NULL if none. */

	/* The first paused session that would take it, if it were asked; NULL if none. */
	const struct plan_session *paused;

	/* Who takes it after 'session', since those before continue; by number. */
	const struct plan_session *further[SOURCE_SESSIONS_MAX];
	size_t further_count;
};

#define EXPLANATION_SIZE 768 /* Of a sentence, whatever there is to say. */

/* Besides what is never mirrored (explain.c has the list), UDP to address and port of a target of the plan, or of a session's copies, is excluded as
 * "mirrored traffic".  Sampling, caps and priorities, which depend on more than the packet, are not decided: a session that
 * has them takes the packet, and may leave it out. */
struct explanation plan_explain(const struct plan *plan, const struct resource_id *source,
				enum direction direction, const struct packet_key *key);

/* One sentence, such as "mirrored by session tms-… (number 1), rule 100", into EXPLANATION_SIZE bytes or less. */
void explanation_format(const struct explanation *explanation, char *ret_text, size_t size);
