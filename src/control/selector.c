// SPDX-License-Identifier: Apache-2.0
#include "control/selector.h"

#include "control/allowance.h"
#include "control/find.h"
#include "control/once.h"
#include "control/selection.h"
#include "control/selector_describe.h"
#include "control/session_options.h"
#include "control/session_take.h"
#include "control/state.h"
#include "control/transaction.h"
#include "store/selector.h"
#include "store/store.h"

static int selector_make(struct transaction *transaction, const struct caller *caller,
			 const void *argument, const struct resource_id *id, struct refusal *why);
static int change_take(struct control *control, const struct selector_change *change,
		       struct selector *selector, struct refusal *why);
static int filters_take(const struct tag_filter *filters, size_t count, struct selector *selector);
static int filter_take(const struct tag_filter *filter, unsigned int number,
		       struct selector *selector);
static int selector_check(struct control *control, const struct caller *caller,
			  const struct selector *selector, struct refusal *why);
static int ending_check(const struct selector *selector, struct refusal *why);
static int limit_check(struct control *control, const char *owner, struct refusal *why);
static int selector_store(struct transaction *transaction, const struct selector *selector);
static int selector_answer(struct transaction *transaction, const struct caller *caller,
			   const char *id, struct selector_record *ret_selector,
			   struct refusal *why);

int control_create_selector(struct control *control, const struct caller *caller,
			    const struct selector_wish *wish, struct selector_record *ret_selector,
			    struct refusal *why)
{
	const struct creation creation = {
		.action = "CreateTrafficMirrorSelector",
		.kind = RESOURCE_SELECTOR,
		.once = &wish->once,
		.tags = wish->tags,
		.tag_count = wish->tag_count,
		.make = selector_make,
		.wish = wish,
	};
	_cleanup_(transaction_end) struct transaction transaction = {};
	struct resource_id id;
	int r;

	r = create_once(&transaction, control, caller, &creation, &id, why);
	if (r != 0)
		return r;
	return selector_answer(&transaction, caller, id.text, ret_selector, why);
}

int control_modify_selector(struct control *control, const struct caller *caller,
			    const struct selector_change *change,
			    struct selector_record *ret_selector, struct refusal *why)
{
	_cleanup_(transaction_end) struct transaction transaction = {};
	_cleanup_selector_ struct selector selector = {};
	int r;

	r = transaction_begin(&transaction, control);
	if (r == 0)
		r = find_selector(control, caller, change->selector, &selector, why);
	if (r == 0)
		r = ending_check(&selector, why);
	if (r == 0)
		r = change_take(control, change, &selector, why);
	if (r == 0)
		r = selector_check(control, caller, &selector, why);
	if (r == 0)
		r = selector_store(&transaction, &selector);
	if (r != 0)
		return r;
	return selector_answer(&transaction, caller, selector.id.text, ret_selector, why);
}

int control_delete_selector(struct control *control, const struct caller *caller, const char *id,
			    struct refusal *why)
{
	_cleanup_(transaction_end) struct transaction transaction = {};
	_cleanup_selector_ struct selector selector = {};
	int r;

	r = transaction_begin(&transaction, control);
	if (r == 0)
		r = find_selector(control, caller, id, &selector, why);
	if (r != 0)
		return r;
	selector.ending = true;
	r = selector_store(&transaction, &selector);
	return r != 0 ? r : transaction_commit(&transaction, caller, why);
}

static int selector_make(struct transaction *transaction, const struct caller *caller,
			 const void *argument, const struct resource_id *id, struct refusal *why)
{
	const struct selector_wish *wish = argument;
	const struct session_fields fields = {
		.target = wish->target,
		.filter = wish->filter,
		.number = wish->number,
		.packet_length = wish->packet_length,
		.vni = wish->vni,
		.description = wish->description,
		.options = &wish->options,
	};
	struct control *control = transaction->control;
	_cleanup_selector_ struct selector selector = {
		.id = *id,
		.model = {.owner = caller->account, .created = control_now(control)},
		.own_vnis = !wish->vni.set,
	};
	int r;

	r = session_fields_require(&fields, why);
	if (r == 0)
		r = session_fields_take(control, &fields, &selector.model, why);
	if (r == 0)
		r = filters_take(wish->filters, wish->filter_count, &selector);
	if (r == 0)
		r = selector_check(control, caller, &selector, why);
	if (r == 0)
		r = limit_check(control, caller->account.text, why);
	return r == 0 ? selector_store(transaction, &selector) : r;
}

/* Brings what is asked for into a copy of the selector. */
static int change_take(struct control *control, const struct selector_change *change,
		       struct selector *selector, struct refusal *why)
{
	const struct session_fields fields = {
		.target = change->target,
		.filter = change->filter,
		.number = change->number,
		.packet_length = change->packet_length,
		.vni = change->vni,
		.description = change->description,
		.options = &change->options,
		.remove = change->remove,
	};
	int r = session_fields_take(control, &fields, &selector->model, why);

	if (r == 0 && change->filter_count > 0) {
		selector_clear_terms(selector);
		r = filters_take(change->filters, change->filter_count, selector);
	}
	if (change->vni.set)
		selector->own_vnis = false;
	if (change->remove & SESSION_FIELD_VNI)
		selector->own_vnis = true;
	return r;
}

static int filters_take(const struct tag_filter *filters, size_t count, struct selector *selector)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < count; i++)
		r = filter_take(&filters[i], (unsigned int)i, selector);
	return r;
}

static int filter_take(const struct tag_filter *filter, unsigned int number,
		       struct selector *selector)
{
	int r = 0;

	if (filter->value_count == 0)
		return selector_add_term(selector, number, filter->key, NULL);
	for (size_t i = 0; r == 0 && i < filter->value_count; i++)
		r = selector_add_term(selector, number, filter->key, filter->values[i]);
	return r;
}

/* What every session of it would be refused for is refused at once. */
static int selector_check(struct control *control, const struct caller *caller,
			  const struct selector *selector, struct refusal *why)
{
	const struct session *model = &selector->model;
	struct filter filter;
	struct target target;
	int r;

	r = selector_validate(selector, why);
	if (r == 0)
		r = find_usable_target(control, caller, model->target.text, &target, why);
	if (r == 0)
		r = find_filter(control, caller, model->filter.text, &filter, why);
	return r == 0 ? options_check_target(control, model, why) : r;
}

static int ending_check(const struct selector *selector, struct refusal *why)
{
	if (!selector->ending)
		return 0;
	return refuse(why, REFUSE_OPERATION, "The traffic mirror selector '%s' is being deleted",
		      selector->id.text);
}

static int limit_check(struct control *control, const char *owner, struct refusal *why)
{
	uint32_t allowed;
	int64_t count;
	int r;

	r = allowance_get(control, owner, QUOTA_SELECTORS, &allowed);
	if (r == 0)
		r = store_count_selectors(control->store, SELECTORS_OF_OWNER, owner, &count);
	if (r < 0 || count < allowed)
		return r;
	return refuse(why, REFUSE_SELECTOR_LIMIT,
		      "The account has %lld traffic mirror selectors, and may have %u",
		      (long long)count, allowed);
}

/* From here on it has to look at all interfaces. */
static int selector_store(struct transaction *transaction, const struct selector *selector)
{
	int r = store_put_selector(transaction->control->store, selector);

	return r < 0 ? r : selection_sweep(transaction, selector->id.text);
}

/* Lets it begin, so that the answer tells of its sessions; reads back what is stored, commits, and hands it over. */
static int selector_answer(struct transaction *transaction, const struct caller *caller,
			   const char *id, struct selector_record *ret_selector,
			   struct refusal *why)
{
	_cleanup_(selector_record_fini) struct selector_record record = {};
	struct control *control = transaction->control;
	int r = 0;

	if (!caller->dry_run)
		r = transaction_settle(transaction, caller);
	if (r == 0)
		r = find_selector(control, caller, id, &record.selector, why);
	if (r == 0)
		r = selector_record_complete(control, &record);
	if (r == 0)
		r = transaction_commit(transaction, caller, why);
	if (r != 0)
		return r;
	*ret_selector = record;
	record = (struct selector_record){};
	return 0;
}
