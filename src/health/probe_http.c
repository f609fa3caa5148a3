// SPDX-License-Identifier: Apache-2.0
/* HTTP and HTTPS, by libcurl: a GET on a connection of its own, judged by its status.  As with AWS's, nobody asks whom a
 * certificate belongs to, and a redirection is an answer like any other.  Nothing is kept of what comes: the transfer ends where
 * the body begins. */
#include "health/codes.h"
#include "health/probe_kind.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>

#define HEAD_SIZE_MAX (64 << 10)
#define URL_SIZE      (ADDRESS_TEXT_SIZE + 32)

static int start(struct probe *probe, const struct health_check *check);
static CURLcode prepare(struct probe *probe, const struct health_check *check, const char *url);
static curl_socket_t open_socket(void *context, curlsocktype purpose,
				 struct curl_sockaddr *address);
static size_t take_head(char *data, size_t size, size_t count, void *context);
static size_t refuse_body(char *data, size_t size, size_t count, void *context);

const struct probe_kind probe_http = {
	.start = start,
	.expire = probe_expire_silent,
};

enum finding probe_http_judge(const struct probe *probe, CURLcode result)
{
	long status = 0;

	(void)curl_easy_getinfo(probe->transfer, CURLINFO_RESPONSE_CODE, &status);
	if (result == CURLE_OPERATION_TIMEDOUT)
		return FINDING_TIMED_OUT;
	if (result == CURLE_OUT_OF_MEMORY)
		return FINDING_FAULT;
	/* The write error is our own, where the body began. */
	if ((result != CURLE_OK && result != CURLE_WRITE_ERROR) || status < 200 ||
	    probe->head_size > HEAD_SIZE_MAX)
		return FINDING_FAILED;
	return codes_contain(probe->codes, status) ? FINDING_PASSED : FINDING_MISMATCHED;
}

static int start(struct probe *probe, const struct health_check *check)
{
	char address[ADDRESS_TEXT_SIZE], url[URL_SIZE];
	bool short_form = probe->address.family == 4;

	address_format(&probe->address, address);
	(void)snprintf(url, sizeof(url), short_form ? "%s://%s:%u/" : "%s://[%s]:%u/",
		       probe->scheme, address, probe->port);
	probe->transfer = curl_easy_init();
	if (!probe->transfer || prepare(probe, check, url) != CURLE_OK ||
	    curl_multi_add_handle(probe->transfers, probe->transfer) != CURLM_OK)
		return -ENOMEM;
	return 0;
}

/* Sets an option unless an earlier one already failed. */
#define transfer_set(result, transfer, option, value)                         \
	do {                                                                  \
		if ((result) == CURLE_OK)                                     \
			(result) = curl_easy_setopt(transfer, option, value); \
	} while (0)

/* The path goes as it is into the request's first line, whatever a URL would make of it. */
static CURLcode prepare(struct probe *probe, const struct health_check *check, const char *url)
{
	CURL *transfer = probe->transfer;
	CURLcode result = CURLE_OK;

	transfer_set(result, transfer, CURLOPT_PRIVATE, probe);
	transfer_set(result, transfer, CURLOPT_NOSIGNAL, 1L);
	transfer_set(result, transfer, CURLOPT_PROXY, "");
	transfer_set(result, transfer, CURLOPT_URL, url);
	transfer_set(result, transfer, CURLOPT_REQUEST_TARGET, check->path);
	transfer_set(result, transfer, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	transfer_set(result, transfer, CURLOPT_USERAGENT, "tmirror-health/" TMIRROR_VERSION);
	transfer_set(result, transfer, CURLOPT_FRESH_CONNECT, 1L);
	transfer_set(result, transfer, CURLOPT_FORBID_REUSE, 1L);
	transfer_set(result, transfer, CURLOPT_FOLLOWLOCATION, 0L);
	transfer_set(result, transfer, CURLOPT_SSL_VERIFYPEER, 0L);
	transfer_set(result, transfer, CURLOPT_SSL_VERIFYHOST, 0L);
	transfer_set(result, transfer, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	transfer_set(result, transfer, CURLOPT_OPENSOCKETDATA, probe);
	transfer_set(result, transfer, CURLOPT_HEADERFUNCTION, take_head);
	transfer_set(result, transfer, CURLOPT_HEADERDATA, probe);
	transfer_set(result, transfer, CURLOPT_WRITEFUNCTION, refuse_body);
	return result;
}

static curl_socket_t open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
	const struct probe *probe = context;
	int descriptor =
		socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);

	(void)purpose;
	if (descriptor < 0)
		return CURL_SOCKET_BAD;
	if (probe->mark != 0 &&
	    setsockopt(descriptor, SOL_SOCKET, SO_MARK, &probe->mark, sizeof(probe->mark)) < 0) {
		close(descriptor);
		return CURL_SOCKET_BAD;
	}
	return descriptor;
}

static size_t take_head(char *data, size_t size, size_t count, void *context)
{
	struct probe *probe = context;

	(void)data;
	probe->head_size += size * count;
	return probe->head_size > HEAD_SIZE_MAX ? 0 : size * count;
}

static size_t refuse_body(char *data, size_t size, size_t count, void *context)
{
	(void)data;
	(void)size;
	(void)count;
	(void)context;
	return 0;
}
