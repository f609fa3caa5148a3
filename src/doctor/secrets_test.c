// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/count.h"
#include "doctor/secrets.h"

#include <string.h>

#define KEY "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEE\n-----END EC PRIVATE KEY-----"

static const struct {
	const char *text, *clean;
} cases[] = {
	{"", ""},
	{"nothing of the kind", "nothing of the kind"},
	{"password authentication failed", "password authentication failed"},
	{"said 'known-secret', twice: known-secretknown-secret", "said '***', twice: ******"},

	/* Unquoted values end with the line, quoted ones with their quote. */
	{"Password: ab;cd ef\nnext", "Password: ***\nnext"},
	{"PASSPHRASE=correct horse battery\r\nnext", "PASSPHRASE=***\r\nnext"},
	{"password='correct horse' user=tm", "password='***' user=tm"},
	{"password = \"correct \\\" horse\", x", "password = \"***\", x"},
	{"password: 'it''s one' # x", "password: '***' # x"},
	{"password='it'\\''s one' x", "password='***' x"},
	{"password=\"\" user=tm", "password=\"***\" user=tm"},
	{"password='no end\nnext", "password='***'\nnext"},
	{"{\"SecretAccessKey\": \"ab cd\", \"Name\": \"x\"}",
	 "{\"SecretAccessKey\": \"***\", \"Name\": \"x\"}"},
	{"{\\\"password\\\": \\\"ab cd\\\", \\\"n\\\": 1}",
	 "{\\\"password\\\": ***, \\\"n\\\": 1}"},

	/* What else secrets are called. */
	{"x-amz-security-token: IQoJb3JpZ2lu", "x-amz-security-token: ***"},
	{"AWS_SECRET_ACCESS_KEY=abcdefgh", "AWS_SECRET_ACCESS_KEY=***"},
	{"aws_session_token = abcdefgh", "aws_session_token = ***"},
	{"https://c:8773/console/#sign-in=0123abcd", "https://c:8773/console/#sign-in=***"},
	{"secret_key: abc", "secret_key: ***"},
	{"token=abc", "token=***"},
	{"client_secret=abc", "client_secret=***"},
	{"Authorization: AWS4-HMAC-SHA256 Credential=AKIA", "Authorization: ***"},

	/* Private keys, whole, without an end, and without a begin. */
	{"x\n" KEY "\ny", "x\n***\ny"},
	{"x\n-----BEGIN PRIVATE KEY-----\nMHcCAQEE", "x\n***"},
	{"cCAQEE\nabcd\n-----END PRIVATE KEY-----\ny", "***\ny"},
	{"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n" KEY,
	 "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n***"},

	/* URLs. */
	{"postgresql://tm:hunter2pass@db/tm", "postgresql://tm:***@db/tm"},
	{"http://web:80/x", "http://web:80/x"},
};

static void test_what_is_secret_is_taken_out(void **state)
{
	static char known[] = "known-secret", *items[] = {known};
	static const struct secrets secrets = {.items = items, .count = 1};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_text_ struct text clean = {};

		secrets_redact(&secrets, cases[i].text, &clean);
		assert_string_equal(clean.data ? clean.data : "", cases[i].clean);
	}
}

/* Anybody can have a daemon log what he likes, so the time grows with the length alone. */
static void test_no_text_takes_long(void **state)
{
	static const char *const pieces[] = {"-----BEGIN CERTIFICATE-----\n",
					     "://a:",
					     "password",
					     "-----BEGIN x PRIVATE KEY",
					     "x",
					     ":",
					     "'\"\\"};
	static const struct secrets secrets = {};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(pieces); i++) {
		_cleanup_text_ struct text text = {}, clean = {};
		uint64_t began = clock_monotonic();

		while (text.length < 200000)
			text_append(&text, pieces[i]);
		secrets_redact(&secrets, text.data, &clean);
		assert_false(clean.failed);
		/* A quadratic one takes minutes, and this one a hundredth of the time. */
		assert_true(clock_monotonic() - began < 20 * NSEC_PER_SEC);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_secret_is_taken_out),
		cmocka_unit_test(test_no_text_takes_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
