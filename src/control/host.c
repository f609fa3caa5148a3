// SPDX-License-Identifier: Apache-2.0
#include "control/host.h"

#include "base/text.h"
#include "control/inventory.h"
#include "control/state.h"
#include "control/transaction.h"
#include "store/host.h"
#include "store/session.h"
#include "store/store.h"

#include <string.h>

static int host_take(struct transaction *transaction, const struct caller *caller, const char *name,
		     const struct report *report, struct refusal *why);
static int host_add(struct transaction *transaction, const struct caller *caller,
		    struct stored_host *host);
static int sessions_take(struct store *store, const char *host, const struct report *report);

bool host_name_valid(const char *name)
{
	static const char characters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
					 "0123456789-._";
	size_t length = strspn(name, characters);

	return length > 0 && length < HOST_NAME_SIZE && name[length] == '\0';
}

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
	r = transaction_begin(&transaction, control);
	if (r == 0)
		r = host_take(&transaction, caller, host, report, why);
	if (r == 0 && report->has_inventory)
		r = inventory_take(&transaction, caller, host, report);
	if (r == 0)
		r = sessions_take(control->store, host, report);
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
	if (r == STORE_MISSING) {
		(void)string_copy(host.name, sizeof(host.name), name);
		r = host_add(transaction, caller, &host);
	}
	if (r < 0)
		return r;
	memcpy(host.agent_version, report->version, sizeof(host.agent_version));
	memcpy(host.kernel, report->kernel, sizeof(host.kernel));
	host.applied_revision = report->applied_revision;
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

/* A host speaks for the sessions of its own sources only; those deleted meanwhile are past caring. */
static int sessions_take(struct store *store, const char *host, const struct report *report)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < report->session_count; i++) {
		const struct report_session *session = &report->sessions[i];
		bool own;

		r = store_session_is_on_host(store, session->id.text, host, &own);
		if (r == 0 && own)
			r = store_put_session_report(store, session);
	}
	return r;
}
