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

#define PAUSE_MILLISECONDS_MIN 100
#define PAUSE_MILLISECONDS_MAX 10000
#define CALL_MILLISECONDS      30000

/* One thread's side of the line. */
struct line {
	struct uplink *uplink;
	const char *subject; /* For the log: "plans" or "reports". */
	struct http_client *client;
	char url[CREDENTIALS_ENDPOINT_SIZE + 128];
	pthread_t thread;
	bool running;
	unsigned int pause; /* Milliseconds to wait after the last failure; 0 after a success. */
};

struct uplink {
	struct credentials credentials;
	struct line plans, reports, peeks;
	int arrived; /* eventfd, for the main thread. */
	int stop;    /* eventfd, never drained: wakes every pause. */

	pthread_mutex_t lock; /* Guards what follows. */
	pthread_cond_t report_waiting;
	bool stopping;
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

static int open_line(struct uplink *uplink, struct line *line, const char *subject,
		     const char *host, const char *path, void *(*run)(void *));
static void close_line(struct line *line);
static void *fetch_plans(void *context);
static void *deliver_reports(void *context);
static void *show_packets(void *context);
static void note_announcement(struct uplink *uplink, const struct http_answer *answer);

int uplink_open(const struct uplink_options *options, struct uplink **ret_uplink,
		struct refusal *why)
{
	_cleanup_(uplink_freep) struct uplink *uplink = calloc(1, sizeof(*uplink));
	int r;

	if (!uplink)
		return -ENOMEM;
	uplink->credentials = *options->credentials;
	uplink->arrived = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	uplink->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	pthread_mutex_init(&uplink->lock, NULL);
	pthread_cond_init(&uplink->report_waiting, NULL);
	pthread_cond_init(&uplink->peek_waiting, NULL);
	if (uplink->arrived < 0 || uplink->stop < 0)
		return -errno;
	if (uplink->credentials.endpoint[0] == '\0')
		return refuse(
			why, 0,
			"no URL of a controller: AWS_ENDPOINT_URL is not among the credentials");
	if (uplink->credentials.access_key_id[0] == '\0' ||
	    uplink->credentials.secret_access_key[0] == '\0')
		return refuse(
			why, 0,
			"no key to sign with: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are "
			"not both among the credentials");
	r = open_line(uplink, &uplink->plans, "plans", options->host, "plan", fetch_plans);
	if (r == 0)
		r = open_line(uplink, &uplink->reports, "reports", options->host, "report",
			      deliver_reports);
	if (r == 0)
		r = open_line(uplink, &uplink->peeks, "packets", options->host, "peek",
			      show_packets);
	if (r < 0)
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
	if (uplink->stop >= 0)
		(void)eventfd_write(uplink->stop, 1);
	close_line(&uplink->plans);
	close_line(&uplink->reports);
	close_line(&uplink->peeks);
	closep(&uplink->arrived);
	closep(&uplink->stop);
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

static int open_line(struct uplink *uplink, struct line *line, const char *subject,
		     const char *host, const char *path, void *(*run)(void *))
{
	const struct credentials *credentials = &uplink->credentials;
	const struct http_client_options options = {
		.ca_file = credentials->ca_bundle[0] ? credentials->ca_bundle : NULL,
		.user_agent = "tmirror-agent/" TMIRROR_VERSION,
	};
	size_t length = strlen(credentials->endpoint);
	int r;

	line->uplink = uplink;
	line->subject = subject;
	while (length > 0 && credentials->endpoint[length - 1] == '/')
		length--;
	(void)snprintf(line->url, sizeof(line->url), "%.*s" HOST_PATH_PREFIX "%s/%s", (int)length,
		       credentials->endpoint, host, path);
	r = http_client_new(&options, &line->client);
	if (r < 0)
		return r;
	r = -pthread_create(&line->thread, NULL, run, line);
	line->running = r == 0;
	return r;
}

static void close_line(struct line *line)
{
	if (line->client)
		http_client_abort(line->client);
	if (line->running)
		pthread_join(line->thread, NULL);
	http_client_free(line->client);
}

static bool is_stopping(struct uplink *uplink)
{
	bool stopping;

	pthread_mutex_lock(&uplink->lock);
	stopping = uplink->stopping;
	pthread_mutex_unlock(&uplink->lock);
	return stopping;
}

static int call(struct line *line, struct http_call *call, struct http_answer *ret_answer,
		struct refusal *why)
{
	const struct credentials *credentials = &line->uplink->credentials;
	const struct http_signer signer = {
		.access_key = credentials->access_key_id,
		.secret_key = credentials->secret_access_key,
		.session_token = credentials->session_token[0] ? credentials->session_token : NULL,
		.region = credentials->region,
		.service = HOST_SERVICE,
	};

	call->url = line->url;
	call->signer = &signer;
	return http_client_call(line->client, call, ret_answer, why);
}

static int post(struct line *line, const char *json, struct http_answer *ret_answer,
		struct refusal *why)
{
	static const char *const headers[] = {"Content-Type: application/json", NULL};
	struct http_call request = {
		.method = "POST",
		.headers = headers,
		.body = json,
		.body_size = strlen(json),
		.timeout_milliseconds = CALL_MILLISECONDS,
	};

	return call(line, &request, ret_answer, why);
}

/* Says once that the line is down, and once that it is up again. */
static void note_success(struct line *line)
{
	if (line->pause > 0)
		log_info("the controller takes our calls again (%s)", line->subject);
	line->pause = 0;
}

static void note_failure(struct line *line, const char *reason)
{
	struct pollfd stop = {line->uplink->stop, POLLIN, 0};

	if (line->pause == 0)
		log_warning("no answer for %s, trying on: %s", line->subject, reason);
	line->pause = line->pause ? line->pause * 2 : PAUSE_MILLISECONDS_MIN;
	if (line->pause > PAUSE_MILLISECONDS_MAX)
		line->pause = PAUSE_MILLISECONDS_MAX;
	(void)poll(&stop, 1, (int)(line->pause / 2 + random_number() % line->pause));
}

/* What to say of a call that brought no usable answer. */
static void explain_answer(int r, const struct http_answer *answer, const struct refusal *why,
			   char *ret_text, size_t size)
{
	char said[256];

	if (r < 0) {
		(void)snprintf(ret_text, size, "%s", strerror(-r));
	} else if (r > 0) {
		(void)snprintf(ret_text, size, "%s", why->text);
	} else {
		answer_explain(answer->body.data ? answer->body.data : "", said, sizeof(said));
		(void)snprintf(ret_text, size, "HTTP status %d: %s", answer->status, said);
	}
}

/* After a failure it waits, longer each time. */
static void conclude(struct line *line, bool succeeded, int r, const struct http_answer *answer,
		     const struct refusal *why)
{
	char reason[768];

	if (succeeded) {
		note_success(line);
		return;
	}
	explain_answer(r, answer, why, reason, sizeof(reason));
	note_failure(line, reason);
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
	pthread_mutex_unlock(&uplink->lock);
	(void)eventfd_write(uplink->arrived, 1);
	return 0;
}

/* One question for a plan other than the one that 'revision' names. */
static int fetch_plan(struct line *line, char *revision, size_t revision_size)
{
	_cleanup_http_answer_ struct http_answer answer = {};
	char condition[160];
	const char *headers[] = {NULL, NULL};
	struct http_call request = {
		.method = "GET",
		.headers = headers,
		.timeout_milliseconds = (HOST_POLL_SECONDS + 15) * 1000,
		.answer_size_max = PLAN_SIZE_MAX,
	};
	struct refusal why = {};
	int r;

	if (revision[0] != '\0') {
		(void)snprintf(condition, sizeof(condition), "If-None-Match: %s", revision);
		headers[0] = condition;
	}
	r = call(line, &request, &answer, &why);
	if (r == 0)
		note_announcement(line->uplink, &answer);
	if (r == 0 && answer.status == 200) {
		r = accept_plan(line->uplink, &answer, &why);
		if (r == 0)
			(void)string_copy(revision, revision_size, answer.entity_tag);
	}
	if (r == -ECANCELED)
		return r;
	conclude(line, r == 0 && (answer.status == 200 || answer.status == 304), r, &answer, &why);
	return 0;
}

static void *fetch_plans(void *context)
{
	struct line *line = context;
	char revision[128] = "";

	(void)pthread_setname_np(pthread_self(), "plans");
	while (!is_stopping(line->uplink))
		if (fetch_plan(line, revision, sizeof(revision)) < 0)
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

static int deliver_report(struct line *line, const char *json, uint64_t number)
{
	_cleanup_http_answer_ struct http_answer answer = {};
	struct refusal why = {};
	int r = post(line, json, &answer, &why);
	bool delivered = r == 0 && answer.status == 204;

	if (r == -ECANCELED)
		return r;
	if (r == 0)
		note_announcement(line->uplink, &answer);
	confirm_report(line->uplink, delivered ? number : 0);
	conclude(line, delivered, r, &answer, &why);
	return 0;
}

static void *deliver_reports(void *context)
{
	struct line *line = context;
	int r = 0;

	(void)pthread_setname_np(pthread_self(), "reports");
	while (r == 0) {
		uint64_t number;
		_cleanup_free_ char *json = take_report(line->uplink, &number);

		if (!json)
			break;
		r = deliver_report(line, json, number);
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
static int deliver_batch(struct line *line, const char *json)
{
	_cleanup_(peek_wishes_fini) struct peek_wishes wishes = {};
	_cleanup_http_answer_ struct http_answer answer = {};
	struct refusal why = {};
	int r = post(line, json, &answer, &why);

	if (r == -ECANCELED)
		return r;
	if (r == 0 && answer.status == 200)
		r = peek_wishes_decode(answer.body.data ? answer.body.data : "", answer.body.length,
				       &wishes, &why);
	if (r != 0 || answer.status != 200)
		peek_wishes_fini(&wishes);
	tell_wishes(line->uplink, &wishes);
	conclude(line, r == 0 && answer.status == 200, r, &answer, &why);
	return 0;
}

static void *show_packets(void *context)
{
	struct line *line = context;
	int r = 0;

	(void)pthread_setname_np(pthread_self(), "packets");
	while (r == 0 && !is_stopping(line->uplink)) {
		_cleanup_free_ char *json = take_batch(line->uplink);

		if (json)
			r = deliver_batch(line, json);
	}
	return NULL;
}
