// SPDX-License-Identifier: Apache-2.0
/* tmirror support-bundle: what helps others to help, in one file without secrets. */
#include "base/count.h"
#include "cli/command.h"
#include "cli/doctor.h"
#include "cli/output.h"
#include "doctor/bundle.h"
#include "doctor/doctor.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static command_function support_bundle;
static int add_json(struct bundle *bundle, const char *name, const json_t *json);
static int add_status(struct invocation *invocation, struct bundle *bundle);
static int add_logs(struct invocation *invocation, struct bundle *bundle);

static const struct argument_row arguments[] = {
	{.name = "FILE",
	 .help = "The tar to make; it must not be there",
	 .form = FORM_OWN,
	 .word = true,
	 .required = true},
	{.name = "log",
	 .value = "FILE",
	 .help = "A log to add, where there is no journal",
	 .form = FORM_OWN,
	 .repeated = true},
	DOCTOR_ARGUMENTS,
	{.name = "controller-state",
	 .value = "DIR",
	 .help = "A controller's state directory on this host, whose secrets are to be kept out "
		 "(else the one of its settings)",
	 .form = FORM_OWN},
};

static const struct command rows[] = {
	{.verb = "support-bundle",
	 .help = "Gather what helps support in a tar, without secrets",
	 .more = "It has what the doctor found, settings, plan, status, devices, routes, firewall "
		 "and "
		 "logs.  Keys and passwords are taken out; addresses and names stay, so look at it "
		 "before it leaves the house.",
	 .arguments = ROWS(arguments),
	 .run = support_bundle,
	 .hopeful = true},
};

const struct commands support_commands = ROWS(rows);

static int support_bundle(struct invocation *invocation)
{
	const char *path = invocation_get(invocation, "FILE");
	const char *state = invocation_get(invocation, "controller-state");
	_cleanup_(bundle_freep) struct bundle *bundle = NULL;
	_cleanup_(json_freep) json_t *findings = NULL;
	_cleanup_doctor_ struct doctor examined = {};
	int r = doctor_run(invocation, &examined);

	if (r != 0)
		return r;
	r = bundle_open(path, &examined, state, &bundle, &invocation->misuse);
	if (r != 0)
		return r == REFUSED ? COMMAND_FAILED : r;
	findings = doctor_to_json(&examined);
	r = findings ? add_json(bundle, "doctor.json", findings) : -ENOMEM;
	if (r == 0)
		r = bundle_add_host(bundle, &examined);
	if (r == 0 && invocation->client)
		r = add_status(invocation, bundle);
	if (r == 0)
		r = add_logs(invocation, bundle);
	if (r == 0)
		r = bundle_finish(bundle);
	return r;
}

static int add_json(struct bundle *bundle, const char *name, const json_t *json)
{
	_cleanup_free_ char *text = json_dumps(json, JSON_INDENT(2));

	return text ? bundle_add(bundle, name, text) : -ENOMEM;
}

/* An API that does not answer says why in the doctor's findings. */
static int add_status(struct invocation *invocation, struct bundle *bundle)
{
	static const struct {
		const char *name, *action, *set;
	} parts[] = {
		{"hosts.json", "DescribeTrafficMirrorHosts", "trafficMirrorHostSet"},
		{"sessions.json", "DescribeTrafficMirrorSessionStatus",
		 "trafficMirrorSessionStatusSet"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		_cleanup_(tmirror_pages_freep) struct tmirror_pages *pages = NULL;
		_cleanup_(json_freep) json_t *array = NULL;
		int r = invocation_pages(invocation, parts[i].action, parts[i].set, &pages);

		if (r == 0)
			r = output_gather(invocation, pages, &array);
		if (r == 0)
			r = add_json(bundle, parts[i].name, array);
		if (r < 0)
			return r;
	}
	return 0;
}

static int add_logs(struct invocation *invocation, struct bundle *bundle)
{
	const struct argument *log = NULL;
	int r = 0;

	while (r == 0 && (log = arguments_next(&invocation->arguments, "log", log)))
		r = bundle_add_log(bundle, log->value, &invocation->misuse);
	return r == REFUSED ? COMMAND_FAILED : r;
}
