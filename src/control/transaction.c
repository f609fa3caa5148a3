// SPDX-License-Identifier: Apache-2.0
#include "control/transaction.h"

#include "base/array.h"
#include "base/text.h"
#include "control/state.h"
#include "store/member.h"
#include "store/source.h"
#include "store/store.h"
#include "store/target.h"

#include <string.h>

static int begin(struct transaction *transaction, struct control *control,
		 enum store_access access);
static int touch_target(struct transaction *transaction, enum target_type type,
			const char *locator);

int transaction_begin(struct transaction *transaction, struct control *control)
{
	return begin(transaction, control, STORE_WRITE);
}

int transaction_begin_note(struct transaction *transaction, struct control *control)
{
	return begin(transaction, control, STORE_NOTE);
}

int transaction_touch_host(struct transaction *transaction, const char *host)
{
	struct touched_host touched = {};

	for (size_t i = 0; i < transaction->host_count; i++)
		if (strcmp(transaction->hosts[i].name, host) == 0)
			return 0;
	if (host[0] == '\0' || !string_copy(touched.name, sizeof(touched.name), host))
		return 0;
	return array_append(transaction, hosts, host_count, host_capacity, touched);
}

int transaction_touch_source(struct transaction *transaction, const char *id)
{
	struct source source;
	int r = store_get_source(transaction->control->store, id, &source);

	if (r != 0)
		return r < 0 ? r : 0;
	return transaction_touch_host(transaction, source.host);
}

int transaction_touch_senders(struct transaction *transaction, const char *id)
{
	struct source source;
	int r = store_get_source(transaction->control->store, id, &source);

	if (r == 0 && resource_id_set(&source.instance))
		r = transaction_touch_instance(transaction, source.instance.text);
	return r < 0 ? r : touch_target(transaction, TARGET_NETWORK_INTERFACE, id);
}

int transaction_touch_instance(struct transaction *transaction, const char *instance)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	struct member member;
	int r;

	r = store_select_members_of_id(transaction->control->store, instance, &cursor);
	while (r >= 0 && (r = store_next_member(cursor, &member)) == STORE_ROW)
		r = transaction_touch_group(transaction, member.group.text);
	return r;
}

int transaction_touch_endpoint(struct transaction *transaction, const char *id)
{
	return touch_target(transaction, TARGET_GATEWAY_LOAD_BALANCER_ENDPOINT, id);
}

int transaction_touch_balancer(struct transaction *transaction, const char *arn)
{
	return transaction_touch_hosts(transaction, HOST_NAMES_OF_BALANCER, arn);
}

int transaction_touch_group(struct transaction *transaction, const char *arn)
{
	return transaction_touch_hosts(transaction, HOST_NAMES_OF_GROUP, arn);
}

int transaction_touch_hosts(struct transaction *transaction, enum host_selection selection,
			    const char *key)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	char name[HOST_NAME_SIZE];
	int r;

	r = store_select_host_names(transaction->control->store, selection, key, &cursor);
	while (r >= 0 && (r = store_next_host_name(cursor, name)) == STORE_ROW)
		r = transaction_touch_host(transaction, name);
	return r;
}

int transaction_settle(struct transaction *transaction, const struct caller *caller)
{
	int r = transaction->settle ? transaction->settle(transaction, caller) : 0;

	transaction->settle = NULL;
	return r;
}

int transaction_commit(struct transaction *transaction, const struct caller *caller,
		       struct refusal *why)
{
	struct control *control = transaction->control;
	int64_t now = control_now(control);
	int r;

	r = dry_run_check(caller, why);
	if (r == 0)
		r = transaction_settle(transaction, caller);
	for (size_t i = 0; r == 0 && i < transaction->host_count; i++)
		r = store_raise_revision(control->store, transaction->hosts[i].name, now);
	if (r != 0)
		return r;
	/* A commit that fails has ended the transaction, too. */
	transaction->open = false;
	r = store_commit(control->store);
	if (r < 0)
		return r;
	for (size_t i = 0; control->changed && i < transaction->host_count; i++)
		control->changed(control->context, transaction->hosts[i].name);
	for (size_t i = 0; control->selected && i < transaction->act_count; i++)
		control->selected(control->context, &transaction->acts[i]);
	return 0;
}

void transaction_end(struct transaction *transaction)
{
	if (transaction->open)
		store_rollback(transaction->control->store);
	free(transaction->hosts);
	free(transaction->acts);
	*transaction = (struct transaction){};
}

int dry_run_check(const struct caller *caller, struct refusal *why)
{
	if (!caller->dry_run)
		return 0;
	return refuse(why, REFUSE_DRY_RUN, "Request would have succeeded, but DryRun flag is set.");
}

static int begin(struct transaction *transaction, struct control *control, enum store_access access)
{
	int r = store_begin(control->store, access);

	if (r < 0)
		return r;
	transaction->control = control;
	transaction->open = true;
	control_notice(control);
	return 0;
}

/* The hosts that send to what stands behind a target, if there is one. */
static int touch_target(struct transaction *transaction, enum target_type type, const char *locator)
{
	struct target target;
	int r = store_find_target(transaction->control->store, type, locator, &target);

	if (r != 0)
		return r == STORE_MISSING ? 0 : r;
	return transaction_touch_hosts(transaction, HOST_NAMES_OF_TARGET, target.id.text);
}
