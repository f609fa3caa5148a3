// SPDX-License-Identifier: Apache-2.0
/* The hosts' door (wire/host.h): plans by long poll, reports and packets that somebody looks at by post. */
#include "control/host.h"

#include "api/changes.h"
#include "api/visit.h"
#include "api/xml.h"
#include "base/clock.h"
#include "control/host_key.h"
#include "control/peek.h"
#include "wire/host.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_OF(number)       #number
#define PROTOCOL_TEXT(number) TEXT_OF(number)

#define LOCK_PAUSE (100 * NSEC_PER_USEC)

static int give_plan(struct visit *visit, const char *host, struct refusal *why);
static int take_report(struct visit *visit, const char *host, struct refusal *why);
static int put_report(struct visit *visit, const char *host, const struct report *report,
		      bool *ret_peeked, struct refusal *why);
static int take_packets(struct visit *visit, const char *host, struct refusal *why);
static int renew_key(struct visit *visit, const char *host, struct refusal *why);
static void tell_key_age(struct visit *visit);
static int read_protocol(const struct http_request *request, const char *host,
			 unsigned int *ret_protocol, struct refusal *why);
static bool split_path(const char *path, char ret_host[HOST_NAME_SIZE], const char **ret_verb);
static int read_plan(struct visit *visit, const char *host, struct plan **ret_plan,
		     uint64_t *ret_revision, bool *ret_peeked, struct refusal *why);
static bool knows_revision(const struct http_request *request, uint64_t revision);
static void add_revision(struct http_reply *reply, uint64_t revision);
static void announce_peeks(struct http_reply *reply, bool peeked);

static const struct row {
	const char *method, *verb, *action;
	int (*run)(struct visit *visit, const char *host, struct refusal *why);
} rows[] = {
	{"GET", "plan", "GetPlan", give_plan},
	{"POST", "report", "PostReport", take_report},
	{"POST", "peek", "PostPackets", take_packets},
	{"POST", "key", "RenewKey", renew_key},
};

bool host_serves(const char *path)
{
	return strncmp(path, HOST_PATH_PREFIX, strlen(HOST_PATH_PREFIX)) == 0;
}

int visit_host(struct visit *visit, struct refusal *why)
{
	char host[HOST_NAME_SIZE];
	unsigned int protocol;
	const char *verb;
	int r;

	r = visit_authenticate(visit, HOST_SERVICE, why);
	if (r != 0)
		return r;
	if (visit->key.caller.kind != CALLER_HOST)
		return refuse(why, REFUSE_NOT_PERMITTED,
			      "Only a host's access key opens plans and reports.");
	/* For who looks after hosts; strangers are not told. */
	http_reply_add_header(visit->reply, "Server", "tmirror/" TMIRROR_VERSION);
	http_reply_add_header(visit->reply, HOST_PROTOCOL_HEADER, PROTOCOL_TEXT(HOST_PROTOCOL));
	tell_key_age(visit);
	if (!split_path(visit->request->path, host, &verb))
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "The path '%.128s' names no host; a name has letters, digits, '-', "
			      "'.' and '_'",
			      visit->request->path);
	if (visit->key.caller.host[0] != '\0' && strcmp(visit->key.caller.host, host) != 0)
		return refuse(why, REFUSE_NOT_PERMITTED,
			      "The access key belongs to the host '%s' alone, and does not speak "
			      "for '%s'",
			      visit->key.caller.host, host);
	r = read_protocol(visit->request, host, &protocol, why);
	if (r != 0)
		return r;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (strcmp(verb, rows[i].verb) == 0 &&
		    strcmp(visit->request->method, rows[i].method) == 0) {
			(void)string_copy(visit->action, sizeof(visit->action), rows[i].action);
			return rows[i].run(visit, host, why);
		}
	return refuse(why, REFUSE_ACTION_UNKNOWN, "There is no %.16s of '%.128s'",
		      visit->request->method, visit->request->path);
}

/* The revision is looked at under the lock, and the plan made only when it is wanted. */
static int give_plan(struct visit *visit, const char *host, struct refusal *why)
{
	const struct http_request *request = visit->request;
	uint64_t until = request->arrived + HOST_POLL_SECONDS * NSEC_PER_SEC, revision;
	_cleanup_(plan_freep) struct plan *plan = NULL;
	_cleanup_free_ char *json = NULL;
	bool peeked;
	int r;

	r = read_plan(visit, host, &plan, &revision, &peeked, why);
	if (r != 0)
		return r;
	if (!plan && !peeked && !request->last_turn && clock_monotonic() < until) {
		(void)string_copy(visit->reply->wait_key, sizeof(visit->reply->wait_key), host);
		visit->reply->wait_until = until;
		visit->waits = true;
		return 0;
	}
	announce_peeks(visit->reply, peeked);
	add_revision(visit->reply, revision);
	visit->reply->status = 304;
	if (!plan)
		return 0;
	r = plan_encode(plan, &json);
	if (r < 0)
		return r;
	visit->reply->status = 200;
	http_reply_add_header(visit->reply, "Content-Type", "application/json");
	text_append(&visit->reply->body, json);
	return visit->reply->body.failed ? -ENOMEM : 0;
}

static int take_report(struct visit *visit, const char *host, struct refusal *why)
{
	const struct http_request *request = visit->request;
	_cleanup_(report_fini) struct report report = {};
	bool peeked;
	int r;

	r = report_decode(request->body, request->body_size, &report, why);
	if (r == REFUSED && why->code == REFUSE_NONE)
		why->code = REFUSE_PARAMETER_VALUE;
	if (r != 0)
		return r;
	r = read_protocol(request, host, &report.protocol, why);
	if (r == 0)
		r = put_report(visit, host, &report, &peeked, why);
	if (r != 0)
		return r;
	announce_peeks(visit->reply, peeked);
	visit->reply->status = 204;
	return 0;
}

/* In turns, if it is long.  Whoever waits for a lock needs a moment to take it when it is let go. */
static int put_report(struct visit *visit, const char *host, const struct report *report,
		      bool *ret_peeked, struct refusal *why)
{
	struct control *control = visit->api->options.control;
	struct report first = *report;
	size_t taken;
	int r;

	if (first.session_count > REPORT_SESSIONS_AT_ONCE)
		first.session_count = 0;
	r = api_enter(visit->api);
	if (r == 0)
		r = control_report(control, &visit->key.caller, host, &first, why);
	if (r == 0 && report->has_inventory)
		api_note_change(visit->api, visit->key.caller.account.text,
				CHANGE(CHANGE_HOST) | CHANGE(CHANGE_SOURCE));
	*ret_peeked = r == 0 && control_announce_peeks(control, &visit->key.caller, host, false);
	api_leave(visit->api);
	for (taken = first.session_count; r == 0 && taken < report->session_count;
	     taken += REPORT_SESSIONS_AT_ONCE) {
		const size_t rest = report->session_count - taken;

		clock_sleep(LOCK_PAUSE);
		r = api_enter(visit->api);
		if (r == 0)
			r = control_report_sessions(
				control, &visit->key.caller, host, report->sessions + taken,
				rest < REPORT_SESSIONS_AT_ONCE ? rest : REPORT_SESSIONS_AT_ONCE,
				why);
		api_leave(visit->api);
	}
	return r;
}

static int take_packets(struct visit *visit, const char *host, struct refusal *why)
{
	const struct http_request *request = visit->request;
	_cleanup_(peek_wishes_fini) struct peek_wishes wishes = {};
	_cleanup_(peek_batch_fini) struct peek_batch batch = {};
	_cleanup_free_ char *json = NULL;
	int r;

	r = peek_batch_decode(request->body, request->body_size, &batch, why);
	if (r != 0)
		return r;
	r = api_enter(visit->api);
	if (r == 0)
		r = control_take_packets(visit->api->options.control, &visit->key.caller, host,
					 &batch, &wishes, why);
	api_leave(visit->api);
	if (r == 0)
		r = peek_wishes_encode(&wishes, &json);
	if (r != 0)
		return r;
	visit->reply->status = 200;
	http_reply_add_header(visit->reply, "Content-Type", "application/json");
	text_append(&visit->reply->body, json);
	return visit->reply->body.failed ? -ENOMEM : 0;
}

static int renew_key(struct visit *visit, const char *host _unused_, struct refusal *why)
{
	struct text *xml = &visit->reply->body;
	struct access_key key = {};
	int r;

	r = api_enter(visit->api);
	if (r == 0)
		r = control_renew_host_key(visit->api->options.control, &visit->key, &key, why);
	api_leave(visit->api);
	if (r != 0)
		return r;
	visit->reply->status = 200;
	http_reply_add_header(visit->reply, "Content-Type", API_TYPE_XML);
	text_append(xml, XML_DECLARATION);
	xml_open(xml, "HostKey");
	xml_text(xml, "accessKeyId", key.id);
	xml_text(xml, "secretAccessKey", key.secret);
	xml_close(xml, "HostKey");
	explicit_bzero(&key, sizeof(key));
	return xml->failed ? -ENOMEM : 0;
}

/* By our clock, which made the key. */
static void tell_key_age(struct visit *visit)
{
	const int64_t age = (clock_realtime() - visit->key.created) / 1000;
	char seconds[24];

	if (visit->key.caller.host[0] == '\0')
		return;
	(void)snprintf(seconds, sizeof(seconds), "%" PRId64, age > 0 ? age : 0);
	http_reply_add_header(visit->reply, HOST_KEY_AGE_HEADER, seconds);
}

/* Newer agents find out by themselves whether they understand us. */
static int read_protocol(const struct http_request *request, const char *host,
			 unsigned int *ret_protocol, struct refusal *why)
{
	const char *said = http_request_get_header(request, HOST_PROTOCOL_HEADER);
	unsigned long long protocol = 1;

	if (said && !string_to_unsigned(said, UINT_MAX, &protocol))
		return refuse(why, REFUSE_PARAMETER_VALUE, "The protocol '%.16s' is no number",
			      said);
	if (protocol < HOST_PROTOCOL_OLDEST)
		return refuse(
			why, REFUSE_HOST_PROTOCOL,
			"The agent of the host '%s' speaks protocol %llu, and this controller "
			"(" TMIRROR_VERSION ") understands %d to %d: the agent is to be upgraded",
			host, protocol, HOST_PROTOCOL_OLDEST, HOST_PROTOCOL);
	*ret_protocol = (unsigned int)protocol;
	return 0;
}

/* PREFIX NAME / VERB */
static bool split_path(const char *path, char ret_host[HOST_NAME_SIZE], const char **ret_verb)
{
	const char *name = path + strlen(HOST_PATH_PREFIX);
	size_t length = strcspn(name, "/");

	if (length >= HOST_NAME_SIZE || name[length] != '/')
		return false;
	memcpy(ret_host, name, length);
	ret_host[length] = '\0';
	*ret_verb = name + length + 1;
	return host_name_valid(ret_host);
}

/* 'ret_plan' stays NULL if the caller has this revision already.  A peek ends the wait of one poll, so an agent that knows nothing of
 * peeks does not poll in a circle; others that miss it learn of it from the answer to their next report. */
static int read_plan(struct visit *visit, const char *host, struct plan **ret_plan,
		     uint64_t *ret_revision, bool *ret_peeked, struct refusal *why)
{
	struct control *control = visit->api->options.control;
	const struct caller *caller = &visit->key.caller;
	int r;

	r = api_enter(visit->api);
	if (r == 0)
		r = control_get_revision(control, caller, host, ret_revision, why);
	if (r == 0 && !knows_revision(visit->request, *ret_revision))
		r = control_get_plan(control, caller, host, ret_plan, why);
	*ret_peeked = r == 0 && control_announce_peeks(control, caller, host, true);
	api_leave(visit->api);
	return r;
}

static bool knows_revision(const struct http_request *request, uint64_t revision)
{
	const char *known = http_request_get_header(request, "if-none-match");
	char tag[32];

	(void)snprintf(tag, sizeof(tag), "\"%" PRIu64 "\"", revision);
	return known && strcmp(known, tag) == 0;
}

static void add_revision(struct http_reply *reply, uint64_t revision)
{
	char tag[32];

	(void)snprintf(tag, sizeof(tag), "\"%" PRIu64 "\"", revision);
	http_reply_add_header(reply, "ETag", tag);
}

static void announce_peeks(struct http_reply *reply, bool peeked)
{
	if (peeked)
		http_reply_add_header(reply, HOST_PEEK_HEADER, "1");
}
