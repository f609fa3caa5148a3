// SPDX-License-Identifier: Apache-2.0
/* Each thread owns one HTTP client and speaks in turns: ask or tell, and after a failure pause, longer each time, with a
 * random part so that a fleet does not come back in step.  What passes between them and the main thread lies in one
 * small struct under one lock.
 *
 * The first question of a process names no revision, so a controller that was set up anew, and counts revisions from
 * the beginning again, is heard. */
#include "agent/uplink.h"

#include "agent/answer.h"
#include "base/array.h"
#include "base/clock.h"
#include "base/count.h"
#include "base/log.h"
#include "base/random.h"
#include "base/refusal.h"
#include "base/text.h"
#include "net/http_client.h"
#include "sigv4/credentials.h"
#include "wire/host.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>

#define CALL_MILLISECONDS 30000

/* A thread and its line. */
struct speaker {
	struct uplink *uplink;
	struct line line;
	pthread_t thread;
	bool running;
};

struct uplink {
	struct link *link;
	struct speaker plans, reports, peeks;
	int arrived; /* eventfd, for the main thread. */

	pthread_mutex_t lock; /* Guards what follows. */
	pthread_cond_t report_waiting;
	bool stopping;
	bool revoked; /* The last answer for plans said so. */
	struct plan *plan;
	char *plan_json;
	char *report_json;
	uint64_t report_number; /* Of 'report_json'. */
	uint64_t confirmed;     /* Number of the last one delivered. */
	pthread_cond_t peek_waiting;
	bool peek_announced; /* Somebody looks, and we do not know at what. */
	char *batch_json;
	struct peek_wishes wishes; /* The last that were told. */
	bool wishes_are_new;
};

static int open_speaker(struct uplink *uplink, struct speaker *speaker, const char *subject,
			const char *verb, void *(*run)(void *));
static void close_speaker(struct speaker *speaker);
static void *fetch_plans(void *context);
static void *deliver_reports(void *context);
static void *show_packets(void *context);
static void note_announcement(struct uplink *uplink, const struct http_answer *answer);

int uplink_open(const struct link_options *options, struct uplink **ret_uplink, struct refusal *why)
{
	_cleanup_(uplink_freep) struct uplink *uplink = calloc(1, sizeof(*uplink));
	int r;

	if (!uplink)
		return -ENOMEM;
	uplink->arrived = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	pthread_mutex_init(&uplink->lock, NULL);
	pthread_cond_init(&uplink->report_waiting, NULL);
	pthread_cond_init(&uplink->peek_waiting, NULL);
	if (uplink->arrived < 0)
		return -errno;
	r = link_new(options, &uplink->link, why);
	if (r == 0)
		r = open_speaker(uplink, &uplink->plans, "plans", "plan", fetch_plans);
	if (r == 0)
		r = open_speaker(uplink, &uplink->reports, "reports", "report", deliver_reports);
	if (r == 0)
		r = open_speaker(uplink, &uplink->peeks, "packets", "peek", show_packets);
	if (r != 0)
		return r;
	*ret_uplink = TAKE_PTR(uplink);
	return 0;
}

void uplink_free(struct uplink *uplink)
{
	if (!uplink)
		return;
	pthread_mutex_lock(&uplink->lock);
	uplink->stopping = true;
	pthread_cond_broadcast(&uplink->report_waiting);
	pthread_cond_broadcast(&uplink->peek_waiting);
	pthread_mutex_unlock(&uplink->lock);
	if (uplink->link)
		link_stop(uplink->link);
	close_speaker(&uplink->plans);
	close_speaker(&uplink->reports);
	close_speaker(&uplink->peeks);
	link_free(uplink->link);
	closep(&uplink->arrived);
	plan_free(uplink->plan);
	free(uplink->plan_json);
	free(uplink->report_json);
	free(uplink->batch_json);
	peek_wishes_fini(&uplink->wishes);
	pthread_mutex_destroy(&uplink->lock);
	pthread_cond_destroy(&uplink->report_waiting);
	pthread_cond_destroy(&uplink->peek_waiting);
	explicit_bzero(uplink, sizeof(*uplink));
	free(uplink);
}

int uplink_get_descriptor(const struct uplink *uplink)
{
	return uplink->arrived;
}

bool uplink_is_revoked(struct uplink *uplink)
{
	bool revoked;

	pthread_mutex_lock(&uplink->lock);
	revoked = uplink->revoked;
	pthread_mutex_unlock(&uplink->lock);
	return revoked;
}

struct plan *uplink_take_plan(struct uplink *uplink, char **ret_json)
{
	struct plan *plan;
	eventfd_t count;

	(void)eventfd_read(uplink->arrived, &count);
	pthread_mutex_lock(&uplink->lock);
	plan = TAKE_PTR(uplink->plan);
	*ret_json = TAKE_PTR(uplink->plan_json);
	pthread_mutex_unlock(&uplink->lock);
	return plan;
}

int uplink_send_report(struct uplink *uplink, const struct report *report, uint64_t number)
{
	_cleanup_free_ char *json = NULL;
	int r = report_encode(report, &json);

	if (r < 0)
		return r;
	pthread_mutex_lock(&uplink->lock);
	free(uplink->report_json);
	uplink->report_json = TAKE_PTR(json);
	uplink->report_number = number;
	pthread_cond_signal(&uplink->report_waiting);
	pthread_mutex_unlock(&uplink->lock);
	return 0;
}

uint64_t uplink_get_confirmed(struct uplink *uplink)
{
	uint64_t number;

	pthread_mutex_lock(&uplink->lock);
	number = uplink->confirmed;
	pthread_mutex_unlock(&uplink->lock);
	return number;
}

bool uplink_take_wishes(struct uplink *uplink, struct peek_wishes *ret_wishes)
{
	struct peek_wishes wishes = {};
	bool new;

	pthread_mutex_lock(&uplink->lock);
	new = uplink->wishes_are_new;
	for (size_t i = 0; new &&i < uplink->wishes.item_count; i++)
		new = array_append(&wishes, items, item_count, item_capacity,
				   uplink->wishes.items[i]) == 0;
	uplink->wishes_are_new = false;
	pthread_mutex_unlock(&uplink->lock);
	if (new)
		*ret_wishes = wishes;
	else
		peek_wishes_fini(&wishes);
	return new;
}

int uplink_send_packets(struct uplink *uplink, const struct peek_batch *batch)
{
	_cleanup_free_ char *json = NULL;
	int r = peek_batch_encode(batch, &json);

	if (r < 0)
		return r;
	pthread_mutex_lock(&uplink->lock);
	free(uplink->batch_json);
	uplink->batch_json = TAKE_PTR(json);
	pthread_cond_signal(&uplink->peek_waiting);
	pthread_mutex_unlock(&uplink->lock);
	return 0;
}

static int open_speaker(struct uplink *uplink, struct speaker *speaker, const char *subject,
			const char *verb, void *(*run)(void *))
{
	int r;

	speaker->uplink = uplink;
	r = line_open(&speaker->line, uplink->link, subject, verb);
	if (r < 0)
		return r;
	r = -pthread_create(&speaker->thread, NULL, run, speaker);
	speaker->running = r == 0;
	return r;
}

static void close_speaker(struct speaker *speaker)
{
	if (speaker->line.client)
		http_client_abort(speaker->line.client);
	if (speaker->running)
		pthread_join(speaker->thread, NULL);
	line_close(&speaker->line);
}

static bool is_stopping(struct uplink *uplink)
{
	bool stopping;

	pthread_mutex_lock(&uplink->lock);
	stopping = uplink->stopping;
	pthread_mutex_unlock(&uplink->lock);
	return stopping;
}

static int post(struct line *line, const char *json, struct http_answer *ret_answer,
		struct refusal *why)
{
	struct http_call request = {
		.method = "POST",
		.body = json,
		.body_size = strlen(json),
		.timeout_milliseconds = CALL_MILLISECONDS,
	};

	return line_call(line, &request, NULL, ret_answer, why);
}

/* --- plans ----------------------------------------------------------------------------------------------------- */

static int accept_plan(struct uplink *uplink, struct http_answer *answer, struct refusal *why)
{
	_cleanup_free_ char *json = NULL;
	size_t size = answer->body.length;
	struct plan *plan;
	int r;

	json = text_steal(&answer->body);
	if (!json)
		return -ENOMEM;
	r = plan_decode(json, size, &plan, why);
	if (r != 0)
		return r;
	pthread_mutex_lock(&uplink->lock);
	plan_free(uplink->plan);
	free(uplink->plan_json);
	uplink->plan = plan;
	uplink->plan_json = TAKE_PTR(json);
	uplink->revoked = false;
	pthread_mutex_unlock(&uplink->lock);
	(void)eventfd_write(uplink->arrived, 1);
	return 0;
}

/* A plan that nobody took yet is none any more. */
static void accept_revocation(struct uplink *uplink)
{
	pthread_mutex_lock(&uplink->lock);
	plan_free(TAKE_PTR(uplink->plan));
	free(TAKE_PTR(uplink->plan_json));
	uplink->revoked = true;
	pthread_mutex_unlock(&uplink->lock);
	(void)eventfd_write(uplink->arrived, 1);
}

/* One question for a plan other than the one that 'revision' names.  A host that was shut out and let in again has none. */
static int fetch_plan(struct speaker *speaker, char *revision, size_t revision_size)
{
	_cleanup_http_answer_ struct http_answer answer = {};
	struct line *line = &speaker->line;
	char condition[160];
	struct http_call request = {
		.method = "GET",
		.timeout_milliseconds = (HOST_POLL_SECONDS + 15) * 1000,
		.answer_size_max = PLAN_SIZE_MAX,
	};
	struct refusal why = {};
	int r;

	(void)snprintf(condition, sizeof(condition), "If-None-Match: %s", revision);
	r = line_call(line, &request, revision[0] != '\0' ? condition : NULL, &answer, &why);
	if (r == 0)
		note_announcement(speaker->uplink, &answer);
	if (r == 0 && line->revoked) {
		revision[0] = '\0';
		accept_revocation(speaker->uplink);
	}
	if (r == 0 && answer.status == 200) {
		r = accept_plan(speaker->uplink, &answer, &why);
		if (r == 0)
			(void)string_copy(revision, revision_size, answer.entity_tag);
	}
	if (r == 0 && (answer.status == 200 || answer.status == 304)) {
		line_succeed(line);
		return 0;
	}
	if (r == -ECANCELED)
		return r;
	line_fail(line, r, &answer, &why);
	return 0;
}

static void *fetch_plans(void *context)
{
	struct speaker *speaker = context;
	char revision[128] = "";

	(void)pthread_setname_np(pthread_self(), "plans");
	while (!is_stopping(speaker->uplink))
		if (fetch_plan(speaker, revision, sizeof(revision)) < 0)
			break;
	return NULL;
}

/* --- reports --------------------------------------------------------------------------------------------------- */

/* Waits for a report; NULL when it is time to stop. */
static char *take_report(struct uplink *uplink, uint64_t *ret_number)
{
	char *json;

	pthread_mutex_lock(&uplink->lock);
	while (!uplink->report_json && !uplink->stopping)
		pthread_cond_wait(&uplink->report_waiting, &uplink->lock);
	json = uplink->stopping ? NULL : TAKE_PTR(uplink->report_json);
	*ret_number = uplink->report_number;
	pthread_mutex_unlock(&uplink->lock);
	return json;
}

/* What was delivered need not be told again; after a failure the next report tells it again, because the controller may
 * have been set up anew. */
static void confirm_report(struct uplink *uplink, uint64_t number)
{
	pthread_mutex_lock(&uplink->lock);
	uplink->confirmed = number;
	pthread_mutex_unlock(&uplink->lock);
}

static int deliver_report(struct speaker *speaker, const char *json, uint64_t number)
{
	_cleanup_http_answer_ struct http_answer answer = {};
	struct line *line = &speaker->line;
	struct refusal why = {};
	int r = post(line, json, &answer, &why);
	bool delivered = r == 0 && answer.status == 204;

	if (r == -ECANCELED)
		return r;
	if (r == 0)
		note_announcement(speaker->uplink, &answer);
	confirm_report(speaker->uplink, delivered ? number : 0);
	if (!delivered) {
		line_fail(line, r, &answer, &why);
		return 0;
	}
	line_succeed(line);
	line_renew_key(line, &answer);
	return 0;
}

static void *deliver_reports(void *context)
{
	struct speaker *speaker = context;
	int r = 0;

	(void)pthread_setname_np(pthread_self(), "reports");
	while (r == 0) {
		uint64_t number;
		_cleanup_free_ char *json = take_report(speaker->uplink, &number);

		if (!json)
			break;
		r = deliver_report(speaker, json, number);
	}
	return NULL;
}

/* --- packets --------------------------------------------------------------------------------------------------- */

/* Who looks already is told with the next answer who else does. */
static void note_announcement(struct uplink *uplink, const struct http_answer *answer)
{
	if (answer->peek[0] == '\0')
		return;
	pthread_mutex_lock(&uplink->lock);
	if (uplink->wishes.item_count == 0) {
		uplink->peek_announced = true;
		pthread_cond_signal(&uplink->peek_waiting);
	}
	pthread_mutex_unlock(&uplink->lock);
}

/* Waits for a batch, or for an announcement, which is answered by an empty one.  NULL when it is time to stop, or without memory. */
static char *take_batch(struct uplink *uplink)
{
	const struct peek_batch empty = {};
	char *json;

	pthread_mutex_lock(&uplink->lock);
	while (!uplink->batch_json && !uplink->peek_announced && !uplink->stopping)
		pthread_cond_wait(&uplink->peek_waiting, &uplink->lock);
	uplink->peek_announced = false;
	json = uplink->stopping ? NULL : TAKE_PTR(uplink->batch_json);
	if (!json && !uplink->stopping && peek_batch_encode(&empty, &json) < 0)
		json = NULL;
	pthread_mutex_unlock(&uplink->lock);
	return json;
}

static void tell_wishes(struct uplink *uplink, struct peek_wishes *wishes)
{
	pthread_mutex_lock(&uplink->lock);
	peek_wishes_fini(&uplink->wishes);
	uplink->wishes = *wishes;
	uplink->wishes_are_new = true;
	pthread_mutex_unlock(&uplink->lock);
	*wishes = (struct peek_wishes){};
	(void)eventfd_write(uplink->arrived, 1);
}

/* Without an answer nobody may be looking any more, so nothing is shown until the controller says otherwise. */
static int deliver_batch(struct speaker *speaker, const char *json)
{
	_cleanup_(peek_wishes_fini) struct peek_wishes wishes = {};
	_cleanup_http_answer_ struct http_answer answer = {};
	struct refusal why = {};
	int r = post(&speaker->line, json, &answer, &why);

	if (r == -ECANCELED)
		return r;
	if (r == 0 && answer.status == 200)
		r = peek_wishes_decode(answer.body.data ? answer.body.data : "", answer.body.length,
				       &wishes, &why);
	if (r != 0 || answer.status != 200)
		peek_wishes_fini(&wishes);
	tell_wishes(speaker->uplink, &wishes);
	if (r == 0 && answer.status == 200)
		line_succeed(&speaker->line);
	else
		line_fail(&speaker->line, r, &answer, &why);
	return 0;
}

static void *show_packets(void *context)
{
	struct speaker *speaker = context;
	int r = 0;

	(void)pthread_setname_np(pthread_self(), "packets");
	while (r == 0 && !is_stopping(speaker->uplink)) {
		_cleanup_free_ char *json = take_batch(speaker->uplink);

		if (json)
			r = deliver_batch(speaker, json);
	}
	return NULL;
}
