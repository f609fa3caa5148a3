// SPDX-License-Identifier: Apache-2.0
#include "agent/configuration.h"

#include "base/count.h"
#include "base/options.h"
#include "base/refusal.h"
#include "base/text.h"
#include "mirror/source.h"

#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#define MARK 0x746d6972 /* "tmir", on all we send. */

static void name_host(char ret_name[HOST_NAME_SIZE]);
static int set_credentials(void *target, const char *argument, struct refusal *why);
static int set_controller(void *target, const char *argument, struct refusal *why);
static int set_state(void *target, const char *argument, struct refusal *why);
static int set_host(void *target, const char *argument, struct refusal *why);
static int set_bpffs(void *target, const char *argument, struct refusal *why);
static int set_ring_size(void *target, const char *argument, struct refusal *why);
static int set_threads(void *target, const char *argument, struct refusal *why);
static int set_source_port(void *target, const char *argument, struct refusal *why);
static int set_attach(void *target, const char *argument, struct refusal *why);
static int set_metrics(void *target, const char *argument, struct refusal *why);
static int set_log_level(void *target, const char *argument, struct refusal *why);
static int set_detach(void *target, const char *argument, struct refusal *why);
static int set_version(void *target, const char *argument, struct refusal *why);
static int set_help(void *target, const char *argument, struct refusal *why);

static const struct option_row rows[] = {
	{"credentials", 'c', "FILE", "the controller's agent.env", set_credentials},
	{"controller", 0, "URL", "instead of the URL in the credentials", set_controller},
	{"state", 's', "DIR", "where the last plan is kept", set_state},
	{"host", 0, "NAME", "this host's name in the API", set_host},
	{"bpffs", 0, "DIR", "where programs, maps and rings are pinned", set_bpffs},
	{"ring-size", 0, "BYTES", "of each CPU's ring, when rings are made; else 64 MiB for all",
	 set_ring_size},
	{"threads", 0, "N", "that ship; more than one may change the order of a flow", set_threads},
	{"source-port", 0, "PORT", "first of the UDP source ports", set_source_port},
	{"attach", 0, "WAY", "auto, tcx or clsact", set_attach},
	{"metrics", 0, "ADDRESS:PORT", "where to answer Prometheus, without TLS; else nowhere",
	 set_metrics},
	{"log-level", 0, "LEVEL", "error, warning, info or debug", set_log_level},
	{"detach", 0, NULL, "remove all that agents left in the kernel, and end", set_detach},
	{"version", 0, NULL, "print the version", set_version},
	{"help", 'h', NULL, "print this", set_help},
};

int configuration_parse(int argc, char **argv, struct configuration *ret_configuration,
			struct refusal *why)
{
	int next, r;

	*ret_configuration = (struct configuration){
		.credentials = "/etc/tmirror/agent.env",
		.state = "/var/lib/tmirror-agent",
		.log_level = LOG_LEVEL_INFO,
		.mirroring.capture = {.directory = "/sys/fs/bpf/tmirror", .mark = MARK},
	};
	r = options_parse(rows, ARRAY_SIZE(rows), argc, argv, ret_configuration, &next, why);
	if (r == 0 && next < argc)
		r = refuse(why, 0, "unexpected argument '%s'", argv[next]);
	if (r == 0 && ret_configuration->host[0] == '\0')
		name_host(ret_configuration->host);
	return r;
}

void configuration_help(void)
{
	printf("Usage: tmirror-agent [OPTION]…\n"
	       "Copies the packets of this host's interfaces as the controller's plan says.\n\n");
	options_help(rows, ARRAY_SIZE(rows));
}

/* The host's name as the API shows it: of its characters the letters, digits, '-', '.' and '_'. */
static void name_host(char ret_name[HOST_NAME_SIZE])
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

static int set_credentials(void *target, const char *argument, struct refusal *why _unused_)
{
	((struct configuration *)target)->credentials = argument;
	return 0;
}

static int set_controller(void *target, const char *argument, struct refusal *why _unused_)
{
	((struct configuration *)target)->controller = argument;
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

	return option_parse_address(argument, &configuration->metrics, &configuration->metrics_port,
				    why);
}

static int set_log_level(void *target, const char *argument, struct refusal *why)
{
	return log_level_parse(argument, &((struct configuration *)target)->log_level, why);
}

static int set_detach(void *target, const char *argument _unused_, struct refusal *why _unused_)
{
	((struct configuration *)target)->detach = true;
	return 0;
}

static int set_version(void *target, const char *argument _unused_, struct refusal *why _unused_)
{
	((struct configuration *)target)->version = true;
	return 0;
}

static int set_help(void *target, const char *argument _unused_, struct refusal *why _unused_)
{
	((struct configuration *)target)->help = true;
	return 0;
}
