// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "agent/answer.h"
#include "agent/invitation.h"
#include "base/count.h"
#include "base/refusal.h"

#include <string.h>

#define REST "region: r\ncode: c\n"

static void test_what_the_command_prints(void **state)
{
	struct invitation invitation = {};
	struct refusal why = {};

	(void)state;
	assert_int_equal(invitation_parse("# a comment\n"
					  "controller: https://10.0.0.5:8773\r\n"
					  "  controller:https://[fd00::1]:8773  \n"
					  "\n"
					  "region: us-east-1\n"
					  "host: web-17\n"
					  "later: what nobody knows yet\n"
					  "code: 0123abcd\n"
					  "-----BEGIN CERTIFICATE-----\nAAAA\n"
					  "-----END CERTIFICATE-----\n",
					  &invitation, &why),
			 0);
	assert_int_equal(invitation.controller_count, 2);
	assert_string_equal(invitation.controllers[0], "https://10.0.0.5:8773");
	assert_string_equal(invitation.controllers[1], "https://[fd00::1]:8773");
	assert_string_equal(invitation.region, "us-east-1");
	assert_string_equal(invitation.host, "web-17");
	assert_string_equal(invitation.code, "0123abcd");
	assert_string_equal(invitation.authority,
			    "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
}

static void test_what_may_be_left_out(void **state)
{
	struct invitation invitation = {};
	struct refusal why = {};

	(void)state;
	assert_int_equal(invitation_parse("controller: http://c:1\n" REST, &invitation, &why), 0);
	assert_string_equal(invitation.host, "");
	assert_null(invitation.authority);
}

static void test_what_is_no_invitation(void **state)
{
	static const struct {
		const char *text, *said;
	} rows[] = {
		{"", "no controller"},
		{"controller: https://c\ncode: c\n", "no region"},
		{"controller: https://c\nregion: r\n", "no code"},
		{"hello\n", "no line of an enrolment"},
		{"controller: c:8773\n" REST, "no URL"},
		{"controller: https://u@c\n" REST, "no URL"},
		{"controller: https://c,https://d\n" REST, "no URL"},
		{"controller: https://c\nhost: a b\n" REST, "no name of a host"},
		{"controller: https://c\nhost: "
		 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n" REST,
		 "host is too long"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct invitation invitation = {};
		struct refusal why = {};

		assert_int_equal(invitation_parse(rows[i].text, &invitation, &why), REFUSED);
		if (!strstr(why.text, rows[i].said))
			fail_msg("'%s' is not in '%s'", rows[i].said, why.text);
	}
}

static void test_controllers_are_bounded(void **state)
{
	char text[1024] = "";
	struct invitation invitation = {};
	struct refusal why = {};

	(void)state;
	for (size_t i = 0; i <= INVITATION_CONTROLLERS_MAX; i++)
		strcat(text, "controller: https://c\n");
	strcat(text, REST);
	assert_int_equal(invitation_parse(text, &invitation, &why), REFUSED);
	assert_non_null(strstr(why.text, "at most 8 controllers"));
}

static void test_answers(void **state)
{
	char text[64];

	(void)state;
	assert_true(answer_get_element("<a><b>one</b><b>two</b></a>", "b", text, sizeof(text)));
	assert_string_equal(text, "one");
	assert_false(answer_get_element("<a><b>one", "b", text, sizeof(text)));
	assert_string_equal(text, "");
	assert_false(answer_get_element("<b>three</b>", "b", text, 5));
	answer_explain("<Error><Message>No.</Message></Error>", text, sizeof(text));
	assert_string_equal(text, "No.");
	answer_explain("Bad gateway\nnext line", text, sizeof(text));
	assert_string_equal(text, "Bad gateway");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_the_command_prints),
		cmocka_unit_test(test_what_may_be_left_out),
		cmocka_unit_test(test_what_is_no_invitation),
		cmocka_unit_test(test_controllers_are_bounded),
		cmocka_unit_test(test_answers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
