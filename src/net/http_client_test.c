// SPDX-License-Identifier: Apache-2.0
/* The client against servers of a single answer, which may be wrong, late, endless or missing.  That its signatures are
 * right is for tests/clients to say, where botocore checks them. */
#include "net/http_client.h"

#include "base/clock.h"
#include "base/refusal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#define ANSWER_SIZE_MAX 1000

/* Takes one connection, reads up to the end of the request's head, says 'answer' and waits for the client to leave. */
struct server {
	int descriptor;
	const char *answer;
	bool hang_up; /* Closes instead of waiting. */
	struct http_client
		*to_abort; /* Ends this one's wait when the request is there; may be NULL. */
	char url[64];
	char request[4096];
	pthread_t thread;
};

static void *serve(void *context)
{
	struct server *server = context;
	_cleanup_close_ int connection = accept(server->descriptor, NULL, NULL);
	size_t size = 0;
	char left;

	while (size + 1 < sizeof(server->request) && !strstr(server->request, "\r\n\r\n")) {
		ssize_t r = recv(connection, server->request + size,
				 sizeof(server->request) - 1 - size, 0);

		if (r <= 0)
			return NULL;
		size += (size_t)r;
	}
	if (server->to_abort)
		http_client_abort(server->to_abort);
	(void)send(connection, server->answer, strlen(server->answer), MSG_NOSIGNAL);
	while (!server->hang_up && recv(connection, &left, 1, 0) > 0)
		;
	return NULL;
}

static void server_start(struct server *server, const char *answer)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof(address);

	server->answer = answer;
	server->descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(server->descriptor, (struct sockaddr *)&address, length), 0);
	assert_int_equal(listen(server->descriptor, 1), 0);
	assert_int_equal(getsockname(server->descriptor, (struct sockaddr *)&address, &length), 0);
	(void)snprintf(server->url, sizeof(server->url), "http://127.0.0.1:%u/",
		       ntohs(address.sin_port));
	assert_int_equal(pthread_create(&server->thread, NULL, serve, server), 0);
}

/* The client must have left by now. */
static void server_stop(struct server *server)
{
	assert_int_equal(pthread_join(server->thread, NULL), 0);
	close(server->descriptor);
}

static struct http_client *client_make(void)
{
	struct http_client_options options = {.user_agent = "tester/1"};
	struct http_client *client = NULL;

	/* No proxy may stand between the two. */
	unsetenv("http_proxy");
	assert_int_equal(http_client_new(&options, &client), 0);
	return client;
}

/* One call to a server with that answer. */
static int call(const char *answer, bool hang_up, struct http_answer *ret_answer,
		struct refusal *why)
{
	struct http_client *client = client_make();
	struct server server = {.hang_up = hang_up};
	int r;

	server_start(&server, answer);
	r = http_client_call(client,
			     &(struct http_call){.method = "GET",
						 .url = server.url,
						 .timeout_milliseconds = 5000,
						 .answer_size_max = ANSWER_SIZE_MAX},
			     ret_answer, why);
	http_client_free(client);
	server_stop(&server);
	return r;
}

static void what_is_answered_comes_back(void **state _unused_)
{
	_cleanup_http_answer_ struct http_answer answer = {};

	assert_int_equal(call("HTTP/1.1 304 Not Modified\r\nETag:  \"17\" \r\n"
			      "X-Amzn-RequestId: abc\r\n\r\n",
			      false, &answer, NULL),
			 0);
	assert_int_equal(answer.status, 304);
	assert_string_equal(answer.entity_tag, "\"17\"");
	assert_string_equal(answer.request_id, "abc");
	assert_int_equal(answer.body.length, 0);
}

static void a_redirection_is_an_answer_too(void **state _unused_)
{
	_cleanup_http_answer_ struct http_answer answer = {};

	assert_int_equal(call("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n"
			      "Content-Length: 2\r\n\r\nhi",
			      false, &answer, NULL),
			 0);
	assert_int_equal(answer.status, 302);
	assert_string_equal(answer.body.data, "hi");
}

static void headers_too_long_to_keep_are_left_out(void **state _unused_)
{
	_cleanup_http_answer_ struct http_answer answer = {};
	char text[512];

	(void)snprintf(text, sizeof(text), "HTTP/1.1 200 OK\r\nETag: %0200d\r\n\r\n", 5);
	assert_int_equal(call(text, true, &answer, NULL), 0);
	assert_string_equal(answer.entity_tag, "");
}

static void an_answer_may_be_so_long_and_no_longer(void **state _unused_)
{
	static const struct {
		int length, result;
	} cases[] = {{ANSWER_SIZE_MAX, 0}, {ANSWER_SIZE_MAX + 1, REFUSED}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_http_answer_ struct http_answer answer = {};
		struct refusal why = {};
		char text[2048];

		(void)snprintf(text, sizeof(text), "HTTP/1.1 200 OK\r\n\r\n%0*d", cases[i].length,
			       7);
		assert_int_equal(call(text, true, &answer, &why), cases[i].result);
		if (cases[i].result == REFUSED)
			assert_int_equal(why.code, HTTP_UNUSABLE);
		else
			assert_int_equal(answer.body.length, ANSWER_SIZE_MAX);
	}
}

static void broken_answers_are_failures(void **state _unused_)
{
	static const struct {
		const char *text;
		int code;
	} answers[] = {
		{"", HTTP_UNREACHABLE},
		{"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort", HTTP_UNREACHABLE},
		{"SSH-2.0-OpenSSH_9.2\r\n\r\n", HTTP_UNUSABLE},
	};

	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		_cleanup_http_answer_ struct http_answer answer = {};
		struct refusal why = {};

		assert_int_equal(call(answers[i].text, true, &answer, &why), REFUSED);
		assert_int_equal(why.code, answers[i].code);
		assert_non_null(strstr(why.text, "http://127.0.0.1:"));
	}
}

static void nobody_there_is_a_failure(void **state _unused_)
{
	static const struct {
		const char *url;
		int code;
	} cases[] = {
		{"http://127.0.0.1:1/", HTTP_UNREACHABLE},
		{"https://127.0.0.1:1/", HTTP_UNREACHABLE},
		{"ftp://127.0.0.1/", HTTP_UNUSABLE},
		{"http://[::1/", HTTP_UNUSABLE},
	};
	struct http_client *client = client_make();

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_http_answer_ struct http_answer answer = {};
		struct http_call it = {.method = "GET", .url = cases[i].url};
		struct refusal why = {};

		assert_int_equal(http_client_call(client, &it, &answer, &why), REFUSED);
		assert_int_equal(why.code, cases[i].code);
	}
	http_client_free(client);
}

static void silence_has_an_end(void **state _unused_)
{
	_cleanup_http_answer_ struct http_answer answer = {};
	struct http_client *client = client_make();
	uint64_t started = clock_monotonic();
	struct refusal why = {};
	struct server server = {};
	int r;

	server_start(&server, "");
	r = http_client_call(client,
			     &(struct http_call){.method = "GET",
						 .url = server.url,
						 .timeout_milliseconds = 200},
			     &answer, &why);
	assert_int_equal(r, REFUSED);
	assert_int_equal(why.code, HTTP_TIMED_OUT);
	assert_true(clock_monotonic() - started >= 190 * NSEC_PER_MSEC);
	http_client_free(client);
	server_stop(&server);
}

static void another_thread_can_end_a_wait(void **state _unused_)
{
	struct http_client *client = client_make();
	struct server server = {.to_abort = client};
	uint64_t started = clock_monotonic();

	server_start(&server, "");
	for (int i = 0; i < 2; i++) {
		_cleanup_http_answer_ struct http_answer answer = {};
		struct http_call it = {
			.method = "GET", .url = server.url, .timeout_milliseconds = 60000};

		/* The second one does not even begin. */
		assert_int_equal(http_client_call(client, &it, &answer, NULL), -ECANCELED);
	}
	assert_true(clock_monotonic() - started < 30 * NSEC_PER_SEC);
	http_client_free(client);
	server_stop(&server);
}

static void a_request_is_sent_as_asked(void **state _unused_)
{
	static const char *const headers[] = {"X-One: 1", "Content-Type: text/plain", NULL};
	_cleanup_http_answer_ struct http_answer answer = {};
	struct http_client *client = client_make();
	struct server server = {};
	struct http_signer signer = {"AKIA", "secret", "token", "eu-west-1", "ec2"};

	server_start(&server, "HTTP/1.1 204 No Content\r\n\r\n");
	assert_int_equal(http_client_call(client,
					  &(struct http_call){.method = "POST",
							      .url = server.url,
							      .headers = headers,
							      .body = "abc",
							      .body_size = 3,
							      .signer = &signer},
					  &answer, NULL),
			 0);
	assert_int_equal(answer.status, 204);
	assert_memory_equal(server.request, "POST / HTTP/1.1\r\n", 17);
	assert_non_null(strstr(server.request, "\r\nUser-Agent: tester/1\r\n"));
	assert_non_null(strstr(server.request, "\r\nX-One: 1\r\n"));
	assert_non_null(strstr(server.request, "\r\nContent-Length: 3\r\n"));
	assert_non_null(strstr(server.request, "/eu-west-1/ec2/aws4_request, SignedHeaders="
					       "content-type;host;x-amz-date;x-amz-security-token;"
					       "x-one, Signature="));
	http_client_free(client);
	server_stop(&server);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_answered_comes_back),
		cmocka_unit_test(a_redirection_is_an_answer_too),
		cmocka_unit_test(headers_too_long_to_keep_are_left_out),
		cmocka_unit_test(an_answer_may_be_so_long_and_no_longer),
		cmocka_unit_test(broken_answers_are_failures),
		cmocka_unit_test(nobody_there_is_a_failure),
		cmocka_unit_test(silence_has_an_end),
		cmocka_unit_test(another_thread_can_end_a_wait),
		cmocka_unit_test(a_request_is_sent_as_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
