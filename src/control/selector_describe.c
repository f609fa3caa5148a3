// SPDX-License-Identifier: Apache-2.0
/* What can be asked of selectors, and of what was refused them; selector.h declares it. */
#include "control/selector_describe.h"

#include "base/count.h"
#include "base/text.h"
#include "control/describe.h"
#include "control/find.h"
#include "control/session_fields.h"
#include "control/state.h"
#include "store/selection.h"
#include "store/selector.h"
#include "store/session.h"
#include "store/store.h"
#include "store/tag.h"

#include <string.h>

static int selectors_select(struct describe *describe, const char *after,
			    struct cursor **ret_cursor);
static int selectors_next(struct describe *describe, struct cursor *cursor, void *record);
static int selectors_find(struct describe *describe, const char *id, void *record,
			  struct refusal *why);
static int selectors_complete(struct describe *describe, void *record);
static void selectors_fini(void *record);
static void selectors_key(const void *record, struct text *ret_key);
static const struct tags *selectors_tags(const void *record);
static void offer_id(const void *record, struct match *match);
static void offer_state(const void *record, struct match *match);
static void offer_vni(const void *record, struct match *match);
static void model_offer_description(const void *record, struct match *match);
static void model_offer_filter(const void *record, struct match *match);
static void model_offer_number(const void *record, struct match *match);
static void model_offer_owner(const void *record, struct match *match);
static void model_offer_packet_length(const void *record, struct match *match);
static void model_offer_target(const void *record, struct match *match);

static int refusals_select(struct describe *describe, const char *after,
			   struct cursor **ret_cursor);
static int refusals_next(struct describe *describe, struct cursor *cursor, void *record);
static void refusals_key(const void *record, struct text *ret_key);
static void offer_refused_source(const void *record, struct match *match);
static void offer_reason(const void *record, struct match *match);
static void offer_refused_selector(const void *record, struct match *match);

static const char *const states[] = {
	[SELECTOR_ACTIVE] = "active",
	[SELECTOR_SETTLING] = "settling",
	[SELECTOR_DELETING] = "deleting",
};

static const struct field selector_fields[] = {
	{"description", model_offer_description},
	{"owner-id", model_offer_owner},
	{"packet-length", model_offer_packet_length},
	{"session-number", model_offer_number},
	{"state", offer_state, .late = true},
	{"traffic-mirror-filter-id", model_offer_filter},
	{"traffic-mirror-selector-id", offer_id},
	{"traffic-mirror-target-id", model_offer_target},
	{"virtual-network-id", offer_vni},
};

static const struct noun selectors = {
	.name = "selectors",
	.record_size = sizeof(struct selector_record),
	.fields = selector_fields,
	.field_count = ARRAY_SIZE(selector_fields),
	.select = selectors_select,
	.next = selectors_next,
	.find = selectors_find,
	.complete = selectors_complete,
	.fini = selectors_fini,
	.key = selectors_key,
	.tags = selectors_tags,
};

static const struct field refusal_fields[] = {
	{"network-interface-id", offer_refused_source},
	{"reason", offer_reason},
	{"traffic-mirror-selector-id", offer_refused_selector},
};

static const struct noun refusals = {
	.name = "selector-refusals",
	.record_size = sizeof(struct selector_refusal),
	.fields = refusal_fields,
	.field_count = ARRAY_SIZE(refusal_fields),
	.select = refusals_select,
	.next = refusals_next,
	.key = refusals_key,
};

DEFINE_PAGE_FINI(struct selector_page, selector_page_fini, selector_record_fini)

const char *selector_state_name(enum selector_state state)
{
	return states[state];
}

void selector_record_fini(struct selector_record *record)
{
	selector_fini(&record->selector);
	tags_fini(&record->tags);
}

int control_describe_selectors(struct control *control, const struct caller *caller,
			       const struct query *query, struct selector_page *ret_page,
			       struct refusal *why)
{
	struct describe describe = {control, caller, &selectors, query};
	struct page page;
	int r = describe_run(&describe, &page, why);

	if (r == 0)
		PAGE_TAKE(ret_page, page);
	return r;
}

void selector_refusal_page_fini(struct selector_refusal_page *page)
{
	free(page->items);
	free(page->next_token);
	*page = (struct selector_refusal_page){};
}

int control_describe_selector_refusals(struct control *control, const struct caller *caller,
				       const struct query *query,
				       struct selector_refusal_page *ret_page, struct refusal *why)
{
	struct describe describe = {control, caller, &refusals, query};
	struct page page;
	int r = describe_run(&describe, &page, why);

	if (r == 0)
		PAGE_TAKE(ret_page, page);
	return r;
}

int selector_record_complete(struct control *control, struct selector_record *record)
{
	const struct selector *selector = &record->selector;
	const char *id = selector->id.text;
	struct resource_id swept;
	bool marked = false;
	int r;

	r = store_load_tags(control->store, id, &record->tags);
	if (r == 0)
		r = store_count_sessions(control->store, SESSIONS_OF_SELECTOR, id,
					 &record->sessions);
	if (r == 0)
		r = store_count_selector_refusals(control->store, id, &record->refusals);
	if (r == 0)
		r = store_account_has_marks(control->store, selector->model.owner.text, &marked);
	if (r == 0)
		r = store_get_sweep(control->store, id, &swept);
	if (r < 0)
		return r;
	record->state = selector->ending               ? SELECTOR_DELETING
			: marked || r != STORE_MISSING ? SELECTOR_SETTLING
						       : SELECTOR_ACTIVE;
	return 0;
}

static int selectors_select(struct describe *describe, const char *after,
			    struct cursor **ret_cursor)
{
	return store_select_selectors(describe->control->store, describe->caller->account.text,
				      after, ret_cursor);
}

static int selectors_next(struct describe *describe _unused_, struct cursor *cursor, void *record)
{
	return store_next_selector(cursor, &((struct selector_record *)record)->selector);
}

static int selectors_find(struct describe *describe, const char *id, void *record,
			  struct refusal *why)
{
	struct selector_record *found = record;

	return find_selector(describe->control, describe->caller, id, &found->selector, why);
}

/* One that was found by its id has its terms. */
static int selectors_complete(struct describe *describe, void *record)
{
	struct selector_record *found = record;
	int r = 0;

	if (found->selector.term_count == 0)
		r = store_load_selector_terms(describe->control->store, &found->selector);
	return r < 0 ? r : selector_record_complete(describe->control, found);
}

static void selectors_fini(void *record)
{
	selector_record_fini(record);
}

static const struct selector *selector_of(const void *record)
{
	return &((const struct selector_record *)record)->selector;
}

static void selectors_key(const void *record, struct text *ret_key)
{
	text_append(ret_key, selector_of(record)->id.text);
}

static const struct tags *selectors_tags(const void *record)
{
	return &((const struct selector_record *)record)->tags;
}

static void offer_id(const void *record, struct match *match)
{
	match_text(match, selector_of(record)->id.text);
}

static void offer_state(const void *record, struct match *match)
{
	match_text(match, selector_state_name(((const struct selector_record *)record)->state));
}

static void offer_vni(const void *record, struct match *match)
{
	if (!selector_of(record)->own_vnis)
		session_offer_vni(&selector_of(record)->model, match);
}

static void model_offer_description(const void *record, struct match *match)
{
	session_offer_description(&selector_of(record)->model, match);
}

static void model_offer_filter(const void *record, struct match *match)
{
	session_offer_filter(&selector_of(record)->model, match);
}

static void model_offer_number(const void *record, struct match *match)
{
	session_offer_number(&selector_of(record)->model, match);
}

static void model_offer_owner(const void *record, struct match *match)
{
	session_offer_owner(&selector_of(record)->model, match);
}

static void model_offer_packet_length(const void *record, struct match *match)
{
	session_offer_packet_length(&selector_of(record)->model, match);
}

static void model_offer_target(const void *record, struct match *match)
{
	session_offer_target(&selector_of(record)->model, match);
}

/* The key is selector and interface, with a blank between them. */
static int refusals_select(struct describe *describe, const char *after, struct cursor **ret_cursor)
{
	const size_t length = strcspn(after, " ");
	struct resource_id selector = {};

	if (length < sizeof(selector.text))
		memcpy(selector.text, after, length);
	return store_select_selector_refusals(describe->control->store,
					      describe->caller->account.text, selector.text,
					      after[length] ? after + length + 1 : "", ret_cursor);
}

static int refusals_next(struct describe *describe _unused_, struct cursor *cursor, void *record)
{
	return store_next_selector_refusal(cursor, record);
}

static const struct selector_refusal *refusal_of(const void *record)
{
	return record;
}

static void refusals_key(const void *record, struct text *ret_key)
{
	text_printf(ret_key, "%s %s", refusal_of(record)->selector.text,
		    refusal_of(record)->source.text);
}

static void offer_refused_source(const void *record, struct match *match)
{
	match_text(match, refusal_of(record)->source.text);
}

static void offer_reason(const void *record, struct match *match)
{
	match_text(match, refusal_of(record)->reason);
}

static void offer_refused_selector(const void *record, struct match *match)
{
	match_text(match, refusal_of(record)->selector.text);
}
