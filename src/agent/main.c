// SPDX-License-Identifier: Apache-2.0
/* tmirror-agent: on every host, makes the kernel match the plan and ships the copies.
 *
 * One thread decides (this loop), two speak with the controller (uplink.c), the others ship.  The loop wakes up for a
 * new plan, for a change of links or addresses, for the clock, and for a signal; each time it makes things so and
 * says how they are. */
#include "agent/mirroring.h"
#include "agent/privilege.h"
#include "agent/uplink.h"
#include "base/clock.h"
#include "base/count.h"
#include "base/file.h"
#include "base/log.h"
#include "base/notify.h"
#include "base/options.h"
#include "base/refusal.h"
#include "base/text.h"
#include "sigv4/credentials.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>

#define TICK_SECONDS      1   /* Counters are looked at, and what others took away is mended. */
#define REPORT_SECONDS    2   /* Counters are reported. */
#define INVENTORY_SECONDS 300 /* The whole inventory is reported, changed or not. */

struct settings {
	const char *credentials; /* File. */
	const char *controller;  /* URL; NULL: as the credentials say. */
	const char *state;       /* Directory. */
	char host[HOST_NAME_SIZE];
	enum log_level log_level;
	bool detach, help, version;
	struct mirroring_options mirroring;
};

struct agent {
	struct settings settings;
	struct mirroring *mirroring;
	struct uplink *uplink;
	int links;                     /* Netlink socket: links and addresses. */
	int ticks;                     /* Timer. */
	int signals;                   /* SIGTERM, SIGINT. */
	uint64_t inventory_generation; /* Grows with every change of the interfaces. */
	uint64_t reported_at;          /* Monotonic. */
	uint64_t inventory_at;         /* Monotonic; when the whole was last sent. */
};

static const struct option_row rows[];
static const size_t row_count;

static int run(struct agent *agent, struct refusal *why);
static int prepare(struct agent *agent, struct refusal *why);
static int serve(struct agent *agent);

static void agent_fini(struct agent *agent)
{
	uplink_free(agent->uplink);
	mirroring_free(agent->mirroring);
	closep(&agent->links);
	closep(&agent->ticks);
	closep(&agent->signals);
}

int main(int argc, char **argv)
{
	_cleanup_(agent_fini) struct agent agent = {
		.links = -1,
		.ticks = -1,
		.signals = -1,
		.inventory_generation = 1,
		.settings =
			{
				.credentials = "/etc/tmirror/agent.env",
				.state = "/var/lib/tmirror-agent",
				.log_level = LOG_LEVEL_INFO,
				.mirroring.capture =
					{
						.directory = "/sys/fs/bpf/tmirror",
						.mark = 0x746d6972, /* "tmir" */
					},
			},
	};
	struct refusal why = {};
	int next, r;

	r = options_parse(rows, row_count, argc, argv, &agent.settings, &next, &why);
	if (r == 0 && next < argc)
		r = refuse(&why, 0, "unexpected argument '%s'", argv[next]);
	if (r != 0) {
		(void)fprintf(stderr, "tmirror-agent: %s\n", r < 0 ? strerror(-r) : why.text);
		return 2;
	}
	if (agent.settings.version) {
		printf("tmirror-agent %s\n", TMIRROR_VERSION);
		return 0;
	}
	if (agent.settings.help) {
		printf("Usage: tmirror-agent [OPTION]…\n"
		       "Copies the packets of this host's interfaces as the controller's plan "
		       "says.\n\n");
		options_help(rows, row_count);
		return 0;
	}
	log_open("tmirror-agent", agent.settings.log_level);
	r = agent.settings.detach ? capture_detach(agent.settings.mirroring.capture.directory, &why)
				  : run(&agent, &why);
	if (r != 0)
		log_error("%s", r < 0 ? strerror(-r) : why.text);
	return r == 0 ? 0 : 1;
}

static int run(struct agent *agent, struct refusal *why)
{
	int r = prepare(agent, why);

	if (r != 0)
		return r;
	notify_manager("READY=1");
	log_info("watching the interfaces of host %s", agent->settings.host);
	r = serve(agent);
	notify_manager("STOPPING=1");
	log_info("stopping; what is being copied stays in the rings for the next agent");
	return r;
}

/* The host's name as the API shows it: the first label's letters, digits, '-', '.' and '_'. */
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

static int open_timer(int *ret_descriptor)
{
	const struct itimerspec every = {{TICK_SECONDS, 0}, {TICK_SECONDS, 0}};
	_cleanup_close_ int descriptor =
		timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);

	if (descriptor < 0 || timerfd_settime(descriptor, 0, &every, NULL) < 0)
		return -errno;
	*ret_descriptor = TAKE_FD(descriptor);
	return 0;
}

/* Blocks the signals before any thread exists, so that all inherit it. */
static int open_signals(int *ret_descriptor)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -errno;
	*ret_descriptor = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return *ret_descriptor < 0 ? -errno : 0;
}

static int plan_path(const struct agent *agent, char *ret_path, size_t size)
{
	int length = snprintf(ret_path, size, "%s/plan.json", agent->settings.state);

	return length < 0 || (size_t)length >= size ? -ENAMETOOLONG : 0;
}

/* Goes on by the last plan; the controller's word comes when it answers. */
static void load_plan(struct agent *agent)
{
	_cleanup_free_ char *json = NULL;
	struct plan *plan = NULL;
	struct refusal why = {};
	char path[PATH_MAX];
	size_t size;
	int r = plan_path(agent, path, sizeof(path));

	if (r == 0)
		r = file_read(path, PLAN_SIZE_MAX, &json, &size);
	if (r == -ENOENT)
		return;
	if (r == 0)
		r = plan_decode(json, size, &plan, &why);
	if (r != 0) {
		log_warning("cannot use the saved plan %s: %s", path,
			    r < 0 ? strerror(-r) : why.text);
		return;
	}
	log_info("going on by saved plan %llu", (unsigned long long)plan->revision);
	mirroring_set_plan(agent->mirroring, plan);
}

static int read_credentials(const struct settings *settings, struct credentials *ret_credentials,
			    struct refusal *why)
{
	int r = credentials_read(settings->credentials, ret_credentials, why);

	if (r < 0)
		return refuse(why, 0, "cannot read the credentials %s: %s", settings->credentials,
			      strerror(-r));
	if (r == 0 && settings->controller &&
	    !string_copy(ret_credentials->endpoint, sizeof(ret_credentials->endpoint),
			 settings->controller))
		return refuse(why, 0, "the controller's URL is too long");
	return r;
}

static int prepare(struct agent *agent, struct refusal *why)
{
	struct settings *settings = &agent->settings;
	struct credentials credentials = {};
	int r;

	if (settings->host[0] == '\0')
		name_host(settings->host);
	r = read_credentials(settings, &credentials, why);
	if (r != 0)
		return r;
	r = directory_make(settings->state, 0700);
	if (r < 0)
		return refuse(why, 0, "cannot make the state directory %s: %s", settings->state,
			      strerror(-r));
	privilege_mount_bpffs(settings->mirroring.capture.directory);
	r = privilege_keep_for_loading(why);
	if (r == 0)
		r = open_signals(&agent->signals);
	if (r == 0)
		r = open_timer(&agent->ticks);
	if (r == 0)
		r = inventory_watch(&agent->links);
	if (r == 0)
		r = mirroring_open(&settings->mirroring, &agent->mirroring, why);
	if (r == 0)
		r = privilege_drop(why);
	if (r != 0)
		return r;
	load_plan(agent);
	return uplink_open(&(struct uplink_options){&credentials, settings->host}, &agent->uplink,
			   why);
}

static void save_plan(const struct agent *agent, const char *json)
{
	char path[PATH_MAX];
	int r = plan_path(agent, path, sizeof(path));

	if (r == 0)
		r = file_replace(path, json, strlen(json), 0600);
	if (r < 0)
		log_limited(LOG_LEVEL_ERROR, "cannot save the plan in %s: %s",
			    agent->settings.state, strerror(-r));
}

/* Applies first and saves afterwards: the disk may be slow, and a plan that was not saved comes again. */
static void take_plan(struct agent *agent)
{
	_cleanup_free_ char *json = NULL;
	struct plan *plan = uplink_take_plan(agent->uplink, &json);

	if (!plan)
		return;
	log_debug("plan %llu: %zu sessions", (unsigned long long)plan->revision,
		  plan->session_count);
	mirroring_set_plan(agent->mirroring, plan);
	agent->reported_at = 0;
	save_plan(agent, json);
}

static void send_report(struct agent *agent, uint64_t now)
{
	_cleanup_(report_fini) struct report report = {};
	bool whole = uplink_get_confirmed_inventory(agent->uplink) != agent->inventory_generation ||
		     now - agent->inventory_at >= INVENTORY_SECONDS * NSEC_PER_SEC;
	int r = mirroring_report(agent->mirroring, whole, &report);

	if (r == 0) {
		(void)string_copy(report.version, sizeof(report.version), TMIRROR_VERSION);
		r = uplink_send_report(agent->uplink, &report,
				       whole ? agent->inventory_generation : 0);
	}
	if (r < 0) {
		log_limited(LOG_LEVEL_ERROR, "cannot report: %s", strerror(-r));
		return;
	}
	agent->reported_at = now;
	if (whole)
		agent->inventory_at = now;
}

static int serve(struct agent *agent)
{
	for (;;) {
		struct pollfd ready[] = {
			{agent->signals, POLLIN, 0},
			{uplink_get_descriptor(agent->uplink), POLLIN, 0},
			{agent->links, POLLIN, 0},
			{agent->ticks, POLLIN, 0},
		};
		uint64_t expirations, now;

		if (poll(ready, ARRAY_SIZE(ready), -1) < 0 && errno != EINTR)
			return -errno;
		if (ready[0].revents)
			return 0;
		if (ready[1].revents)
			take_plan(agent);
		if (ready[2].revents) {
			inventory_drain(agent->links);
			if (mirroring_refresh(agent->mirroring)) {
				agent->inventory_generation++;
				agent->reported_at = 0;
			}
		}
		if (ready[3].revents && read(agent->ticks, &expirations, sizeof(expirations)) > 0)
			mirroring_apply(agent->mirroring);
		now = clock_monotonic();
		if (agent->reported_at == 0 ||
		    now - agent->reported_at >= REPORT_SECONDS * NSEC_PER_SEC)
			send_report(agent, now);
	}
}

/* --- options ---------------------------------------------------------------------------------------------- */

static int set_credentials(void *target, const char *argument, struct refusal *why _unused_)
{
	((struct settings *)target)->credentials = argument;
	return 0;
}

static int set_controller(void *target, const char *argument, struct refusal *why _unused_)
{
	((struct settings *)target)->controller = argument;
	return 0;
}

static int set_state(void *target, const char *argument, struct refusal *why _unused_)
{
	((struct settings *)target)->state = argument;
	return 0;
}

static int set_host(void *target, const char *argument, struct refusal *why)
{
	struct settings *settings = target;

	for (const char *c = argument; *c; c++)
		if (!isalnum((unsigned char)*c) && !strchr("-._", *c))
			return refuse(
				why, 0,
				"a host's name has letters, digits, '-', '.' and '_', not '%s'",
				argument);
	if (argument[0] == '\0' || !string_copy(settings->host, sizeof(settings->host), argument))
		return refuse(why, 0, "a host's name has 1 to %d characters", HOST_NAME_SIZE - 1);
	return 0;
}

static int set_bpffs(void *target, const char *argument, struct refusal *why _unused_)
{
	((struct settings *)target)->mirroring.capture.directory = argument;
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
		((struct settings *)target)->mirroring.capture.ring_size = (uint32_t)size;
	return r;
}

static int set_threads(void *target, const char *argument, struct refusal *why)
{
	unsigned long long count;
	int r = set_number(argument, "the number of threads", 1, 1024, &count, why);

	if (r == 0)
		((struct settings *)target)->mirroring.thread_count = (size_t)count;
	return r;
}

static int set_source_port(void *target, const char *argument, struct refusal *why)
{
	unsigned long long port;
	int r = set_number(argument, "the first source port", 1024, 65536 - SHIP_PORT_COUNT, &port,
			   why);

	if (r == 0)
		((struct settings *)target)->mirroring.port_base = (uint16_t)port;
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
		((struct settings *)target)->mirroring.capture.attach = (enum capture_attach)i;
		return 0;
	}
	return refuse(why, 0, "'%s' is no way to attach: auto, tcx or clsact", argument);
}

static int set_log_level(void *target, const char *argument, struct refusal *why)
{
	static const char *const names[] = {
		[LOG_LEVEL_ERROR] = "error",
		[LOG_LEVEL_WARNING] = "warning",
		[LOG_LEVEL_INFO] = "info",
		[LOG_LEVEL_DEBUG] = "debug",
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (strcmp(names[i], argument) != 0)
			continue;
		((struct settings *)target)->log_level = (enum log_level)i;
		return 0;
	}
	return refuse(why, 0, "'%s' is no log level: error, warning, info or debug", argument);
}

static int set_detach(void *target, const char *argument _unused_, struct refusal *why _unused_)
{
	((struct settings *)target)->detach = true;
	return 0;
}

static int set_version(void *target, const char *argument _unused_, struct refusal *why _unused_)
{
	((struct settings *)target)->version = true;
	return 0;
}

static int set_help(void *target, const char *argument _unused_, struct refusal *why _unused_)
{
	((struct settings *)target)->help = true;
	return 0;
}

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
	{"log-level", 0, "LEVEL", "error, warning, info or debug", set_log_level},
	{"detach", 0, NULL, "remove all that agents left in the kernel, and end", set_detach},
	{"version", 0, NULL, "print the version", set_version},
	{"help", 'h', NULL, "print this", set_help},
};
static const size_t row_count = ARRAY_SIZE(rows);
