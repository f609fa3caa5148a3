// SPDX-License-Identifier: Apache-2.0
#include "api/api.h"

#include "access/policy.h"
#include "api/answers.h"
#include "api/audit.h"
#include "api/changes.h"
#include "api/errors.h"
#include "api/metrics.h"
#include "api/record.h"
#include "api/selector_record.h"
#include "api/sign_in.h"
#include "api/tally.h"
#include "api/throttle.h"
#include "api/tries.h"
#include "api/visit.h"
#include "base/clock.h"
#include "control/history.h"
#include "control/member.h"
#include "control/peek.h"
#include "control/selector.h"
#include "control/session.h"
#include "control/usage.h"
#include "wire/host.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define CORS_HEADERS_DEFAULT "authorization, content-type, *"

static size_t limit_body(void *context, const struct http_request *request);
static bool is_short(const struct http_request *request);
static int handle(void *context, const struct http_request *request, struct http_reply *reply);
static void answer_preflight(const struct http_request *request, struct http_reply *reply);
static int route(struct visit *visit, struct refusal *why);
static void answer_error(struct visit *visit, int r, struct refusal *why);
static void observe(struct visit *visit, int r, const struct refusal *why);
static int record(struct visit *visit, const struct error_name *error, const struct refusal *why,
		  char **ret_record);
static bool is_kept(const struct visit *visit, const struct refusal *why);
static const char *known_action(const struct visit *visit);

int api_new(const struct api_options *options, struct api **ret_api)
{
	_cleanup_(api_freep) struct api *api = calloc(1, sizeof(*api));
	int r;

	if (!api)
		return -ENOMEM;
	api->options = *options;
	pthread_mutex_init(&api->lock, NULL);
	r = throttle_new(options->rates, options->rate_count, &api->throttle);
	if (r == 0)
		r = tally_new(clock_realtime(), &api->tally);
	if (r == 0)
		r = answers_new(&api->answers);
	if (r == 0)
		r = metrics_new(&api->metrics);
	if (r == 0)
		r = audit_new(options->control, &api->audit);
	if (r == 0)
		r = changes_new(clock_realtime(), &api->changes);
	if (r == 0)
		r = sign_ins_new(&api->sign_ins);
	if (r == 0)
		r = tries_new(&api->tries);
	if (r < 0)
		return r;
	*ret_api = TAKE_PTR(api);
	return 0;
}

void api_free(struct api *api)
{
	tries_freep(&api->tries);
	sign_ins_freep(&api->sign_ins);
	changes_freep(&api->changes);
	metrics_freep(&api->metrics);
	audit_freep(&api->audit);
	answers_freep(&api->answers);
	tally_freep(&api->tally);
	throttle_freep(&api->throttle);
	pthread_mutex_destroy(&api->lock);
	free(api);
}

int api_look(struct api *api)
{
	int r = api_enter(api);

	api_leave(api);
	return r;
}

/* They do not say what they did. */
void api_note_others(struct api *api)
{
	api_note_change(api, NULL, CHANGE_ALL);
}

int api_expire_sessions(struct api *api, struct ended_sessions *ret_ended, struct refusal *why)
{
	int r = api_enter(api);

	if (r == 0)
		r = control_expire_sessions(api->options.control, ret_ended, why);
	if (r == 0 && ret_ended->count > 0)
		api_note_change(api, NULL, CHANGE(CHANGE_SESSION));
	api_leave(api);
	return r;
}

int api_expire_members(struct api *api, size_t *ret_count, struct refusal *why)
{
	int r = api_enter(api);

	if (r == 0)
		r = control_expire_members(api->options.control, ret_count, why);
	if (r == 0 && *ret_count > 0)
		api_note_change(api, NULL, CHANGE(CHANGE_BALANCER));
	api_leave(api);
	return r;
}

int api_settle_selectors(struct api *api, bool *ret_more, struct refusal *why)
{
	int r = api_enter(api);

	if (r == 0)
		r = control_settle_selectors(api->options.control, ret_more, why);
	api_leave(api);
	return r;
}

int api_keep_act(struct api *api, const struct selector_act *act, char **ret_record)
{
	const int64_t now = clock_realtime();
	_cleanup_event_ struct event event = {};
	_cleanup_free_ char *record = NULL;
	int r;

	api_note_change(api, act->owner.text,
			CHANGE(CHANGE_SESSION) | CHANGE(CHANGE_SELECTOR) | CHANGE(CHANGE_EVENT));
	r = selector_record_make(act, control_get_region(api->options.control), now, &event);
	if (r < 0)
		return r;
	record = strdup(event.record);
	if (!record)
		return -ENOMEM;
	r = audit_keep_event(api->audit, &event, now);
	*ret_record = TAKE_PTR(record);
	return r;
}

int api_expire_peeks(struct api *api)
{
	int r = api_enter(api);

	if (r == 0)
		r = control_expire_peeks(api->options.control);
	api_leave(api);
	return r;
}

int api_condense_usage(struct api *api, size_t *ret_count, struct refusal *why)
{
	int r = api_enter(api);

	if (r == 0)
		r = control_condense_usage(api->options.control, USAGE_SESSIONS_MAX, ret_count,
					   why);
	api_leave(api);
	return r;
}

int api_fold_history(struct api *api, bool *ret_more, struct refusal *why)
{
	int r = api_enter(api);

	if (r == 0)
		r = control_fold_history(api->options.control, ret_more, why);
	api_leave(api);
	return r;
}

int api_keep_events(struct api *api)
{
	int r;

	pthread_mutex_lock(&api->lock);
	r = audit_keep(api->audit);
	pthread_mutex_unlock(&api->lock);
	return r;
}

int api_enter(struct api *api)
{
	pthread_mutex_lock(&api->lock);
	return control_enter(api->options.control);
}

void api_leave(struct api *api)
{
	control_leave(api->options.control);
	pthread_mutex_unlock(&api->lock);
}

void api_note_change(struct api *api, const char *account, unsigned int kinds)
{
	changes_note(api->changes, account, kinds, clock_realtime());
	if (api->options.wake)
		changes_wake(api->changes, account, api->options.wake, api->options.context);
}

struct http_handler api_get_handler(struct api *api)
{
	return (struct http_handler){api, limit_body, handle};
}

/* An inventory of a large host is the one large thing anybody sends.  Strangers get no room for one, and whose body is
 * short is not looked up for it. */
static size_t limit_body(void *context, const struct http_request *request)
{
	if (host_serves(request->path) && !is_short(request) && visit_claims_host(context, request))
		return HOST_REPORT_SIZE_MAX;
	return API_BODY_SIZE_MAX;
}

/* Bodies without a length may be long. */
static bool is_short(const struct http_request *request)
{
	const char *length = http_request_get_header(request, "content-length");
	unsigned long long size;

	if (!length)
		return strcmp(request->method, "GET") == 0;
	return string_to_unsigned(length, API_BODY_SIZE_MAX, &size);
}

static int handle(void *context, const struct http_request *request, struct http_reply *reply)
{
	struct visit visit = {.api = context, .request = request, .reply = reply};
	struct refusal why = {};
	int r;

	random_uuid(visit.request_id);
	http_reply_add_header(reply, "x-amzn-requestid", visit.request_id);
	http_reply_add_header(reply, "Access-Control-Allow-Origin", "*");
	http_reply_add_header(reply, "Access-Control-Expose-Headers", "x-amzn-requestid, date");
	if (strcmp(request->method, "OPTIONS") == 0) {
		answer_preflight(request, reply);
		return 0;
	}
	r = route(&visit, &why);
	if (r != 0)
		answer_error(&visit, r, &why);
	if (!visit.waits)
		observe(&visit, r, &why);
	explicit_bzero(&visit.key, sizeof(visit.key));
	policy_free(visit.session_policy);
	arguments_fini(&visit.arguments);
	form_fini(&visit.form);
	return visit.waits ? HTTP_WAIT : 0;
}

/* A browser asks before it sends what is signed.  '*' does not cover Authorization, so what is asked for is granted by
 * name. */
static void answer_preflight(const struct http_request *request, struct http_reply *reply)
{
	static const char name_characters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
					      "0123456789-_, ";
	const char *wanted = http_request_get_header(request, "access-control-request-headers");

	if (!wanted || wanted[strspn(wanted, name_characters)] != '\0' ||
	    strlen(wanted) >= sizeof(reply->headers[0].value))
		wanted = CORS_HEADERS_DEFAULT;
	http_reply_add_header(reply, "Access-Control-Allow-Methods",
			      "GET, POST, OPTIONS, DELETE, PUT");
	http_reply_add_header(reply, "Access-Control-Allow-Headers", wanted);
	http_reply_add_header(reply, "Access-Control-Max-Age", "1800");
	reply->status = 200;
}

static int route(struct visit *visit, struct refusal *why)
{
	const struct http_request *request = visit->request;

	if (host_serves(request->path))
		return visit_host(visit, why);
	if (strcmp(request->path, "/") != 0)
		return refuse(why, REFUSE_ACTION_UNKNOWN, "There is nothing at '%.128s'",
			      request->path);
	if (strcmp(request->method, "GET") != 0 && strcmp(request->method, "POST") != 0)
		return refuse(why, REFUSE_ACTION_UNKNOWN, "The method '%.16s' is not supported",
			      request->method);
	return visit_query(visit, why);
}

/* A fault is told without its reason, which is the operator's to know; but that nothing can be stored at present is the
 * caller's business, too. */
static void answer_error(struct visit *visit, int r, struct refusal *why)
{
	struct error_name error;

	if (r == -ENOSPC || r == -EROFS)
		(void)refuse(why, REFUSE_UNAVAILABLE,
			     "The store is full or read-only: nothing can be changed at present");
	else if (r == -ENOTCONN || r == -EBUSY)
		(void)refuse(why, REFUSE_UNAVAILABLE,
			     "The store is out of reach at present: please try again");
	else if (r < 0)
		(void)refuse(why, REFUSE_INTERNAL, "An internal error has occurred");
	error = error_find(why->code, visit->service);
	text_clear(&visit->reply->body);
	if (visit->json)
		error_write_json(&visit->reply->body, &error, why->text);
	else
		error_write(&visit->reply->body, visit->service, &error, why->text,
			    visit->request_id);
	visit->reply->status = error.status;
	http_reply_add_header(visit->reply, "Content-Type",
			      visit->json ? API_TYPE_JSON : API_TYPE_XML);
}

static void observe(struct visit *visit, int r, const struct refusal *why)
{
	const struct api_options *options = &visit->api->options;
	const struct error_name error = error_find(why->code, visit->service);
	_cleanup_free_ char *text = NULL;
	struct api_event event = {
		.request_id = visit->request_id,
		.peer = &visit->request->peer,
		.principal = visit->key.caller.arn,
		.action = visit->action,
		.status = visit->reply->status,
		.error = r != 0 ? error.name : "",
		.message = r != 0 ? why->text : "",
		.throttled = why->code == REFUSE_TOO_MANY_REQUESTS,
		.refused = tally_add(visit->api->tally, visit->key.caller.account.text,
				     visit->action, why->code, clock_realtime()),
		.fault = r < 0 ? r : 0,
	};

	/* Hosts' requests wait for news on purpose. */
	metrics_count(visit->api->metrics, known_action(visit), visit->reply->status,
		      visit->service
			      ? (double)(clock_monotonic() - visit->request->arrived) / NSEC_PER_SEC
			      : -1);
	event.unrecorded = record(visit, r != 0 ? &error : NULL, why, &text);
	event.record = text;
	if (options->observe)
		options->observe(options->context, &event);
}

/* What strangers make up is no action. */
static const char *known_action(const struct visit *visit)
{
	bool known = visit->service ? service_find_action(visit->service, visit->action) != NULL
				    : host_serves(visit->request->path);

	return known ? visit->action : "";
}

/* Of strangers, who name a key that nobody has, there is no record: they could make as many as they like. */
static int record(struct visit *visit, const struct error_name *error, const struct refusal *why,
		  char **ret_record)
{
	struct api *api = visit->api;
	const int64_t now = clock_realtime();
	_cleanup_draft_ struct draft draft = {};
	const bool kept = is_kept(visit, why);
	int r;

	if (visit->claimed.account.text[0] == '\0' || !visit->service || visit->action[0] == '\0')
		return 0;
	r = draft_make(visit, error, why->text, now, &draft);
	if (r == 0 && (kept || api->options.tell_all))
		r = record_make(&draft, control_get_region(api->options.control), ret_record);
	if (r < 0)
		return r;
	if (!kept) {
		audit_remember(api->audit, &draft);
		return 0;
	}
	draft.event.record = strdup(*ret_record);
	if (!draft.event.record)
		return -ENOMEM;
	pthread_mutex_lock(&api->lock);
	r = audit_keep_event(api->audit, &draft.event, now);
	pthread_mutex_unlock(&api->lock);
	return r;
}

/* In the store (api/audit.h). */
static bool is_kept(const struct visit *visit, const struct refusal *why)
{
	return visit->row && visit->key.caller.account.text[0] != '\0' &&
	       why->code != REFUSE_TOO_MANY_REQUESTS &&
	       (visit->row->gives_keys || !record_only_reads(visit->row->name));
}
