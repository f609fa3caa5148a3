// SPDX-License-Identifier: Apache-2.0
/* What can be asked of instances; source.h declares it.  An instance is described by its interfaces. */
#include "store/instance.h"
#include "base/array.h"
#include "base/clock.h"
#include "base/count.h"
#include "base/text.h"
#include "control/describe.h"
#include "control/find.h"
#include "control/site.h"
#include "control/source.h"
#include "control/state.h"
#include "store/source.h"
#include "store/store.h"
#include "store/tag.h"

static int instances_select(struct describe *describe, const char *after,
			    struct cursor **ret_cursor);
static int instances_next(struct describe *describe, struct cursor *cursor, void *record);
static int instances_find(struct describe *describe, const char *id, void *record,
			  struct refusal *why);
static int instances_complete(struct describe *describe, void *record);
static void instances_fini(void *record);
static void instances_key(const void *record, struct text *ret_key);
static const struct tags *instances_tags(const void *record);
static void record_fill(const struct describe *describe, const struct stored_instance *instance,
			struct instance_record *record);
static void offer_id(const void *record, struct match *match);
static void offer_state(const void *record, struct match *match);
static void offer_state_code(const void *record, struct match *match);
static void offer_owner(const void *record, struct match *match);
static void offer_addresses(const void *record, struct match *match);
static void offer_all_addresses(const void *record, struct match *match);
static void offer_names(const void *record, struct match *match);
static void offer_subnet(const void *record, struct match *match);
static void offer_vpc(const void *record, struct match *match);
static void offer_zone(const void *record, struct match *match);
static void offer_interfaces(const void *record, struct match *match);
static void offer_time(const void *record, struct match *match);

static const struct field fields[] = {
	{"availability-zone", offer_zone},
	{"instance-id", offer_id},
	{"instance-state-code", offer_state_code, .late = true},
	{"instance-state-name", offer_state, .late = true},
	{"instance-type", .constant = INSTANCE_TYPE},
	{"launch-time", offer_time},
	{"network-interface.addresses.private-ip-address", offer_all_addresses, .late = true},
	{"network-interface.network-interface-id", offer_interfaces, .late = true},
	{"network-interface.owner-id", offer_owner},
	{"network-interface.subnet-id", offer_subnet},
	{"network-interface.vpc-id", offer_vpc},
	{"owner-id", offer_owner},
	{"private-dns-name", offer_names, .late = true},
	{"private-ip-address", offer_addresses, .late = true},
	{"subnet-id", offer_subnet},
	{"vpc-id", offer_vpc},
};

static const struct noun instances = {
	.name = "instances",
	.record_size = sizeof(struct instance_record),
	.fields = fields,
	.field_count = ARRAY_SIZE(fields),
	.select = instances_select,
	.next = instances_next,
	.find = instances_find,
	.complete = instances_complete,
	.fini = instances_fini,
	.key = instances_key,
	.tags = instances_tags,
};

DEFINE_PAGE_FINI(struct instance_page, instance_page_fini, instances_fini)

int control_describe_instances(struct control *control, const struct caller *caller,
			       const struct query *query, struct instance_page *ret_page,
			       struct refusal *why)
{
	struct describe describe = {control, caller, &instances, query};
	struct page page;
	int r = describe_run(&describe, &page, why);

	if (r == 0)
		PAGE_TAKE(ret_page, page);
	return r;
}

static int instances_select(struct describe *describe, const char *after,
			    struct cursor **ret_cursor)
{
	return store_select_instances(describe->control->store, describe->caller->account.text,
				      after, ret_cursor);
}

static int instances_next(struct describe *describe, struct cursor *cursor, void *record)
{
	struct stored_instance instance;
	int r = store_next_instance(cursor, &instance);

	if (r == STORE_ROW)
		record_fill(describe, &instance, record);
	return r;
}

static int instances_find(struct describe *describe, const char *id, void *record,
			  struct refusal *why)
{
	struct stored_instance instance;
	int r = find_instance(describe->control, describe->caller, id, &instance, why);

	if (r == 0)
		record_fill(describe, &instance, record);
	return r;
}

static int instances_complete(struct describe *describe, void *record)
{
	struct store *store = describe->control->store;
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	struct instance_record *found = record;
	struct source source;
	int r;

	r = store_select_sources(store, SOURCES_OF_INSTANCE, found->id.text, "", &cursor);
	while (r >= 0 && (r = store_next_source(cursor, &source)) == STORE_ROW) {
		found->running |= source.attached;
		r = array_append(found, interfaces, interface_count, interface_capacity, source);
	}
	return r < 0 ? r : store_load_tags(store, found->id.text, &found->tags);
}

static void instances_fini(void *record)
{
	struct instance_record *found = record;

	free(found->interfaces);
	tags_fini(&found->tags);
}

static const struct instance_record *instance_of(const void *record)
{
	return record;
}

static void instances_key(const void *record, struct text *ret_key)
{
	text_append(ret_key, instance_of(record)->id.text);
}

static const struct tags *instances_tags(const void *record)
{
	return &instance_of(record)->tags;
}

static void record_fill(const struct describe *describe, const struct stored_instance *instance,
			struct instance_record *record)
{
	struct site site = control_get_site(describe->control, describe->caller);

	*record = (struct instance_record){
		.id = instance->id,
		.owner = instance->owner,
		.subnet = site.subnet,
		.vpc = site.vpc,
		.created = instance->created,
	};
	(void)string_copy(record->host, sizeof(record->host), instance->host);
	(void)string_copy(record->device, sizeof(record->device), instance->device);
}

static void offer_id(const void *record, struct match *match)
{
	match_text(match, instance_of(record)->id.text);
}

static void offer_state(const void *record, struct match *match)
{
	match_text(match, instance_of(record)->running ? "running" : "stopped");
}

/* EC2's numbers for the two. */
static void offer_state_code(const void *record, struct match *match)
{
	match_number(match, instance_of(record)->running ? 16 : 80);
}

static void offer_owner(const void *record, struct match *match)
{
	match_text(match, instance_of(record)->owner.text);
}

static void offer_addresses(const void *record, struct match *match)
{
	const struct instance_record *instance = instance_of(record);

	for (size_t i = 0; i < instance->interface_count; i++) {
		const struct address *address = source_get_address(&instance->interfaces[i], 4);

		if (address)
			match_address(match, address);
	}
}

static void offer_all_addresses(const void *record, struct match *match)
{
	const struct instance_record *instance = instance_of(record);

	for (size_t i = 0; i < instance->interface_count; i++) {
		const struct source *source = &instance->interfaces[i];

		for (size_t j = 0; j < source->address_count; j++)
			if (source->addresses[j].family == 4)
				match_address(match, &source->addresses[j]);
	}
}

static void offer_names(const void *record, struct match *match)
{
	struct site site = control_get_site(match->describe->control, match->describe->caller);
	const struct instance_record *instance = instance_of(record);
	char name[PRIVATE_NAME_SIZE];

	for (size_t i = 0; i < instance->interface_count; i++) {
		const struct address *address = source_get_address(&instance->interfaces[i], 4);

		if (!address)
			continue;
		site_name_address(&site, address, name);
		match_text(match, name);
	}
}

static void offer_subnet(const void *record, struct match *match)
{
	match_text(match, instance_of(record)->subnet.text);
}

static void offer_vpc(const void *record, struct match *match)
{
	match_text(match, instance_of(record)->vpc.text);
}

static void offer_zone(const void *record _unused_, struct match *match)
{
	struct site site = control_get_site(match->describe->control, match->describe->caller);

	match_text(match, site.zone);
}

static void offer_interfaces(const void *record, struct match *match)
{
	const struct instance_record *instance = instance_of(record);

	for (size_t i = 0; i < instance->interface_count; i++)
		match_text(match, instance->interfaces[i].id.text);
}

static void offer_time(const void *record, struct match *match)
{
	char time[TIMESTAMP_SIZE];

	timestamp_format(instance_of(record)->created, time);
	match_text(match, time);
}
