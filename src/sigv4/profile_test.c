// SPDX-License-Identifier: Apache-2.0
#include "base/file.h"
#include "base/refusal.h"
#include "sigv4/credentials.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char home[] = "/tmp/tmirror-home-XXXXXX";

static void write_file(const char *name, const char *text)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "%s/.aws/%s", home, name);
	assert_int_equal(file_replace(path, text, strlen(text), 0600), 0);
}

static int setup(void **state)
{
	char path[64];

	(void)state;
	(void)strcpy(home, "/tmp/tmirror-home-XXXXXX");
	assert_non_null(mkdtemp(home));
	(void)snprintf(path, sizeof(path), "%s/.aws", home);
	assert_int_equal(mkdir(path, 0700), 0);
	(void)setenv("HOME", home, 1);
	(void)unsetenv("AWS_PROFILE");
	(void)unsetenv("AWS_CONFIG_FILE");
	(void)unsetenv("AWS_SHARED_CREDENTIALS_FILE");
	return 0;
}

static int teardown(void **state)
{
	static const char *const names[] = {"/.aws/config", "/.aws/credentials", "/other", "/.aws",
					    ""};
	char path[64];

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s%s", home, names[i]);
		(void)remove(path);
	}
	return 0;
}

static int load(const char *profile, struct credentials *credentials)
{
	struct refusal why = {};
	int r = credentials_from_profile(profile, credentials, &why);

	if (r == REFUSED)
		assert_string_not_equal(why.text, "");
	return r;
}

static void test_both_files_make_a_profile(void **state)
{
	struct credentials found = {};

	(void)state;
	write_file("credentials", "# ours\n[default]\naws_access_key_id = AKIADEFAULT # mine\n"
				  "aws_secret_access_key=se#cret;=/+\n\n[lab]\n"
				  "AWS_ACCESS_KEY_ID=AKIALAB\naws_secret_access_key=lab\n"
				  "aws_session_token = token\n");
	write_file("config",
		   "[default]\nregion = eu-west-1\nendpoint_url = https://tm.example:8773\n"
		   "[profile lab]\n  ; none\ns3 =\n  region = wrong\nregion=us-west-2\n"
		   "ca_bundle = /etc/ca.pem\r\n[lab]\nregion = no-such-section\n");
	assert_int_equal(load(NULL, &found), 0);
	assert_string_equal(found.access_key_id, "AKIADEFAULT");
	assert_string_equal(found.secret_access_key, "se#cret;=/+");
	assert_string_equal(found.session_token, "");
	assert_string_equal(found.region, "eu-west-1");
	assert_string_equal(found.endpoint, "https://tm.example:8773");
	found = (struct credentials){};
	(void)setenv("AWS_PROFILE", "lab", 1);
	assert_int_equal(load(NULL, &found), 0);
	assert_string_equal(found.access_key_id, "AKIALAB");
	assert_string_equal(found.session_token, "token");
	assert_string_equal(found.region, "us-west-2");
	assert_string_equal(found.ca_bundle, "/etc/ca.pem");
	assert_string_equal(found.endpoint, "");
	found = (struct credentials){};
	assert_int_equal(load("default", &found), 0);
	assert_string_equal(found.access_key_id, "AKIADEFAULT");
}

/* Nobody gets the id of one key with the secret of another. */
static void test_what_is_there_stays(void **state)
{
	struct credentials found = {.access_key_id = "AKIAENV", .region = "eu-test-1"};

	(void)state;
	write_file("credentials", "[default]\naws_access_key_id=AKIAFILE\naws_secret_access_key=s\n"
				  "aws_session_token=t\nregion=us-east-1\n");
	write_file("config", "[profile default]\nendpoint_url=https://a\n");
	assert_int_equal(load(NULL, &found), 0);
	assert_string_equal(found.access_key_id, "AKIAENV");
	assert_string_equal(found.secret_access_key, "");
	assert_string_equal(found.session_token, "");
	assert_string_equal(found.region, "eu-test-1");
	assert_string_equal(found.endpoint, "https://a");
}

static void test_files_can_be_elsewhere(void **state)
{
	struct credentials found = {};
	char path[64];

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/other", home);
	(void)setenv("AWS_CONFIG_FILE", path, 1);
	assert_int_equal(file_replace(path, "[profile x]\nregion=eu-x-1", 26, 0600), 0);
	assert_int_equal(load("x", &found), 0);
	assert_string_equal(found.region, "eu-x-1");
}

static void test_absence_and_nonsense(void **state)
{
	struct credentials found = {};
	char large[6000];

	(void)state;
	assert_int_equal(load(NULL, &found), 0); /* No files, and nobody named a profile. */
	assert_int_equal(load("lab", &found), REFUSED);
	write_file("config", "[default]\nregion\n");
	assert_int_equal(load(NULL, &found), REFUSED);
	write_file("config",
		   "region = before any section\n[profile lab\nregion=x\n[]\n[other]\nnonsense\n");
	assert_int_equal(load(NULL, &found), 0);
	assert_string_equal(found.region, "");
	memset(large, 'x', sizeof(large) - 1);
	large[sizeof(large) - 1] = '\0';
	memcpy(large, "[default]\nregion=", 17);
	write_file("config", large);
	assert_int_equal(load(NULL, &found), REFUSED);
	(void)unsetenv("HOME");
	assert_int_equal(load(NULL, &found), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_both_files_make_a_profile, setup, teardown),
		cmocka_unit_test_setup_teardown(test_what_is_there_stays, setup, teardown),
		cmocka_unit_test_setup_teardown(test_files_can_be_elsewhere, setup, teardown),
		cmocka_unit_test_setup_teardown(test_absence_and_nonsense, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
