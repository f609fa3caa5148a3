// SPDX-License-Identifier: Apache-2.0
/* tmirror-agent: on every host, makes the kernel match the plan and ships the copies.
 *
 * One thread decides (this loop), three speak with the controller (uplink.c), one checks appliances (health/), the others ship.
 * The loop wakes up for a new plan, for a change of links, addresses, classifiers or health, for the clock, and for a signal; each time it makes things
 * so and says how they are.
 *
 * What it does again and again it paces by what it costs: the more devices there are, the longer the pauses, so that the
 * share of a CPU stays the same. */
#include "agent/configuration.h"
#include "agent/enrol.h"
#include "agent/metrics.h"
#include "agent/mirroring.h"
#include "agent/news.h"
#include "agent/notices.h"
#include "agent/own_key.h"
#include "agent/privilege.h"
#include "agent/uplink.h"
#include "base/clock.h"
#include "base/count.h"
#include "base/file.h"
#include "base/log.h"
#include "base/notify.h"
#include "base/random.h"
#include "base/refusal.h"
#include "base/text.h"
#include "sigv4/credentials.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>

#define PEEK_INTERVAL (NSEC_PER_SEC / 2)
#define UNPIN_DELAY \
	(10 * NSEC_PER_MSEC) /* The kernel lets a link go some time after its last pin. */
#define REFRESH_SHARE 5      /* Reading the devices again costs at most the fifth part of a CPU, */
#define GUARD_SHARE   200    /* and looking after the program on them half a percent. */
#define DESCRIPTORS_WANTED \
	65536 /* Rings and links grow with the host, and checks of appliances come on top. */

struct agent {
	struct configuration configuration;
	struct mirroring *mirroring;
	struct uplink *uplink;
	struct metrics *metrics; /* NULL: nobody asked for them. */
	struct notices notices;
	struct news news;
	struct credentials credentials;          /* Which the uplink has. */
	char origin[CREDENTIALS_KEY_SIZE];       /* The id of the key that the host was given. */
	char host[HOST_NAME_SIZE];               /* This host's name. */
	bool revoked;                            /* It was shut out. */
	char controllers[CREDENTIALS_LIST_SIZE]; /* Of the settings, which the uplink has; and so */
	uint64_t key_seconds;
	int signals;                   /* SIGTERM, SIGINT, SIGHUP. */
	bool stale;                    /* Links or addresses changed. */
	bool suspicious;               /* So did somebody's classifiers. */
	uint64_t inventory_generation; /* Grows with every change of the interfaces. */

	/* Monotonic. */
	uint64_t report_due, report_phase;
	uint64_t refresh_due; /* Not before, however stale. */
	uint64_t guard_due;   /* Of those that wait for it, and after every change. */
	uint64_t sweep_due;   /* Of every device. */
	uint64_t end_due;     /* Of a session. */
	uint64_t peek_due;    /* Packets are to be shown. */
	struct watchdog watchdog;
};

static int print(const struct configuration *configuration);
static int conclude(int r, const struct refusal *why);
static int check(const struct configuration *configuration);
static int run(struct agent *agent, struct refusal *why);
static void warn_of_strangers(const struct settings *settings);
static int read_credentials(const struct configuration *configuration,
			    struct credentials *ret_credentials,
			    char ret_origin[CREDENTIALS_KEY_SIZE], struct refusal *why);
static int open_uplink(const struct agent *agent, const struct credentials *credentials,
		       const char *origin, struct uplink **ret_uplink, struct refusal *why);
static int prepare(struct agent *agent, struct refusal *why);
static void note_link(struct agent *agent);
static bool is_linked_otherwise(const struct agent *agent);
static int serve(struct agent *agent);

static void agent_fini(struct agent *agent)
{
	metrics_free(agent->metrics);
	uplink_free(agent->uplink);
	mirroring_free(agent->mirroring);
	notices_close(&agent->notices);
	news_fini(&agent->news);
	closep(&agent->signals);
	configuration_fini(&agent->configuration);
	explicit_bzero(&agent->credentials, sizeof(agent->credentials));
}

int main(int argc, char **argv)
{
	_cleanup_(agent_fini) struct agent agent = {
		.notices = NOTICES_NONE,
		.signals = -1,
		.inventory_generation = 1,
		.peek_due = UINT64_MAX,
	};
	struct configuration *configuration = &agent.configuration;
	struct refusal why = {};
	int r = configuration_parse(argc, argv, configuration, &why);

	if (r != 0) {
		(void)fprintf(stderr, "tmirror-agent: %s\n", r < 0 ? strerror(-r) : why.text);
		return 2;
	}
	if (configuration_is_printed(configuration))
		return print(configuration);
	if (configuration_says(configuration, "check-config"))
		return check(configuration);
	if (configuration->enrol)
		return conclude(enrol(configuration, stdin, stdout, &why), &why);
	log_open("tmirror-agent", configuration->log_level);
	r = configuration_says(configuration, "detach")
		    ? capture_detach(configuration->mirroring.capture.directory, &why)
		    : run(&agent, &why);
	if (r != 0)
		log_error("%s", r < 0 ? strerror(-r) : why.text);
	return r == 0 ? 0 : 1;
}

static int print(const struct configuration *configuration)
{
	struct refusal why = {};
	int r = configuration_print(configuration, &why);

	if (r == 0 && fflush(stdout) != 0)
		r = -errno;
	if (r == 0)
		return 0;
	(void)fprintf(stderr, "tmirror-agent: %s\n", r < 0 ? strerror(-r) : why.text);
	return 2;
}

static int conclude(int r, const struct refusal *why)
{
	if (r == 0)
		return 0;
	(void)fprintf(stderr, "tmirror-agent: %s\n", r < 0 ? strerror(-r) : why->text);
	return 1;
}

/* What an agent that starts would say of its settings and of the credentials that they name. */
static int check(const struct configuration *configuration)
{
	struct credentials credentials = {};
	struct refusal why = {};
	char origin[CREDENTIALS_KEY_SIZE];
	int r = read_credentials(configuration, &credentials, origin, &why);

	explicit_bzero(&credentials, sizeof(credentials));
	if (r == 0)
		printf("tmirror-agent: the settings are good\n");
	return conclude(r, &why);
}

static int run(struct agent *agent, struct refusal *why)
{
	int r = prepare(agent, why);

	if (r != 0)
		return r;
	warn_of_strangers(&agent->configuration.settings);
	notify_manager("READY=1");
	log_info("watching the interfaces of host %s", agent->host);
	r = serve(agent);
	notify_manager("STOPPING=1");
	log_info("stopping; what is being copied stays in the rings for the next agent");
	return r;
}

static void warn_of_strangers(const struct settings *settings)
{
	for (size_t i = 0; i < settings->stranger_count; i++)
		log_warning("the environment's '%s' is no setting", settings->strangers[i]);
}

/* Blocks the signals before any thread exists, so that all inherit it. */
static int open_signals(int *ret_descriptor)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -errno;
	*ret_descriptor = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return *ret_descriptor < 0 ? -errno : 0;
}

static void raise_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= DESCRIPTORS_WANTED)
		return;
	limit.rlim_cur = MIN(limit.rlim_max, (rlim_t)DESCRIPTORS_WANTED);
	(void)setrlimit(RLIMIT_NOFILE, &limit);
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
			    struct credentials *ret_credentials,
			    char ret_origin[CREDENTIALS_KEY_SIZE], struct refusal *why)
{
	int r = credentials_read(configuration->credentials, ret_credentials, why);

	if (r < 0)
		return refuse(why, 0, "cannot read the credentials %s: %s",
			      configuration->credentials, strerror(-r));
	if (r == 0)
		memcpy(ret_origin, ret_credentials->access_key_id, CREDENTIALS_KEY_SIZE);
	return r == 0 ? own_key_load(configuration->state, ret_credentials, why) : r;
}

/* As the settings say, as the host was enrolled, or as the kernel calls it. */
static void name_host(struct agent *agent)
{
	const char *said[] = {agent->configuration.host, agent->credentials.host};

	for (size_t i = 0; i < ARRAY_SIZE(said); i++)
		if (agent->host[0] == '\0')
			(void)string_copy(agent->host, sizeof(agent->host), said[i]);
	if (agent->host[0] == '\0')
		configuration_name_host(agent->host);
}

static int prepare(struct agent *agent, struct refusal *why)
{
	struct configuration *configuration = &agent->configuration;
	int r;

	r = read_credentials(configuration, &agent->credentials, agent->origin, why);
	if (r != 0)
		return r;
	r = directory_make(configuration->state, 0700);
	if (r < 0)
		return refuse(why, 0, "cannot make the state directory %s: %s",
			      configuration->state, strerror(-r));
	raise_descriptors();
	privilege_mount_bpffs(configuration->mirroring.capture.directory);
	r = privilege_keep_for_loading(why);
	if (r == 0)
		r = open_signals(&agent->signals);
	if (r == 0)
		r = notices_open(&agent->notices);
	if (r == 0)
		r = mirroring_open(&configuration->mirroring, &agent->mirroring, why);
	if (r == 0)
		r = mirroring_watch_pins(agent->mirroring, agent->notices.pins);
	if (r == 0)
		r = privilege_drop(why);
	if (r == 0 && configuration->metrics.family != 0)
		r = metrics_open(&configuration->metrics, configuration->metrics_port,
				 &agent->metrics, why);
	if (r != 0)
		return r;
	name_host(agent);
	load_plan(agent);
	agent->report_phase = random_number();
	note_link(agent);
	return open_uplink(agent, &agent->credentials, agent->origin, &agent->uplink, why);
}

static int open_uplink(const struct agent *agent, const struct credentials *credentials,
		       const char *origin, struct uplink **ret_uplink, struct refusal *why)
{
	const struct link_options options = {
		.credentials = credentials,
		.controllers = agent->configuration.controller,
		.host = agent->host,
		.state = agent->configuration.state,
		.origin = origin,
		.key_seconds = agent->configuration.key_seconds,
	};

	return uplink_open(&options, ret_uplink, why);
}

/* Another line to the controller takes the place of the one that is there; its first question asks for the whole plan. */
static int renew_uplink(struct agent *agent, struct refusal *why)
{
	const struct configuration *configuration = &agent->configuration;
	struct credentials credentials = {};
	char origin[CREDENTIALS_KEY_SIZE];
	struct uplink *uplink = NULL;
	int r = read_credentials(configuration, &credentials, origin, why);

	if (r == 0 && (memcmp(&credentials, &agent->credentials, sizeof(credentials)) != 0 ||
		       is_linked_otherwise(agent)))
		r = open_uplink(agent, &credentials, origin, &uplink, why);
	if (uplink) {
		uplink_free(agent->uplink);
		agent->uplink = uplink;
		agent->credentials = credentials;
		note_link(agent);
		agent->report_due = 0;
		log_info("the credentials are others now");
	}
	explicit_bzero(&credentials, sizeof(credentials));
	return r;
}

/* What of the settings the uplink has. */
static void note_link(struct agent *agent)
{
	const char *controllers = agent->configuration.controller;

	(void)string_copy(agent->controllers, sizeof(agent->controllers),
			  controllers ? controllers : "");
	agent->key_seconds = agent->configuration.key_seconds;
}

static bool is_linked_otherwise(const struct agent *agent)
{
	const char *controllers = agent->configuration.controller;

	return strcmp(controllers ? controllers : "", agent->controllers) != 0 ||
	       agent->configuration.key_seconds != agent->key_seconds;
}

static void renew(struct agent *agent)
{
	struct refusal why = {};
	int r;

	notify_manager("RELOADING=1");
	r = configuration_renew(&agent->configuration, &why);
	if (r == 0)
		r = renew_uplink(agent, &why);
	log_set_level(agent->configuration.log_level);
	if (r == 0)
		log_info("the settings are read again");
	else
		log_error("cannot take over the settings: %s; the old ones go on",
			  r < 0 ? strerror(-r) : why.text);
	notify_manager("READY=1");
}

/* Returns whether to end. */
static bool take_signal(struct agent *agent)
{
	struct signalfd_siginfo signal;

	if (read(agent->signals, &signal, sizeof(signal)) != (ssize_t)sizeof(signal))
		return false;
	if (signal.ssi_signo != SIGHUP)
		return true;
	renew(agent);
	return false;
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
	agent->guard_due = 0;
	agent->report_due = 0;
	save_plan(agent, json);
}

/* A host that was shut out mirrors nothing, also after a restart; until a plan comes, which lets it in again. */
static void heed_revocation(struct agent *agent)
{
	const bool revoked = uplink_is_revoked(agent->uplink);
	_cleanup_free_ char *json = NULL;
	struct plan *nothing;

	if (revoked == agent->revoked)
		return;
	agent->revoked = revoked;
	notify_manager(revoked ? "STATUS=The host was shut out, and mirrors nothing" : "STATUS=");
	if (!revoked)
		return;
	log_warning("the controller says that this host was shut out: all sessions end");
	nothing = calloc(1, sizeof(*nothing));
	if (!nothing || plan_encode(nothing, &json) < 0) {
		plan_free(nothing);
		agent->revoked = false;
		return;
	}
	mirroring_set_plan(agent->mirroring, nothing);
	agent->guard_due = 0;
	save_plan(agent, json);
}

static void take_wishes(struct agent *agent)
{
	_cleanup_(peek_wishes_fini) struct peek_wishes wishes = {};

	if (!uplink_take_wishes(agent->uplink, &wishes))
		return;
	mirroring_set_peeks(agent->mirroring, &wishes);
	agent->peek_due = wishes.item_count > 0 ? clock_monotonic() + PEEK_INTERVAL : UINT64_MAX;
}

/* The answer says whether there is to be another time. */
static void send_packets(struct agent *agent)
{
	_cleanup_(peek_batch_fini) struct peek_batch batch = {};
	int r = mirroring_collect_packets(agent->mirroring, &batch);

	if (r == 0)
		r = uplink_send_packets(agent->uplink, &batch);
	if (r < 0)
		log_limited(LOG_LEVEL_ERROR, "cannot show packets: %s", strerror(-r));
	agent->peek_due = r < 0 ? clock_monotonic() + PEEK_INTERVAL : UINT64_MAX;
}

static void send_report(struct agent *agent, uint64_t now)
{
	_cleanup_(report_fini) struct report report = {};
	const uint64_t interval = agent->configuration.report_seconds * NSEC_PER_SEC;
	struct news *news = &agent->news;
	uint64_t number;
	int r;

	/* Agents that all had something to tell at once, as of a filter that they share, do not stay in step. */
	agent->report_due = now + interval - (now + agent->report_phase) % interval;
	news_confirm(news, uplink_get_confirmed(agent->uplink));
	r = mirroring_report(agent->mirroring,
			     news_wants_interfaces(news, agent->inventory_generation, now),
			     &report);
	if (r == 0 && metrics_publish(agent->metrics, agent->host, &report) < 0)
		log_limited(LOG_LEVEL_ERROR, "cannot write metrics: there is no memory");
	if (r == 0)
		r = news_select(news, &report, agent->inventory_generation, now, &number);
	if (r == 0) {
		(void)string_copy(report.version, sizeof(report.version), TMIRROR_VERSION);
		r = uplink_send_report(agent->uplink, &report, number);
	}
	if (r < 0)
		log_limited(LOG_LEVEL_ERROR, "cannot report: %s", strerror(-r));
}

static void note_classifiers(void *context, int ifindex)
{
	mirroring_suspect(((struct agent *)context)->mirroring, ifindex);
}

static void take_notices(struct agent *agent, uint64_t now)
{
	unsigned int told = notices_read(&agent->notices, note_classifiers, agent);

	agent->stale |= (told & NOTICE_LINKS) != 0;
	agent->suspicious |= (told & NOTICE_CLASSIFIERS) != 0;
	if (told & NOTICE_PINS)
		agent->sweep_due = MIN(agent->sweep_due, now + UNPIN_DELAY);
	if (told & NOTICE_LOST)
		agent->sweep_due = now;
}

static void refresh(struct agent *agent, uint64_t begun)
{
	int changed = mirroring_refresh(agent->mirroring);
	uint64_t ended;

	agent->stale = changed < 0;
	agent->guard_due = 0;
	if (changed < 0 && changed != -EINTR)
		log_limited(LOG_LEVEL_ERROR, "cannot list the network interfaces: %s",
			    strerror(-changed));
	if (changed > 0) {
		agent->inventory_generation++;
		agent->report_due = 0;
	}
	ended = clock_monotonic();
	agent->refresh_due = ended + (ended - begun) * (REFRESH_SHARE - 1);
}

static void guard(struct agent *agent, uint64_t begun)
{
	bool everything = begun >= agent->sweep_due;
	uint64_t ended;

	agent->suspicious = false;
	if (mirroring_guard(agent->mirroring, everything, begun, &agent->guard_due))
		agent->report_due = 0;
	ended = clock_monotonic();
	if (everything)
		agent->sweep_due = ended + MAX(mirroring_get_guard_interval(agent->mirroring),
					       (ended - begun) * GUARD_SHARE);
}

/* Looked at whenever the loop comes round, which reports see to, because the clock on the wall may be set. */
static void end_sessions(struct agent *agent, uint64_t now)
{
	uint64_t left;

	if (mirroring_end_sessions(agent->mirroring, clock_realtime(), &left))
		agent->guard_due = agent->report_due = 0;
	agent->end_due = left == UINT64_MAX ? UINT64_MAX : now + left;
}

/* Milliseconds until something is due, for poll(). */
static int time_left(const struct agent *agent, uint64_t now)
{
	uint64_t due = MIN(agent->report_due, agent->guard_due);

	due = MIN(due, agent->sweep_due);
	due = MIN(due, agent->end_due);
	due = MIN(due, agent->peek_due);
	if (agent->stale)
		due = MIN(due, agent->refresh_due);
	return due <= now ? 0 : (int)((due - now + NSEC_PER_MSEC - 1) / NSEC_PER_MSEC);
}

static int serve(struct agent *agent)
{
	agent->watchdog = watchdog_from_environment();
	for (;;) {
		struct pollfd ready[] = {
			{agent->signals, POLLIN, 0},
			{uplink_get_descriptor(agent->uplink), POLLIN, 0},
			{agent->notices.netlink, POLLIN, 0},
			{agent->notices.pins, POLLIN, 0},
			{mirroring_get_health_descriptor(agent->mirroring), POLLIN, 0},
		};
		uint64_t now = clock_monotonic();

		if (poll(ready, ARRAY_SIZE(ready), time_left(agent, now)) < 0 && errno != EINTR)
			return -errno;
		if (ready[0].revents && take_signal(agent))
			return 0;
		if (ready[1].revents) {
			take_plan(agent);
			heed_revocation(agent);
			take_wishes(agent);
		}
		if (ready[4].revents && mirroring_take_health(agent->mirroring))
			agent->report_due = agent->guard_due = 0;
		now = clock_monotonic();
		end_sessions(agent, now);
		if (ready[2].revents || ready[3].revents)
			take_notices(agent, now);
		if (agent->stale && now >= agent->refresh_due)
			refresh(agent, now);
		now = clock_monotonic();
		if (agent->suspicious || now >= MIN(agent->guard_due, agent->sweep_due))
			guard(agent, now);
		now = clock_monotonic();
		if (now >= agent->peek_due)
			send_packets(agent);
		if (now >= agent->report_due)
			send_report(agent, now);
		watchdog_satisfy(&agent->watchdog, now);
	}
}
