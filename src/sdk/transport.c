// SPDX-License-Identifier: Apache-2.0
#include "sdk/transport.h"

#include "sdk/response.h"
#include "sigv4/credentials.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>

struct reach {
	struct http_client *http;
	struct credentials credentials;
	char *url;
	/* A pause must end when the client is aborted. */
	pthread_mutex_t lock;
	pthread_cond_t wakeup;
	bool aborted;
};

static void reach_free(struct reach *reach);
DEFINE_CLEANUP(struct reach *, reach_free)

static int reach_open(struct reach *reach, const char *user_agent);
static int reach_send(void *context, const char *service, const struct text *body,
		      unsigned int timeout_milliseconds, struct http_answer *ret_answer,
		      struct refusal *why);
static void reach_pause(void *context, unsigned int milliseconds);
static void reach_abort(void *context);

static void reach_release(void *context)
{
	reach_free(context);
}

int transport_open(const struct credentials *credentials, const char *user_agent,
		   struct transport *ret_transport)
{
	_cleanup_(reach_freep) struct reach *reach = NULL;
	int r;

	reach = calloc(1, sizeof(*reach));
	if (!reach)
		return -ENOMEM;
	pthread_mutex_init(&reach->lock, NULL);
	pthread_cond_init(&reach->wakeup, NULL);
	reach->credentials = *credentials;
	r = reach_open(reach, user_agent);
	if (r < 0)
		return r;
	*ret_transport = (struct transport){
		.context = TAKE_PTR(reach),
		.send = reach_send,
		.pause = reach_pause,
		.abort = reach_abort,
		.free = reach_release,
	};
	return 0;
}

static void reach_free(struct reach *reach)
{
	http_client_free(reach->http);
	free(reach->url);
	pthread_cond_destroy(&reach->wakeup);
	pthread_mutex_destroy(&reach->lock);
	explicit_bzero(&reach->credentials, sizeof(reach->credentials));
	free(reach);
}

static int reach_open(struct reach *reach, const char *user_agent)
{
	const struct credentials *credentials = &reach->credentials;
	struct http_client_options options = {
		.ca_file = credentials->ca_bundle[0] ? credentials->ca_bundle : NULL,
		.user_agent = user_agent,
	};
	_cleanup_text_ struct text url = {};

	text_append(&url, credentials->endpoint);
	if (url.length == 0 || url.data[url.length - 1] != '/')
		text_append_char(&url, '/');
	reach->url = text_steal(&url);
	if (!reach->url)
		return -ENOMEM;
	return http_client_new(&options, &reach->http);
}

static int reach_send(void *context, const char *service, const struct text *body,
		      unsigned int timeout_milliseconds, struct http_answer *ret_answer,
		      struct refusal *why)
{
	static const char *const headers[] = {
		"Content-Type: application/x-www-form-urlencoded; charset=utf-8", NULL};
	struct reach *reach = context;
	const struct credentials *credentials = &reach->credentials;
	struct http_signer signer = {
		.access_key = credentials->access_key_id,
		.secret_key = credentials->secret_access_key,
		.session_token = credentials->session_token[0] ? credentials->session_token : NULL,
		.region = credentials->region,
		.service = service,
	};
	struct http_call call = {
		.method = "POST",
		.url = reach->url,
		.headers = headers,
		.body = body->data,
		.body_size = body->length,
		.signer = &signer,
		.timeout_milliseconds = timeout_milliseconds,
		.answer_size_max = RESPONSE_SIZE_MAX,
	};

	return http_client_call(reach->http, &call, ret_answer, why);
}

static void reach_pause(void *context, unsigned int milliseconds)
{
	struct reach *reach = context;
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += (long)(milliseconds % 1000) * 1000000;
	until.tv_sec += (time_t)(milliseconds / 1000) + until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;

	pthread_mutex_lock(&reach->lock);
	while (!reach->aborted &&
	       pthread_cond_clockwait(&reach->wakeup, &reach->lock, CLOCK_MONOTONIC, &until) == 0)
		;
	pthread_mutex_unlock(&reach->lock);
}

static void reach_abort(void *context)
{
	struct reach *reach = context;

	pthread_mutex_lock(&reach->lock);
	reach->aborted = true;
	pthread_cond_broadcast(&reach->wakeup);
	pthread_mutex_unlock(&reach->lock);
	http_client_abort(reach->http);
}
