// SPDX-License-Identifier: Apache-2.0
/* tmirror-agent: on every host, makes the kernel match the plan and ships the copies.
 *
 * One thread decides (this loop), two speak with the controller (uplink.c), the others ship.  The loop wakes up for a
 * new plan, for a change of links or addresses, for the clock, and for a signal; each time it makes things so and
 * says how they are. */
#include "agent/configuration.h"
#include "agent/mirroring.h"
#include "agent/privilege.h"
#include "agent/uplink.h"
#include "base/clock.h"
#include "base/count.h"
#include "base/file.h"
#include "base/log.h"
#include "base/notify.h"
#include "base/refusal.h"
#include "base/text.h"
#include "sigv4/credentials.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>

#define TICK_SECONDS      1   /* Counters are looked at, and what others took away is mended. */
#define REPORT_SECONDS    2   /* Counters are reported, at the tick that is nearest. */
#define INVENTORY_SECONDS 300 /* The whole inventory is reported, changed or not. */

struct agent {
	struct configuration configuration;
	struct mirroring *mirroring;
	struct uplink *uplink;
	int links;                     /* Netlink socket: links and addresses. */
	int ticks;                     /* Timer. */
	int signals;                   /* SIGTERM, SIGINT. */
	uint64_t inventory_generation; /* Grows with every change of the interfaces. */
	uint64_t reported_at;          /* Monotonic. */
	uint64_t inventory_at;         /* Monotonic; when the whole was last sent. */
};

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
	};
	struct configuration *configuration = &agent.configuration;
	struct refusal why = {};
	int r = configuration_parse(argc, argv, configuration, &why);

	if (r != 0) {
		(void)fprintf(stderr, "tmirror-agent: %s\n", r < 0 ? strerror(-r) : why.text);
		return 2;
	}
	if (configuration->version) {
		printf("tmirror-agent %s\n", TMIRROR_VERSION);
		return 0;
	}
	if (configuration->help) {
		configuration_help();
		return 0;
	}
	log_open("tmirror-agent", configuration->log_level);
	r = configuration->detach ? capture_detach(configuration->mirroring.capture.directory, &why)
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
	log_info("watching the interfaces of host %s", agent->configuration.host);
	r = serve(agent);
	notify_manager("STOPPING=1");
	log_info("stopping; what is being copied stays in the rings for the next agent");
	return r;
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
	int length = snprintf(ret_path, size, "%s/plan.json", agent->configuration.state);

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

static int read_credentials(const struct configuration *configuration,
			    struct credentials *ret_credentials, struct refusal *why)
{
	int r = credentials_read(configuration->credentials, ret_credentials, why);

	if (r < 0)
		return refuse(why, 0, "cannot read the credentials %s: %s",
			      configuration->credentials, strerror(-r));
	if (r == 0 && configuration->controller &&
	    !string_copy(ret_credentials->endpoint, sizeof(ret_credentials->endpoint),
			 configuration->controller))
		return refuse(why, 0, "the controller's URL is too long");
	return r;
}

static int prepare(struct agent *agent, struct refusal *why)
{
	struct configuration *configuration = &agent->configuration;
	struct credentials credentials = {};
	int r;

	r = read_credentials(configuration, &credentials, why);
	if (r != 0)
		return r;
	r = directory_make(configuration->state, 0700);
	if (r < 0)
		return refuse(why, 0, "cannot make the state directory %s: %s",
			      configuration->state, strerror(-r));
	privilege_mount_bpffs(configuration->mirroring.capture.directory);
	r = privilege_keep_for_loading(why);
	if (r == 0)
		r = open_signals(&agent->signals);
	if (r == 0)
		r = open_timer(&agent->ticks);
	if (r == 0)
		r = inventory_watch(&agent->links);
	if (r == 0)
		r = mirroring_open(&configuration->mirroring, &agent->mirroring, why);
	if (r == 0)
		r = privilege_drop(why);
	if (r != 0)
		return r;
	load_plan(agent);
	return uplink_open(&(struct uplink_options){&credentials, configuration->host},
			   &agent->uplink, why);
}

static void save_plan(const struct agent *agent, const char *json)
{
	char path[PATH_MAX];
	int r = plan_path(agent, path, sizeof(path));

	if (r == 0)
		r = file_replace(path, json, strlen(json), 0600);
	if (r < 0)
		log_limited(LOG_LEVEL_ERROR, "cannot save the plan in %s: %s",
			    agent->configuration.state, strerror(-r));
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
		    now - agent->reported_at + TICK_SECONDS * NSEC_PER_SEC / 2 >=
			    REPORT_SECONDS * NSEC_PER_SEC)
			send_report(agent, now);
	}
}
