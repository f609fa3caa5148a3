// SPDX-License-Identifier: Apache-2.0
/* Requests about the rules of filters; filter.h declares them.
 *
 * Create and modify take the same fields, so both bring what is given into a rule and then ask of the whole rule whether
 * it holds. */
#include "base/count.h"
#include "control/allowance.h"
#include "control/filter.h"
#include "control/find.h"
#include "control/once.h"
#include "control/rule_fields.h"
#include "control/state.h"
#include "control/transaction.h"
#include "control/values.h"
#include "store/filter.h"
#include "store/store.h"
#include "store/tag.h"

#include <string.h>

static int rule_make(struct transaction *transaction, const struct caller *caller,
		     const void *argument, const struct resource_id *id, struct refusal *why);
static int change_check(const struct rule_change *change, struct refusal *why);
static void fields_remove(unsigned int remove, struct filter_rule *rule);
static int number_check(struct control *control, const struct filter_rule *rule,
			struct refusal *why);
static int limit_check(struct control *control, const struct filter *filter, struct refusal *why);
static int rule_answer(struct transaction *transaction, const struct caller *caller, const char *id,
		       struct rule_record *ret_rule, struct refusal *why);

void rule_record_fini(struct rule_record *record)
{
	tags_fini(&record->tags);
}

int control_create_rule(struct control *control, const struct caller *caller,
			const struct rule_wish *wish, struct rule_record *ret_rule,
			struct refusal *why)
{
	const struct creation creation = {
		.action = "CreateTrafficMirrorFilterRule",
		.kind = RESOURCE_FILTER_RULE,
		.once = &wish->once,
		.tags = wish->tags,
		.tag_count = wish->tag_count,
		.make = rule_make,
		.wish = wish,
	};
	_cleanup_(transaction_end) struct transaction transaction = {};
	struct resource_id id;
	int r;

	r = create_once(&transaction, control, caller, &creation, &id, why);
	if (r != 0)
		return r;
	return rule_answer(&transaction, caller, id.text, ret_rule, why);
}

int control_modify_rule(struct control *control, const struct caller *caller,
			const struct rule_change *change, struct rule_record *ret_rule,
			struct refusal *why)
{
	_cleanup_(transaction_end) struct transaction transaction = {};
	struct filter_rule before, rule;
	int r;

	r = change_check(change, why);
	if (r == 0)
		r = transaction_begin(&transaction, control);
	if (r == 0)
		r = find_rule(control, caller, change->rule, &before, why);
	if (r != 0)
		return r;
	rule = before;
	fields_remove(change->remove, &rule);
	r = rule_fields_take(&change->fields, &rule, why);
	if (r == 0)
		r = number_check(control, &rule, why);
	if (r != 0)
		return r;
	/* A difference in padding would cost a write; a field that a comparison by fields forgets would cost the change.
	 * NOLINTNEXTLINE(bugprone-suspicious-memory-comparison) */
	if (memcmp(&rule, &before, sizeof(rule)) != 0) {
		r = store_put_rule(control->store, &rule);
		if (r == 0)
			r = transaction_touch_hosts(&transaction, HOST_NAMES_OF_FILTER,
						    rule.filter.text);
		if (r < 0)
			return r;
	}
	return rule_answer(&transaction, caller, rule.id.text, ret_rule, why);
}

int control_delete_rule(struct control *control, const struct caller *caller, const char *id,
			struct refusal *why)
{
	_cleanup_(transaction_end) struct transaction transaction = {};
	struct filter_rule rule;
	int r;

	r = transaction_begin(&transaction, control);
	if (r == 0)
		r = find_rule(control, caller, id, &rule, why);
	if (r == 0)
		r = store_delete_rule(control->store, id);
	if (r == 0)
		r = transaction_touch_hosts(&transaction, HOST_NAMES_OF_FILTER, rule.filter.text);
	return r != 0 ? r : transaction_commit(&transaction, caller, why);
}

static int rule_make(struct transaction *transaction, const struct caller *caller,
		     const void *argument, const struct resource_id *id, struct refusal *why)
{
	const struct rule_wish *wish = argument;
	struct control *control = transaction->control;
	struct filter filter;
	struct filter_rule rule = {
		.id = *id,
		.protocol = PROTOCOL_ANY,
	};
	int r;

	r = text_require(wish->filter, "TrafficMirrorFilterId", why);
	if (r == 0)
		r = rule_fields_require(&wish->fields, why);
	if (r == 0)
		r = rule_fields_take(&wish->fields, &rule, why);
	if (r == 0)
		r = find_filter(control, caller, wish->filter, &filter, why);
	if (r != 0)
		return r;
	rule.filter = filter.id;
	r = number_check(control, &rule, why);
	if (r == 0)
		r = limit_check(control, &filter, why);
	if (r == 0)
		r = store_put_rule(control->store, &rule);
	if (r == 0)
		r = transaction_touch_hosts(transaction, HOST_NAMES_OF_FILTER, filter.id.text);
	return r;
}

/* Terraform, with no protocol wanted, may both remove it and send 0: that agrees. */
static int change_check(const struct rule_change *change, struct refusal *why)
{
	const struct rule_fields *fields = &change->fields;
	const struct {
		unsigned int field;
		bool set;
		const char *name;
	} rows[] = {
		{RULE_FIELD_DESTINATION_PORTS,
		 fields->destination_ports.from.set || fields->destination_ports.to.set,
		 "destination-port-range"},
		{RULE_FIELD_SOURCE_PORTS,
		 fields->source_ports.from.set || fields->source_ports.to.set, "source-port-range"},
		{RULE_FIELD_PROTOCOL, fields->protocol.set && fields->protocol.value != 0,
		 "protocol"},
		{RULE_FIELD_DESCRIPTION, fields->description, "description"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].set && (change->remove & rows[i].field))
			return refuse(why, REFUSE_PARAMETER_COMBINATION,
				      "The field '%s' cannot be both set and removed",
				      rows[i].name);
	return 0;
}

static void fields_remove(unsigned int remove, struct filter_rule *rule)
{
	if (remove & RULE_FIELD_DESTINATION_PORTS)
		rule->destination_ports = (struct port_range){};
	if (remove & RULE_FIELD_SOURCE_PORTS)
		rule->source_ports = (struct port_range){};
	if (remove & RULE_FIELD_PROTOCOL)
		rule->protocol = PROTOCOL_ANY;
	if (remove & RULE_FIELD_DESCRIPTION)
		memset(rule->description, 0, sizeof(rule->description));
}

static int number_check(struct control *control, const struct filter_rule *rule,
			struct refusal *why)
{
	struct resource_id other;
	int r;

	r = store_find_rule(control->store, rule->filter.text, rule->direction, rule->number,
			    &other);
	if (r == 0 && !resource_id_equal(&other, &rule->id))
		return refuse(why, REFUSE_RULE_NUMBER_TAKEN,
			      "The %s rule number %u is already used by the rule '%s'",
			      direction_name(rule->direction), rule->number, other.text);
	return r < 0 ? r : 0;
}

static int limit_check(struct control *control, const struct filter *filter, struct refusal *why)
{
	uint32_t allowed;
	int64_t count;
	int r;

	r = allowance_get(control, filter->owner.text, QUOTA_RULES_PER_FILTER, &allowed);
	if (r == 0)
		r = store_count_rules(control->store, filter->id.text, &count);
	if (r < 0 || count < allowed)
		return r;
	return refuse(why, REFUSE_FILTER_RULE_LIMIT,
		      "The traffic mirror filter '%s' has %lld rules, and may have %u",
		      filter->id.text, (long long)count, allowed);
}

/* Reads back what is stored, commits, and hands it over. */
static int rule_answer(struct transaction *transaction, const struct caller *caller, const char *id,
		       struct rule_record *ret_rule, struct refusal *why)
{
	_cleanup_(rule_record_fini) struct rule_record record = {};
	struct control *control = transaction->control;
	int r;

	r = find_rule(control, caller, id, &record.rule, why);
	if (r == 0)
		r = store_load_tags(control->store, id, &record.tags);
	if (r == 0)
		r = transaction_commit(transaction, caller, why);
	if (r != 0)
		return r;
	*ret_rule = record;
	record = (struct rule_record){};
	return 0;
}
