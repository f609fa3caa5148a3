/* What the controller knows already, so that a report tells what is new.
 *
 * A report may be lost, or be replaced by a newer one before it is sent.  So each tells the difference to the last one that
 * the controller confirmed, and all there is when none is, when a plan was applied, and every minute: then a controller
 * that went back to an older store soon knows everything again.
 *
 * Plain values: no clock, no lock. */
#pragma once

#include "mirror/report.h"

/* What one report left the controller with. */
struct told {
	uint64_t number;    /* Of the report; 0: none, the controller knows nothing. */
	uint64_t inventory; /* Generation of the interfaces; 0: it does not know them. */
	uint64_t revision;  /* The plan that was applied. */
	struct report_session *sessions; /* By id. */
	size_t session_count;
	struct report_member *members; /* In a report's order. */
	size_t member_count;
};

struct news {
	struct told sent, confirmed;
	uint64_t number; /* Of the last report. */

	/* When all is told again, changed or not. */
	uint64_t inventory_due, rest_due;
};

void news_fini(struct news *news);

/* The last report that was delivered has this number; 0: since then, one was not. */
void news_confirm(struct news *news, uint64_t number);

/* Whether the next report has to tell the interfaces, which are at this generation now. */
bool news_wants_interfaces(const struct news *news, uint64_t generation, uint64_t now);

/* Numbers a report that has every session and member, and leaves in it those of which there is news.  'generation' is that of the
 * interfaces.  Returns 0, or -ENOMEM with the report unchanged. */
int news_select(struct news *news, struct report *report, uint64_t generation, uint64_t now,
		uint64_t *ret_number);
