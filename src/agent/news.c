// SPDX-License-Identifier: Apache-2.0
#include "agent/news.h"

#include "base/cleanup.h"
#include "base/clock.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define INVENTORY_INTERVAL (300 * NSEC_PER_SEC)
#define REST_INTERVAL      (60 * NSEC_PER_SEC)

static void told_fini(struct told *told);
static int told_note(struct told *told, const struct report *report);
static void leave_sessions(struct report *report, const struct told *known);
static void leave_members(struct report *report, const struct told *known);
static bool member_is_same(const struct report_member *known, const struct report_member *member);
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
	struct told told = {
		.number = news->number + 1,
		.inventory = report->has_inventory ? generation : known->inventory,
		.revision = report->applied_revision,
	};
	int r = told_note(&told, report);

	if (r < 0)
		return r;
	report->whole = known->number == 0 || known->revision != report->applied_revision ||
			now >= news->rest_due;
	if (!report->whole) {
		leave_sessions(report, known);
		leave_members(report, known);
	}
	told_fini(&news->sent);
	news->sent = told;
	news->number = told.number;
	if (report->whole)
		news->rest_due = now + REST_INTERVAL;
	if (report->has_inventory)
		news->inventory_due = now + INVENTORY_INTERVAL;
	*ret_number = told.number;
	return 0;
}

static void told_fini(struct told *told)
{
	free(told->sessions);
	free(told->members);
	*told = (struct told){};
}

/* Both arrays are there, however short. */
static int told_note(struct told *told, const struct report *report)
{
	told->sessions = calloc(report->session_count + 1, sizeof(*told->sessions));
	told->members = calloc(report->member_count + 1, sizeof(*told->members));
	if (!told->sessions || !told->members) {
		told_fini(told);
		return -ENOMEM;
	}
	for (size_t i = 0; i < report->session_count; i++)
		told->sessions[told->session_count++] = report->sessions[i];
	for (size_t i = 0; i < report->member_count; i++)
		told->members[told->member_count++] = report->members[i];
	qsort(told->sessions, told->session_count, sizeof(*told->sessions), session_compare);
	return 0;
}

static void leave_sessions(struct report *report, const struct told *known)
{
	size_t left = 0;

	for (size_t i = 0; i < report->session_count; i++)
		if (!session_is_known(known, &report->sessions[i]))
			report->sessions[left++] = report->sessions[i];
	report->session_count = left;
}

/* Both are in order, so what is known of one lies behind what is known of the last one. */
static void leave_members(struct report *report, const struct told *known)
{
	size_t left = 0, place = 0;

	for (size_t i = 0; i < report->member_count; i++) {
		const struct report_member *member = &report->members[i];

		while (place < known->member_count &&
		       report_member_compare(&known->members[place], member) < 0)
			place++;
		if (place == known->member_count || !member_is_same(&known->members[place], member))
			report->members[left++] = *member;
	}
	report->member_count = left;
}

static bool member_is_same(const struct report_member *known, const struct report_member *member)
{
	return report_member_compare(known, member) == 0 && known->state == member->state &&
	       known->reason == member->reason;
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
