// SPDX-License-Identifier: Apache-2.0
/* libcurl, driven through its multi interface although there is only ever one transfer: curl_multi_wakeup() is the
 * one way to interrupt a wait from another thread without delay. */
#include "net/http_client.h"

#include "base/count.h"
#include "base/refusal.h"

#include <curl/curl.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#define CONNECT_MILLISECONDS_DEFAULT 10000
#define TIMEOUT_MILLISECONDS_DEFAULT 30000
#define ANSWER_SIZE_DEFAULT          (1 << 20)
#define PROBE_SECONDS                3L
#define POLL_MILLISECONDS            60000 /* libcurl's own timers end it earlier. */

struct http_client {
	CURLM *transfers; /* Owns the kept connections. */
	CURL *request;    /* Reused for every call. */
	char *ca_file;    /* NULL: the system's. */
	char *user_agent; /* NULL: none. */
	long connect_milliseconds;
	unsigned int silence_milliseconds;
	atomic_bool aborted;
	char error[CURL_ERROR_SIZE]; /* What libcurl says about the last failure. */
};

/* The sink of one call. */
struct receipt {
	struct http_answer *answer;
	size_t size_max;
	bool too_large;
};

static int copy_string(const char *string, char **ret_copy);
static int start_libcurl(void);
static int make_headers(const struct http_call *call, struct curl_slist **ret_headers);
static CURLcode prepare(struct http_client *client, const struct http_call *call,
			struct curl_slist *headers, struct receipt *receipt);
static CURLcode prepare_body(CURL *request, const struct http_call *call);
static CURLcode prepare_signature(CURL *request, const struct http_signer *signer);
static CURLcode transfer(struct http_client *client);
static bool transfer_is_done(struct http_client *client, CURLcode *ret_result);
static int judge(struct http_client *client, const struct http_call *call,
		 const struct receipt *receipt, CURLcode result, struct refusal *why);
static int failure_of(CURLcode result);

static void headers_freep(struct curl_slist **headers)
{
	curl_slist_free_all(*headers);
}

int http_client_new(const struct http_client_options *options, struct http_client **ret_client)
{
	_cleanup_(http_client_freep) struct http_client *client = NULL;
	int r;

	r = start_libcurl();
	if (r < 0)
		return r;
	client = calloc(1, sizeof(*client));
	if (!client)
		return -ENOMEM;
	client->connect_milliseconds = options->connect_milliseconds
					       ? (long)options->connect_milliseconds
					       : CONNECT_MILLISECONDS_DEFAULT;
	client->silence_milliseconds = options->silence_milliseconds;
	client->transfers = curl_multi_init();
	client->request = curl_easy_init();
	if (!client->transfers || !client->request)
		return -ENOMEM;
	r = copy_string(options->ca_file, &client->ca_file);
	if (r < 0)
		return r;
	r = copy_string(options->user_agent, &client->user_agent);
	if (r < 0)
		return r;
	*ret_client = TAKE_PTR(client);
	return 0;
}

void http_client_free(struct http_client *client)
{
	if (!client)
		return;
	curl_easy_cleanup(client->request);
	curl_multi_cleanup(client->transfers);
	free(client->ca_file);
	free(client->user_agent);
	free(client);
}

int http_client_call(struct http_client *client, const struct http_call *call,
		     struct http_answer *ret_answer, struct refusal *why)
{
	_cleanup_(headers_freep) struct curl_slist *headers = NULL;
	struct receipt receipt = {
		.answer = ret_answer,
		.size_max = call->answer_size_max ? call->answer_size_max : ANSWER_SIZE_DEFAULT,
	};
	CURLcode result;
	long status = 0;
	int r;

	r = make_headers(call, &headers);
	if (r < 0)
		return r;
	result = prepare(client, call, headers, &receipt);
	if (result == CURLE_OK)
		result = transfer(client);
	r = judge(client, call, &receipt, result, why);
	if (r == 0)
		(void)curl_easy_getinfo(client->request, CURLINFO_RESPONSE_CODE, &status);
	ret_answer->status = (int)status;
	/* The secret key and the pointers into the caller's memory go; the connection stays. */
	curl_easy_reset(client->request);
	return r;
}

void http_answer_fini(struct http_answer *answer)
{
	text_fini(&answer->body);
	*answer = (struct http_answer){};
}

void http_client_abort(struct http_client *client)
{
	atomic_store(&client->aborted, true);
	(void)curl_multi_wakeup(client->transfers);
}

static int copy_string(const char *string, char **ret_copy)
{
	if (!string)
		return 0;
	*ret_copy = strdup(string);
	return *ret_copy ? 0 : -ENOMEM;
}

static CURLcode libcurl_started = CURLE_FAILED_INIT;

static void start_libcurl_once(void)
{
	libcurl_started = curl_global_init(CURL_GLOBAL_DEFAULT);
}

static int start_libcurl(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	(void)pthread_once(&once, start_libcurl_once);
	return libcurl_started == CURLE_OK ? 0 : -ENOMEM;
}

static int add_header(struct curl_slist **headers, const char *line)
{
	struct curl_slist *longer = curl_slist_append(*headers, line);

	if (!longer)
		return -ENOMEM;
	*headers = longer;
	return 0;
}

/* libcurl signs host, x-amz-date and each header it is given here; so the session token must be among them. */
static int make_headers(const struct http_call *call, struct curl_slist **ret_headers)
{
	_cleanup_text_ struct text line = {};
	int r = 0;

	for (const char *const *header = call->headers; header && *header && r == 0; header++)
		r = add_header(ret_headers, *header);
	if (r == 0 && call->signer && call->signer->session_token) {
		text_printf(&line, "X-Amz-Security-Token: %s", call->signer->session_token);
		r = line.failed ? -ENOMEM : add_header(ret_headers, line.data);
	}
	return r;
}

/* One row of the answer's head that we keep. */
static void keep_header(const char *line, size_t size, const char *name, char *ret_value,
			size_t value_size)
{
	size_t name_length = strlen(name);

	if (size <= name_length || strncasecmp(line, name, name_length) != 0 ||
	    line[name_length] != ':')
		return;
	line += name_length + 1;
	size -= name_length + 1;
	while (size > 0 && (*line == ' ' || *line == '\t')) {
		line++;
		size--;
	}
	while (size > 0 && strchr(" \t\r\n", line[size - 1]))
		size--;
	if (size >= value_size)
		return;
	memcpy(ret_value, line, size);
	ret_value[size] = '\0';
}

static size_t receive_header(char *data, size_t size, size_t count, void *context)
{
	struct http_answer *answer = ((struct receipt *)context)->answer;

	keep_header(data, size * count, "ETag", answer->entity_tag, sizeof(answer->entity_tag));
	keep_header(data, size * count, "x-amzn-requestid", answer->request_id,
		    sizeof(answer->request_id));
	keep_header(data, size * count, "Date", answer->date, sizeof(answer->date));
	keep_header(data, size * count, "Server", answer->server, sizeof(answer->server));
	keep_header(data, size * count, "x-tmirror-peek", answer->peek, sizeof(answer->peek));
	keep_header(data, size * count, "x-tmirror-key-age", answer->key_age,
		    sizeof(answer->key_age));
	keep_header(data, size * count, "x-tmirror-protocol", answer->protocol,
		    sizeof(answer->protocol));
	return size * count;
}

/* A short count makes libcurl give up the transfer. */
static size_t receive_body(char *data, size_t size, size_t count, void *context)
{
	struct receipt *receipt = context;
	struct text *body = &receipt->answer->body;

	if (size * count > receipt->size_max - body->length) {
		receipt->too_large = true;
		return 0;
	}
	text_append_bytes(body, data, size * count);
	return body->failed ? 0 : size * count;
}

/* A long poll sends nothing, so probes ask whether the peer is still there; and who does not answer them is not waited for. */
static int prepare_socket(void *context, curl_socket_t socket, curlsocktype purpose _unused_)
{
	const struct http_client *client = context;

	if (client->silence_milliseconds > 0)
		(void)setsockopt(socket, IPPROTO_TCP, TCP_USER_TIMEOUT,
				 &client->silence_milliseconds,
				 sizeof(client->silence_milliseconds));
	return CURL_SOCKOPT_OK;
}

/* Sets an option unless an earlier one already failed. */
#define request_set(result, request, option, value)                          \
	do {                                                                 \
		if ((result) == CURLE_OK)                                    \
			(result) = curl_easy_setopt(request, option, value); \
	} while (0)

static CURLcode prepare(struct http_client *client, const struct http_call *call,
			struct curl_slist *headers, struct receipt *receipt)
{
	long timeout = call->timeout_milliseconds ? (long)call->timeout_milliseconds
						  : TIMEOUT_MILLISECONDS_DEFAULT;
	CURL *request = client->request;
	CURLcode result = CURLE_OK;

	client->error[0] = '\0';
	request_set(result, request, CURLOPT_ERRORBUFFER, client->error);
	request_set(result, request, CURLOPT_NOSIGNAL, 1L);
	request_set(result, request, CURLOPT_PROTOCOLS_STR, "http,https");
	request_set(result, request, CURLOPT_URL, call->url);
	request_set(result, request, CURLOPT_HTTPHEADER, headers);
	request_set(result, request, CURLOPT_CONNECTTIMEOUT_MS, client->connect_milliseconds);
	request_set(result, request, CURLOPT_TIMEOUT_MS, timeout);
	request_set(result, request, CURLOPT_TCP_KEEPALIVE, 1L);
	if (client->silence_milliseconds > 0) {
		request_set(result, request, CURLOPT_TCP_KEEPIDLE, PROBE_SECONDS);
		request_set(result, request, CURLOPT_TCP_KEEPINTVL, PROBE_SECONDS);
		request_set(result, request, CURLOPT_SOCKOPTFUNCTION, prepare_socket);
		request_set(result, request, CURLOPT_SOCKOPTDATA, client);
	}
	request_set(result, request, CURLOPT_HEADERFUNCTION, receive_header);
	request_set(result, request, CURLOPT_HEADERDATA, receipt);
	request_set(result, request, CURLOPT_WRITEFUNCTION, receive_body);
	request_set(result, request, CURLOPT_WRITEDATA, receipt);
	if (client->user_agent)
		request_set(result, request, CURLOPT_USERAGENT, client->user_agent);
	if (client->ca_file)
		request_set(result, request, CURLOPT_CAINFO, client->ca_file);
	if (strcmp(call->method, "POST") == 0 && result == CURLE_OK)
		result = prepare_body(request, call);
	if (call->signer && result == CURLE_OK)
		result = prepare_signature(request, call->signer);
	return result;
}

/* The body is not copied; an empty one must still be a string, or libcurl would read standard input. */
static CURLcode prepare_body(CURL *request, const struct http_call *call)
{
	CURLcode result = CURLE_OK;

	request_set(result, request, CURLOPT_POST, 1L);
	request_set(result, request, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)call->body_size);
	request_set(result, request, CURLOPT_POSTFIELDS, call->body_size ? call->body : "");
	return result;
}

static CURLcode prepare_signature(CURL *request, const struct http_signer *signer)
{
	_cleanup_text_ struct text provider = {};
	CURLcode result = CURLE_OK;

	text_printf(&provider, "aws:amz:%s:%s", signer->region, signer->service);
	if (provider.failed)
		return CURLE_OUT_OF_MEMORY;
	request_set(result, request, CURLOPT_AWS_SIGV4, provider.data);
	request_set(result, request, CURLOPT_USERNAME, signer->access_key);
	request_set(result, request, CURLOPT_PASSWORD, signer->secret_key);
	return result;
}

static CURLcode transfer(struct http_client *client)
{
	CURLcode result = CURLE_ABORTED_BY_CALLBACK;
	CURLMcode trouble = curl_multi_add_handle(client->transfers, client->request);

	while (trouble == CURLM_OK && !atomic_load(&client->aborted)) {
		int running;

		trouble = curl_multi_perform(client->transfers, &running);
		if (trouble != CURLM_OK || transfer_is_done(client, &result))
			break;
		trouble = curl_multi_poll(client->transfers, NULL, 0, POLL_MILLISECONDS, NULL);
	}
	(void)curl_multi_remove_handle(client->transfers, client->request);
	return trouble == CURLM_OK ? result : CURLE_OUT_OF_MEMORY;
}

static bool transfer_is_done(struct http_client *client, CURLcode *ret_result)
{
	int left;
	const CURLMsg *message = curl_multi_info_read(client->transfers, &left);

	if (!message || message->msg != CURLMSG_DONE)
		return false;
	*ret_result = message->data.result;
	return true;
}

static int judge(struct http_client *client, const struct http_call *call,
		 const struct receipt *receipt, CURLcode result, struct refusal *why)
{
	if (result == CURLE_OK)
		return 0;
	if (result == CURLE_ABORTED_BY_CALLBACK)
		return -ECANCELED;
	if (receipt->too_large)
		return refuse(why, HTTP_UNUSABLE, "%s: the answer is longer than %zu bytes",
			      call->url, receipt->size_max);
	if (result == CURLE_OUT_OF_MEMORY || receipt->answer->body.failed)
		return -ENOMEM;
	return refuse(why, failure_of(result), "%s: %s", call->url,
		      client->error[0] ? client->error : curl_easy_strerror(result));
}

static int failure_of(CURLcode result)
{
	static const struct {
		CURLcode result;
		int failure; /* enum http_failure */
	} rows[] = {
		{CURLE_OPERATION_TIMEDOUT, HTTP_TIMED_OUT},
		{CURLE_PEER_FAILED_VERIFICATION, HTTP_UNTRUSTED},
		{CURLE_SSL_CONNECT_ERROR, HTTP_UNTRUSTED},
		{CURLE_SSL_ISSUER_ERROR, HTTP_UNTRUSTED},
		{CURLE_SSL_CACERT_BADFILE, HTTP_UNUSABLE},
		{CURLE_URL_MALFORMAT, HTTP_UNUSABLE},
		{CURLE_UNSUPPORTED_PROTOCOL, HTTP_UNUSABLE},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (rows[i].result == result)
			return rows[i].failure;
	}
	return HTTP_UNREACHABLE;
}
