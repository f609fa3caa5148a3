// SPDX-License-Identifier: Apache-2.0
#include "control/host.h"

#include "base/text.h"
#include "control/health.h"
#include "control/inventory.h"
#include "control/own_key.h"
#include "control/source_delete.h"
#include "control/state.h"
#include "control/status.h"
#include "control/transaction.h"
#include "store/enrolment.h"
#include "store/history.h"
#include "store/host.h"
#include "store/session.h"
#include "store/source.h"
#include "store/store.h"

#include <string.h>

static int host_take(struct transaction *transaction, const struct caller *caller, const char *name,
		     const struct report *report, struct refusal *why);
static int host_add(struct transaction *transaction, const struct caller *caller,
		    struct stored_host *host);
static int use_check(struct control *control, const struct stored_host *host, struct refusal *why);
static int interfaces_end(struct transaction *transaction, const char *host);
static int sessions_take(struct control *control, const char *host,
			 const struct report_session *sessions, size_t count);

int control_report(struct control *control, const struct caller *caller, const char *host,
		   const struct report *report, struct refusal *why)
{
	_cleanup_(transaction_end) struct transaction transaction = {};
	int r;

	if (caller->kind != CALLER_HOST)
		return refuse(why, REFUSE_NOT_PERMITTED, "Only a host's agent may report");
	if (!host_name_valid(host))
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "The host name '%.80s' is not of 1 to 63 letters, digits, '-', '.' "
			      "and '_'",
			      host);
	/* Who the hosts are must last.  The rest is told every few seconds, and all of it every minute: the disk need not
	 * keep up with a thousand agents. */
	r = report->has_inventory ? transaction_begin(&transaction, control)
				  : transaction_begin_note(&transaction, control);
	if (r == 0)
		r = host_take(&transaction, caller, host, report, why);
	if (r == 0 && report->has_inventory)
		r = inventory_take(&transaction, caller, host, report);
	if (r == 0)
		r = sessions_take(control, host, report->sessions, report->session_count);
	if (r == 0)
		r = health_take(&transaction, host, report);
	return r != 0 ? r : transaction_commit(&transaction, caller, why);
}

int control_report_sessions(struct control *control, const struct caller *caller, const char *host,
			    const struct report_session *sessions, size_t count,
			    struct refusal *why)
{
	_cleanup_(transaction_end) struct transaction transaction = {};
	uint64_t revision;
	int r;

	r = transaction_begin_note(&transaction, control);
	if (r == 0)
		r = control_get_revision(control, caller, host, &revision, why);
	if (r == 0)
		r = sessions_take(control, host, sessions, count);
	return r != 0 ? r : transaction_commit(&transaction, caller, why);
}

int control_delete_host(struct control *control, const struct caller *caller, const char *name,
			struct refusal *why)
{
	_cleanup_(transaction_end) struct transaction transaction = {};
	struct stored_host host;
	int r;

	r = transaction_begin(&transaction, control);
	if (r == 0)
		r = store_get_host(control->store, name, &host);
	if (r < 0)
		return r;
	if (r == STORE_MISSING || strcmp(host.owner.text, caller->account.text) != 0)
		return refuse(why, REFUSE_HOST_NOT_FOUND, "The host '%.64s' does not exist", name);
	r = use_check(control, &host, why);
	if (r == 0)
		r = interfaces_end(&transaction, name);
	if (r == 0)
		r = own_keys_revoke(control, &caller->account, name, NULL);
	if (r == 0)
		r = store_delete_enrolments_of_host(control->store, caller->account.text, name);
	if (r == 0)
		r = store_delete_host(control->store, name);
	return r != 0 ? r : transaction_commit(&transaction, caller, why);
}

int control_get_revision(struct control *control, const struct caller *caller, const char *host,
			 uint64_t *ret_revision, struct refusal *why)
{
	struct stored_host found = {};
	int r;

	if (caller->kind != CALLER_HOST)
		return refuse(why, REFUSE_NOT_PERMITTED, "Only a host's agent may ask for a plan");
	r = store_get_host(control->store, host, &found);
	if (r < 0)
		return r;
	if (r == 0 && strcmp(found.owner.text, caller->account.text) != 0)
		return refuse(why, REFUSE_NOT_PERMITTED, "The host '%.64s' is another account's",
			      host);
	*ret_revision = found.plan_revision;
	return 0;
}

static int host_take(struct transaction *transaction, const struct caller *caller, const char *name,
		     const struct report *report, struct refusal *why)
{
	struct control *control = transaction->control;
	struct stored_host host = {};
	int r;

	r = store_get_host(control->store, name, &host);
	if (r == 0 && strcmp(host.owner.text, caller->account.text) != 0)
		return refuse(why, REFUSE_NOT_PERMITTED, "The host '%s' is another account's",
			      name);
	if (!report->has_inventory && (r == STORE_MISSING || host.inventory_wanted))
		return refuse(why, REFUSE_INVENTORY_WANTED,
			      "The interfaces of the host '%s' are not known, and the report has "
			      "none",
			      name);
	if (r == STORE_MISSING) {
		(void)string_copy(host.name, sizeof(host.name), name);
		r = host_add(transaction, caller, &host);
	}
	if (r < 0)
		return r;
	memcpy(host.agent_version, report->version, sizeof(host.agent_version));
	memcpy(host.kernel, report->kernel, sizeof(host.kernel));
	host.protocol = report->protocol;
	memcpy(host.access_key, caller->key, sizeof(host.access_key));
	host.applied_revision = report->applied_revision;
	/* An agent that was started anew has nothing to tell of the last time; it stays known. */
	if (report->reattachments.last != 0)
		host.reattachments = report->reattachments;
	else
		host.reattachments.count = 0;
	host.inventory_wanted = false;
	host.last_report = control_now(control);
	return store_put_host(control->store, &host);
}

/* Whoever already polls for the plan of a host that nobody knew is woken, too. */
static int host_add(struct transaction *transaction, const struct caller *caller,
		    struct stored_host *host)
{
	struct control *control = transaction->control;
	int r;

	host->owner = caller->account;
	host->first_report = control_now(control);
	host->plan_revision = (uint64_t)control_now(control);
	r = store_put_host(control->store, host);
	if (r == 0)
		r = inventory_add_host(transaction, caller, host->name, &host->instance);
	if (r == 0)
		r = transaction_touch_host(transaction, host->name);
	return r;
}

/* A host whose agent runs would be back with its next report, but with other interfaces as far as ids go. */
static int use_check(struct control *control, const struct stored_host *host, struct refusal *why)
{
	int64_t sessions;
	int r;

	if (control_now(control) - host->last_report <= HOST_SILENCE_MILLISECONDS)
		return refuse(why, REFUSE_HOST_IN_USE,
			      "The agent of the host '%s' has reported within the last minute",
			      host->name);
	r = store_count_sessions(control->store, SESSIONS_OF_HOST, host->name, &sessions);
	if (r < 0)
		return r;
	if (sessions == 0)
		return 0;
	return refuse(why, REFUSE_HOST_IN_USE,
		      "The host '%s' has the sources of %lld traffic mirror session(s)", host->name,
		      (long long)sessions);
}

static int interfaces_end(struct transaction *transaction, const char *host)
{
	struct source source;
	int r;

	for (;;) {
		_cleanup_(cursor_closep) struct cursor *cursor = NULL;

		/* One at a time: a cursor does not outlive a change of its rows. */
		r = store_select_sources(transaction->control->store, SOURCES_OF_HOST, host, "",
					 &cursor);
		if (r == 0)
			r = store_next_source(cursor, &source);
		if (r != STORE_ROW)
			return r;
		cursor_close(TAKE_PTR(cursor));
		r = source_delete(transaction, &source);
		if (r != 0)
			return r;
	}
}

/* A host speaks for the sessions of its own sources only; those deleted meanwhile are past caring.  What was counted between two
 * reports belongs to the time of the later one. */
static int sessions_take(struct control *control, const char *host,
			 const struct report_session *sessions, size_t count)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < count; i++) {
		const struct report_session *session = &sessions[i];
		struct session_counters added;
		bool own;

		r = store_take_session_report(control->store, host, session, &own, &added);
		if (r == 0 && own)
			r = store_add_history(control->store, session->id.text,
					      control_now(control), &added);
	}
	return r;
}
