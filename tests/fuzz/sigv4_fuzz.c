// SPDX-License-Identifier: Apache-2.0
/* A request of any shape is refused or verified without harm, and what we sign ourselves is always taken.
 *
 * The input is a request as on the wire: method, target, headers, an empty line, the body. */
#include "base/cleanup.h"
#include "base/refusal.h"
#include "fuzz.h"
#include "sigv4/sigv4.h"

#include <string.h>

#define HEADERS_MAX 16
#define NOW         1767323045000LL
#define TIME        "20260102T030405Z"

static const struct credentials credentials = {
	.access_key_id = "AKIAEXAMPLE",
	.secret_access_key = "secret",
	.region = "us-east-1",
};

/* Cuts 'text' in place. */
static struct sigv4_request request_cut(char *text, size_t size,
					struct sigv4_header headers[HEADERS_MAX])
{
	struct sigv4_request request = {.headers = headers, .query = ""};
	char *rest = text, *line = strsep(&rest, "\n"), *target;

	request.method = strsep(&line, " ");
	target = strsep(&line, " ");
	request.path = target ? strsep(&target, "?") : "/";
	if (target)
		request.query = target;
	while (rest && (line = strsep(&rest, "\n")) && *line != '\0' &&
	       request.header_count < HEADERS_MAX) {
		headers[request.header_count].name = strsep(&line, ":");
		headers[request.header_count++].value = line ? line : "";
	}
	request.body = rest ? rest : "";
	request.body_size = rest ? size - (size_t)(rest - text) : 0;
	return request;
}

static void verify_as_it_is(const struct sigv4_request *request)
{
	struct sigv4_authorization authorization;
	struct refusal why = {};

	if (sigv4_parse(request, &authorization, &why) != 0) {
		require(why.code == SIGV4_ABSENT || why.code == SIGV4_INCOMPLETE);
		return;
	}
	(void)sigv4_verify(request, &authorization, credentials.secret_access_key, NOW, &why);
}

static void verify_our_own(struct sigv4_request request)
{
	struct sigv4_header headers[] = {
		{"host", "example.com"}, {"x-amz-date", TIME}, {"authorization", NULL}};
	struct sigv4_authorization authorization;
	_cleanup_free_ char *value = NULL;
	struct refusal why = {};

	request.headers = headers;
	request.header_count = 2;
	if (sigv4_sign(&request, &credentials, "ec2", &value) != 0)
		return; /* The query is malformed. */
	headers[2].value = value;
	request.header_count = 3;
	require(sigv4_parse(&request, &authorization, &why) == 0);
	require(sigv4_verify(&request, &authorization, credentials.secret_access_key, NOW, &why) ==
		0);
	require(sigv4_verify(&request, &authorization, "another", NOW, &why) == REFUSED);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *text = strndup((const char *)data, size);
	struct sigv4_header headers[HEADERS_MAX];
	struct sigv4_request request;

	require(text);
	request = request_cut(text, strlen(text), headers);
	verify_as_it_is(&request);
	verify_our_own(request);
	return 0;
}
