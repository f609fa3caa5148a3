// SPDX-License-Identifier: Apache-2.0
/* What can be asked of endpoint services: by their owner of his own, and by whoever may use them. */
#include "base/count.h"
#include "base/text.h"
#include "control/describe.h"
#include "control/endpoint_service.h"
#include "control/find.h"
#include "control/state.h"
#include "store/endpoint_service.h"
#include "store/tag.h"

#include <string.h>

static int own_select(struct describe *describe, const char *after, struct cursor **ret_cursor);
static int services_next(struct describe *describe, struct cursor *cursor, void *record);
static int own_find(struct describe *describe, const char *id, void *record, struct refusal *why);
static int offered_select(struct describe *describe, const char *after, struct cursor **ret_cursor);
static int offered_find(struct describe *describe, const char *name, void *record,
			struct refusal *why);
static int services_complete(struct describe *describe, void *record);
static void services_fini(void *record);
static void services_key(const void *record, struct text *ret_key);
static const struct tags *services_tags(const void *record);
static void offer_name(const void *record, struct match *match);
static void offer_id(const void *record, struct match *match);
static void offer_owner(const void *record, struct match *match);
static void offer_region(const void *record, struct match *match);

static const struct field own_fields[] = {
	{"service-id", offer_id},
	{"service-name", offer_name},
	{"service-state", .constant = "Available"},
	{"supported-ip-address-types", .constant = "ipv4"},
};

static const struct field offered_fields[] = {
	{"owner", offer_owner},
	{"service-name", offer_name},
	{"service-region", offer_region},
	{"service-type", .constant = "GatewayLoadBalancer"},
	{"supported-ip-address-types", .constant = "ipv4"},
};

static const struct noun own_services = {
	.name = "endpoint-services",
	.record_size = sizeof(struct endpoint_service_record),
	.fields = own_fields,
	.field_count = ARRAY_SIZE(own_fields),
	.select = own_select,
	.next = services_next,
	.find = own_find,
	.complete = services_complete,
	.fini = services_fini,
	.key = services_key,
	.tags = services_tags,
};

static const struct noun offered_services = {
	.name = "offered-services",
	.record_size = sizeof(struct endpoint_service_record),
	.fields = offered_fields,
	.field_count = ARRAY_SIZE(offered_fields),
	.select = offered_select,
	.next = services_next,
	.find = offered_find,
	.complete = services_complete,
	.fini = services_fini,
	.key = services_key,
	.tags = services_tags,
};

DEFINE_PAGE_FINI(struct endpoint_service_page, endpoint_service_page_fini,
		 endpoint_service_record_fini)

int control_describe_endpoint_services(struct control *control, const struct caller *caller,
				       const struct query *query,
				       struct endpoint_service_page *ret_page, struct refusal *why)
{
	struct describe describe = {control, caller, &own_services, query};
	struct page page;
	int r = describe_run(&describe, &page, why);

	if (r == 0)
		PAGE_TAKE(ret_page, page);
	return r;
}

int control_describe_offered_services(struct control *control, const struct caller *caller,
				      const struct query *query,
				      struct endpoint_service_page *ret_page, struct refusal *why)
{
	struct describe describe = {control, caller, &offered_services, query};
	struct page page;
	int r = describe_run(&describe, &page, why);

	if (r == 0)
		PAGE_TAKE(ret_page, page);
	return r;
}

static void record_fill(const struct describe *describe, const struct endpoint_service *service,
			struct endpoint_service_record *record)
{
	record->service = *service;
	endpoint_service_format_name(&service->id, describe->control->region, record->name);
}

static int own_select(struct describe *describe, const char *after, struct cursor **ret_cursor)
{
	return store_select_endpoint_services(describe->control->store,
					      describe->caller->account.text, after, ret_cursor);
}

static int services_next(struct describe *describe, struct cursor *cursor, void *record)
{
	struct endpoint_service service;
	int r = store_next_endpoint_service(cursor, &service);

	if (r == STORE_ROW)
		record_fill(describe, &service, record);
	return r;
}

static int own_find(struct describe *describe, const char *id, void *record, struct refusal *why)
{
	struct endpoint_service service;
	int r = find_endpoint_service(describe->control, describe->caller, id, &service, why);

	if (r == 0)
		record_fill(describe, &service, record);
	return r;
}

static int offered_select(struct describe *describe, const char *after, struct cursor **ret_cursor)
{
	struct service_seeker seeker;
	int r = service_seeker_find(describe->control, describe->caller, &seeker);

	return r < 0 ? r
		     : store_select_offered_services(describe->control->store, &seeker, after,
						     ret_cursor);
}

static int offered_find(struct describe *describe, const char *name, void *record,
			struct refusal *why)
{
	struct endpoint_service service;
	int r = find_offered_service(describe->control, describe->caller, name, &service, why);

	if (r == 0)
		record_fill(describe, &service, record);
	return r;
}

static int services_complete(struct describe *describe, void *record)
{
	struct endpoint_service_record *found = record;

	if (strcmp(found->service.owner.text, describe->caller->account.text) != 0)
		return 0; /* Tags are for their owner. */
	return store_load_tags(describe->control->store, found->service.id.text, &found->tags);
}

static void services_fini(void *record)
{
	endpoint_service_record_fini(record);
}

static void services_key(const void *record, struct text *ret_key)
{
	text_append(ret_key, ((const struct endpoint_service_record *)record)->service.id.text);
}

static const struct tags *services_tags(const void *record)
{
	return &((const struct endpoint_service_record *)record)->tags;
}

static void offer_name(const void *record, struct match *match)
{
	match_text(match, ((const struct endpoint_service_record *)record)->name);
}

static void offer_id(const void *record, struct match *match)
{
	match_text(match, ((const struct endpoint_service_record *)record)->service.id.text);
}

static void offer_owner(const void *record, struct match *match)
{
	match_text(match, ((const struct endpoint_service_record *)record)->service.owner.text);
}

static void offer_region(const void *record _unused_, struct match *match)
{
	match_text(match, match->describe->control->region);
}
