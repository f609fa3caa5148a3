// SPDX-License-Identifier: Apache-2.0
/* What can be asked of rules; filter.h declares it. */
#include "base/count.h"
#include "base/text.h"
#include "control/describe.h"
#include "control/filter.h"
#include "control/find.h"
#include "control/state.h"
#include "store/filter.h"
#include "store/tag.h"

#include <string.h>

static int rules_select(struct describe *describe, const char *after, struct cursor **ret_cursor);
static int rules_next(struct describe *describe, struct cursor *cursor, void *record);
static int rules_find(struct describe *describe, const char *id, void *record, struct refusal *why);
static int rules_complete(struct describe *describe, void *record);
static void rules_fini(void *record);
static void rules_key(const void *record, struct text *ret_key);
static const struct tags *rules_tags(const void *record);
static void offer_id(const void *record, struct match *match);
static void offer_filter(const void *record, struct match *match);
static void offer_number(const void *record, struct match *match);
static void offer_action(const void *record, struct match *match);
static void offer_direction(const void *record, struct match *match);
static void offer_protocol(const void *record, struct match *match);
static void offer_source(const void *record, struct match *match);
static void offer_destination(const void *record, struct match *match);
static void offer_description(const void *record, struct match *match);

static const struct field fields[] = {
	{"traffic-mirror-filter-rule-id", offer_id},
	{"traffic-mirror-filter-id", offer_filter},
	{"rule-number", offer_number},
	{"rule-action", offer_action},
	{"traffic-direction", offer_direction},
	{"protocol", offer_protocol},
	{"source-cidr-block", offer_source},
	{"destination-cidr-block", offer_destination},
	{"description", offer_description},
};

static const struct noun rules = {
	.name = "rules",
	.record_size = sizeof(struct rule_record),
	.fields = fields,
	.field_count = ARRAY_SIZE(fields),
	.select = rules_select,
	.next = rules_next,
	.find = rules_find,
	.complete = rules_complete,
	.fini = rules_fini,
	.key = rules_key,
	.tags = rules_tags,
};

DEFINE_PAGE_FINI(struct rule_page, rule_page_fini, rule_record_fini)

int control_describe_rules(struct control *control, const struct caller *caller, const char *filter,
			   const struct query *query, struct rule_page *ret_page,
			   struct refusal *why)
{
	struct filter found;
	struct describe describe = {control, caller, &rules, query, filter};
	struct page page;
	int r = 0;

	if (filter)
		r = find_filter(control, caller, filter, &found, why);
	if (r == 0)
		r = describe_run(&describe, &page, why);
	if (r == 0)
		PAGE_TAKE(ret_page, page);
	return r;
}

static int rules_select(struct describe *describe, const char *after, struct cursor **ret_cursor)
{
	struct store *store = describe->control->store;

	if (describe->scope)
		return store_select_rules(store, RULES_OF_FILTER, describe->scope, after,
					  ret_cursor);
	return store_select_rules(store, RULES_OF_OWNER, describe->caller->account.text, after,
				  ret_cursor);
}

static int rules_next(struct describe *describe _unused_, struct cursor *cursor, void *record)
{
	return store_next_rule(cursor, &((struct rule_record *)record)->rule);
}

/* A rule of another filter than the one asked about is not there. */
static int rules_find(struct describe *describe, const char *id, void *record, struct refusal *why)
{
	struct rule_record *found = record;
	int r = find_rule(describe->control, describe->caller, id, &found->rule, why);

	if (r == 0 && describe->scope && strcmp(found->rule.filter.text, describe->scope) != 0)
		r = refuse_missing(RESOURCE_FILTER_RULE, id, why);
	return r;
}

static int rules_complete(struct describe *describe, void *record)
{
	struct rule_record *found = record;

	return store_load_tags(describe->control->store, found->rule.id.text, &found->tags);
}

static void rules_fini(void *record)
{
	rule_record_fini(record);
}

static void rules_key(const void *record, struct text *ret_key)
{
	text_append(ret_key, ((const struct rule_record *)record)->rule.id.text);
}

static const struct tags *rules_tags(const void *record)
{
	return &((const struct rule_record *)record)->tags;
}

static const struct filter_rule *rule_of(const void *record)
{
	return &((const struct rule_record *)record)->rule;
}

static void offer_id(const void *record, struct match *match)
{
	match_text(match, rule_of(record)->id.text);
}

static void offer_filter(const void *record, struct match *match)
{
	match_text(match, rule_of(record)->filter.text);
}

static void offer_number(const void *record, struct match *match)
{
	match_number(match, rule_of(record)->number);
}

static void offer_action(const void *record, struct match *match)
{
	match_text(match, rule_action_name(rule_of(record)->action));
}

static void offer_direction(const void *record, struct match *match)
{
	match_text(match, direction_name(rule_of(record)->direction));
}

static void offer_protocol(const void *record, struct match *match)
{
	if (rule_of(record)->protocol != PROTOCOL_ANY)
		match_number(match, rule_of(record)->protocol);
}

static void offer_block(const struct cidr *block, struct match *match)
{
	char text[CIDR_TEXT_SIZE];

	cidr_format(block, text);
	match_text(match, text);
}

static void offer_source(const void *record, struct match *match)
{
	offer_block(&rule_of(record)->source, match);
}

static void offer_destination(const void *record, struct match *match)
{
	offer_block(&rule_of(record)->destination, match);
}

static void offer_description(const void *record, struct match *match)
{
	match_text(match, rule_of(record)->description);
}
