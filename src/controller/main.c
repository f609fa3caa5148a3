// SPDX-License-Identifier: Apache-2.0
/* tmirror-controller: the API, its store, and a plan for each host.
 *
 * This file only joins the parts and keeps the log.  Requests run in the HTTP server's threads; the main thread waits
 * for the signal to end. */
#include "access/seal.h"
#include "api/action.h"
#include "api/api.h"
#include "base/clock.h"
#include "base/count.h"
#include "base/exposition.h"
#include "base/log.h"
#include "base/notify.h"
#include "base/refusal.h"
#include "base/text.h"
#include "control/selector.h"
#include "control/session.h"
#include "control/site.h"
#include "controller/audit_log.h"
#include "controller/backup.h"
#include "controller/configuration.h"
#include "controller/fleet.h"
#include "controller/journal.h"
#include "controller/keeping.h"
#include "controller/privilege.h"
#include "controller/sandbox.h"
#include "net/http_page.h"
#include "store/store.h"
#include "web/web.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#define EXIT_USAGE         2
#define DESCRIPTORS_WANTED 65536
#define DESCRIPTORS_FOR_US 64 /* Store, logs, epoll; the rest may be connections. */
#define ENDPOINT_TEXT_SIZE 320
#define LOW_PORTS          1024 /* Below it ports are the administrator's. */
#define HOUR_NSEC          (60 * 60 * NSEC_PER_SEC)
#define DAY_NSEC           (24 * 60 * 60 * NSEC_PER_SEC)

struct controller {
	struct configuration configuration;
	int lock; /* Of the state directory. */
	struct certificate certificate;
	struct store *store;
	struct control *control;
	struct audit_log audit_log;
	struct api *api;
	struct web web;
	struct http_server *server;
	struct http_page *metrics; /* NULL: nobody asked for them. */
	struct fleet *fleet;       /* Stops before the server goes that it wakes. */
	unsigned int connections;
	char *authority; /* In PEM; NULL: hosts know it. */
};

static int complain(int result, const struct refusal *why, int status);
static int print(const struct configuration *configuration);
static int check(const struct configuration *configuration);
static int list_actions(void);
static int run(struct controller *controller, struct refusal *why);
static int confine(const struct configuration *configuration, struct refusal *why);
static void warn_of_strangers(const struct settings *settings);
static int await_end(struct controller *controller, const sigset_t *signals, struct refusal *why);
static void perform_duties(struct controller *controller, uint64_t *condensed);
static void end_sessions(struct controller *controller);
static size_t end_some_sessions(struct controller *controller);
static void end_members(struct controller *controller);
static void end_peeks(struct controller *controller);
static bool condense_usage(struct controller *controller);
static bool settle_selectors(struct controller *controller);
static bool fold_history(struct controller *controller);
static void keep_events(struct controller *controller);
static void renew_configuration(struct controller *controller);
static void renew_audit_log(struct controller *controller);
static int renew_certificate(struct controller *controller, struct refusal *why);
static int open_control(struct controller *controller, struct refusal *why);
static int open_store(struct controller *controller, struct refusal *why);
static int open_server(struct controller *controller, char endpoint[ENDPOINT_TEXT_SIZE],
		       struct refusal *why);
static int open_metrics(struct controller *controller, struct refusal *why);
static void format_endpoint(const struct controller *controller, char endpoint[ENDPOINT_TEXT_SIZE]);
static void tell_request(void *context, const struct api_event *event);
static void tell_act(void *context, const struct selector_act *act);
static void wake_waiting(void *context, const char *key);
static void store_changed(void *context, const char *host);
static void note_others(void *context);
static void controller_fini(struct controller *controller);
static sigset_t block_signals(void);
static unsigned int raise_descriptors(unsigned int wanted);

int main(int argc, char **argv)
{
	_cleanup_(controller_fini) struct controller controller = {
		.lock = -1,
		.audit_log.descriptor = -1,
	};
	struct refusal why = {};
	int r;

	r = configuration_parse(argc, argv, &controller.configuration, &why);
	if (r != 0)
		return complain(r, &why, EXIT_USAGE);
	if (configuration_is_printed(&controller.configuration))
		return print(&controller.configuration);
	if (configuration_says(&controller.configuration, "check-config"))
		return check(&controller.configuration);
	if (configuration_says(&controller.configuration, "list-actions"))
		return list_actions();
	log_open("tmirror-controller", controller.configuration.log_level);
	r = controller.configuration.job == JOB_SERVE ? run(&controller, &why)
						      : backup_run(&controller.configuration, &why);
	if (r == 0)
		return 0;
	log_error("%s", r == REFUSED ? why.text : strerrordesc_np(-r));
	return EXIT_FAILURE;
}

static int complain(int result, const struct refusal *why, int status)
{
	(void)fprintf(stderr, "tmirror-controller: %s\n",
		      result == REFUSED ? why->text : strerrordesc_np(-result));
	return status;
}

static int print(const struct configuration *configuration)
{
	struct refusal why = {};
	int r = configuration_print(configuration, &why);

	if (r == 0 && fflush(stdout) != 0)
		r = -errno;
	return r == 0 ? 0 : complain(r, &why, EXIT_USAGE);
}

/* What a controller that starts would say of its settings and of the certificate that they name. */
static int check(const struct configuration *configuration)
{
	_cleanup_certificate_ struct certificate certificate = {};
	struct refusal why = {};
	int r = keep_given_certificate(configuration, &certificate, &why);

	if (r != 0)
		return complain(r, &why, EXIT_FAILURE);
	printf("tmirror-controller: the settings are good\n");
	return 0;
}

/* For documentation and tests, which are held against it. */
static int list_actions(void)
{
	_cleanup_text_ struct text list = {};

	actions_append_list(&list);
	if (list.failed)
		return EXIT_FAILURE;
	(void)fputs(list.data, stdout);
	return 0;
}

static int run(struct controller *controller, struct refusal *why)
{
	const sigset_t signals = block_signals();
	char endpoint[ENDPOINT_TEXT_SIZE];
	int r;

	controller->connections = raise_descriptors(controller->configuration.connections);
	if (controller->connections < controller->configuration.connections)
		log_warning("the limit of open files leaves room for %u connections only",
			    controller->connections);
	r = confine(&controller->configuration, why);
	if (r != 0)
		return r;
	r = keep_directory(&controller->configuration, &controller->lock, why);
	if (r != 0)
		return r;
	r = keep_certificates(&controller->configuration, clock_realtime() / 1000,
			      &controller->certificate, why);
	if (r != 0)
		return r;
	if (controller->configuration.audit_log)
		r = audit_log_open(controller->configuration.audit_log, &controller->audit_log,
				   why);
	if (r == 0)
		r = open_control(controller, why);
	if (r != 0)
		return r;
	/* Before reports can take the places of what the last run did not fold. */
	while (fold_history(controller))
		;
	r = open_server(controller, endpoint, why);
	if (r == 0)
		r = open_metrics(controller, why);
	if (r != 0)
		return r;
	log_info("listening on %s, account %s, region %s", endpoint,
		 control_get_account(controller->control)->text, controller->configuration.region);
	warn_of_strangers(&controller->configuration.settings);
	notify_manager("READY=1");
	r = await_end(controller, &signals, why);
	notify_manager("STOPPING=1");
	return r;
}

/* Before anything is opened and before there are threads, all of which inherit it. */
static int confine(const struct configuration *configuration, struct refusal *why)
{
	const bool low_port =
		configuration->port < LOW_PORTS ||
		(configuration->metrics.family != 0 && configuration->metrics_port < LOW_PORTS);
	int r = privilege_drop(configuration->state, low_port, why);

	if (r != 0)
		return r;
	r = sandbox_enter();
	if (r != -EOPNOTSUPP)
		return r;
	log_warning("this kernel has no filters for system calls: the controller runs without");
	return 0;
}

static void warn_of_strangers(const struct settings *settings)
{
	for (size_t i = 0; i < settings->stranger_count; i++)
		log_warning("the environment's '%s' is no setting", settings->strangers[i]);
}

/* Between signals there are duties: sessions that end by themselves, and targets that are drained, are looked for every second, what
 * selectors have left to do is gone on with, events that wait are kept, old usage is looked for every hour, and the certificate, which
 * outlives most programs but not all, is looked at every day and on SIGHUP, which the audit log follows, too.  The history of a minute
 * is folded, and selectors work, in steps, between which requests have their turn.  Of several controllers on a store, one does what
 * concerns the store.  Who came through the duties, under the lock that all requests take, gives the service manager its sign of life. */
static int await_end(struct controller *controller, const sigset_t *signals, struct refusal *why)
{
	static const struct timespec second = {.tv_sec = 1}, step = {.tv_nsec = 10 * NSEC_PER_MSEC};
	struct watchdog watchdog = watchdog_from_environment();
	uint64_t renewed = clock_monotonic(), condensed = 0, due = 0;
	bool selecting = false, folding;

	for (;;) {
		int number, r = 0;

		if (clock_monotonic() >= due) {
			perform_duties(controller, &condensed);
			due = clock_monotonic() + NSEC_PER_SEC;
			selecting = true;
		}
		watchdog_satisfy(&watchdog, clock_monotonic());
		if (selecting)
			selecting = settle_selectors(controller);
		folding = fold_history(controller);
		number = sigtimedwait(signals, NULL, folding || selecting ? &step : &second);
		if (number == SIGTERM || number == SIGINT) {
			log_info("ending on %s", sigabbrev_np(number));
			return 0;
		}
		if (number == SIGHUP) {
			notify_manager("RELOADING=1");
			renew_configuration(controller);
			renew_audit_log(controller);
		}
		if (number == SIGHUP || clock_monotonic() - renewed > DAY_NSEC) {
			r = renew_certificate(controller, why);
			renewed = clock_monotonic();
		}
		if (r != 0)
			return r;
		if (number == SIGHUP)
			notify_manager("READY=1");
	}
}

static void perform_duties(struct controller *controller, uint64_t *condensed)
{
	keep_events(controller);
	end_peeks(controller);
	if (!fleet_leads(controller->fleet))
		return;
	end_sessions(controller);
	end_members(controller);
	if (clock_monotonic() - *condensed > HOUR_NSEC && !condense_usage(controller))
		*condensed = clock_monotonic();
}

/* A fault passes, or the requests will tell of it, too. */
static void end_sessions(struct controller *controller)
{
	size_t count = EXPIRED_MAX;

	while (count == EXPIRED_MAX)
		count = end_some_sessions(controller);
}

static size_t end_some_sessions(struct controller *controller)
{
	_cleanup_(ended_sessions_fini) struct ended_sessions ended = {};
	struct refusal why = {};
	int r = api_expire_sessions(controller->api, &ended, &why);

	if (r != 0)
		log_warning("cannot end the sessions whose time has come: %s",
			    r == REFUSED ? why.text : strerrordesc_np(-r));
	for (size_t i = 0; i < ended.count; i++)
		log_info("session %s of interface %s has ended: its time had come",
			 ended.items[i].id.text, ended.items[i].source.text);
	return ended.count;
}

/* Returns whether there is more to do. */
static bool settle_selectors(struct controller *controller)
{
	struct refusal why = {};
	bool more = false;
	int r = fleet_leads(controller->fleet) ? api_settle_selectors(controller->api, &more, &why)
					       : 0;

	if (r != 0)
		log_limited(LOG_LEVEL_WARNING, "cannot do what selectors want: %s",
			    r == REFUSED ? why.text : strerrordesc_np(-r));
	return more;
}

static void end_members(struct controller *controller)
{
	struct refusal why = {};
	size_t count = 0;
	int r = api_expire_members(controller->api, &count, &why);

	if (r != 0)
		log_warning("cannot end the deregistration of targets: %s",
			    r == REFUSED ? why.text : strerrordesc_np(-r));
	if (count > 0)
		log_info("%zu targets are drained and have left their target groups", count);
}

static void end_peeks(struct controller *controller)
{
	int r = api_expire_peeks(controller->api);

	if (r < 0)
		log_limited(LOG_LEVEL_WARNING, "cannot end peeks: %s", strerrordesc_np(-r));
}

/* Returns whether some was summed up, and so there may be more.  It takes a count of all records. */
static bool condense_usage(struct controller *controller)
{
	struct refusal why = {};
	size_t count = 0;
	int r = api_condense_usage(controller->api, &count, &why);

	if (r != 0)
		log_warning("cannot sum up the usage of old sessions: %s",
			    r == REFUSED ? why.text : strerrordesc_np(-r));
	if (count > 0)
		log_info("the usage of %zu old sessions is summed up by source and day", count);
	return count > 0;
}

/* Returns whether there is more to be folded at once. */
static bool fold_history(struct controller *controller)
{
	struct refusal why = {};
	bool more = false;
	int r = fleet_leads(controller->fleet) ? api_fold_history(controller->api, &more, &why) : 0;

	if (r != 0)
		log_limited(LOG_LEVEL_WARNING, "cannot sum up what sessions counted: %s",
			    r == REFUSED ? why.text : strerrordesc_np(-r));
	return more;
}

static void keep_events(struct controller *controller)
{
	int r = api_keep_events(controller->api);

	if (r < 0)
		log_limited(LOG_LEVEL_WARNING, "cannot keep events: %s", strerrordesc_np(-r));
}

static void renew_configuration(struct controller *controller)
{
	struct refusal why = {};
	int r = configuration_renew(&controller->configuration, &why);

	log_set_level(controller->configuration.log_level);
	if (r == 0)
		log_info("the settings are read again");
	else
		log_error("cannot take over the settings: %s; the old ones go on",
			  r == REFUSED ? why.text : strerrordesc_np(-r));
}

static void renew_audit_log(struct controller *controller)
{
	struct refusal why = {};
	int r = audit_log_reopen(&controller->audit_log, &why);

	if (r != 0)
		log_error("%s; the old one goes on", r == REFUSED ? why.text : strerrordesc_np(-r));
}

/* What serves holds on to its certificate, so a new one takes a new server on the same port.  Clients see their
 * connection end, and come again. */
static int renew_certificate(struct controller *controller, struct refusal *why)
{
	_cleanup_certificate_ struct certificate renewed = {};
	char endpoint[ENDPOINT_TEXT_SIZE];
	struct refusal detail = {};
	int r;

	if (controller->configuration.plain_http)
		return 0;
	r = keep_certificates(&controller->configuration, clock_realtime() / 1000, &renewed,
			      &detail);
	if (r != 0) {
		log_error("cannot renew the certificate: %s",
			  r == REFUSED ? detail.text : strerrordesc_np(-r));
		return 0; /* The old one is still good for a while. */
	}
	if (strcmp(renewed.certificate, controller->certificate.certificate) == 0)
		return 0;
	fleet_stop(controller->fleet);
	http_server_close(TAKE_PTR(controller->server));
	certificate_fini(&controller->certificate);
	controller->certificate = renewed;
	renewed = (struct certificate){};
	return open_server(controller, endpoint, why);
}

static int open_control(struct controller *controller, struct refusal *why)
{
	const struct configuration *configuration = &controller->configuration;
	struct seal_key seal_key = {};
	struct control_options options = {
		.account = configuration->account,
		.limits = configuration->limits,
		.prices = configuration->prices,
		.seal_key = &seal_key,
		.resolvers = configuration->resolvers,
		.resolver_count = configuration->resolver_count,
		.context = controller,
		.changed = wake_waiting,
		.others_wrote = note_others,
		.selected = tell_act,
	};
	int r;

	(void)string_copy(options.region, sizeof(options.region), configuration->region);
	r = open_store(controller, why);
	if (r != 0)
		return r;
	r = keep_seal_key(configuration, controller->store, &seal_key, why);
	if (r == 0)
		r = control_open(controller->store, &options, &controller->control, why);
	explicit_bzero(&seal_key, sizeof(seal_key));
	if (r != 0)
		return r;
	r = keep_authority_text(configuration, &controller->authority, why);
	if (r != 0)
		return r;
	return api_new(&(struct api_options){.control = controller->control,
					     .rates = configuration->rates,
					     .rate_count = configuration->rate_count,
					     .encrypted = !configuration->plain_http,
					     .authority = controller->authority,
					     .context = controller,
					     .tell_all = configuration->audit_log != NULL,
					     .wake = wake_waiting,
					     .observe = tell_request},
		       &controller->api);
}

static int open_store(struct controller *controller, struct refusal *why)
{
	char location[STORE_LOCATION_SIZE];
	const struct fleet_options options = {
		.location = location,
		.changed = store_changed,
		.context = controller,
	};
	int r;

	configuration_get_store(&controller->configuration, location);
	r = store_open(location, &controller->store, why);
	if (r == 0)
		r = fleet_open(&options, &controller->fleet, why);
	if (r < 0)
		return refuse(why, 0, "cannot open the store '%.300s': %s", location,
			      r == -EBADMSG ? "it is no SQLite database, or a damaged one"
					    : strerrordesc_np(-r));
	return r;
}

/* The port is known once the server is open, and nobody is served before the credentials are written. */
static int open_server(struct controller *controller, char endpoint[ENDPOINT_TEXT_SIZE],
		       struct refusal *why)
{
	struct configuration *configuration = &controller->configuration;
	const struct http_server_options options = {
		.address = configuration->listen,
		.port = configuration->port,
		.certificate_pem = controller->certificate.certificate,
		.key_pem = controller->certificate.key,
		.connections = controller->connections,
		.connections_per_address = configuration->connections_per_address,
		.handler = web_get_handler(&controller->web),
	};
	int r;

	controller->web = (struct web){
		.files = &web_console_files,
		.encrypted = !configuration->plain_http,
		.next = api_get_handler(controller->api),
	};
	r = http_server_open(&options, &controller->server, why);
	if (r != 0)
		return r;
	configuration->port = http_server_port(controller->server);
	format_endpoint(controller, endpoint);
	r = control_set_endpoint(controller->control, strstr(endpoint, "//") + 2);
	if (r < 0)
		return r;
	r = keep_credentials(configuration, controller->control, endpoint, why);
	if (r != 0)
		return r;
	r = http_server_start(controller->server);
	return r < 0 ? r : fleet_start(controller->fleet);
}

static int open_metrics(struct controller *controller, struct refusal *why)
{
	const struct configuration *configuration = &controller->configuration;
	const struct http_page_options options = {
		.address = configuration->metrics,
		.port = configuration->metrics_port,
		.path = "/metrics",
		.type = EXPOSITION_TYPE,
		.context = controller->api,
		.write = api_write_metrics,
	};
	int r;

	if (configuration->metrics.family == 0)
		return 0;
	r = http_page_open(&options, &controller->metrics, why);
	if (r == 0)
		log_info("answering Prometheus on port %u", http_page_port(controller->metrics));
	return r;
}

/* An address that stands for all is none that a client could dial: then it is the first name, or loopback. */
static void format_endpoint(const struct controller *controller, char endpoint[ENDPOINT_TEXT_SIZE])
{
	const struct configuration *configuration = &controller->configuration;
	const bool any = address_is_any(&configuration->listen);
	const bool ipv6 = configuration->listen.family == 6;
	char address[ADDRESS_TEXT_SIZE];
	const char *host = address;

	address_format(&configuration->listen, address);
	if (any)
		host = configuration->name_count > 0 ? configuration->names[0]
		       : ipv6                        ? "::1"
						     : "127.0.0.1";
	(void)snprintf(endpoint, ENDPOINT_TEXT_SIZE, "%s://%s%s%s:%u",
		       configuration->plain_http ? "http" : "https", strchr(host, ':') ? "[" : "",
		       host, strchr(host, ':') ? "]" : "", configuration->port);
}

/* The journal is for whoever runs the service, the audit log for whoever wants to know what was done with it. */
static void tell_request(void *context, const struct api_event *event)
{
	struct controller *controller = context;
	int r;

	journal_request(NULL, event);
	if (!event->record)
		return;
	r = audit_log_write(&controller->audit_log, event->record);
	if (r < 0)
		log_limited(LOG_LEVEL_ERROR, "request %s: cannot write to the audit log: %s",
			    event->request_id, strerrordesc_np(-r));
}

static void tell_act(void *context, const struct selector_act *act)
{
	static const char *const verbs[] = {
		[SELECTOR_MAKES] = "made",
		[SELECTOR_CHANGES] = "changed",
		[SELECTOR_ENDS] = "ended",
	};
	struct controller *controller = context;
	_cleanup_free_ char *record = NULL;
	int r;

	log_info("selector %s has %s session %s of interface %s", act->selector.text,
		 verbs[act->verb], act->session.text, act->source.text);
	r = api_keep_act(controller->api, act, &record);
	if (r < 0)
		log_limited(LOG_LEVEL_WARNING, "cannot keep events: %s", strerrordesc_np(-r));
	r = record ? audit_log_write(&controller->audit_log, record) : 0;
	if (r < 0)
		log_limited(LOG_LEVEL_ERROR, "session %s: cannot write to the audit log: %s",
			    act->session.text, strerrordesc_np(-r));
}

static void wake_waiting(void *context, const char *key)
{
	struct controller *controller = context;

	if (controller->server)
		http_server_wake(controller->server, key);
}

/* From the fleet's thread: hosts wait for plans, and people for what others do.  A fault is the next request's, too. */
static void store_changed(void *context, const char *host)
{
	struct controller *controller = context;

	if (host)
		wake_waiting(controller, host);
	else
		(void)api_look(controller->api);
}

static void note_others(void *context)
{
	struct controller *controller = context;

	if (controller->api)
		api_note_others(controller->api);
}

static void controller_fini(struct controller *controller)
{
	http_page_closep(&controller->metrics);
	fleet_closep(&controller->fleet);
	http_server_closep(&controller->server);
	api_freep(&controller->api);
	control_freep(&controller->control);
	store_closep(&controller->store);
	certificate_fini(&controller->certificate);
	freep(&controller->authority);
	audit_log_close(&controller->audit_log);
	closep(&controller->lock);
	configuration_fini(&controller->configuration);
}

/* Blocked before any thread is made, so that only sigwaitinfo() takes them. */
static sigset_t block_signals(void)
{
	sigset_t signals;

	(void)signal(SIGPIPE, SIG_IGN);
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGHUP);
	(void)pthread_sigmask(SIG_BLOCK, &signals, NULL);
	return signals;
}

/* Every connection takes a descriptor; returns how many of those that are wanted there may be. */
static unsigned int raise_descriptors(unsigned int wanted)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return 0;
	limit.rlim_cur = MIN(limit.rlim_max, (rlim_t)DESCRIPTORS_WANTED);
	(void)setrlimit(RLIMIT_NOFILE, &limit);
	if (limit.rlim_cur <= 2 * DESCRIPTORS_FOR_US)
		return DESCRIPTORS_FOR_US;
	return (unsigned int)MIN(limit.rlim_cur - DESCRIPTORS_FOR_US, (rlim_t)wanted);
}
