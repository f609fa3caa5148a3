// SPDX-License-Identifier: Apache-2.0
#include "control/enrolment.h"

#include "base/text.h"
#include "control/describe.h"
#include "control/host_key.h"
#include "control/identity_make.h"
#include "control/own_key.h"
#include "control/state.h"
#include "control/transaction.h"
#include "store/host.h"
#include "store/identity.h"
#include "store/store.h"

#include <string.h>

static int host_check(const char *host, struct refusal *why);
static int seconds_check(struct optional_number seconds, struct refusal *why);
static int room_make(struct control *control, const struct caller *caller, struct refusal *why);
static int enrolment_find(struct control *control, const struct enrolment_code *code,
			  const char *host, struct stored_enrolment *ret_enrolment,
			  struct refusal *why);
static int newcomer_check(struct control *control, const struct identity *hosts, const char *host,
			  struct refusal *why);
static int key_replace(struct control *control, const struct identity *hosts, const char *host,
		       struct stored_credential *ret_credential);
static void record_fill(const struct stored_enrolment *enrolment,
			struct enrolment_record *ret_record);

static int enrolments_select(struct describe *describe, const char *after,
			     struct cursor **ret_cursor);
static int enrolments_next(struct describe *describe, struct cursor *cursor, void *record);
static void enrolments_key(const void *record, struct text *ret_key);

static const struct noun enrolments = {
	.name = "enrolments",
	.record_size = sizeof(struct enrolment_record),
	.select = enrolments_select,
	.next = enrolments_next,
	.key = enrolments_key,
};

void enrolment_page_fini(struct enrolment_page *page)
{
	free(page->items);
	free(page->next_token);
	*page = (struct enrolment_page){};
}

int control_issue_enrolment(struct control *control, const struct caller *caller,
			    const struct enrolment_code *code, const char *host,
			    struct optional_number seconds, struct enrolment_record *ret_enrolment,
			    struct refusal *why)
{
	_cleanup_(transaction_end) struct transaction transaction = {};
	struct stored_enrolment enrolment = {
		.account = caller->account,
		.created = control_now(control),
	};
	int r;

	r = host ? host_check(host, why) : 0;
	if (r == 0)
		r = seconds_check(seconds, why);
	if (r == 0)
		r = transaction_begin(&transaction, control);
	if (r == 0)
		r = room_make(control, caller, why);
	if (r != 0)
		return r;
	enrolment.expires = enrolment.created +
			    1000 * (seconds.set ? seconds.value : ENROLMENT_SECONDS_DEFAULT);
	(void)string_copy(enrolment.id, sizeof(enrolment.id), code->id);
	(void)string_copy(enrolment.digest, sizeof(enrolment.digest), code->digest);
	(void)string_copy(enrolment.host, sizeof(enrolment.host), host ? host : "");
	r = store_add_enrolment(control->store, &enrolment);
	if (r == 0)
		r = transaction_commit(&transaction, caller, why);
	if (r == 0)
		record_fill(&enrolment, ret_enrolment);
	return r;
}

int control_delete_enrolment(struct control *control, const struct caller *caller, const char *id,
			     struct refusal *why)
{
	_cleanup_(transaction_end) struct transaction transaction = {};
	struct stored_enrolment enrolment;
	int r;

	r = transaction_begin(&transaction, control);
	if (r == 0)
		r = store_get_enrolment(control->store, id, &enrolment);
	if (r == STORE_MISSING ||
	    (r == 0 && strcmp(enrolment.account.text, caller->account.text) != 0))
		return refuse(why, REFUSE_ENROLMENT_NOT_FOUND,
			      "There is no enrolment '%.64s' that waits to be redeemed", id);
	if (r == 0)
		r = store_delete_enrolment(control->store, id);
	return r != 0 ? r : transaction_commit(&transaction, caller, why);
}

int control_describe_enrolments(struct control *control, const struct caller *caller,
				const struct query *query, struct enrolment_page *ret_page,
				struct refusal *why)
{
	struct describe describe = {control, caller, &enrolments, query};
	struct page page;
	int r = describe_run(&describe, &page, why);

	if (r == 0)
		PAGE_TAKE(ret_page, page);
	return r;
}

int control_redeem_enrolment(struct control *control, const struct enrolment_code *code,
			     const char *host, struct access_key *ret_key, struct refusal *why)
{
	_cleanup_(transaction_end) struct transaction transaction = {};
	_cleanup_identity_ struct identity hosts = {};
	struct caller redeemer = {.kind = CALLER_HOST};
	struct stored_enrolment enrolment;
	struct stored_credential credential;
	int r;

	r = transaction_begin(&transaction, control);
	if (r == 0)
		r = enrolment_find(control, code, host, &enrolment, why);
	if (r == 0)
		r = identity_settle(control, &enrolment.account, IDENTITY_HOST, HOSTS_NAME, &hosts);
	if (r == 0 && enrolment.host[0] == '\0')
		r = newcomer_check(control, &hosts, host, why);
	if (r == 0)
		r = store_delete_enrolment(control->store, enrolment.id);
	if (r == 0)
		r = key_replace(control, &hosts, host, &credential);
	if (r == 0) {
		redeemer.account = enrolment.account;
		r = identities_commit(&transaction, &redeemer, why);
	}
	return r != 0 ? r : control_find_access_key(control, credential.id, ret_key, why);
}

static int host_check(const char *host, struct refusal *why)
{
	if (host_name_valid(host))
		return 0;
	return refuse(why, REFUSE_PARAMETER_VALUE,
		      "The host name '%.80s' is not of 1 to 63 letters, digits, '-', '.' and '_'",
		      host);
}

static int seconds_check(struct optional_number seconds, struct refusal *why)
{
	if (!seconds.set ||
	    (seconds.value >= ENROLMENT_SECONDS_MIN && seconds.value <= ENROLMENT_SECONDS_MAX))
		return 0;
	return refuse(why, REFUSE_PARAMETER_VALUE,
		      "An enrolment is good for %d to %d seconds, not for %lld",
		      ENROLMENT_SECONDS_MIN, ENROLMENT_SECONDS_MAX, (long long)seconds.value);
}

/* Those that are over count for nothing, and go. */
static int room_make(struct control *control, const struct caller *caller, struct refusal *why)
{
	int64_t count;
	int r;

	r = store_expire_enrolments(control->store, caller->account.text, control_now(control));
	if (r == 0)
		r = store_count_enrolments(control->store, caller->account.text, &count);
	if (r < 0 || count < ENROLMENTS_MAX)
		return r;
	return refuse(why, REFUSE_ENROLMENT_LIMIT,
		      "The account %s has %d enrolments that wait to be redeemed, and may have no "
		      "more",
		      caller->account.text, ENROLMENTS_MAX);
}

/* Digests are compared as they come: what is learnt from the time it takes is about a hash that nobody can choose. */
static int enrolment_find(struct control *control, const struct enrolment_code *code,
			  const char *host, struct stored_enrolment *ret_enrolment,
			  struct refusal *why)
{
	int r = store_get_enrolment(control->store, code->id, ret_enrolment);

	if (r < 0)
		return r;
	if (r == STORE_MISSING || strcmp(ret_enrolment->digest, code->digest) != 0 ||
	    ret_enrolment->expires <= control_now(control))
		return refuse(why, REFUSE_ENROLMENT_INVALID,
			      "The enrolment code is not valid: it is good once, and until it "
			      "expires");
	r = host_check(host, why);
	if (r == 0 && ret_enrolment->host[0] != '\0' && strcmp(ret_enrolment->host, host) != 0)
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "The enrolment code is for the host '%s', not for '%.64s'",
			      ret_enrolment->host, host);
	return r;
}

/* A code for any host must not take a host's name over: hosts that are known take one that names them. */
static int newcomer_check(struct control *control, const struct identity *hosts, const char *host,
			  struct refusal *why)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	struct stored_credential credential;
	struct stored_host known;
	int r;

	r = store_get_host(control->store, host, &known);
	if (r < 0)
		return r;
	if (r == STORE_MISSING) {
		r = store_select_host_credentials(control->store, hosts->id, host, &cursor);
		if (r == 0)
			r = store_next_credential(cursor, &credential);
		if (r != STORE_ROW)
			return r;
	}
	return refuse(why, REFUSE_HOST_ENROLLED,
		      "The host '%s' is known already: it takes an enrolment that names it", host);
}

static int key_replace(struct control *control, const struct identity *hosts, const char *host,
		       struct stored_credential *ret_credential)
{
	int r = own_keys_revoke(control, &hosts->account, host, NULL);

	return r != 0 ? r : own_key_make(control, hosts, host, NULL, ret_credential);
}

static void record_fill(const struct stored_enrolment *enrolment,
			struct enrolment_record *ret_record)
{
	struct enrolment_record record = {
		.created = enrolment->created,
		.expires = enrolment->expires,
	};

	memcpy(record.id, enrolment->id, sizeof(record.id));
	memcpy(record.host, enrolment->host, sizeof(record.host));
	*ret_record = record;
}

static int enrolments_select(struct describe *describe, const char *after,
			     struct cursor **ret_cursor)
{
	return store_select_enrolments(describe->control->store, describe->caller->account.text,
				       after, ret_cursor);
}

/* One that is over is there until the next is issued, but is not shown. */
static int enrolments_next(struct describe *describe, struct cursor *cursor, void *record)
{
	struct stored_enrolment enrolment;
	int r;

	do
		r = store_next_enrolment(cursor, &enrolment);
	while (r == STORE_ROW && enrolment.expires <= control_now(describe->control));
	if (r == STORE_ROW)
		record_fill(&enrolment, record);
	return r;
}

static void enrolments_key(const void *record, struct text *ret_key)
{
	text_append(ret_key, ((const struct enrolment_record *)record)->id);
}
