// SPDX-License-Identifier: Apache-2.0
/* What can be asked of endpoints: by their owner, and by the owner of the service that they are connected to. */
#include "base/count.h"
#include "base/text.h"
#include "control/describe.h"
#include "control/endpoint.h"
#include "control/endpoint_record.h"
#include "control/find.h"
#include "control/site.h"
#include "control/state.h"
#include "store/endpoint.h"
#include "store/endpoint_service.h"
#include "store/store.h"
#include "store/tag.h"

#include <string.h>

static int own_select(struct describe *describe, const char *after, struct cursor **ret_cursor);
static int connected_select(struct describe *describe, const char *after,
			    struct cursor **ret_cursor);
static int endpoints_next(struct describe *describe, struct cursor *cursor, void *record);
static int endpoints_find(struct describe *describe, const char *id, void *record,
			  struct refusal *why);
static int endpoints_complete(struct describe *describe, void *record);
static void endpoints_fini(void *record);
static void endpoints_key(const void *record, struct text *ret_key);
static const struct tags *endpoints_tags(const void *record);
static void offer_id(const void *record, struct match *match);
static void offer_owner(const void *record, struct match *match);
static void offer_region(const void *record, struct match *match);
static void offer_service(const void *record, struct match *match);
static void offer_service_name(const void *record, struct match *match);
static void offer_state(const void *record, struct match *match);
static void offer_vpc(const void *record, struct match *match);

static const struct field own_fields[] = {
	{"ip-address-type", .constant = "ipv4"},
	{"service-name", offer_service_name},
	{"service-region", offer_region},
	{"vpc-endpoint-id", offer_id},
	{"vpc-endpoint-state", offer_state},
	{"vpc-endpoint-type", .constant = "GatewayLoadBalancer"},
	{"vpc-id", offer_vpc},
};

static const struct field connection_fields[] = {
	{"ip-address-type", .constant = "ipv4"}, {"service-id", offer_service},
	{"vpc-endpoint-id", offer_id},           {"vpc-endpoint-owner", offer_owner},
	{"vpc-endpoint-region", offer_region},   {"vpc-endpoint-state", offer_state},
};

static const struct noun endpoints = {
	.name = "endpoints",
	.record_size = sizeof(struct endpoint_record),
	.fields = own_fields,
	.field_count = ARRAY_SIZE(own_fields),
	.select = own_select,
	.next = endpoints_next,
	.find = endpoints_find,
	.complete = endpoints_complete,
	.fini = endpoints_fini,
	.key = endpoints_key,
	.tags = endpoints_tags,
};

static const struct noun connections = {
	.name = "endpoint-connections",
	.record_size = sizeof(struct endpoint_record),
	.fields = connection_fields,
	.field_count = ARRAY_SIZE(connection_fields),
	.select = connected_select,
	.next = endpoints_next,
	.complete = endpoints_complete,
	.fini = endpoints_fini,
	.key = endpoints_key,
};

void endpoint_record_fini(struct endpoint_record *record)
{
	tags_fini(&record->tags);
}

DEFINE_PAGE_FINI(struct endpoint_page, endpoint_page_fini, endpoint_record_fini)

int control_describe_endpoints(struct control *control, const struct caller *caller,
			       const struct query *query, struct endpoint_page *ret_page,
			       struct refusal *why)
{
	struct describe describe = {control, caller, &endpoints, query};
	struct page page;
	int r = describe_run(&describe, &page, why);

	if (r == 0)
		PAGE_TAKE(ret_page, page);
	return r;
}

int control_describe_connections(struct control *control, const struct caller *caller,
				 const struct query *query, struct endpoint_page *ret_page,
				 struct refusal *why)
{
	struct describe describe = {control, caller, &connections, query};
	struct page page;
	int r = describe_run(&describe, &page, why);

	if (r == 0)
		PAGE_TAKE(ret_page, page);
	return r;
}

int endpoint_record_complete(struct control *control, const struct caller *caller,
			     struct endpoint_record *record)
{
	const struct endpoint *endpoint = &record->endpoint;
	const struct caller owner = {.account = endpoint->owner};
	const struct site site = control_get_site(control, &owner);
	struct endpoint_service service;
	int r;

	record->vpc = site.vpc;
	record->subnet = site.subnet;
	endpoint_service_format_name(&endpoint->service, control->region, record->service);
	r = store_get_endpoint_service(control->store, endpoint->service.text, &service);
	if (r < 0)
		return r;
	if (r == 0)
		record->balancer = service.balancer;
	if (strcmp(endpoint->owner.text, caller->account.text) != 0)
		return 0;
	return store_load_tags(control->store, endpoint->id.text, &record->tags);
}

static int own_select(struct describe *describe, const char *after, struct cursor **ret_cursor)
{
	return store_select_endpoints(describe->control->store, describe->caller->account.text,
				      after, ret_cursor);
}

static int connected_select(struct describe *describe, const char *after,
			    struct cursor **ret_cursor)
{
	return store_select_connections(describe->control->store, describe->caller->account.text,
					after, ret_cursor);
}

static int endpoints_next(struct describe *describe _unused_, struct cursor *cursor, void *record)
{
	return store_next_endpoint(cursor, &((struct endpoint_record *)record)->endpoint);
}

static int endpoints_find(struct describe *describe, const char *id, void *record,
			  struct refusal *why)
{
	struct endpoint_record *found = record;

	return find_endpoint(describe->control, describe->caller, id, &found->endpoint, why);
}

static int endpoints_complete(struct describe *describe, void *record)
{
	return endpoint_record_complete(describe->control, describe->caller, record);
}

static void endpoints_fini(void *record)
{
	endpoint_record_fini(record);
}

static void endpoints_key(const void *record, struct text *ret_key)
{
	text_append(ret_key, ((const struct endpoint_record *)record)->endpoint.id.text);
}

static const struct tags *endpoints_tags(const void *record)
{
	return &((const struct endpoint_record *)record)->tags;
}

static const struct endpoint *endpoint_of(const void *record)
{
	return &((const struct endpoint_record *)record)->endpoint;
}

static void offer_id(const void *record, struct match *match)
{
	match_text(match, endpoint_of(record)->id.text);
}

static void offer_owner(const void *record, struct match *match)
{
	match_text(match, endpoint_of(record)->owner.text);
}

static void offer_region(const void *record _unused_, struct match *match)
{
	match_text(match, match->describe->control->region);
}

static void offer_service(const void *record, struct match *match)
{
	match_text(match, endpoint_of(record)->service.text);
}

static void offer_service_name(const void *record, struct match *match)
{
	char name[ENDPOINT_SERVICE_NAME_SIZE];

	endpoint_service_format_name(&endpoint_of(record)->service,
				     match->describe->control->region, name);
	match_text(match, name);
}

static void offer_state(const void *record, struct match *match)
{
	match_text(match, endpoint_state_name(endpoint_of(record)->state));
}

static void offer_vpc(const void *record _unused_, struct match *match)
{
	struct site site = control_get_site(match->describe->control, match->describe->caller);

	match_text(match, site.vpc.text);
}
