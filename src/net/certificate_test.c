// SPDX-License-Identifier: Apache-2.0
#include "net/certificate.h"

#include "base/count.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NOW (int64_t) time(NULL)
#define DAY (24 * 60 * 60)

static const char *const names[] = {"mirror.example", "localhost", "127.0.0.1", "::1"};

static void write_text(const char *path, const char *text)
{
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	assert_int_equal(fputs(text, file) >= 0, 1);
	fclose(file);
}

static void test_good_certificate(void **state)
{
	_cleanup_certificate_ struct certificate authority = {}, server = {};

	(void)state;
	assert_int_equal(certificate_make_authority("Traffic Mirror test", NOW, &authority), 0);
	assert_int_equal(
		certificate_make_server(&authority, names, ARRAY_SIZE(names), NOW, &server), 0);
	assert_true(certificate_is_good(&server, &authority, names, ARRAY_SIZE(names), NOW));
	assert_true(certificate_is_good(&server, &authority, names + 1, 1, NOW));
}

static void test_bad_certificates(void **state)
{
	static const char *const others[] = {"mirror.example", "other.example"};
	_cleanup_certificate_ struct certificate authority = {}, stranger = {}, server = {};
	struct certificate mixed;

	(void)state;
	assert_int_equal(certificate_make_authority("one", NOW, &authority), 0);
	assert_int_equal(certificate_make_authority("one", NOW, &stranger), 0);
	assert_int_equal(
		certificate_make_server(&authority, names, ARRAY_SIZE(names), NOW, &server), 0);
	assert_false(certificate_is_good(&server, &stranger, names, ARRAY_SIZE(names), NOW));
	assert_false(certificate_is_good(&server, &authority, others, ARRAY_SIZE(others), NOW));
	assert_false(certificate_is_good(
		&server, &authority, names, ARRAY_SIZE(names),
		NOW + (int64_t)(CERTIFICATE_SERVER_DAYS - CERTIFICATE_RENEWAL_DAYS + 1) * DAY));
	assert_false(
		certificate_is_good(&server, &authority, names, ARRAY_SIZE(names), NOW - 2 * DAY));
	mixed = (struct certificate){server.certificate, authority.key};
	assert_false(certificate_is_good(&mixed, &authority, names, ARRAY_SIZE(names), NOW));
	mixed = (struct certificate){(char[]){"no certificate"}, server.key};
	assert_false(certificate_is_good(&mixed, &authority, names, ARRAY_SIZE(names), NOW));
	assert_int_equal(certificate_make_server(&authority, names, 0, NOW, &mixed), -EINVAL);
}

/* GnuTLS made them; a second implementation must agree. */
static void test_openssl_agrees(void **state)
{
	_cleanup_certificate_ struct certificate authority = {}, server = {};
	char directory[] = "/tmp/certificate-test-XXXXXX", path[64], command[512];

	(void)state;
	if (system("openssl version >/dev/null 2>&1") != 0)
		skip();
	assert_non_null(mkdtemp(directory));
	assert_int_equal(certificate_make_authority("Traffic Mirror test", NOW, &authority), 0);
	assert_int_equal(
		certificate_make_server(&authority, names, ARRAY_SIZE(names), NOW, &server), 0);
	(void)snprintf(path, sizeof(path), "%s/ca.pem", directory);
	write_text(path, authority.certificate);
	(void)snprintf(path, sizeof(path), "%s/server.pem", directory);
	write_text(path, server.certificate);
	(void)snprintf(command, sizeof(command),
		       "cd %s && openssl verify -x509_strict -purpose sslserver -CAfile ca.pem "
		       "-verify_hostname mirror.example server.pem >/dev/null && "
		       "openssl verify -CAfile ca.pem -verify_ip ::1 server.pem >/dev/null",
		       directory);
	assert_int_equal(system(command), 0);
	(void)snprintf(command, sizeof(command), "rm -r %s", directory);
	assert_int_equal(system(command), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good_certificate),
		cmocka_unit_test(test_bad_certificates),
		cmocka_unit_test(test_openssl_agrees),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
