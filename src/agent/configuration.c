// SPDX-License-Identifier: Apache-2.0
#include "agent/configuration.h"

#include "agent/controllers.h"
#include "agent/manual.h"
#include "base/count.h"
#include "base/refusal.h"
#include "base/text.h"
#include "mirror/source.h"

#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#define MARK 0x746d6972 /* "tmir", on all we send. */

static int take(struct configuration *configuration, struct refusal *why);
static void print_help(void);
static int take_words(struct configuration *configuration, struct refusal *why);
static void tell_stuck(const struct setting_row *row);
static int set_credentials(void *target, const char *argument, struct refusal *why);
static int set_controller(void *target, const char *argument, struct refusal *why);
static int set_key_age(void *target, const char *argument, struct refusal *why);
static int set_state(void *target, const char *argument, struct refusal *why);
static int set_host(void *target, const char *argument, struct refusal *why);
static int set_bpffs(void *target, const char *argument, struct refusal *why);
static int set_ring_size(void *target, const char *argument, struct refusal *why);
static int set_threads(void *target, const char *argument, struct refusal *why);
static int set_source_port(void *target, const char *argument, struct refusal *why);
static int set_attach(void *target, const char *argument, struct refusal *why);
static int set_metrics(void *target, const char *argument, struct refusal *why);
static int set_report_interval(void *target, const char *argument, struct refusal *why);
static int set_log_level(void *target, const char *argument, struct refusal *why);

static const struct setting_row rows[] = {
	{"credentials", 'c', "FILE", "the controller's agent.env", set_credentials,
	 .standard = "/etc/tmirror/agent.env", .live = true, .secret = true,
	 .more = "It is read again on SIGHUP, also when only its content has changed."},
	{"controller", 0, "URL", "where the controller is, or several with commas", set_controller,
	 .otherwise = "as the credentials say", .live = true,
	 .more = "Of several the agent stays with one that works, and tries the next when it does "
		 "not."},
	{"key-age", 0, "TIME", "after which no key of this host's own is used any more",
	 set_key_age, .standard = "30d", .live = true,
	 .more = "As in 12h or 30d; 0 keeps it for good. The agent gets itself another after some "
		 "three fifths of "
		 "that time, and keeps it in its state directory. A key that the account's hosts "
		 "share "
		 "is not renewed."},
	{"state", 's', "DIR", "where the last plan is kept", set_state,
	 .standard = "/var/lib/tmirror-agent"},
	{"host", 0, "NAME", "this host's name in the API", set_host,
	 .otherwise = "the name that it was enrolled by, else the kernel's name for it"},
	{"bpffs", 0, "DIR", "where programs, maps and rings are pinned", set_bpffs,
	 .standard = "/sys/fs/bpf/tmirror"},
	{"ring-size", 0, "BYTES", "of each CPU's ring, when rings are made", set_ring_size,
	 .otherwise = "64 MiB for all CPUs together",
	 .more = "A power of two from 65536 to 1073741824. Rings that are there keep their size; "
		 "--detach removes them."},
	{"threads", 0, "N", "that ship; more than one may change the order of a flow", set_threads,
	 .standard = "1"},
	{"source-port", 0, "PORT", "first of the UDP source ports", set_source_port,
	 .otherwise = "eight ports beyond the kernel's ephemeral ones"},
	{"attach", 0, "WAY", "auto, tcx or clsact", set_attach, .standard = "auto",
	 .more = "What holds the program on a device: auto is tcx where the kernel has it (6.6), "
		 "else "
		 "clsact."},
	{"metrics", 0, "ADDRESS:PORT", "where to answer Prometheus, without TLS", set_metrics,
	 .otherwise = "nowhere"},
	{"report-interval", 0, "SECONDS", "from one report to the next", set_report_interval,
	 .standard = "2", .live = true,
	 .more = "From 1 to 30. News are told at once in any case; the interval is how old "
		 "counters "
		 "may be."},
	{"log-level", 0, "LEVEL", "error, warning, info or debug", set_log_level,
	 .standard = "info", .live = true},
	{"config", 0, "FILE", "where settings are", NULL, .standard = AGENT_FILE, .place = true,
	 .more = "This file must be there; the default one need not."},
	{"check-config", 0, NULL, "say what is wrong with the settings, and exit", NULL,
	 .action = true},
	{"show-config", 0, NULL, "print the settings in force and where they come from, and exit",
	 NULL, .action = true},
	{"sample-config", 0, NULL, "print a file of settings to begin with, and exit", NULL,
	 .action = true, .alone = true},
	{"detach", 0, NULL, "remove all that agents left in the kernel, and exit", NULL,
	 .action = true},
	{"manual", 0, "SECTION", "print the manual page, of the program (8) or of its file (5)",
	 NULL, .action = true, .alone = true},
	{"version", 0, NULL, "print the version, and exit", NULL, .action = true, .alone = true},
	{"help", 'h', NULL, "print this, and exit", NULL, .action = true, .alone = true},
};

static const struct settings_about about = {
	.program = "tmirror-agent",
	.environment = "TMIRROR_AGENT_",
	.file = AGENT_FILE,
	.does = "copies the packets of this host's interfaces as the controller's plan says",
	.synopsis = {"", "enrol", NULL},
	.rows = rows,
	.row_count = ARRAY_SIZE(rows),
	.description = agent_description,
	.example = agent_example,
	.signals = agent_signals,
	.statuses = agent_statuses,
	.files = agent_files,
	.see_also = ".BR tmirror (1),\n.BR tmirror-controller (8)",
};

int configuration_parse(int argc, char **argv, struct configuration *ret_configuration,
			struct refusal *why)
{
	int r;

	*ret_configuration = (struct configuration){};
	r = settings_read(&about, argc, argv, &ret_configuration->settings, why);
	if (r == 0)
		r = take(ret_configuration, why);
	if (r == 0)
		r = take_words(ret_configuration, why);
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
	int r = configuration_parse(settings->argc, settings->argv, &fresh, why);

	if (r != 0)
		return r;
	r = settings_renew(settings, &fresh.settings, tell_stuck);
	return r == 0 ? take(configuration, why) : r;
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

void configuration_name_host(char ret_name[HOST_NAME_SIZE])
{
	char name[HOST_NAME_MAX + 1] = "";
	size_t length = 0;

	if (gethostname(name, sizeof(name) - 1) < 0)
		name[0] = '\0';
	for (const char *c = name; *c && length < HOST_NAME_SIZE - 1; c++)
		if (isalnum((unsigned char)*c) || strchr("-._", *c))
			ret_name[length++] = *c;
	ret_name[length] = '\0';
	if (length == 0)
		(void)string_copy(ret_name, HOST_NAME_SIZE, "localhost");
}

/* Makes values of the settings. */
static int take(struct configuration *configuration, struct refusal *why)
{
	struct configuration taken = {
		.settings = configuration->settings,
		.mirroring.capture.mark = MARK,
	};
	int r = settings_apply(&taken.settings, &taken, sizeof(taken), why);

	if (r != 0)
		return r;
	*configuration = taken;
	return 0;
}

static void print_help(void)
{
	printf("Usage: tmirror-agent [OPTION]…\n"
	       "       tmirror-agent [OPTION]… enrol\n"
	       "Copies the packets of this host's interfaces as the controller's plan says; enrol\n"
	       "reads what 'tmirror host add' prints, and gets the host its key.\n\n");
	settings_help(&about);
}

static int take_words(struct configuration *configuration, struct refusal *why)
{
	const struct settings *settings = &configuration->settings;

	configuration->enrol = settings->word_count > 0 && strcmp(settings->words[0], "enrol") == 0;
	if (settings->word_count > configuration->enrol)
		return refuse(why, 0, "unexpected argument '%s'",
			      settings->words[configuration->enrol]);
	return 0;
}

static void tell_stuck(const struct setting_row *row)
{
	log_warning("'%s' is another in the settings now; it takes a restart of the agent",
		    row->name);
}

static int set_credentials(void *target, const char *argument, struct refusal *why _unused_)
{
	((struct configuration *)target)->credentials = argument;
	return 0;
}

/* A URL is shown to whoever asks for the settings. */
static int set_controller(void *target, const char *argument, struct refusal *why)
{
	struct controllers controllers;
	int r;

	if (strchr(argument, '@'))
		return refuse(why, 0, "the controller's URL has no user and no password in it");
	r = controllers_parse(argument, &controllers, why);
	if (r != 0)
		return r;
	((struct configuration *)target)->controller = argument;
	return 0;
}

static int set_key_age(void *target, const char *argument, struct refusal *why)
{
	static const struct {
		char letter;
		unsigned int seconds;
	} units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}};
	size_t length = strlen(argument);
	unsigned int unit = 0;
	unsigned long long number;
	char digits[16];

	for (size_t i = 0; length > 0 && i < ARRAY_SIZE(units); i++)
		if (argument[length - 1] == units[i].letter)
			unit = units[i].seconds;
	(void)snprintf(digits, sizeof(digits), "%.*s",
		       (int)MIN(length - (unit > 0), sizeof(digits)), argument);
	if (!string_to_unsigned(digits, 1000000, &number) || (unit == 0 && number != 0))
		return refuse(why, 0, "the age of a key is a number with s, m, h or d, not '%s'",
			      argument);
	((struct configuration *)target)->key_seconds = number * unit;
	return 0;
}

static int set_state(void *target, const char *argument, struct refusal *why _unused_)
{
	((struct configuration *)target)->state = argument;
	return 0;
}

static int set_host(void *target, const char *argument, struct refusal *why)
{
	struct configuration *configuration = target;

	if (!host_name_valid(argument) ||
	    !string_copy(configuration->host, sizeof(configuration->host), argument))
		return refuse(
			why, 0,
			"a host's name is of 1 to %d letters, digits, '-', '.' and '_', not '%s'",
			HOST_NAME_SIZE - 1, argument);
	return 0;
}

static int set_bpffs(void *target, const char *argument, struct refusal *why _unused_)
{
	((struct configuration *)target)->mirroring.capture.directory = argument;
	return 0;
}

static int set_number(const char *argument, const char *what, unsigned long long minimum,
		      unsigned long long maximum, unsigned long long *ret_value,
		      struct refusal *why)
{
	if (!string_to_unsigned(argument, maximum, ret_value) || *ret_value < minimum)
		return refuse(why, 0, "%s is a number from %llu to %llu, not '%s'", what, minimum,
			      maximum, argument);
	return 0;
}

static int set_ring_size(void *target, const char *argument, struct refusal *why)
{
	unsigned long long size;
	int r = set_number(argument, "a ring's size", 64 << 10, 1 << 30, &size, why);

	if (r == 0 && (size & (size - 1)) != 0)
		return refuse(why, 0, "a ring's size is a power of two, not %llu", size);
	if (r == 0)
		((struct configuration *)target)->mirroring.capture.ring_size = (uint32_t)size;
	return r;
}

static int set_threads(void *target, const char *argument, struct refusal *why)
{
	unsigned long long count;
	int r = set_number(argument, "the number of threads", 1, 1024, &count, why);

	if (r == 0)
		((struct configuration *)target)->mirroring.thread_count = (size_t)count;
	return r;
}

static int set_source_port(void *target, const char *argument, struct refusal *why)
{
	unsigned long long port;
	int r = set_number(argument, "the first source port", 1024, 65536 - SHIP_PORT_COUNT, &port,
			   why);

	if (r == 0)
		((struct configuration *)target)->mirroring.port_base = (uint16_t)port;
	return r;
}

static int set_attach(void *target, const char *argument, struct refusal *why)
{
	static const char *const names[] = {
		[CAPTURE_ATTACH_AUTOMATIC] = "auto",
		[CAPTURE_ATTACH_TCX] = "tcx",
		[CAPTURE_ATTACH_CLSACT] = "clsact",
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (strcmp(names[i], argument) != 0)
			continue;
		((struct configuration *)target)->mirroring.capture.attach = (enum capture_attach)i;
		return 0;
	}
	return refuse(why, 0, "'%s' is no way to attach: auto, tcx or clsact", argument);
}

static int set_metrics(void *target, const char *argument, struct refusal *why)
{
	struct configuration *configuration = target;

	return setting_parse_address(argument, &configuration->metrics,
				     &configuration->metrics_port, why);
}

static int set_report_interval(void *target, const char *argument, struct refusal *why)
{
	unsigned long long seconds;
	int r = set_number(argument, "the interval of reports", 1, 30, &seconds, why);

	if (r == 0)
		((struct configuration *)target)->report_seconds = (unsigned int)seconds;
	return r;
}

static int set_log_level(void *target, const char *argument, struct refusal *why)
{
	return log_level_parse(argument, &((struct configuration *)target)->log_level, why);
}
