// SPDX-License-Identifier: Apache-2.0
/* The door in front of another handler, which only tells that it was asked. */
#include "web/web.h"

#include "base/count.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#define NEXT_STATUS 299
#define NEXT_LIMIT  1234

static const struct web_file example_items[] = {
	{"assets/app-1a2b.js", "text/javascript", "aa", true, {{"script", 6}, {"s", 1}, {}}},
	{"icon.svg", "image/svg+xml", "bb", false, {{"<svg/>", 6}}},
	{"index.html", "text/html", "cc", false, {{"<html>", 6}}},
};
static const struct web_files example = {example_items, ARRAY_SIZE(example_items)};
static const struct web_files none = {0};

static size_t next_limit(void *context, const struct http_request *request)
{
	(void)context;
	(void)request;
	return NEXT_LIMIT;
}

static int next_handle(void *context, const struct http_request *request, struct http_reply *reply)
{
	(void)context;
	(void)request;
	reply->status = NEXT_STATUS;
	return 0;
}

/* A request with up to one header besides Accept. */
struct question {
	const char *method, *path, *query, *accept;
	struct http_header header;
};

static struct http_reply ask(const struct web_files *files, bool encrypted,
			     const struct question *question)
{
	struct web web = {files, encrypted, {NULL, next_limit, next_handle}};
	const struct http_header headers[] = {
		{"Accept", question->accept ? question->accept : "*/*"},
		question->header,
	};
	const struct http_request request = {
		.method = question->method ? question->method : "GET",
		.path = question->path,
		.query = question->query ? question->query : "",
		.headers = headers,
		.header_count = question->header.name ? 2 : 1,
	};
	const struct http_handler handler = web_get_handler(&web);
	struct http_reply reply = {};

	assert_int_equal(handler.handle(handler.context, &request, &reply), 0);
	assert_int_equal(handler.body_limit(handler.context, &request),
			 reply.status == NEXT_STATUS ? NEXT_LIMIT : 0);
	return reply;
}

static const char *header_of(const struct http_reply *reply, const char *name)
{
	for (size_t i = 0; i < reply->header_count; i++)
		if (strcmp(reply->headers[i].name, name) == 0)
			return reply->headers[i].value;
	return "";
}

static void test_what_is_the_consoles(void **state)
{
	static const char browser[] = "text/html,application/xhtml+xml,*/*;q=0.8";
	static const struct {
		struct question question;
		unsigned int status;
	} rows[] = {
		{{.path = "/"}, NEXT_STATUS},
		{{.path = "/", .accept = browser}, 302},
		{{.path = "/", .accept = browser, .method = "HEAD"}, 302},
		{{.path = "/", .accept = browser, .method = "POST"}, NEXT_STATUS},
		{{.path = "/", .accept = browser, .query = "Action=X"}, NEXT_STATUS},
		{{.path = "/", .accept = browser, .header = {"Authorization", "x"}}, NEXT_STATUS},
		{{.path = "/console"}, 302},
		{{.path = "/consoles", .accept = browser}, NEXT_STATUS},
		{{.path = "/host/v1/a/plan", .accept = browser}, NEXT_STATUS},
		{{.path = "/console/"}, 200},
		{{.path = "/console/icon.svg"}, 200},
		{{.path = "/console/sessions/tms-1?x"}, 200},
		{{.path = "/console/../../etc/passwd"}, 200},
		{{.path = "/console/assets/app-1a2b.js"}, 200},
		{{.path = "/console/assets/app-0000.js"}, 404},
		{{.path = "/console/", .method = "POST"}, 405},
		{{.path = "/console/", .method = "DELETE"}, 405},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct http_reply reply = ask(&example, true, &rows[i].question);

		assert_int_equal(reply.status, rows[i].status);
		if (reply.status == 302)
			assert_string_equal(header_of(&reply, "Location"), "/console/");
		if (reply.status == NEXT_STATUS)
			assert_int_equal(reply.header_count, 0);
		text_fini(&reply.body);
	}
}

static void test_a_place_within_the_console_gets_its_page(void **state)
{
	const struct http_reply reply =
		ask(&example, true, &(struct question){.path = "/console/filters/tmf-1"});

	(void)state;
	assert_ptr_equal(reply.constant, example_items[2].bodies[0].data);
	assert_int_equal(reply.constant_size, 6);
	assert_string_equal(header_of(&reply, "Cache-Control"), "no-cache");
	assert_string_equal(header_of(&reply, "Content-Type"), "text/html");
	assert_string_equal(header_of(&reply, "Content-Encoding"), "");
}

static void test_assets_are_coded_and_stay(void **state)
{
	const struct http_reply reply = ask(&example, true,
					    &(struct question){
						    .path = "/console/assets/app-1a2b.js",
						    .header = {"accept-encoding", "br, gzip"},
					    });

	(void)state;
	assert_int_equal(reply.status, 200);
	assert_int_equal(reply.constant_size, 1);
	assert_string_equal(header_of(&reply, "Content-Encoding"), "gzip");
	assert_string_equal(header_of(&reply, "ETag"), "\"aa-gzip\"");
	assert_string_equal(header_of(&reply, "Vary"), "Accept-Encoding");
	assert_string_equal(header_of(&reply, "Cache-Control"),
			    "public, max-age=31536000, immutable");
}

static void test_what_is_known_is_not_sent(void **state)
{
	const struct http_reply reply = ask(&example, true,
					    &(struct question){
						    .path = "/console/",
						    .header = {"If-None-Match", "\"cc\""},
					    });

	(void)state;
	assert_int_equal(reply.status, 304);
	assert_null(reply.constant);
	assert_string_equal(header_of(&reply, "ETag"), "\"cc\"");
	assert_string_not_equal(header_of(&reply, "Content-Security-Policy"), "");
}

/* Every kind of answer, since a browser may be led to any of them. */
static void test_everything_is_safeguarded(void **state)
{
	static const char *const paths[] = {"/console", "/console/", "/console/assets/no.js"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		struct http_reply reply = ask(&example, true, &(struct question){.path = paths[i]});
		const char *policy = header_of(&reply, "Content-Security-Policy");

		assert_non_null(strstr(policy, "default-src 'none'"));
		assert_non_null(strstr(policy, "frame-ancestors 'none'"));
		assert_null(strstr(policy, "unsafe"));
		assert_string_equal(header_of(&reply, "X-Content-Type-Options"), "nosniff");
		assert_string_equal(header_of(&reply, "Referrer-Policy"), "no-referrer");
		assert_string_equal(header_of(&reply, "Cross-Origin-Opener-Policy"), "same-origin");
		text_fini(&reply.body);
	}
}

static void test_keeps_to_tls_where_the_name_is_its_own(void **state)
{
	static const struct {
		bool encrypted;
		const char *host, *expected;
	} rows[] = {
		{true, "mirror.example:8773", "max-age=31536000"},
		{true, "localhost.example", "max-age=31536000"},
		{true, "LocalHost:8773", ""},
		{true, "localhost", ""},
		{false, "mirror.example:8773", ""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct http_reply reply = ask(&example, rows[i].encrypted,
						    &(struct question){
							    .path = "/console/",
							    .header = {"Host", rows[i].host},
						    });

		assert_string_equal(header_of(&reply, "Strict-Transport-Security"),
				    rows[i].expected);
	}
}

static void test_says_when_there_is_no_console(void **state)
{
	struct http_reply reply = ask(&none, true, &(struct question){.path = "/console/"});

	(void)state;
	assert_int_equal(reply.status, 404);
	assert_non_null(strstr(reply.body.data, "without the web console"));
	text_fini(&reply.body);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_the_consoles),
		cmocka_unit_test(test_a_place_within_the_console_gets_its_page),
		cmocka_unit_test(test_assets_are_coded_and_stay),
		cmocka_unit_test(test_what_is_known_is_not_sent),
		cmocka_unit_test(test_everything_is_safeguarded),
		cmocka_unit_test(test_keeps_to_tls_where_the_name_is_its_own),
		cmocka_unit_test(test_says_when_there_is_no_console),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
