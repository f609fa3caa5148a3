// SPDX-License-Identifier: Apache-2.0
#include "controller/configuration.h"

#include "base/count.h"
#include "base/refusal.h"
#include "base/text.h"
#include "controller/manual.h"

#include <stdio.h>
#include <string.h>

static int set_state(void *target, const char *argument, struct refusal *why);
static int set_store(void *target, const char *argument, struct refusal *why);
static int set_seal_key(void *target, const char *argument, struct refusal *why);
static int set_certificate(void *target, const char *argument, struct refusal *why);
static int set_certificate_key(void *target, const char *argument, struct refusal *why);
static int set_authority(void *target, const char *argument, struct refusal *why);
static int set_audit_log(void *target, const char *argument, struct refusal *why);
static int set_listen(void *target, const char *argument, struct refusal *why);
static int set_metrics(void *target, const char *argument, struct refusal *why);
static int set_connections(void *target, const char *argument, struct refusal *why);
static int set_connections_per_address(void *target, const char *argument, struct refusal *why);
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
static int take(struct configuration *configuration, struct refusal *why);
static void tell_stuck(const struct setting_row *row);
static void print_help(void);
static int take_words(struct configuration *configuration, struct refusal *why);
static int take_job(struct configuration *configuration, const char *word, struct refusal *why);
static int check(const struct configuration *configuration, struct refusal *why);
static bool is_dns_name(const char *name);

static const struct setting_row rows[] = {
	{"state", 's', "DIR", "directory of keys and store", set_state,
	 .standard = "/var/lib/tmirror"},
	{"store", 0, "WHERE", "sqlite:PATH, postgresql://…, or memory", set_store,
	 .otherwise = "sqlite:DIR/tmirror.sqlite in the state directory",
	 .more = "A URI of PostgreSQL is as libpq takes it, but has no password in it: that stands "
		 "in "
		 "~/.pgpass, or in the file that passfile= or PGPASSFILE names."},
	{"seal-key", 0, "FILE", "key that seals secrets in the store", set_seal_key,
	 .otherwise = "seal.key in the state directory, made at the first start", .secret = true,
	 .more = "Without a copy of it, backups of the store are of no use."},
	{"certificate", 0, "FILE", "certificate of the server and its chain, in PEM",
	 set_certificate, .otherwise = "one by the controller's own authority", .live = true,
	 .more = "It is read again on SIGHUP and every day, also when only its content has "
		 "changed."},
	{"certificate-key", 0, "FILE", "key of that certificate, in PEM", set_certificate_key,
	 .otherwise = "with a certificate of the controller's own, its own", .live = true,
	 .secret = true},
	{"authority", 0, "FILE",
	 "what clients trust, if they do not know that certificate's authority", set_authority,
	 .otherwise = "what their system trusts", .live = true,
	 .more = "It is named in the files that clients and agents read."},
	{"audit-log", 0, "FILE", "write a record of each request to it, or to syslog",
	 set_audit_log, .otherwise = "no records", .more = "It is opened anew on SIGHUP."},
	{"listen", 'l', "ADDRESS:PORT", "where to serve; port 0 takes a free one", set_listen,
	 .standard = "127.0.0.1:8773"},
	{"connections", 0, "N", "that may be open at a time; an agent keeps two", set_connections,
	 .standard = "4096", .more = "From 64 to 60000, as far as the limit of open files goes."},
	{"connections-per-address", 0, "N", "of these, from one address",
	 set_connections_per_address, .standard = "512",
	 .more = "Behind a load balancer that hides who asks, all agents share its addresses."},
	{"metrics", 0, "ADDRESS:PORT", "where to answer Prometheus, without TLS", set_metrics,
	 .otherwise = "nowhere"},
	{"name", 'n', "DNSNAME", "one more name for the server's certificate", add_name,
	 .repeated = true, .live = true},
	{"region", 'r', "NAME", "region to be", set_region, .standard = "us-east-1"},
	{"account", 'a', "ID", "the first account's id, 12 digits", set_account,
	 .otherwise = "made at the first start, and kept"},
	{"resolver", 0, "ADDRESS", "resolver of amazon-dns", add_resolver,
	 .standard = "169.254.169.253 fd00:ec2::253", .repeated = true},
	{"limit", 0, "NAME=NUMBER", "change a quota of all accounts, as in sessions-per-source=8",
	 set_limit, .repeated = true, .more = "--help lists the names."},
	{"rate", 0, "ACTION=BURST/PER-SECOND",
	 "requests of an account, as in 'Describe*=200/50' or '*=unlimited'", add_rate,
	 .repeated = true},
	{"price", 0, "[DAY=]AMOUNT",
	 "what an hour of a session costs, from that day on, as in 2027-01-01=0.02", add_price,
	 .otherwise = "0.015", .repeated = true},
	{"currency", 0, "CODE", "of prices, as in EUR", set_currency, .standard = "USD"},
	{"plain-http", 0, NULL, "serve without TLS, on a loopback address only", set_plain_http,
	 .standard = "no"},
	{"log-level", 0, "LEVEL", "error, warning, info or debug", set_log_level,
	 .standard = "info", .live = true},
	{"config", 0, "FILE", "where settings are", NULL, .standard = CONTROLLER_FILE,
	 .place = true, .more = "This file must be there; the default one need not."},
	{"check-config", 0, NULL, "say what is wrong with the settings, and exit", NULL,
	 .action = true},
	{"show-config", 0, NULL, "print the settings in force and where they come from, and exit",
	 NULL, .action = true},
	{"sample-config", 0, NULL, "print a file of settings to begin with, and exit", NULL,
	 .action = true, .alone = true},
	{"list-actions", 0, NULL, "say what the API serves, an action a line, and exit", NULL,
	 .action = true, .alone = true},
	{"manual", 0, "SECTION", "print the manual page, of the program (8) or of its file (5)",
	 NULL, .action = true, .alone = true},
	{"version", 'V', NULL, "say the version and exit", NULL, .action = true, .alone = true},
	{"help", 'h', NULL, "say this and exit", NULL, .action = true, .alone = true},
};

static const struct settings_about about = {
	.program = "tmirror-controller",
	.environment = "TMIRROR_CONTROLLER_",
	.file = CONTROLLER_FILE,
	.does = "the API of Traffic Mirror, its store, and a plan for each host",
	.synopsis = {"", "backup FILE", "restore FILE", "migrate FROM TO", NULL},
	.rows = rows,
	.row_count = ARRAY_SIZE(rows),
	.description = controller_description,
	.example = controller_example,
	.signals = controller_signals,
	.statuses = controller_statuses,
	.files = controller_files,
	.see_also = ".BR tmirror (1),\n.BR tmirror-agent (8)",
};

static const struct {
	enum job job;
	const char *name, *words;
	size_t word_count;
	const char *help;
} jobs[] = {
	{JOB_BACKUP, "backup", "FILE", 1,
	 "write what the store holds to FILE, also while a controller runs"},
	{JOB_RESTORE, "restore", "FILE", 1,
	 "put a backup in the place of the store, which is kept; no controller may run"},
	{JOB_MIGRATE, "migrate", "FROM TO", 2,
	 "carry everything from one store into an empty one, as in sqlite:PATH and postgresql://…; "
	 "no "
	 "controller may run"},
};

int configuration_parse(int argc, char **argv, struct configuration *ret_configuration,
			struct refusal *why)
{
	int r;

	*ret_configuration = (struct configuration){};
	r = settings_read(&about, argc, argv, &ret_configuration->settings, why);
	if (r == 0)
		r = take(ret_configuration, why);
	return r == 0 ? settings_check_secrets(&ret_configuration->settings, why) : r;
}

void configuration_fini(struct configuration *configuration)
{
	settings_fini(&configuration->settings);
}

int configuration_renew(struct configuration *configuration, struct refusal *why)
{
	_cleanup_configuration_ struct configuration fresh = {};
	struct settings *settings = &configuration->settings;
	const uint16_t port = configuration->port;
	int r = configuration_parse(settings->argc, settings->argv, &fresh, why);

	if (r != 0)
		return r;
	r = settings_renew(settings, &fresh.settings, tell_stuck);
	if (r == 0)
		r = take(configuration, why);
	configuration->port = port;
	return r;
}

bool configuration_says(const struct configuration *configuration, const char *action)
{
	return settings_says(&configuration->settings, action);
}

bool configuration_is_printed(const struct configuration *configuration)
{
	return settings_are_printed(&configuration->settings);
}

int configuration_print(const struct configuration *configuration, struct refusal *why)
{
	return settings_print(&configuration->settings, print_help, why);
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

static int set_certificate(void *target, const char *argument, struct refusal *why)
{
	struct configuration *configuration = target;

	if (*argument == '\0')
		return refuse(why, 0, "option '--certificate' needs a file");
	configuration->certificate = argument;
	return 0;
}

static int set_certificate_key(void *target, const char *argument, struct refusal *why)
{
	struct configuration *configuration = target;

	if (*argument == '\0')
		return refuse(why, 0, "option '--certificate-key' needs a file");
	configuration->certificate_key = argument;
	return 0;
}

static int set_authority(void *target, const char *argument, struct refusal *why)
{
	struct configuration *configuration = target;

	if (*argument != '/')
		return refuse(
			why, 0,
			"the authority '%s' is no absolute path, as its readers run elsewhere",
			argument);
	configuration->authority = argument;
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

	return setting_parse_address(argument, &configuration->listen, &configuration->port, why);
}

static int set_metrics(void *target, const char *argument, struct refusal *why)
{
	struct configuration *configuration = target;

	return setting_parse_address(argument, &configuration->metrics,
				     &configuration->metrics_port, why);
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

static int set_connection_count(const char *argument, unsigned long long lowest,
				unsigned int *ret_count, struct refusal *why)
{
	unsigned long long count;

	if (!string_to_unsigned(argument, CONFIGURATION_CONNECTIONS_MAX, &count) || count < lowest)
		return refuse(why, 0, "'%s' is not a number of connections from %llu to %d",
			      argument, lowest, CONFIGURATION_CONNECTIONS_MAX);
	*ret_count = (unsigned int)count;
	return 0;
}

static int set_connections(void *target, const char *argument, struct refusal *why)
{
	struct configuration *configuration = target;

	return set_connection_count(argument, CONFIGURATION_CONNECTIONS_MIN,
				    &configuration->connections, why);
}

static int set_connections_per_address(void *target, const char *argument, struct refusal *why)
{
	struct configuration *configuration = target;

	return set_connection_count(argument, 1, &configuration->connections_per_address, why);
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

	return setting_parse_switch(argument, &configuration->plain_http, why);
}

static int set_log_level(void *target, const char *argument, struct refusal *why)
{
	return log_level_parse(argument, &((struct configuration *)target)->log_level, why);
}

/* Makes values of the settings. */
static int take(struct configuration *configuration, struct refusal *why)
{
	struct configuration taken = {
		.settings = configuration->settings,
		.limits = LIMITS_DEFAULT,
		.prices = PRICE_LIST_DEFAULT,
	};
	int r = settings_apply(&taken.settings, &taken, sizeof(taken), why);

	if (r == 0)
		r = take_words(&taken, why);
	if (r == 0)
		r = check(&taken, why);
	if (r == 0)
		*configuration = taken;
	return r;
}

static void tell_stuck(const struct setting_row *row)
{
	log_warning("'%s' is another in the settings now; it takes a restart of the controller",
		    row->name);
}

static void print_help(void)
{
	printf("tmirror-controller: the API of Traffic Mirror, its store, and a plan for each "
	       "host\n\n");
	printf("Usage: tmirror-controller [OPTION]…\n");
	for (size_t i = 0; i < ARRAY_SIZE(jobs); i++)
		printf("       tmirror-controller [OPTION]… %s %s\n           %s\n", jobs[i].name,
		       jobs[i].words, jobs[i].help);
	printf("\n");
	settings_help(&about);
	printf("\nQuotas for --limit:");
	for (size_t i = 0; i < QUOTA_COUNT; i++)
		printf("%s %s", i > 0 ? "," : "", quota_name((enum quota)i));
	printf("\n");
}

static int take_words(struct configuration *configuration, struct refusal *why)
{
	const struct settings *settings = &configuration->settings;
	int r = 0;

	for (size_t i = 0; r == 0 && i < settings->word_count; i++)
		r = take_job(configuration, settings->words[i], why);
	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(jobs); i++)
		if (configuration->job == jobs[i].job &&
		    configuration->word_count < jobs[i].word_count)
			r = refuse(why, 0, "'%s' takes %s, and not all of it is said", jobs[i].name,
				   jobs[i].words);
	return r;
}

/* The first word is what to do, the others with what. */
static int take_job(struct configuration *configuration, const char *word, struct refusal *why)
{
	for (size_t i = 0; configuration->job == JOB_SERVE && i < ARRAY_SIZE(jobs); i++)
		if (strcmp(jobs[i].name, word) == 0) {
			configuration->job = jobs[i].job;
			return 0;
		}
	for (size_t i = 0; *word != '\0' && i < ARRAY_SIZE(jobs); i++)
		if (configuration->job == jobs[i].job &&
		    configuration->word_count < jobs[i].word_count) {
			configuration->words[configuration->word_count++] = word;
			return 0;
		}
	return refuse(why, 0, "unexpected argument '%s'", word);
}

/* Secrets are not sent in SigV4, but everything else is. */
static int check(const struct configuration *configuration, struct refusal *why)
{
	char text[ADDRESS_TEXT_SIZE];

	address_format(&configuration->listen, text);
	if (configuration->plain_http && !address_is_loopback(&configuration->listen))
		return refuse(why, 0, "'--plain-http' needs a loopback address, and %s is none",
			      text);
	if (!configuration->certificate != !configuration->certificate_key)
		return refuse(why, 0,
			      "'certificate' and 'certificate-key' go together; '%s' is not set",
			      configuration->certificate ? "certificate-key" : "certificate");
	if (configuration->authority && !configuration->certificate)
		return refuse(why, 0, "'authority' goes with 'certificate', which is not set");
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
