// SPDX-License-Identifier: Apache-2.0
#include "agent/link.h"

#include "agent/answer.h"
#include "agent/controllers.h"
#include "agent/own_key.h"
#include "agent/skew.h"
#include "base/clock.h"
#include "base/count.h"
#include "base/log.h"
#include "base/random.h"
#include "base/refusal.h"
#include "base/text.h"
#include "mirror/source.h"
#include "sigv4/sigv4.h"
#include "wire/host.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

#define CONNECT_MILLISECONDS 5000
#define SILENCE_MILLISECONDS 10000
#define SKEW_MIN             1000 /* Milliseconds; less is the time that answers take. */
#define CODE_EXPIRED         "RequestExpired"
#define HEADERS_MAX          (4 + SIGNATURE_LINES)
#define SIGNATURE_LINES      4
#define CODE_SIZE            64
#define RENEWAL_PAUSE        (60 * NSEC_PER_SEC)

#define TEXT_OF(number)       #number
#define PROTOCOL_TEXT(number) TEXT_OF(number)

struct key {
	char id[CREDENTIALS_KEY_SIZE];
	char secret[CREDENTIALS_SECRET_SIZE];
};

/* Lines of a request that we sign ourselves. */
struct signature {
	struct text lines[SIGNATURE_LINES];
};

struct link {
	char host[HOST_NAME_SIZE];
	char region[CREDENTIALS_REGION_SIZE];
	char session_token[CREDENTIALS_TOKEN_SIZE];
	char ca_bundle[PATH_MAX];
	char state[PATH_MAX];
	char origin[CREDENTIALS_KEY_SIZE];
	uint64_t renewal_seconds; /* The age at which a key is renewed; UINT64_MAX: none. */
	uint64_t renewal_due;     /* Not before; monotonic.  One line renews. */
	int stop;                 /* eventfd, never drained: wakes every pause. */

	pthread_mutex_t lock; /* Guards what follows. */
	struct controllers controllers;
	struct key key;
	int64_t skew; /* Milliseconds that the controllers' clock is ahead of ours. */
};

static void signature_fini(struct signature *signature)
{
	for (size_t i = 0; i < SIGNATURE_LINES; i++)
		text_fini(&signature->lines[i]);
}

static int sign_by_their_clock(const struct link *link, const struct key *key,
			       const struct http_call *call, int64_t skew,
			       struct signature *ret_signature);
static int link_fill(struct link *link, const struct link_options *options, struct refusal *why);
static int call_once(struct line *line, struct http_call *call, const char *header,
		     struct http_answer *ret_answer, struct refusal *why);
static bool learn_skew(struct link *link, const struct http_answer *answer);
static int judge(struct line *line, const struct http_answer *answer, struct refusal *why);
static bool has_code(const struct http_answer *answer, const char *code);
static void explain(int r, const struct http_answer *answer, const struct refusal *why,
		    char *ret_text, size_t size);
static bool is_elsewhere(int r, const struct http_answer *answer);
static int renew_key(struct line *line, struct refusal *why);

int link_new(const struct link_options *options, struct link **ret_link, struct refusal *why)
{
	_cleanup_(link_freep) struct link *link = calloc(1, sizeof(*link));
	int r;

	if (!link)
		return -ENOMEM;
	pthread_mutex_init(&link->lock, NULL);
	link->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (link->stop < 0)
		return -errno;
	r = link_fill(link, options, why);
	if (r == 0)
		*ret_link = TAKE_PTR(link);
	return r;
}

void link_free(struct link *link)
{
	if (!link)
		return;
	closep(&link->stop);
	pthread_mutex_destroy(&link->lock);
	explicit_bzero(link, sizeof(*link));
	free(link);
}

void link_stop(struct link *link)
{
	(void)eventfd_write(link->stop, 1);
}

int line_open(struct line *line, struct link *link, const char *subject, const char *verb)
{
	const struct http_client_options options = {
		.ca_file = link->ca_bundle[0] ? link->ca_bundle : NULL,
		.user_agent = "tmirror-agent/" TMIRROR_VERSION,
		.connect_milliseconds = CONNECT_MILLISECONDS,
		.silence_milliseconds = SILENCE_MILLISECONDS,
	};

	line->link = link;
	line->subject = subject;
	line->verb = verb;
	return http_client_new(&options, &line->client);
}

void line_close(struct line *line)
{
	http_client_free(line->client);
	line->client = NULL;
}

int line_call(struct line *line, struct http_call *call, const char *header,
	      struct http_answer *ret_answer, struct refusal *why)
{
	int r = call_once(line, call, header, ret_answer, why);

	if (r == 0 && learn_skew(line->link, ret_answer)) {
		http_answer_fini(ret_answer);
		r = call_once(line, call, header, ret_answer, why);
	}
	return r == 0 ? judge(line, ret_answer, why) : r;
}

void line_succeed(struct line *line)
{
	if (line->failures > 0)
		log_info("the controller takes our calls again (%s)", line->subject);
	line->failures = 0;
}

void line_fail(struct line *line, int r, const struct http_answer *answer,
	       const struct refusal *why)
{
	struct pollfd stop = {line->link->stop, POLLIN, 0};
	struct link *link = line->link;
	unsigned int pause;
	char reason[768];

	explain(r, answer, why, reason, sizeof(reason));
	if (line->failures++ == 0)
		log_warning("no answer for %s, trying on: %s", line->subject, reason);
	pthread_mutex_lock(&link->lock);
	if (is_elsewhere(r, answer))
		controllers_leave(&link->controllers, line->used);
	pause = controllers_pause(&link->controllers, line->failures, random_number());
	pthread_mutex_unlock(&link->lock);
	(void)poll(&stop, 1, (int)pause);
}

void line_renew_key(struct line *line, const struct http_answer *answer)
{
	struct link *link = line->link;
	struct refusal why = {};
	unsigned long long age;
	int r;

	if (!string_to_unsigned(answer->key_age, ULLONG_MAX, &age) || age < link->renewal_seconds ||
	    clock_monotonic() < link->renewal_due)
		return;
	link->renewal_due = clock_monotonic() + RENEWAL_PAUSE;
	r = renew_key(line, &why);
	if (r == 0)
		log_info("the host has another key now");
	else if (r != -ECANCELED)
		log_warning("cannot renew the host's key, which goes on: %s",
			    r < 0 ? strerror(-r) : why.text);
}

/* Three to four fifths of the age that no key is to reach: agents that came together do not stay together. */
static uint64_t renewal_age(uint64_t seconds)
{
	return seconds == 0 ? UINT64_MAX : seconds / 5 * 3 + random_number() % (seconds / 5 + 1);
}

static int link_fill(struct link *link, const struct link_options *options, struct refusal *why)
{
	const struct credentials *credentials = options->credentials;
	const char *controllers = options->controllers;

	if (!controllers)
		controllers = credentials->controllers[0] ? credentials->controllers
							  : credentials->endpoint;
	if (controllers[0] == '\0')
		return refuse(
			why, 0,
			"no URL of a controller: AWS_ENDPOINT_URL is not among the credentials");
	if (credentials->access_key_id[0] == '\0' || credentials->secret_access_key[0] == '\0')
		return refuse(
			why, 0,
			"no key to sign with: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are "
			"not both among the credentials");
	memcpy(link->region, credentials->region, sizeof(link->region));
	memcpy(link->session_token, credentials->session_token, sizeof(link->session_token));
	memcpy(link->ca_bundle, credentials->ca_bundle, sizeof(link->ca_bundle));
	memcpy(link->key.id, credentials->access_key_id, sizeof(link->key.id));
	memcpy(link->key.secret, credentials->secret_access_key, sizeof(link->key.secret));
	link->renewal_seconds = renewal_age(options->key_seconds);
	if (!string_copy(link->host, sizeof(link->host), options->host) ||
	    !string_copy(link->origin, sizeof(link->origin), options->origin) ||
	    !string_copy(link->state, sizeof(link->state), options->state))
		return -ENAMETOOLONG;
	return controllers_parse(controllers, &link->controllers, why);
}

static int call_once(struct line *line, struct http_call *call, const char *header,
		     struct http_answer *ret_answer, struct refusal *why)
{
	_cleanup_(signature_fini) struct signature signature = {};
	char url[CREDENTIALS_ENDPOINT_SIZE + 128];
	const char *headers[HEADERS_MAX] = {HOST_PROTOCOL_HEADER ": " PROTOCOL_TEXT(HOST_PROTOCOL)};
	struct link *link = line->link;
	struct key key;
	const struct http_signer signer = {
		.access_key = key.id,
		.secret_key = key.secret,
		.session_token = link->session_token[0] ? link->session_token : NULL,
		.region = link->region,
		.service = HOST_SERVICE,
	};
	size_t count = 1;
	int64_t skew;
	int r = 0;

	pthread_mutex_lock(&link->lock);
	key = link->key;
	line->used = link->controllers.current;
	(void)snprintf(url, sizeof(url), "%s" HOST_PATH_PREFIX "%s/%s",
		       link->controllers.urls[line->used], link->host, line->verb);
	skew = link->skew;
	pthread_mutex_unlock(&link->lock);
	call->url = url;
	if (skew == 0)
		call->signer = &signer;
	else
		r = sign_by_their_clock(link, &key, call, skew, &signature);
	for (size_t i = 0; i < ARRAY_SIZE(signature.lines) && signature.lines[i].data; i++)
		headers[count++] = signature.lines[i].data;
	if (call->body_size > 0)
		headers[count++] = "Content-Type: application/json";
	headers[count++] = header;
	call->headers = headers;
	if (r == 0)
		r = http_client_call(line->client, call, ret_answer, why);
	call->headers = NULL;
	call->url = NULL;
	call->signer = NULL;
	explicit_bzero(&key, sizeof(key));
	return r;
}

/* libcurl signs by its own clock, and sends a date that it is given twice. */
static int sign_by_their_clock(const struct link *link, const struct key *key,
			       const struct http_call *call, int64_t skew,
			       struct signature *ret_signature)
{
	const char *authority = strstr(call->url, "://") + 3;
	const char *path = authority + strcspn(authority, "/");
	struct credentials credentials = {};
	_cleanup_free_ char *authorization = NULL, *host = NULL;
	char time[SIGV4_TIME_SIZE];
	const struct sigv4_header headers[] = {{"host", NULL},
					       {"x-amz-date", time},
					       {"x-amz-security-token", link->session_token}};
	struct sigv4_header signed_headers[ARRAY_SIZE(headers)];
	struct sigv4_request request = {
		.method = call->method,
		.path = path,
		.query = "",
		.headers = signed_headers,
		.header_count = link->session_token[0] ? 3 : 2,
		.body = call->body,
		.body_size = call->body_size,
	};
	int r;

	host = strndup(authority, (size_t)(path - authority));
	if (!host)
		return -ENOMEM;
	memcpy(signed_headers, headers, sizeof(headers));
	signed_headers[0].value = host;
	sigv4_format_time(clock_realtime() + skew, time);
	memcpy(credentials.access_key_id, key->id, sizeof(credentials.access_key_id));
	memcpy(credentials.secret_access_key, key->secret, sizeof(credentials.secret_access_key));
	memcpy(credentials.region, link->region, sizeof(credentials.region));
	r = sigv4_sign(&request, &credentials, HOST_SERVICE, &authorization);
	explicit_bzero(&credentials, sizeof(credentials));
	if (r < 0)
		return r;
	for (size_t i = 0; i < request.header_count; i++) {
		text_printf(&ret_signature->lines[i], "%s: %s", signed_headers[i].name,
			    signed_headers[i].value);
		r = ret_signature->lines[i].failed ? -ENOMEM : r;
	}
	text_printf(&ret_signature->lines[request.header_count], "Authorization: %s",
		    authorization);
	return ret_signature->lines[request.header_count].failed ? -ENOMEM : r;
}

/* Whether it is worth another call.  A host that was shut out has to know it, whatever its clock shows. */
static bool learn_skew(struct link *link, const struct http_answer *answer)
{
	int64_t skew;
	bool other;

	if (!has_code(answer, CODE_EXPIRED) || !skew_learn(answer->date, clock_realtime(), &skew))
		return false;
	pthread_mutex_lock(&link->lock);
	other = llabs(skew - link->skew) > SKEW_MIN;
	if (other)
		link->skew = skew;
	pthread_mutex_unlock(&link->lock);
	if (other)
		log_warning("the clock differs from the controller's by %" PRId64
			    " s; calls are signed by the controller's",
			    skew / 1000);
	return other;
}

static int judge(struct line *line, const struct http_answer *answer, struct refusal *why)
{
	unsigned long long protocol = 1;

	line->revoked = answer->status == 403 && has_code(answer, HOST_REVOKED_CODE);
	if (answer->protocol[0] != '\0' &&
	    !string_to_unsigned(answer->protocol, UINT_MAX, &protocol))
		return refuse(why, 0, "the controller's protocol '%s' is no number",
			      answer->protocol);
	if (protocol < HOST_PROTOCOL_OLDEST)
		return refuse(why, 0,
			      "the controller speaks protocol %llu, and this agent "
			      "(" TMIRROR_VERSION
			      ") understands %d to %d: the controller is to be upgraded",
			      protocol, HOST_PROTOCOL_OLDEST, HOST_PROTOCOL);
	return 0;
}

static bool has_code(const struct http_answer *answer, const char *code)
{
	char found[CODE_SIZE];

	return answer->status >= 400 && answer->body.data &&
	       answer_get_element(answer->body.data, "Code", found, sizeof(found)) &&
	       strcmp(found, code) == 0;
}

/* What to say of a call that brought no usable answer. */
static void explain(int r, const struct http_answer *answer, const struct refusal *why,
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

/* Whether another controller may do better: not where this one is well and says what all would say, that it lacks the host's
 * interfaces or that the host was shut out. */
static bool is_elsewhere(int r, const struct http_answer *answer)
{
	return r != 0 || (answer->status != 409 && !has_code(answer, HOST_REVOKED_CODE));
}

/* The new key is on the disk before it is used: from then on it may be the only one that is good. */
static int renew_key(struct line *line, struct refusal *why)
{
	_cleanup_http_answer_ struct http_answer answer = {};
	struct line renewing = {
		.link = line->link,
		.client = line->client,
		.verb = "key",
	};
	struct http_call request = {.method = "POST"};
	struct link *link = line->link;
	struct key key;
	char said[768];
	int r = line_call(&renewing, &request, NULL, &answer, why);

	if (r != 0)
		return r;
	if (answer.status != 200 || !answer.body.data ||
	    !answer_get_element(answer.body.data, "accessKeyId", key.id, sizeof(key.id)) ||
	    !answer_get_element(answer.body.data, "secretAccessKey", key.secret,
				sizeof(key.secret))) {
		explain(0, &answer, why, said, sizeof(said));
		return refuse(why, 0, "%.400s", said);
	}
	explicit_bzero(answer.body.data, answer.body.length);
	r = own_key_save(link->state, link->origin, key.id, key.secret);
	if (r == 0) {
		pthread_mutex_lock(&link->lock);
		link->key = key;
		pthread_mutex_unlock(&link->lock);
	}
	explicit_bzero(&key, sizeof(key));
	return r < 0 ? refuse(why, 0, "cannot keep it in %.300s: %s", link->state, strerror(-r))
		     : 0;
}
