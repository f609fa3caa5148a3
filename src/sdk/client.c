// SPDX-License-Identifier: Apache-2.0
/* One call, several attempts.
 *
 * The pause before attempt n is random up to 100 ms · 2ⁿ: clients that failed together must not come back together.
 * The ClientToken is drawn once per call, before the first attempt; a creation whose answer was lost is answered, not
 * done, the second time. */
#include "sdk/client.h"

#include "base/clock.h"
#include "base/count.h"
#include "base/random.h"
#include "base/refusal.h"
#include "sdk/request.h"
#include "sdk/response.h"
#include "sdk/transport.h"
#include "sigv4/credentials.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define REGION_DEFAULT "us-east-1"

struct tmirror_client {
	struct transport transport;
	unsigned int timeout_milliseconds;
	unsigned int attempts;
};

static int load_credentials(const struct tmirror_options *options,
			    struct credentials *ret_credentials, struct tmirror_error *ret_error);
static int search_credentials(const char *profile, struct credentials *ret_credentials,
			      struct refusal *why);
static int call_once(struct tmirror_client *client, const struct tmirror_request *request,
		     const struct text *body, unsigned int timeout,
		     struct tmirror_response **ret_response, struct tmirror_error *ret_error,
		     bool *ret_again);
static int read_answer(const struct http_answer *answer, struct tmirror_response **ret_response,
		       struct tmirror_error *ret_error, bool *ret_again);
static int read_error(const struct http_answer *answer, const struct tmirror_response *response,
		      struct tmirror_error *ret_error, bool *ret_again);
static unsigned int pause_before(unsigned int attempt);
static unsigned int time_left(uint64_t deadline);

const char *tmirror_version(void)
{
	return TMIRROR_VERSION;
}

int tmirror_client_new(const struct tmirror_options *options, struct tmirror_client **ret_client,
		       struct tmirror_error *ret_error)
{
	static const struct tmirror_options defaults;
	struct credentials credentials = {};
	struct transport transport;
	int r;

	if (!options)
		options = &defaults;
	r = load_credentials(options, &credentials, ret_error);
	if (r == 0)
		r = transport_open(&credentials,
				   options->user_agent ? options->user_agent
						       : "libtmirror/" TMIRROR_VERSION,
				   &transport);
	explicit_bzero(&credentials, sizeof(credentials));
	if (r != 0)
		return r;
	return client_new_with_transport(&transport, options->timeout_milliseconds,
					 options->attempts, ret_client);
}

void tmirror_client_free(struct tmirror_client *client)
{
	if (!client)
		return;
	if (client->transport.free)
		client->transport.free(client->transport.context);
	free(client);
}

void tmirror_client_abort(struct tmirror_client *client)
{
	if (client->transport.abort)
		client->transport.abort(client->transport.context);
}

int tmirror_call(struct tmirror_client *client, const struct tmirror_request *request,
		 struct tmirror_response **ret_response, struct tmirror_error *ret_error)
{
	uint64_t deadline = clock_monotonic() + client->timeout_milliseconds * NSEC_PER_MSEC;
	_cleanup_text_ struct text body = {};
	char token[UUID_TEXT_SIZE];
	int r;

	random_uuid(token);
	r = request_encode(request, request_wants_token(request) ? token : NULL, &body);
	if (r < 0)
		return r;
	for (unsigned int attempt = 1;; attempt++) {
		unsigned int pause = pause_before(attempt);
		bool again = false;

		r = call_once(client, request, &body, MAX(time_left(deadline), 1U), ret_response,
			      ret_error, &again);
		if (!again || attempt >= client->attempts || pause >= time_left(deadline))
			return r;
		client_pause(client, pause);
	}
}

int client_new_with_transport(const struct transport *transport, unsigned int timeout_milliseconds,
			      unsigned int attempts, struct tmirror_client **ret_client)
{
	struct tmirror_client *client = calloc(1, sizeof(*client));

	if (!client) {
		if (transport->free)
			transport->free(transport->context);
		return -ENOMEM;
	}
	client->transport = *transport;
	client->timeout_milliseconds = timeout_milliseconds ? timeout_milliseconds
							    : CALL_TIMEOUT_DEFAULT;
	client->attempts = attempts ? attempts : CALL_ATTEMPTS_DEFAULT;
	*ret_client = client;
	return 0;
}

void client_pause(struct tmirror_client *client, unsigned int milliseconds)
{
	client->transport.pause(client->transport.context, milliseconds);
}

int error_set(struct tmirror_error *ret_error, int result, const char *code, const char *format,
	      ...)
{
	va_list arguments;

	if (!ret_error)
		return result;
	*ret_error = (struct tmirror_error){};
	(void)snprintf(ret_error->code, sizeof(ret_error->code), "%s", code);
	va_start(arguments, format);
	(void)vsnprintf(ret_error->message, sizeof(ret_error->message), format, arguments);
	va_end(arguments);
	return result;
}

static int load_credentials(const struct tmirror_options *options,
			    struct credentials *ret_credentials, struct tmirror_error *ret_error)
{
	const char *path = options->credentials_file;
	const char *place = path ? path : "neither the environment nor the profile";
	const char *has = path ? "has no" : "has";
	struct refusal why = {};
	int r;

	r = path ? credentials_read(path, ret_credentials, &why)
		 : search_credentials(options->profile, ret_credentials, &why);
	if (r == REFUSED)
		return error_set(ret_error, TMIRROR_UNUSABLE, "Credentials", "%s", why.text);
	if (r < 0)
		return error_set(ret_error, TMIRROR_UNUSABLE, "Credentials", "%s: %s",
				 path ? path : "the profile", strerror(-r));
	if (!ret_credentials->access_key_id[0] || !ret_credentials->secret_access_key[0])
		return error_set(ret_error, TMIRROR_UNUSABLE, "Credentials",
				 "%s %s AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY", place, has);
	if (!ret_credentials->endpoint[0])
		return error_set(ret_error, TMIRROR_UNUSABLE, "Credentials",
				 "%s %s AWS_ENDPOINT_URL", place, has);
	if (!ret_credentials->region[0])
		(void)strcpy(ret_credentials->region, REGION_DEFAULT);
	return 0;
}

/* As AWS's clients do: what the environment says goes before the profile, but for the key of a profile that is named. */
static int search_credentials(const char *profile, struct credentials *ret_credentials,
			      struct refusal *why)
{
	int r = credentials_from_environment(ret_credentials, why);

	if (r == 0 && profile) {
		explicit_bzero(ret_credentials->access_key_id,
			       sizeof(ret_credentials->access_key_id));
		explicit_bzero(ret_credentials->secret_access_key,
			       sizeof(ret_credentials->secret_access_key));
		explicit_bzero(ret_credentials->session_token,
			       sizeof(ret_credentials->session_token));
	}
	return r != 0 ? r : credentials_from_profile(profile, ret_credentials, why);
}

static int call_once(struct tmirror_client *client, const struct tmirror_request *request,
		     const struct text *body, unsigned int timeout,
		     struct tmirror_response **ret_response, struct tmirror_error *ret_error,
		     bool *ret_again)
{
	static const char *const codes[] = {
		[HTTP_UNREACHABLE] = "Unreachable",
		[HTTP_TIMED_OUT] = "TimedOut",
		[HTTP_UNTRUSTED] = "Untrusted",
		[HTTP_UNUSABLE] = "Unusable",
	};
	_cleanup_http_answer_ struct http_answer answer = {};
	struct refusal why = {};
	int r;

	r = client->transport.send(client->transport.context, request->service->name, body, timeout,
				   &answer, &why);
	if (r < 0)
		return r;
	if (r == REFUSED) {
		*ret_again = (why.code == HTTP_UNREACHABLE || why.code == HTTP_TIMED_OUT) &&
			     !request_is_unrepeatable(request);
		return error_set(ret_error, TMIRROR_UNANSWERED, codes[why.code], "%s", why.text);
	}
	return read_answer(&answer, ret_response, ret_error, ret_again);
}

static int read_answer(const struct http_answer *answer, struct tmirror_response **ret_response,
		       struct tmirror_error *ret_error, bool *ret_again)
{
	_cleanup_(tmirror_response_freep) struct tmirror_response *response = NULL;
	const char *document = answer->body.data ? answer->body.data : "";
	bool success = answer->status >= 200 && answer->status <= 299;
	struct refusal why = {};
	int r;

	r = response_parse(document, answer->body.length, &response, &why);
	if (r < 0)
		return r;
	if (!success)
		return read_error(answer, response, ret_error, ret_again);
	if (r == REFUSED)
		return error_set(ret_error, TMIRROR_UNUSABLE, "MalformedAnswer",
				 "the answer is not XML: %s", why.text);
	*ret_response = TAKE_PTR(response);
	return 0;
}

/* EC2 says Response/Errors/Error, its sisters ErrorResponse/Error; a proxy in between may say anything, and then
 * 'response' is NULL. */
static int read_error(const struct http_answer *answer, const struct tmirror_response *response,
		      struct tmirror_error *ret_error, bool *ret_again)
{
	static const char *const throttled[] = {"RequestLimitExceeded", "Throttling",
						"ThrottlingException", "EC2ThrottledException"};
	const struct tmirror_node *root = response ? tmirror_response_root(response) : NULL;
	const struct tmirror_node *error = tmirror_node_find(root, "Errors/Error");
	const char *code, *message;
	int r;

	if (!error)
		error = tmirror_node_find(root, "Error");
	code = tmirror_node_text(error, "Code");
	message = tmirror_node_text(error, "Message");
	*ret_again = answer->status >= 500 || answer->status == 429;
	for (size_t i = 0; code && i < ARRAY_SIZE(throttled); i++)
		*ret_again = *ret_again || strcmp(code, throttled[i]) == 0;
	if (code)
		r = error_set(ret_error, TMIRROR_REFUSED, code, "%s", message ? message : "");
	else
		r = error_set(ret_error, TMIRROR_REFUSED, "UnexpectedAnswer",
			      "HTTP status %d without an error document", answer->status);
	if (ret_error) {
		ret_error->status = answer->status;
		(void)snprintf(ret_error->request_id, sizeof(ret_error->request_id), "%.63s",
			       answer->request_id);
	}
	return r;
}

static unsigned int pause_before(unsigned int attempt)
{
	unsigned int ceiling = CALL_PAUSE_MAX;

	if (attempt < 16)
		ceiling = MIN((unsigned int)CALL_PAUSE_MAX,
			      (unsigned int)CALL_PAUSE_FIRST << (attempt - 1));
	return (unsigned int)(random_number() % (ceiling + 1));
}

static unsigned int time_left(uint64_t deadline)
{
	uint64_t now = clock_monotonic();

	return now < deadline ? (unsigned int)((deadline - now) / NSEC_PER_MSEC) : 0;
}
