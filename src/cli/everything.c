// SPDX-License-Identifier: Apache-2.0
#include "cli/everything.h"

#include "base/count.h"
#include "base/text.h"
#include "cli/lookup.h"

#include <errno.h>
#include <string.h>

/* Its four rules. */
static const struct rule {
	const char *direction, *number, *block;
} rules[] = {
	{"ingress", "100", "0.0.0.0/0"},
	{"ingress", "200", "::/0"},
	{"egress", "100", "0.0.0.0/0"},
	{"egress", "200", "::/0"},
};

static int filter_find(struct invocation *invocation, char ret_filter[THING_ID_SIZE]);
static bool filter_takes_everything(const struct tmirror_node *filter);
static int filter_make(struct ledger *ledger, char ret_filter[THING_ID_SIZE]);

int everything_provide(struct ledger *ledger, char ret_filter[THING_ID_SIZE])
{
	int r = filter_find(ledger->invocation, ret_filter);

	return r == TMIRROR_END ? filter_make(ledger, ret_filter) : r;
}

static int filter_find(struct invocation *invocation, char ret_filter[THING_ID_SIZE])
{
	static const struct lookup lookup = {"DescribeTrafficMirrorFilters",
					     "trafficMirrorFilterSet", "tag:" TAG_MADE_BY,
					     TAG_MADE_BY_US};
	_cleanup_(tmirror_pages_freep) struct tmirror_pages *pages = NULL;
	const struct tmirror_node *filter;
	const char *id;
	int r;

	r = lookup_start(invocation, &lookup, &pages);
	while (r == 0) {
		r = tmirror_pages_next(pages, &filter, &invocation->error);
		if (r != 0 || filter_takes_everything(filter))
			break;
	}
	if (r != 0)
		return r;
	id = tmirror_node_text(filter, "trafficMirrorFilterId");
	return id && string_copy(ret_filter, THING_ID_SIZE, id) ? 0 : -EPROTO;
}

static bool text_is(const struct tmirror_node *node, const char *path, const char *wanted)
{
	const char *text = tmirror_node_text(node, path);

	return text && strcmp(text, wanted) == 0;
}

static bool rule_is(const struct tmirror_node *node, const struct rule *rule)
{
	const char *protocol = tmirror_node_text(node, "protocol");

	return text_is(node, "ruleAction", "accept") && !protocol &&
	       text_is(node, "ruleNumber", rule->number) &&
	       text_is(node, "sourceCidrBlock", rule->block) &&
	       text_is(node, "destinationCidrBlock", rule->block);
}

/* Somebody may have changed the rules: all four must be there, and no other, in ascending order. */
static bool filter_takes_everything(const struct tmirror_node *filter)
{
	const struct tmirror_node *ingress, *egress;

	ingress = tmirror_node_first(tmirror_node_find(filter, "ingressFilterRuleSet"));
	egress = tmirror_node_first(tmirror_node_find(filter, "egressFilterRuleSet"));
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++) {
		const struct tmirror_node **next = i < 2 ? &ingress : &egress;

		if (!*next || !rule_is(*next, &rules[i]))
			return false;
		*next = tmirror_node_next(*next);
	}
	return !ingress && !egress;
}

static int rule_make(struct ledger *ledger, const char *filter, const struct rule *rule)
{
	_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;
	char id[THING_ID_SIZE];
	int r;

	r = tmirror_request_new(thing_rule.create, &request);
	if (r < 0)
		return r;
	(void)tmirror_request_set(request, "TrafficMirrorFilterId", filter);
	(void)tmirror_request_set(request, "TrafficDirection", rule->direction);
	(void)tmirror_request_set(request, "RuleNumber", rule->number);
	(void)tmirror_request_set(request, "RuleAction", "accept");
	(void)tmirror_request_set(request, "SourceCidrBlock", rule->block);
	(void)tmirror_request_set(request, "DestinationCidrBlock", rule->block);
	return ledger_create(ledger, &thing_rule, request, NULL, id, NULL);
}

static int filter_make(struct ledger *ledger, char ret_filter[THING_ID_SIZE])
{
	_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;
	int r;

	r = tmirror_request_new(thing_filter.create, &request);
	if (r == 0)
		r = tmirror_request_set(request, "Description", "All traffic, both directions");
	if (r == 0)
		r = ledger_create(ledger, &thing_filter, request, "all", ret_filter, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(rules) && r == 0; i++)
		r = rule_make(ledger, ret_filter, &rules[i]);
	return r;
}
