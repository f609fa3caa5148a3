// SPDX-License-Identifier: Apache-2.0
/* tmirror doctor: what ails the mirroring of this host.  The host is looked at by doctor/; how its sessions do, the API
 * knows, if the caller has a key for it. */
#include "doctor/doctor.h"

#include "base/count.h"
#include "cli/command.h"
#include "cli/doctor.h"
#include "cli/output.h"
#include "cli/table.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static command_function doctor;
static int check_sessions(struct invocation *invocation, struct doctor *examined);
static void check_session(struct doctor *examined, const struct tmirror_node *session);
static unsigned long long lost(const struct tmirror_node *session, const char *set,
			       struct text *reasons);
static void print(const struct doctor *examined, FILE *file);

static const struct argument_row arguments[] = {
	DOCTOR_ARGUMENTS,
	{.name = "json", .help = "The same as --output json", .form = FORM_OWN, .is_switch = true},
};

static const struct command rows[] = {
	{.verb = "doctor",
	 .help = "Say what ails the mirroring of this host, and what mends it",
	 .more = "Looks at the agent, the kernel, devices, ways to appliances, the firewall, the "
		 "clock "
		 "and the controller, and changes nothing.  What it could not see it calls unseen; "
		 "as "
		 "root it sees more.  The exit status is 1 if there is a problem.",
	 .arguments = ROWS(arguments),
	 .run = doctor,
	 .hopeful = true},
};

const struct commands doctor_commands = ROWS(rows);

static int doctor(struct invocation *invocation)
{
	_cleanup_doctor_ struct doctor examined = {};
	int r = doctor_run(invocation, &examined);

	if (r != 0)
		return r;
	if (invocation->json || arguments_has(&invocation->arguments, "json")) {
		_cleanup_(json_freep) json_t *findings = doctor_to_json(&examined);

		r = findings ? output_json(findings) : -ENOMEM;
	} else
		print(&examined, stdout);
	if (r != 0)
		return r;
	return doctor_get_verdict(&examined) == VERDICT_PROBLEM ? COMMAND_UNWELL : 0;
}

int doctor_run(struct invocation *invocation, struct doctor *examined)
{
	int r;

	examined->program = invocation_get(invocation, "agent");
	examined->config = invocation_get(invocation, "config");
	r = doctor_examine(examined);
	if (r == 0)
		r = check_sessions(invocation, examined);
	return examined->failed ? -ENOMEM : r;
}

json_t *doctor_to_json(const struct doctor *examined)
{
	_cleanup_(json_freep) json_t *array = json_array();

	for (size_t i = 0; array && i < examined->count; i++) {
		const struct finding *finding = &examined->findings[i];
		json_t *object = json_pack("{s:s, s:s, s:s, s:s*}", "Check", finding->check,
					   "Verdict", verdict_name(finding->verdict), "Text",
					   finding->text, "Mend",
					   finding->mend[0] != '\0' ? finding->mend : NULL);

		if (!object || json_array_append_new(array, object) < 0)
			return NULL;
	}
	return TAKE_PTR(array);
}

static int check_sessions(struct invocation *invocation, struct doctor *examined)
{
	_cleanup_(tmirror_pages_freep) struct tmirror_pages *pages = NULL;
	const struct tmirror_node *session;
	size_t before = examined->count, seen = 0;
	int r;

	if (!invocation->client) {
		doctor_say(examined, VERDICT_UNSEEN, "sessions",
			   "without a key for the API nobody tells how they do");
		return 0;
	}
	r = invocation_pages(invocation, "DescribeTrafficMirrorSessionStatus",
			     "trafficMirrorSessionStatusSet", &pages);
	while (r == 0 && (r = tmirror_pages_next(pages, &session, &invocation->error)) == 0) {
		const char *host = tmirror_node_text(session, "hostName");

		if (!host || strcmp(host, examined->host) != 0)
			continue;
		check_session(examined, session);
		seen++;
	}
	if (r < 0)
		return r;
	if (r != TMIRROR_END)
		doctor_say(examined, VERDICT_UNSEEN, "sessions", "the API does not tell: %.200s",
			   invocation->error.message);
	else if (examined->count == before)
		doctor_say(examined, VERDICT_OK, "sessions",
			   "%zu of this host are active, without loss", seen);
	return 0;
}

static void check_session(struct doctor *examined, const struct tmirror_node *session)
{
	const char *id = tmirror_node_text(session, "trafficMirrorSessionId");
	const char *state = tmirror_node_text(session, "state");
	const char *reason = tmirror_node_text(session, "reason");
	_cleanup_text_ struct text reasons = {};
	unsigned long long count = lost(session, "ingress/lostSet", &reasons) +
				   lost(session, "egress/lostSet", &reasons);

	id = id ? id : "";
	if (state && strcmp(state, "active") != 0 && strcmp(state, "paused") != 0)
		doctor_say(examined, VERDICT_WARNING, "sessions", "%s is %s: %.200s", id, state,
			   reason ? reason : "no reason is told");
	if (count == 0)
		return;
	doctor_say(examined, VERDICT_WARNING, "losses", "%s lost %llu copies since it began:%.200s",
		   id, count, reasons.data ? reasons.data : "");
	if (reasons.data && strstr(reasons.data, " ring_full "))
		doctor_mend(examined, "tmirror session modify %s --packet-length 128", id);
	else
		doctor_mend(examined, "tmirror status %s", id);
}

static unsigned long long lost(const struct tmirror_node *session, const char *set,
			       struct text *reasons)
{
	const struct tmirror_node *item = tmirror_node_first(tmirror_node_find(session, set));
	unsigned long long total = 0;

	for (; item; item = tmirror_node_next(item)) {
		const char *reason = tmirror_node_text(item, "reason");
		const char *packets = tmirror_node_text(item, "packets");
		unsigned long long count = packets ? strtoull(packets, NULL, 10) : 0;

		if (count > 0)
			text_printf(reasons, " %s %llu", reason ? reason : "?", count);
		total += count;
	}
	return total;
}

static void print(const struct doctor *examined, FILE *file)
{
	for (size_t i = 0; i < examined->count; i++) {
		const struct finding *finding = &examined->findings[i];
		_cleanup_text_ struct text text = {};

		(void)text_append_printable(&text, finding->text);
		(void)fprintf(file, "%-8s %-13s %s\n", verdict_name(finding->verdict),
			      finding->check, text.data ? text.data : "");
		text_clear(&text);
		(void)text_append_printable(&text, finding->mend);
		if (text.length > 0)
			(void)fprintf(file, "%22s mend: %s\n", "", text.data);
	}
}
