// SPDX-License-Identifier: Apache-2.0
/* Signs with our signer and bends the result in every way that must be noticed.  That our texts are the ones that
 * AWS means is shown by the cases in tests/api/signing. */
#include "sigv4/sigv4.h"

#include "base/count.h"
#include "base/refusal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define NOW 1440938160000LL /* 2015-08-30T12:36:00Z */

static const struct credentials credentials = {
	.access_key_id = "AKIDEXAMPLE",
	.secret_access_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
	.region = "us-east-1",
};

/* A request with room for the header that signs it. */
struct scene {
	struct sigv4_header headers[4];
	struct sigv4_request request;
	char *value;
};

static void scene_init(struct scene *scene)
{
	*scene = (struct scene){
		.headers =
			{
				{"host", "example.amazonaws.com"},
				{"x-amz-date", "20150830T123600Z"},
			},
		.request =
			{
				.method = "GET",
				.path = "/",
				.query = "",
				.header_count = 2,
			},
	};
	scene->request.headers = scene->headers;
	assert_int_equal(sigv4_sign(&scene->request, &credentials, "service", &scene->value), 0);
	scene->headers[2] = (struct sigv4_header){"Authorization", scene->value};
	scene->request.header_count = 3;
}

static void scene_fini(struct scene *scene)
{
	free(scene->value);
}

/* 0, or why the request is not taken. */
static int judge(const struct sigv4_request *request, const char *secret, int64_t now)
{
	struct sigv4_authorization authorization;
	struct refusal why = {};
	int r;

	r = sigv4_parse(request, &authorization, &why);
	if (r == 0)
		r = sigv4_verify(request, &authorization, secret, now, &why);
	assert_true(r == 0 || r == REFUSED);
	return r == 0 ? 0 : why.code;
}

/* The simplest request of AWS's published suite. */
static void test_signature_is_the_published_one(void **state)
{
	_cleanup_(scene_fini) struct scene scene;

	(void)state;
	scene_init(&scene);
	assert_string_equal(
		scene.value,
		"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
		"SignedHeaders=host;x-amz-date, "
		"Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
}

static void test_takes_what_it_signed(void **state)
{
	_cleanup_(scene_fini) struct scene scene;
	struct sigv4_authorization authorization;
	char *token = NULL;

	(void)state;
	scene_init(&scene);
	assert_int_equal(sigv4_parse(&scene.request, &authorization, NULL), 0);
	assert_string_equal(authorization.access_key_id, "AKIDEXAMPLE");
	assert_string_equal(authorization.region, "us-east-1");
	assert_string_equal(authorization.service, "service");
	assert_false(authorization.presigned);
	assert_int_equal(sigv4_get_session_token(&scene.request, &authorization, &token, NULL), 0);
	assert_null(token);
	assert_int_equal(judge(&scene.request, credentials.secret_access_key, NOW), 0);
}

/* In the header as it is, in the query escaped; each form looks at its own place only. */
static void test_session_token(void **state)
{
	const struct sigv4_header headers[] = {{"X-Amz-Security-Token", "a+b/c=="}};
	const struct sigv4_request request = {
		.query = "x=1&X-Amz-Security-Token=d%2Be%2Ff%3D&y",
		.headers = headers,
		.header_count = 1,
	};
	const struct sigv4_request broken = {.query = "X-Amz-Security-Token=%2"};
	struct sigv4_authorization authorization = {};
	struct refusal why = {};
	char *token;

	(void)state;
	assert_int_equal(sigv4_get_session_token(&request, &authorization, &token, &why), 0);
	assert_string_equal(token, "a+b/c==");
	free(token);
	authorization.presigned = true;
	assert_int_equal(sigv4_get_session_token(&request, &authorization, &token, &why), 0);
	assert_string_equal(token, "d+e/f=");
	free(token);
	assert_int_equal(sigv4_get_session_token(&broken, &authorization, &token, &why), REFUSED);
	assert_int_equal(why.code, SIGV4_INCOMPLETE);
}

static void test_time_has_a_window(void **state)
{
	_cleanup_(scene_fini) struct scene scene;
	const char *secret = credentials.secret_access_key;

	(void)state;
	scene_init(&scene);
	assert_int_equal(judge(&scene.request, secret, NOW + 900000), 0);
	assert_int_equal(judge(&scene.request, secret, NOW + 901000), SIGV4_EXPIRED);
	assert_int_equal(judge(&scene.request, secret, NOW - 900000), 0);
	assert_int_equal(judge(&scene.request, secret, NOW - 901000), SIGV4_EXPIRED);
}

static void test_any_change_is_noticed(void **state)
{
	const char *secret = credentials.secret_access_key;

	(void)state;
	for (int change = 0; change < 7; change++) {
		_cleanup_(scene_fini) struct scene scene;
		int expected = SIGV4_MISMATCH;

		scene_init(&scene);
		switch (change) {
		case 0:
			scene.request.method = "POST";
			break;
		case 1:
			scene.request.path = "/x";
			break;
		case 2:
			scene.request.query = "a=b";
			break;
		case 3:
			scene.request.body = "x";
			scene.request.body_size = 1;
			break;
		case 4:
			scene.headers[0].value = "other.amazonaws.com";
			break;
		case 5:
			scene.headers[1].value = "20150830T123601Z";
			break;
		case 6:
			secret = "another";
			break;
		}
		assert_int_equal(judge(&scene.request, secret, NOW), expected);
	}
}

static void test_body_must_match_its_header(void **state)
{
	static const char empty[] =
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
	static const struct {
		const char *claimed, *body;
		int verdict;
	} cases[] = {
		{empty, "", 0},
		{empty, "x", SIGV4_MISMATCH},
		{"UNSIGNED-PAYLOAD", "", 0},
		{"UNSIGNED-PAYLOAD", "x", SIGV4_MISMATCH},
		{"STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "x", SIGV4_MISMATCH},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct sigv4_header headers[4] = {
			{"host", "h"},
			{"x-amz-content-sha256", cases[i].claimed},
			{"x-amz-date", "20150830T123600Z"},
		};
		struct sigv4_request request = {.method = "POST",
						.path = "/",
						.query = "",
						.headers = headers,
						.header_count = 3,
						.body = cases[i].body,
						.body_size = strlen(cases[i].body)};
		_cleanup_free_ char *value = NULL;

		assert_int_equal(sigv4_sign(&request, &credentials, "ec2", &value), 0);
		headers[3] = (struct sigv4_header){"authorization", value};
		request.header_count = 4;
		assert_int_equal(judge(&request, credentials.secret_access_key, NOW),
				 cases[i].verdict);
	}
}

/* Everything that can be missing or misspelt in an Authorization header. */
static void test_refuses_malformed_headers(void **state)
{
#define SCOPE  "20150830/us-east-1/ec2/aws4_request"
#define SIGNED "SignedHeaders=host;x-amz-date"
#define HEX    "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
	static const struct {
		const char *value;
		int code;
	} cases[] = {
		{"", SIGV4_INCOMPLETE},
		{"Basic YTpi", SIGV4_INCOMPLETE},
		{"AWS4-HMAC-SHA256", SIGV4_INCOMPLETE},
		{"AWS4-HMAC-SHA256 " SIGNED ", Signature=" HEX, SIGV4_INCOMPLETE},
		{"AWS4-HMAC-SHA256 Credential=K/" SCOPE ", Signature=" HEX, SIGV4_INCOMPLETE},
		{"AWS4-HMAC-SHA256 Credential=K/" SCOPE ", " SIGNED, SIGV4_INCOMPLETE},
		{"AWS4-HMAC-SHA256 Credential=K/" SCOPE ", " SIGNED ", Signature=",
		 SIGV4_INCOMPLETE},
		{"AWS4-HMAC-SHA256 Credential=K/" SCOPE ", " SIGNED ", Signature=" HEX "0",
		 SIGV4_INCOMPLETE},
		{"AWS4-HMAC-SHA256 Credential=" SCOPE ", " SIGNED ", Signature=" HEX,
		 SIGV4_INCOMPLETE},
		{"AWS4-HMAC-SHA256 Credential=K/" SCOPE "/x, " SIGNED ", Signature=" HEX,
		 SIGV4_INCOMPLETE},
		{"AWS4-HMAC-SHA256 Credential=K/20150831/us-east-1/ec2/aws4_request, " SIGNED
		 ", Signature=" HEX,
		 SIGV4_INCOMPLETE},
		{"AWS4-HMAC-SHA256 Credential=K/" SCOPE
		 ", SignedHeaders=x-amz-date, Signature=" HEX,
		 SIGV4_INCOMPLETE},
		{"AWS4-HMAC-SHA256 Credential=K/" SCOPE ", SignedHeaders=host, Signature=" HEX,
		 SIGV4_INCOMPLETE},
		{"AWS4-HMAC-SHA256 Credential=K/" SCOPE
		 ", SignedHeaders=host;not-there;x-amz-date, Signature=" HEX,
		 SIGV4_INCOMPLETE},
		{"AWS4-HMAC-SHA256 Credential=K/" SCOPE ", " SIGNED ", Signature=00",
		 SIGV4_MISMATCH},
		{"AWS4-HMAC-SHA256 Credential=K/" SCOPE "," SIGNED ",Signature=" HEX,
		 SIGV4_MISMATCH},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct sigv4_header headers[] = {
			{"Host", "example.amazonaws.com"},
			{"X-Amz-Date", "20150830T123600Z"},
			{"Authorization", cases[i].value},
		};
		const struct sigv4_request request = {.method = "GET",
						      .path = "/",
						      .query = "",
						      .headers = headers,
						      .header_count = ARRAY_SIZE(headers)};

		assert_int_equal(judge(&request, "secret", NOW), cases[i].code);
	}
}

static void test_unsigned_request_is_absent(void **state)
{
	const struct sigv4_request request = {.method = "GET", .path = "/", .query = "a=b"};

	(void)state;
	assert_int_equal(judge(&request, "secret", NOW), SIGV4_ABSENT);
}

static void test_signer_keeps_its_rules(void **state)
{
	static const struct {
		struct sigv4_header headers[3];
		size_t count;
	} cases[] = {
		{{{"host", "h"}}, 1},
		{{{"x-amz-date", "20150830T123600Z"}}, 1},
		{{{"host", "h"}, {"x-amz-date", "2015"}}, 2},
		{{{"x-amz-date", "20150830T123600Z"}, {"host", "h"}}, 2},
		{{{"host", "h"}, {"host", "h"}, {"x-amz-date", "20150830T123600Z"}}, 3},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct sigv4_request request = {.method = "GET",
						      .path = "/",
						      .query = "",
						      .headers = cases[i].headers,
						      .header_count = cases[i].count};
		char *value = NULL;

		assert_int_equal(sigv4_sign(&request, &credentials, "ec2", &value), -EINVAL);
		assert_null(value);
	}
}

static void test_formats_time(void **state)
{
	char time[SIGV4_TIME_SIZE];

	(void)state;
	sigv4_format_time(NOW + 999, time);
	assert_string_equal(time, "20150830T123600Z");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_signature_is_the_published_one),
		cmocka_unit_test(test_takes_what_it_signed),
		cmocka_unit_test(test_session_token),
		cmocka_unit_test(test_time_has_a_window),
		cmocka_unit_test(test_any_change_is_noticed),
		cmocka_unit_test(test_body_must_match_its_header),
		cmocka_unit_test(test_refuses_malformed_headers),
		cmocka_unit_test(test_unsigned_request_is_absent),
		cmocka_unit_test(test_signer_keeps_its_rules),
		cmocka_unit_test(test_formats_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
