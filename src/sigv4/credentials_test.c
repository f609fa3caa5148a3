// SPDX-License-Identifier: Apache-2.0
#include "sigv4/credentials.h"

#include "base/count.h"
#include "base/refusal.h"
#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static void test_reads_what_a_shell_would(void **state)
{
	static const char text[] = "# Keys of the administrator.\n"
				   "\n"
				   "export AWS_ACCESS_KEY_ID=AKIAEXAMPLE\n"
				   "  export AWS_SECRET_ACCESS_KEY='a/b+c d'  # quoted\n"
				   "AWS_DEFAULT_REGION=\"eu-west-1\"\r\n"
				   "export AWS_ENDPOINT_URL=https://[::1]:8773\n"
				   "export AWS_CA_BUNDLE=/a\\ b/ca.pem\n"
				   "export PATH=/bin:$PATH";
	struct credentials credentials;

	(void)state;
	assert_int_equal(credentials_parse(text, &credentials, NULL), 0);
	assert_string_equal(credentials.access_key_id, "AKIAEXAMPLE");
	assert_string_equal(credentials.secret_access_key, "a/b+c d");
	assert_string_equal(credentials.session_token, "");
	assert_string_equal(credentials.region, "eu-west-1");
	assert_string_equal(credentials.endpoint, "https://[::1]:8773");
	assert_string_equal(credentials.ca_bundle, "/a b/ca.pem");
}

static void test_refuses_what_is_no_assignment(void **state)
{
	static const struct {
		const char *text, *words;
	} cases[] = {
		{"export AWS_REGION=x\nhello\n", "line 2 is not of the form 'export NAME=value'"},
		{"AWS_ACCESS_KEY_ID='open",
		 "line 1: the value of AWS_ACCESS_KEY_ID is not quoted as "
		 "a shell would"},
		{"AWS_ACCESS_KEY_ID=two words",
		 "line 1: the value of AWS_ACCESS_KEY_ID is not quoted "
		 "as a shell would"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct credentials credentials = {.region = "before"};
		struct refusal why = {};

		assert_int_equal(credentials_parse(cases[i].text, &credentials, &why), REFUSED);
		assert_string_equal(why.text, cases[i].words);
		assert_string_equal(credentials.region, "before");
	}
}

static void test_refuses_what_does_not_fit(void **state)
{
	_cleanup_text_ struct text text = {};
	struct credentials credentials;
	struct refusal why = {};

	(void)state;
	text_append(&text, "AWS_DEFAULT_REGION=");
	for (int i = 0; i < CREDENTIALS_REGION_SIZE; i++)
		text_append_char(&text, 'x');
	assert_int_equal(credentials_parse(text.data, &credentials, &why), REFUSED);
	assert_string_equal(why.text, "line 1: the value of AWS_DEFAULT_REGION is too long");
}

static void test_file_comes_back_as_written(void **state)
{
	struct credentials written = {.access_key_id = "AKIA",
				      .secret_access_key = "it's \"quoted\" \\ $HOME",
				      .region = "us-east-1",
				      .endpoint = "https://[::1]:8773",
				      .ca_bundle = "/with blank/ca.pem"};
	char path[] = "/tmp/credentials-test-XXXXXX";
	struct credentials read;
	struct stat status;

	(void)state;
	close(mkstemp(path));
	assert_int_equal(credentials_write(path, &written), 0);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	assert_int_equal(credentials_read(path, &read, NULL), 0);
	assert_memory_equal(&read, &written, sizeof(read));
	unlink(path);
	assert_int_equal(credentials_read(path, &read, NULL), -ENOENT);
}

static void test_environment_goes_first(void **state)
{
	struct credentials credentials = {.region = "from-file", .access_key_id = "from-file"};

	(void)state;
	setenv("AWS_DEFAULT_REGION", "default", 1);
	setenv("AWS_REGION", "overruling", 1);
	unsetenv("AWS_ACCESS_KEY_ID");
	assert_int_equal(credentials_from_environment(&credentials, NULL), 0);
	assert_string_equal(credentials.region, "overruling");
	assert_string_equal(credentials.access_key_id, "from-file");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reads_what_a_shell_would),
		cmocka_unit_test(test_refuses_what_is_no_assignment),
		cmocka_unit_test(test_refuses_what_does_not_fit),
		cmocka_unit_test(test_file_comes_back_as_written),
		cmocka_unit_test(test_environment_goes_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
