// SPDX-License-Identifier: Apache-2.0
#include "controller/configuration.h"

#include "base/count.h"
#include "base/options.h"
#include "base/refusal.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

#define PORT_DEFAULT 8773

static int set_state(void *target, const char *argument, struct refusal *why);
static int set_store(void *target, const char *argument, struct refusal *why);
static int set_seal_key(void *target, const char *argument, struct refusal *why);
static int set_audit_log(void *target, const char *argument, struct refusal *why);
static int set_listen(void *target, const char *argument, struct refusal *why);
static int set_metrics(void *target, const char *argument, struct refusal *why);
static int add_name(void *target, const char *argument, struct refusal *why);
static int set_region(void *target, const char *argument, struct refusal *why);
static int set_account(void *target, const char *argument, struct refusal *why);
static int add_resolver(void *target, const char *argument, struct refusal *why);
static int set_limit(void *target, const char *argument, struct refusal *why);
static int add_rate(void *target, const char *argument, struct refusal *why);
static int add_price(void *target, const char *argument, struct refusal *why);
static int set_currency(void *target, const char *argument, struct refusal *why);
static int set_plain_http(void *target, const char *argument, struct refusal *why);
static int set_log_level(void *target, const char *argument, struct refusal *why);
static int set_list_actions(void *target, const char *argument, struct refusal *why);
static int set_version(void *target, const char *argument, struct refusal *why);
static int set_help(void *target, const char *argument, struct refusal *why);
static int take_words(int argc, char **argv, struct configuration *configuration,
		      struct refusal *why);
static int take_job(struct configuration *configuration, const char *word, struct refusal *why);
static int check(const struct configuration *configuration, struct refusal *why);
static bool is_dns_name(const char *name);

static const struct option_row rows[] = {
	{"state", 's', "DIR", "directory of keys and store (/var/lib/tmirror)", set_state},
	{"store", 0, "WHERE",
	 "sqlite:PATH, postgresql://… (password in a file), or memory (sqlite:DIR/tmirror.sqlite)",
	 set_store},
	{"seal-key", 0, "FILE", "key that seals secrets in the store (DIR/seal.key)", set_seal_key},
	{"audit-log", 0, "FILE",
	 "write a record of each request to it, or to syslog; opened anew on SIGHUP",
	 set_audit_log},
	{"listen", 'l', "ADDRESS:PORT", "where to serve; port 0 takes a free one (127.0.0.1:8773)",
	 set_listen},
	{"metrics", 0, "ADDRESS:PORT", "where to answer Prometheus, without TLS (nowhere)",
	 set_metrics},
	{"name", 'n', "DNSNAME", "one more name for the server's certificate; repeatable",
	 add_name},
	{"region", 'r', "NAME", "region to be (us-east-1)", set_region},
	{"account", 'a', "ID", "12 digits (made at the first start, and kept)", set_account},
	{"resolver", 0, "ADDRESS",
	 "resolver of amazon-dns; repeatable (169.254.169.253, fd00:ec2::253)", add_resolver},
	{"limit", 0, "NAME=NUMBER",
	 "change a quota of all accounts, as in sessions-per-source=8; repeatable", set_limit},
	{"rate", 0, "ACTION=BURST/PER-SECOND",
	 "requests of an account, as in 'Describe*=200/50' or '*=unlimited'; repeatable", add_rate},
	{"price", 0, "[DAY=]AMOUNT",
	 "what an hour of a session costs, from that day on, as in 2027-01-01=0.02; repeatable "
	 "(0.015)",
	 add_price},
	{"currency", 0, "CODE", "of prices, as in EUR (USD)", set_currency},
	{"plain-http", 0, NULL, "serve without TLS, on a loopback address only", set_plain_http},
	{"log-level", 0, "LEVEL", "error, warning, info or debug (info)", set_log_level},
	{"list-actions", 0, NULL, "say what the API serves, an action a line, and exit",
	 set_list_actions},
	{"version", 'V', NULL, "say the version and exit", set_version},
	{"help", 'h', NULL, "say this and exit", set_help},
};

static const struct {
	enum job job;
	const char *name, *help;
} jobs[] = {
	{JOB_BACKUP, "backup", "write what the store holds to FILE, also while a controller runs"},
	{JOB_RESTORE, "restore",
	 "put a backup in the place of the store, which is kept; no controller may run"},
};

int configuration_parse(int argc, char **argv, struct configuration *ret_configuration,
			struct refusal *why)
{
	static const char *const resolvers[] = {"169.254.169.253", "fd00:ec2::253"};
	struct configuration configuration = {
		.state = "/var/lib/tmirror",
		.port = PORT_DEFAULT,
		.region = "us-east-1",
		.limits = LIMITS_DEFAULT,
		.prices = PRICE_LIST_DEFAULT,
		.log_level = LOG_LEVEL_INFO,
	};
	int r;

	(void)address_parse("127.0.0.1", &configuration.listen);
	r = take_words(argc, argv, &configuration, why);
	if (r != 0)
		return r;
	for (size_t i = 0; configuration.resolver_count == 0 && i < ARRAY_SIZE(resolvers); i++)
		(void)address_parse(resolvers[i], &configuration.resolvers[i]);
	if (configuration.resolver_count == 0)
		configuration.resolver_count = ARRAY_SIZE(resolvers);
	r = check(&configuration, why);
	if (r != 0)
		return r;
	*ret_configuration = configuration;
	return 0;
}

void configuration_help(void)
{
	printf("tmirror-controller: the API of Traffic Mirror, its store, and a plan for each "
	       "host\n\n");
	printf("Usage: tmirror-controller [OPTION]…\n");
	for (size_t i = 0; i < ARRAY_SIZE(jobs); i++)
		printf("       tmirror-controller [OPTION]… %s FILE\n           %s\n", jobs[i].name,
		       jobs[i].help);
	printf("\n");
	options_help(rows, ARRAY_SIZE(rows));
	printf("\nQuotas for --limit:");
	for (size_t i = 0; i < QUOTA_COUNT; i++)
		printf("%s %s", i > 0 ? "," : "", quota_name((enum quota)i));
	printf("\n");
}

void configuration_get_store(const struct configuration *configuration,
			     char ret_location[STORE_LOCATION_SIZE])
{
	if (configuration->store)
		(void)string_copy(ret_location, STORE_LOCATION_SIZE, configuration->store);
	else
		(void)snprintf(ret_location, STORE_LOCATION_SIZE, "sqlite:%s/tmirror.sqlite",
			       configuration->state);
}

bool address_is_loopback(const struct address *address)
{
	static const uint8_t ipv6[16] = {[15] = 1};

	if (address->family == 4)
		return address->bytes[0] == 127;
	return memcmp(address->bytes, ipv6, sizeof(ipv6)) == 0;
}

bool address_is_any(const struct address *address)
{
	static const uint8_t zero[16];

	return memcmp(address->bytes, zero, sizeof(zero)) == 0;
}

static int set_state(void *target, const char *argument, struct refusal *why)
{
	struct configuration *configuration = target;

	if (*argument == '\0')
		return refuse(why, 0, "option '--state' needs a directory");
	configuration->state = argument;
	return 0;
}

static int set_store(void *target, const char *argument, struct refusal *why)
{
	struct configuration *configuration = target;

	if (strcmp(argument, "memory") != 0 && strncmp(argument, "sqlite:", 7) != 0 &&
	    strncmp(argument, "postgresql://", 13) != 0)
		return refuse(why, 0,
			      "the store '%s' is neither 'sqlite:PATH', 'postgresql://…' nor "
			      "'memory'",
			      argument);
	configuration->store = argument;
	return 0;
}

static int set_seal_key(void *target, const char *argument, struct refusal *why)
{
	struct configuration *configuration = target;

	if (*argument == '\0')
		return refuse(why, 0, "option '--seal-key' needs a file");
	configuration->seal_key = argument;
	return 0;
}

static int set_audit_log(void *target, const char *argument, struct refusal *why)
{
	struct configuration *configuration = target;

	if (*argument == '\0')
		return refuse(why, 0, "option '--audit-log' needs a file, or 'syslog'");
	configuration->audit_log = argument;
	return 0;
}

static int set_listen(void *target, const char *argument, struct refusal *why)
{
	struct configuration *configuration = target;

	return option_parse_address(argument, &configuration->listen, &configuration->port, why);
}

static int set_metrics(void *target, const char *argument, struct refusal *why)
{
	struct configuration *configuration = target;

	return option_parse_address(argument, &configuration->metrics, &configuration->metrics_port,
				    why);
}

static int add_name(void *target, const char *argument, struct refusal *why)
{
	struct configuration *configuration = target;
	struct address address;

	if (!is_dns_name(argument) && !address_parse(argument, &address))
		return refuse(why, 0, "'%s' is not a DNS name", argument);
	if (configuration->name_count == CONFIGURATION_NAMES_MAX)
		return refuse(why, 0, "a certificate has room for %d names",
			      CONFIGURATION_NAMES_MAX);
	configuration->names[configuration->name_count++] = argument;
	return 0;
}

static int set_region(void *target, const char *argument, struct refusal *why)
{
	static const char characters[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
	struct configuration *configuration = target;
	size_t length = strlen(argument);

	if (length == 0 || length > 32 || argument[strspn(argument, characters)] != '\0')
		return refuse(why, 0,
			      "'%s' is not a region's name: up to 32 lower-case letters, digits "
			      "and '-'",
			      argument);
	configuration->region = argument;
	return 0;
}

static int set_account(void *target, const char *argument, struct refusal *why)
{
	struct configuration *configuration = target;

	if (strlen(argument) != 12 || strspn(argument, "0123456789") != 12)
		return refuse(why, 0, "'%s' is not an account id of 12 digits", argument);
	(void)string_copy(configuration->account.text, sizeof(configuration->account.text),
			  argument);
	return 0;
}

static int add_resolver(void *target, const char *argument, struct refusal *why)
{
	struct configuration *configuration = target;

	if (configuration->resolver_count == CONFIGURATION_RESOLVERS_MAX)
		return refuse(why, 0, "there may be %d resolvers", CONFIGURATION_RESOLVERS_MAX);
	if (!address_parse(argument, &configuration->resolvers[configuration->resolver_count]))
		return refuse(why, 0, "'%s' is not an IP address", argument);
	configuration->resolver_count++;
	return 0;
}

static int set_limit(void *target, const char *argument, struct refusal *why)
{
	struct configuration *configuration = target;
	size_t length = strcspn(argument, "=");
	unsigned long long number;
	enum quota quota;

	if (argument[length] != '=' ||
	    !string_to_unsigned(argument + length + 1, UINT32_MAX, &number))
		return refuse(why, 0, "'%s' is not of the form NAME=NUMBER", argument);
	if (!quota_parse(argument, length, &quota))
		return refuse(why, 0, "there is no limit '%.*s'", (int)length, argument);
	if (number > quota_maximum(quota))
		return refuse(why, 0, "the limit '%s' can be %u at most", quota_name(quota),
			      quota_maximum(quota));
	limits_set(&configuration->limits, quota, (uint32_t)number);
	return 0;
}

static int add_rate(void *target, const char *argument, struct refusal *why)
{
	struct configuration *configuration = target;
	int r;

	if (configuration->rate_count == CONFIGURATION_RATES_MAX)
		return refuse(why, 0, "there may be %d rates", CONFIGURATION_RATES_MAX);
	r = throttle_rate_parse(argument, &configuration->rates[configuration->rate_count], why);
	if (r == 0)
		configuration->rate_count++;
	return r;
}

static int add_price(void *target, const char *argument, struct refusal *why)
{
	struct configuration *configuration = target;

	return price_list_add(&configuration->prices, argument, why);
}

static int set_currency(void *target, const char *argument, struct refusal *why)
{
	struct configuration *configuration = target;

	return price_list_set_currency(&configuration->prices, argument, why);
}

static int set_plain_http(void *target, const char *argument, struct refusal *why)
{
	struct configuration *configuration = target;

	(void)argument;
	(void)why;
	configuration->plain_http = true;
	return 0;
}

static int set_log_level(void *target, const char *argument, struct refusal *why)
{
	return log_level_parse(argument, &((struct configuration *)target)->log_level, why);
}

static int set_list_actions(void *target, const char *argument, struct refusal *why)
{
	struct configuration *configuration = target;

	(void)argument;
	(void)why;
	configuration->list_actions = true;
	return 0;
}

static int set_version(void *target, const char *argument, struct refusal *why)
{
	struct configuration *configuration = target;

	(void)argument;
	(void)why;
	configuration->version = true;
	return 0;
}

static int set_help(void *target, const char *argument, struct refusal *why)
{
	struct configuration *configuration = target;

	(void)argument;
	(void)why;
	configuration->help = true;
	return 0;
}

/* Options may stand before, between and after the words. */
static int take_words(int argc, char **argv, struct configuration *configuration,
		      struct refusal *why)
{
	int next = 0, r = 0;

	while (r == 0 && argc > 0) {
		r = options_parse(rows, ARRAY_SIZE(rows), argc, argv, configuration, &next, why);
		argc -= next;
		argv += next;
		if (r == 0 && argc > 0)
			r = take_job(configuration, argv[0], why);
	}
	if (r == 0 && configuration->job != JOB_SERVE && !configuration->file)
		r = refuse(why, 0, "which FILE to %s is not said",
			   configuration->job == JOB_BACKUP ? "write" : "restore");
	return r;
}

/* The first word is what to do, the second with which file. */
static int take_job(struct configuration *configuration, const char *word, struct refusal *why)
{
	for (size_t i = 0; configuration->job == JOB_SERVE && i < ARRAY_SIZE(jobs); i++)
		if (strcmp(jobs[i].name, word) == 0) {
			configuration->job = jobs[i].job;
			return 0;
		}
	if (configuration->job == JOB_SERVE || configuration->file || *word == '\0')
		return refuse(why, 0, "unexpected argument '%s'", word);
	configuration->file = word;
	return 0;
}

/* Secrets are not sent in SigV4, but everything else is. */
static int check(const struct configuration *configuration, struct refusal *why)
{
	char text[ADDRESS_TEXT_SIZE];

	address_format(&configuration->listen, text);
	if (configuration->plain_http && !address_is_loopback(&configuration->listen))
		return refuse(why, 0, "'--plain-http' needs a loopback address, and %s is none",
			      text);
	return 0;
}

static bool is_dns_name(const char *name)
{
	static const char characters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
					 "0123456789-.";
	size_t length = strlen(name);

	return length > 0 && length <= 253 && name[strspn(name, characters)] == '\0' &&
	       name[0] != '-' && name[0] != '.';
}
