// SPDX-License-Identifier: Apache-2.0
#include "control/facts.h"

#include "control/arn.h"
#include "control/find.h"
#include "control/site.h"
#include "control/state.h"
#include "store/endpoint_service.h"
#include "store/store.h"
#include "store/tag.h"

#include <string.h>

static int facts_find(struct control *control, const struct caller *caller, enum resource_kind kind,
		      const char *id, struct resource_facts *facts, struct refusal *why);
static int facts_add_service(struct control *control, const struct endpoint *endpoint,
			     struct resource_facts *facts);
static void facts_place(const struct control *control, const struct caller *caller,
			struct resource_facts *facts);

void resource_facts_fini(struct resource_facts *facts)
{
	tags_fini(&facts->tags);
	*facts = (struct resource_facts){};
}

int control_get_facts(struct control *control, const struct caller *caller, enum resource_kind kind,
		      const char *id, struct resource_facts *ret_facts)
{
	struct resource_facts facts = {.owner = caller->account};
	struct refusal why = {};
	int r;

	r = facts_find(control, caller, kind, id, &facts, &why);
	/* Tags of what others share are theirs. */
	if (r == 0 && strcmp(facts.owner.text, caller->account.text) == 0)
		r = store_load_tags(control->store, id, &facts.tags);
	if (r < 0) {
		resource_facts_fini(&facts);
		return r;
	}
	*ret_facts = facts;
	return 0;
}

int control_get_arn_facts(struct control *control, const struct caller *caller, const char *arn,
			  struct resource_facts *ret_facts)
{
	struct resource_facts facts = {.owner = caller->account};
	struct refusal why = {};
	int r;

	r = find_arn(control, caller, arn, &why);
	if (r == 0)
		r = store_load_tags(control->store, arn, &facts.tags);
	if (r < 0) {
		resource_facts_fini(&facts);
		return r;
	}
	*ret_facts = facts;
	return 0;
}

void control_get_facts_of_new(struct control *control, const struct caller *caller,
			      enum resource_kind kind, struct resource_facts *ret_facts)
{
	struct resource_facts facts = {.owner = caller->account};

	if (kind == RESOURCE_INTERFACE)
		facts_place(control, caller, &facts);
	*ret_facts = facts;
}

static int facts_find(struct control *control, const struct caller *caller, enum resource_kind kind,
		      const char *id, struct resource_facts *facts, struct refusal *why)
{
	struct filter_rule rule;
	struct source source;
	struct target target;
	struct endpoint endpoint;
	int r;

	switch (kind) {
	case RESOURCE_INTERFACE:
		r = find_source(control, caller, id, &source, why);
		if (r == 0)
			facts_place(control, caller, facts);
		return r;
	case RESOURCE_SUBNET:
		r = find_resource(control, caller, id, why);
		if (r == 0)
			facts_place(control, caller, facts);
		return r;
	case RESOURCE_FILTER_RULE:
		r = find_rule(control, caller, id, &rule, why);
		if (r == 0)
			facts->filter = rule.filter;
		return r;
	case RESOURCE_TARGET:
		r = find_usable_target(control, caller, id, &target, why);
		if (r == 0)
			facts->owner = target.owner;
		return r;
	case RESOURCE_ENDPOINT:
		r = find_endpoint(control, caller, id, &endpoint, why);
		return r == 0 ? facts_add_service(control, &endpoint, facts) : r;
	default:
		return find_resource(control, caller, id, why);
	}
}

static int facts_add_service(struct control *control, const struct endpoint *endpoint,
			     struct resource_facts *facts)
{
	struct endpoint_service service;
	int r = store_get_endpoint_service(control->store, endpoint->service.text, &service);

	endpoint_service_format_name(&endpoint->service, control->region, facts->service);
	if (r == 0)
		facts->service_owner = service.owner;
	return r < 0 ? r : 0;
}

static void facts_place(const struct control *control, const struct caller *caller,
			struct resource_facts *facts)
{
	const struct site site = control_get_site(control, caller);

	facts->vpc = site.vpc;
	facts->subnet = site.subnet;
	memcpy(facts->zone, site.zone, sizeof(facts->zone));
}
