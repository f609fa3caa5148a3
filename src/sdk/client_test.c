// SPDX-License-Identifier: Apache-2.0
#include "sdk/client.h"

#include "base/count.h"
#include "sdk/request.h"
#include "sdk/response.h"
#include "sdk/script.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define BROKEN                              \
	{                                   \
		.failure = HTTP_UNREACHABLE \
	}
#define UNAVAILABLE                                 \
	{                                           \
		.status = 503, .document = "<html>" \
	}
#define DONE                                                                                 \
	{                                                                                    \
		.status = 200, .document = "<AResponse><requestId>1</requestId></AResponse>" \
	}

struct outcome {
	struct tmirror_error error;
	struct script script;
	char id[16];
	int result;
};

/* Calls 'action' once against the lines. */
static void play(struct outcome *outcome, const char *action, const struct script_line *lines,
		 size_t count)
{
	_cleanup_(tmirror_response_freep) struct tmirror_response *response = NULL;
	_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;
	_cleanup_(tmirror_client_freep) struct tmirror_client *client = NULL;

	*outcome = (struct outcome){};
	assert_int_equal(script_open(&outcome->script, lines, count, &client), 0);
	assert_int_equal(tmirror_request_new(action, &request), 0);
	outcome->result = tmirror_call(client, request, &response, &outcome->error);
	assert_int_equal(!response, outcome->result != 0);
	if (response)
		(void)snprintf(outcome->id, sizeof(outcome->id), "%s",
			       tmirror_node_text(tmirror_response_root(response), "requestId"));
}

static void failures_that_may_pass_are_tried_again(void **state _unused_)
{
	static const struct script_line lines[] = {
		BROKEN,
		UNAVAILABLE,
		{.status = 400,
		 .document = "<Response><Errors><Error><Code>Throttling</Code>"
			     "<Message>Slow down</Message></Error></Errors></Response>"},
		DONE};
	struct outcome outcome;

	play(&outcome, "CreateTrafficMirrorFilter", lines, ARRAY_SIZE(lines));
	assert_int_equal(outcome.result, 0);
	assert_string_equal(outcome.id, "1");
	assert_int_equal(outcome.script.attempts, 4);
	assert_int_equal(outcome.script.pause_count, 3);
	for (unsigned int i = 0; i < 3; i++)
		assert_true(outcome.script.pauses[i] <= (unsigned int)CALL_PAUSE_FIRST << i);
	assert_non_null(strstr(outcome.script.bodies[0], "&ClientToken="));
	for (size_t i = 1; i < 4; i++)
		assert_string_equal(outcome.script.bodies[i], outcome.script.bodies[0]);
	script_fini(&outcome.script);
}

/* Two users are not made of one wish; but a server that says it has done nothing can be asked again. */
static void what_cannot_be_told_apart_is_not_repeated(void **state _unused_)
{
	static const struct script_line lines[] = {UNAVAILABLE, BROKEN, DONE};
	struct outcome outcome;

	play(&outcome, "iam:CreateAccessKey", lines, ARRAY_SIZE(lines));
	assert_int_equal(outcome.result, TMIRROR_UNANSWERED);
	assert_int_equal(outcome.script.attempts, 2);
	assert_string_equal(outcome.script.services[1], "iam");
	assert_null(strstr(outcome.script.bodies[0], "ClientToken"));
	script_fini(&outcome.script);
	play(&outcome, "iam:ListUsers", lines, ARRAY_SIZE(lines));
	assert_int_equal(outcome.result, 0);
	script_fini(&outcome.script);
}

static void patience_ends(void **state _unused_)
{
	static const struct script_line lines[] = {BROKEN, BROKEN, BROKEN, BROKEN, BROKEN, DONE};
	struct outcome outcome;

	play(&outcome, "DescribeTags", lines, ARRAY_SIZE(lines));
	assert_int_equal(outcome.result, TMIRROR_UNANSWERED);
	assert_string_equal(outcome.error.code, "Unreachable");
	assert_int_equal(outcome.error.status, 0);
	assert_int_equal(outcome.script.attempts, CALL_ATTEMPTS_DEFAULT);
	assert_null(strstr(outcome.script.bodies[0], "ClientToken"));
	script_fini(&outcome.script);
}

static void refusals_are_final(void **state _unused_)
{
	static const struct {
		struct script_line line;
		int result, status;
		const char *code, *message;
	} cases[] = {
		{{.status = 400,
		  .document = "<Response><Errors><Error><Code>InvalidParameterValue</Code>"
			      "<Message>No &lt;that&gt;</Message></Error></Errors>"
			      "<RequestID>x</RequestID></Response>"},
		 TMIRROR_REFUSED,
		 400,
		 "InvalidParameterValue",
		 "No <that>"},
		{{.status = 403,
		  .document = "<ErrorResponse><Error><Code>AccessDenied</Code></Error>"
			      "</ErrorResponse>"},
		 TMIRROR_REFUSED,
		 403,
		 "AccessDenied",
		 ""},
		{{.status = 404, .document = "not found"},
		 TMIRROR_REFUSED,
		 404,
		 "UnexpectedAnswer",
		 "HTTP status 404 without an error document"},
		{{.status = 200, .document = "<a"}, TMIRROR_UNUSABLE, 0, "MalformedAnswer", NULL},
		{{.failure = HTTP_UNTRUSTED}, TMIRROR_UNANSWERED, 0, "Untrusted", "as rehearsed"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct outcome outcome;

		play(&outcome, "DescribeTags", &cases[i].line, 1);
		assert_int_equal(outcome.result, cases[i].result);
		assert_int_equal(outcome.error.status, cases[i].status);
		assert_string_equal(outcome.error.code, cases[i].code);
		if (cases[i].message)
			assert_string_equal(outcome.error.message, cases[i].message);
		if (cases[i].status)
			assert_string_equal(outcome.error.request_id, "request-1");
		assert_int_equal(outcome.script.attempts, 1);
		script_fini(&outcome.script);
	}
}

static void faults_are_forwarded(void **state _unused_)
{
	struct outcome outcome;

	play(&outcome, "DescribeTags", NULL, 0);
	assert_int_equal(outcome.result, -ECANCELED);
}

static void credentials_that_lack_something_are_refused(void **state _unused_)
{
	static const struct {
		const char *key, *secret, *endpoint, *missing;
	} cases[] = {
		{NULL, NULL, NULL, "AWS_ACCESS_KEY_ID"},
		{"AKIA", NULL, "http://127.0.0.1:1", "AWS_SECRET_ACCESS_KEY"},
		{"AKIA", "secret", NULL, "AWS_ENDPOINT_URL"},
	};

	clearenv();
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct tmirror_client *client = NULL;
		struct tmirror_error error = {};

		unsetenv("AWS_ENDPOINT_URL");
		if (cases[i].key)
			setenv("AWS_ACCESS_KEY_ID", cases[i].key, 1);
		if (cases[i].secret)
			setenv("AWS_SECRET_ACCESS_KEY", cases[i].secret, 1);
		if (cases[i].endpoint)
			setenv("AWS_ENDPOINT_URL", cases[i].endpoint, 1);
		assert_int_equal(tmirror_client_new(NULL, &client, &error), TMIRROR_UNUSABLE);
		assert_null(client);
		assert_non_null(strstr(error.message, cases[i].missing));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(failures_that_may_pass_are_tried_again),
		cmocka_unit_test(what_cannot_be_told_apart_is_not_repeated),
		cmocka_unit_test(patience_ends),
		cmocka_unit_test(refusals_are_final),
		cmocka_unit_test(faults_are_forwarded),
		cmocka_unit_test(credentials_that_lack_something_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
