// SPDX-License-Identifier: Apache-2.0
#include "controller/configuration.h"

#include "base/count.h"
#include "base/refusal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#define WORDS_MAX 10

static int parse(const char *const words[WORDS_MAX], struct configuration *ret_configuration,
		 struct refusal *why)
{
	char *arguments[WORDS_MAX + 2] = {(char[]){"tmirror-controller"}};
	int count = 1;

	for (; count <= WORDS_MAX && words[count - 1]; count++)
		arguments[count] = (char *)(uintptr_t)words[count - 1];
	return configuration_parse(count, arguments, ret_configuration, why);
}

static void test_defaults(void **state)
{
	static const char *const words[WORDS_MAX] = {};
	_cleanup_configuration_ struct configuration configuration;
	char text[ADDRESS_TEXT_SIZE];

	(void)state;
	assert_int_equal(parse(words, &configuration, NULL), 0);
	assert_string_equal(configuration.state, "/var/lib/tmirror");
	assert_null(configuration.store);
	address_format(&configuration.listen, text);
	assert_string_equal(text, "127.0.0.1");
	assert_int_equal(configuration.port, 8773);
	assert_string_equal(configuration.region, "us-east-1");
	assert_int_equal(configuration.resolver_count, 2);
	assert_int_equal(configuration.limits.sessions_per_source, 3);
	assert_false(configuration.plain_http);
}

static void test_takes_every_option(void **state)
{
	static const char *const words[WORDS_MAX] = {
		"--listen=[::1]:0",       "--plain-http",       "--limit=sources-per-target=100",
		"--account=123456789012", "--name=a.example",   "--name=10.0.0.1",
		"--resolver=10.0.0.53",   "--region=eu-west-1", "--currency=EUR",
		"--price=2027-01-01=0.02"};
	_cleanup_configuration_ struct configuration configuration;
	char text[ADDRESS_TEXT_SIZE];

	(void)state;
	assert_int_equal(parse(words, &configuration, NULL), 0);
	address_format(&configuration.listen, text);
	assert_string_equal(text, "::1");
	assert_int_equal(configuration.port, 0);
	assert_true(configuration.plain_http);
	assert_int_equal(configuration.limits.sources_per_target, 100);
	assert_string_equal(configuration.account.text, "123456789012");
	assert_int_equal(configuration.name_count, 2);
	assert_int_equal(configuration.resolver_count, 1);
	assert_string_equal(configuration.region, "eu-west-1");
	assert_string_equal(configuration.prices.currency, "EUR");
	assert_int_equal(price_list_get(&configuration.prices, 0), PRICE_DEFAULT);
	assert_int_equal(price_list_get(&configuration.prices, INT64_MAX), 20000);
}

static void test_jobs_stand_among_options(void **state)
{
	static const char *const words[WORDS_MAX] = {
		"--state", "/a", "restore", "--log-level=debug", "/b", "--account=123456789012"};
	static const char *const dashes[WORDS_MAX] = {"backup", "--", "-b"};
	_cleanup_configuration_ struct configuration configuration;
	char location[STORE_LOCATION_SIZE];

	(void)state;
	assert_int_equal(parse(words, &configuration, NULL), 0);
	assert_int_equal(configuration.job, JOB_RESTORE);
	assert_string_equal(configuration.words[0], "/b");
	assert_string_equal(configuration.account.text, "123456789012");
	configuration_get_store(&configuration, location);
	assert_string_equal(location, "sqlite:/a/tmirror.sqlite");
	configuration_fini(&configuration);
	assert_int_equal(parse(dashes, &configuration, NULL), 0);
	assert_int_equal(configuration.job, JOB_BACKUP);
	assert_string_equal(configuration.words[0], "-b");
}

static void test_refuses(void **state)
{
	static const struct {
		const char *words[WORDS_MAX];
		const char *reason;
	} cases[] = {
		{{"extra"}, "unexpected argument 'extra'"},
		{{"backup"}, "'backup' takes FILE, and not all of it is said"},
		{{"migrate", "memory"}, "'migrate' takes FROM TO, and not all of it is said"},
		{{"migrate", "a", "b", "c"}, "unexpected argument 'c'"},
		{{"restore", "--state", "/a"}, "'restore' takes FILE, and not all of it is said"},
		{{"backup", ""}, "unexpected argument ''"},
		{{"backup", "a", "b"}, "unexpected argument 'b'"},
		{{"backup", "a", "--what"}, "unknown option '--what'"},
		{{"--what"}, "unknown option '--what'"},
		{{"--listen", "localhost:1"},
		 "'localhost:1' is not of the form ADDRESS:PORT; an IPv6 address stands in "
		 "brackets"},
		{{"--listen", "::1:80"},
		 "'::1:80' is not of the form ADDRESS:PORT; an IPv6 address stands in brackets"},
		{{"--listen", "[127.0.0.1]:80"},
		 "'[127.0.0.1]:80' is not of the form ADDRESS:PORT; an IPv6 address stands in "
		 "brackets"},
		{{"--connections", "63"}, "'63' is not a number of connections from 64 to 60000"},
		{{"--connections-per-address", "0"},
		 "'0' is not a number of connections from 1 to 60000"},
		{{"--listen", "127.0.0.1"}, "'127.0.0.1' is not of the form ADDRESS:PORT"},
		{{"--listen", "127.0.0.1:65536"},
		 "'127.0.0.1:65536' is not of the form ADDRESS:PORT"},
		{{"--account", "12345678901"}, "'12345678901' is not an account id of 12 digits"},
		{{"--account", "12345678901x"}, "'12345678901x' is not an account id of 12 digits"},
		{{"--region", "US East"},
		 "'US East' is not a region's name: up to 32 lower-case letters, digits and '-'"},
		{{"--resolver", "dns"}, "'dns' is not an IP address"},
		{{"--limit", "sessions"}, "'sessions' is not of the form NAME=NUMBER"},
		{{"--limit", "sessions=-1"}, "'sessions=-1' is not of the form NAME=NUMBER"},
		{{"--limit", "session=1"}, "there is no limit 'session'"},
		{{"--limit", "sessions-per-source=33"},
		 "the limit 'sessions-per-source' can be 32 at most"},
		{{"--price", "cheap"},
		 "the price 'cheap' is not a number from 0 to 1000 with at most six decimals"},
		{{"--currency", "euro"},
		 "the currency 'euro' is not three capital letters, as in EUR"},
		{{"--store", "mysql:x"},
		 "the store 'mysql:x' is neither 'sqlite:PATH', 'postgresql://…' nor 'memory'"},
		{{"--name", "under_score"}, "'under_score' is not a DNS name"},
		{{"--log-level", "loud"},
		 "'loud' is not a log level: error, warning, info or debug"},
		{{"--plain-http", "--listen", "0.0.0.0:80"},
		 "'--plain-http' needs a loopback address, and 0.0.0.0 is none"},
		{{"--plain-http", "--listen", "[fd00::1]:80"},
		 "'--plain-http' needs a loopback address, and fd00::1 is none"},
		{{"--certificate", "/a"},
		 "'certificate' and 'certificate-key' go together; 'certificate-key' is not set"},
		{{"--certificate-key", "/a"},
		 "'certificate' and 'certificate-key' go together; 'certificate' is not set"},
		{{"--authority", "/a"}, "'authority' goes with 'certificate', which is not set"},
		{{"--authority", "a"},
		 "the authority 'a' is no absolute path, as its readers run elsewhere"},
		{{"--plain-http=perhaps"}, "'perhaps' is neither yes nor no"},
		{{"--manual", "7", "--help=x"}, "option '--help' takes no value"},
		{{"--state", ""}, "option '--state' needs a directory"},
		{{"--seal-key", ""}, "option '--seal-key' needs a file"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_configuration_ struct configuration configuration;
		struct refusal why = {};

		assert_int_equal(parse(cases[i].words, &configuration, &why), REFUSED);
		assert_string_equal(why.text, cases[i].reason);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_takes_every_option),
		cmocka_unit_test(test_jobs_stand_among_options),
		cmocka_unit_test(test_refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
