// SPDX-License-Identifier: Apache-2.0
#include "agent/news.h"

#include "base/cleanup.h"
#include "base/clock.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define INVENTORY_INTERVAL (300 * NSEC_PER_SEC)
#define SESSIONS_INTERVAL  (60 * NSEC_PER_SEC)

static void told_fini(struct told *told);
static int session_compare(const void *a, const void *b);
static bool session_is_known(const struct told *told, const struct report_session *session);

void news_fini(struct news *news)
{
	told_fini(&news->sent);
	told_fini(&news->confirmed);
}

void news_confirm(struct news *news, uint64_t number)
{
	if (number == 0) {
		told_fini(&news->confirmed);
	} else if (number == news->sent.number) {
		told_fini(&news->confirmed);
		news->confirmed = news->sent;
		news->sent = (struct told){};
	}
}

bool news_wants_interfaces(const struct news *news, uint64_t generation, uint64_t now)
{
	return news->confirmed.inventory != generation || now >= news->inventory_due;
}

int news_select(struct news *news, struct report *report, uint64_t generation, uint64_t now,
		uint64_t *ret_number)
{
	const struct told *known = &news->confirmed;
	bool whole = known->number == 0 || known->revision != report->applied_revision ||
		     now >= news->sessions_due;
	struct told told = {
		.number = news->number + 1,
		.inventory = report->has_inventory ? generation : known->inventory,
		.revision = report->applied_revision,
		.sessions = calloc(report->session_count + 1, sizeof(*told.sessions)),
		.session_count = report->session_count,
	};
	size_t left = 0;

	if (!told.sessions)
		return -ENOMEM;
	for (size_t i = 0; i < report->session_count; i++) {
		told.sessions[i] = report->sessions[i];
		if (whole || !session_is_known(known, &report->sessions[i]))
			report->sessions[left++] = report->sessions[i];
	}
	report->session_count = left;
	qsort(told.sessions, told.session_count, sizeof(*told.sessions), session_compare);
	told_fini(&news->sent);
	news->sent = told;
	news->number = told.number;
	if (whole)
		news->sessions_due = now + SESSIONS_INTERVAL;
	if (report->has_inventory)
		news->inventory_due = now + INVENTORY_INTERVAL;
	*ret_number = told.number;
	return 0;
}

static void told_fini(struct told *told)
{
	free(told->sessions);
	*told = (struct told){};
}

static int session_compare(const void *a, const void *b)
{
	const struct report_session *left = a, *right = b;

	return strcmp(left->id.text, right->id.text);
}

static bool session_is_known(const struct told *told, const struct report_session *session)
{
	const struct report_session *known = NULL;

	if (told->session_count > 0)
		known = bsearch(session, told->sessions, told->session_count, sizeof(*session),
				session_compare);
	return known && known->epoch == session->epoch && known->active == session->active &&
	       strcmp(known->reason, session->reason) == 0 &&
	       memcmp(&known->counters, &session->counters, sizeof(known->counters)) == 0;
}
