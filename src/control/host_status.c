// SPDX-License-Identifier: Apache-2.0
/* What can be asked of hosts; status.h declares it. */
#include "base/count.h"
#include "base/text.h"
#include "control/describe.h"
#include "control/state.h"
#include "control/status.h"
#include "store/credential.h"
#include "store/host.h"
#include "store/revoked_key.h"
#include "store/store.h"

#include <string.h>

static int hosts_select(struct describe *describe, const char *after, struct cursor **ret_cursor);
static int hosts_next(struct describe *describe, struct cursor *cursor, void *record);
static int hosts_find(struct describe *describe, const char *name, void *record,
		      struct refusal *why);
static void hosts_key(const void *record, struct text *ret_key);
static int record_fill(struct control *control, const struct stored_host *host,
		       struct host_status *ret_status);
static int key_fill(struct control *control, const struct stored_host *host,
		    struct host_status *status);
static void offer_name(const void *record, struct match *match);
static void offer_instance(const void *record, struct match *match);
static void offer_connected(const void *record, struct match *match);
static void offer_version(const void *record, struct match *match);

static const struct field fields[] = {
	{"host-name", offer_name},
	{"instance-id", offer_instance},
	{"connected", offer_connected},
	{"agent-version", offer_version},
};

static const struct noun hosts = {
	.name = "hosts",
	.record_size = sizeof(struct host_status),
	.fields = fields,
	.field_count = ARRAY_SIZE(fields),
	.select = hosts_select,
	.next = hosts_next,
	.find = hosts_find,
	.key = hosts_key,
};

void host_status_page_fini(struct host_status_page *page)
{
	free(page->items);
	free(page->next_token);
	*page = (struct host_status_page){};
}

int control_describe_hosts(struct control *control, const struct caller *caller,
			   const struct query *query, struct host_status_page *ret_page,
			   struct refusal *why)
{
	struct describe describe = {control, caller, &hosts, query};
	struct page page;
	int r = describe_run(&describe, &page, why);

	if (r == 0)
		PAGE_TAKE(ret_page, page);
	return r;
}

static int hosts_select(struct describe *describe, const char *after, struct cursor **ret_cursor)
{
	return store_select_hosts(describe->control->store, describe->caller->account.text, after,
				  ret_cursor);
}

static int hosts_next(struct describe *describe, struct cursor *cursor, void *record)
{
	struct stored_host host;
	int r = store_next_host(cursor, &host);

	if (r != STORE_ROW)
		return r;
	r = record_fill(describe->control, &host, record);
	return r < 0 ? r : STORE_ROW;
}

static int hosts_find(struct describe *describe, const char *name, void *record,
		      struct refusal *why)
{
	struct stored_host host;
	int r = store_get_host(describe->control->store, name, &host);

	if (r < 0)
		return r;
	if (r == STORE_MISSING || strcmp(host.owner.text, describe->caller->account.text) != 0)
		return refuse(why, REFUSE_HOST_NOT_FOUND, "The host '%.64s' does not exist", name);
	return record_fill(describe->control, &host, record);
}

static const struct host_status *host_of(const void *record)
{
	return record;
}

static void hosts_key(const void *record, struct text *ret_key)
{
	text_append(ret_key, host_of(record)->name);
}

static int record_fill(struct control *control, const struct stored_host *host,
		       struct host_status *ret_status)
{
	*ret_status = (struct host_status){
		.instance = host->instance,
		.connected = control_now(control) - host->last_report <= HOST_SILENCE_MILLISECONDS,
		.first_report = host->first_report,
		.last_report = host->last_report,
		.plan_revision = host->plan_revision,
		.applied_revision = host->applied_revision,
		.reattachments = host->reattachments,
		.protocol = host->protocol,
	};
	memcpy(ret_status->name, host->name, sizeof(ret_status->name));
	memcpy(ret_status->agent_version, host->agent_version, sizeof(ret_status->agent_version));
	memcpy(ret_status->kernel, host->kernel, sizeof(ret_status->kernel));
	return key_fill(control, host, ret_status);
}

static int key_fill(struct control *control, const struct stored_host *host,
		    struct host_status *status)
{
	struct stored_credential credential;
	struct revoked_key revoked;
	int r;

	if (host->access_key[0] == '\0')
		return 0;
	memcpy(status->access_key, host->access_key, sizeof(status->access_key));
	r = store_get_credential(control->store, host->access_key, &credential);
	if (r == 0) {
		status->own_key = credential.host[0] != '\0';
		status->key_created = credential.created;
	}
	if (r != STORE_MISSING)
		return r;
	r = store_get_revoked_key(control->store, host->access_key, &revoked);
	status->revoked = r == 0;
	status->own_key = r == 0 && revoked.host[0] != '\0';
	return r < 0 ? r : 0;
}

static void offer_name(const void *record, struct match *match)
{
	match_text(match, host_of(record)->name);
}

static void offer_instance(const void *record, struct match *match)
{
	match_text(match, host_of(record)->instance.text);
}

static void offer_connected(const void *record, struct match *match)
{
	match_flag(match, host_of(record)->connected);
}

static void offer_version(const void *record, struct match *match)
{
	match_text(match, host_of(record)->agent_version);
}
