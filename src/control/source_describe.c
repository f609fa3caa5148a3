// SPDX-License-Identifier: Apache-2.0
/* What can be asked of network interfaces; source.h declares it. */
#include "base/clock.h"
#include "base/count.h"
#include "base/text.h"
#include "control/describe.h"
#include "control/find.h"
#include "control/site.h"
#include "control/source.h"
#include "control/state.h"
#include "store/source.h"
#include "store/tag.h"

#include <stdio.h>

static int interfaces_select(struct describe *describe, const char *after,
			     struct cursor **ret_cursor);
static int interfaces_next(struct describe *describe, struct cursor *cursor, void *record);
static int interfaces_find(struct describe *describe, const char *id, void *record,
			   struct refusal *why);
static int interfaces_complete(struct describe *describe, void *record);
static void interfaces_fini(void *record);
static void interfaces_key(const void *record, struct text *ret_key);
static const struct tags *interfaces_tags(const void *record);
static void offer_id(const void *record, struct match *match);
static void offer_description(const void *record, struct match *match);
static void offer_owner(const void *record, struct match *match);
static void offer_status(const void *record, struct match *match);
static void offer_mac(const void *record, struct match *match);
static void offer_subnet(const void *record, struct match *match);
static void offer_vpc(const void *record, struct match *match);
static void offer_zone(const void *record, struct match *match);
static void offer_zone_id(const void *record, struct match *match);
static void offer_private_address(const void *record, struct match *match);
static void offer_private_name(const void *record, struct match *match);
static void offer_private_addresses(const void *record, struct match *match);
static void offer_primary(const void *record, struct match *match);
static void offer_ipv6_addresses(const void *record, struct match *match);
static void offer_attachment(const void *record, struct match *match);
static void offer_attachment_deletes(const void *record, struct match *match);
static void offer_attachment_index(const void *record, struct match *match);
static void offer_attachment_status(const void *record, struct match *match);
static void offer_attachment_time(const void *record, struct match *match);
static void offer_instance(const void *record, struct match *match);
static void offer_instance_owner(const void *record, struct match *match);
static void offer_type(const void *record, struct match *match);
static void offer_requester(const void *record, struct match *match);
static void offer_managed(const void *record, struct match *match);

/* All that EC2 has; those without a value match nothing here. */
static const struct field fields[] = {
	{"addresses.association.owner-id"},
	{"addresses.association.public-ip"},
	{"addresses.primary", offer_primary},
	{"addresses.private-ip-address", offer_private_addresses},
	{"association.allocation-id"},
	{"association.association-id"},
	{"association.ip-owner-id"},
	{"association.public-dns-name"},
	{"association.public-ip"},
	{"attachment.attach-time", offer_attachment_time},
	{"attachment.attachment-id", offer_attachment},
	{"attachment.delete-on-termination", offer_attachment_deletes},
	{"attachment.device-index", offer_attachment_index},
	{"attachment.instance-id", offer_instance},
	{"attachment.instance-owner-id", offer_instance_owner},
	{"attachment.status", offer_attachment_status},
	{"availability-zone", offer_zone},
	{"availability-zone-id", offer_zone_id},
	{"description", offer_description},
	{"group-id"},
	{"interface-type", offer_type},
	{"ipv6-addresses.ipv6-address", offer_ipv6_addresses},
	{"mac-address", offer_mac},
	{"network-interface-id", offer_id},
	{"operator.managed", .constant = "false"},
	{"operator.principal"},
	{"owner-id", offer_owner},
	{"private-dns-name", offer_private_name},
	{"private-ip-address", offer_private_address},
	{"requester-id", offer_requester},
	{"requester-managed", offer_managed},
	{"source-dest-check", .constant = "true"},
	{"status", offer_status},
	{"subnet-id", offer_subnet},
	{"vpc-id", offer_vpc},
};

static const struct noun interfaces = {
	.name = "interfaces",
	.record_size = sizeof(struct interface_record),
	.fields = fields,
	.field_count = ARRAY_SIZE(fields),
	.select = interfaces_select,
	.next = interfaces_next,
	.find = interfaces_find,
	.complete = interfaces_complete,
	.fini = interfaces_fini,
	.key = interfaces_key,
	.tags = interfaces_tags,
};

DEFINE_PAGE_FINI(struct interface_page, interface_page_fini, interface_record_fini)

int control_describe_interfaces(struct control *control, const struct caller *caller,
				const struct query *query, struct interface_page *ret_page,
				struct refusal *why)
{
	struct describe describe = {control, caller, &interfaces, query};
	struct page page;
	int r = describe_run(&describe, &page, why);

	if (r == 0)
		PAGE_TAKE(ret_page, page);
	return r;
}

static int interfaces_select(struct describe *describe, const char *after,
			     struct cursor **ret_cursor)
{
	return store_select_sources(describe->control->store, SOURCES_OF_OWNER,
				    describe->caller->account.text, after, ret_cursor);
}

static int interfaces_next(struct describe *describe _unused_, struct cursor *cursor, void *record)
{
	return store_next_source(cursor, &((struct interface_record *)record)->source);
}

static int interfaces_find(struct describe *describe, const char *id, void *record,
			   struct refusal *why)
{
	struct interface_record *found = record;

	return find_source(describe->control, describe->caller, id, &found->source, why);
}

static int interfaces_complete(struct describe *describe, void *record)
{
	struct interface_record *found = record;

	return store_load_tags(describe->control->store, found->source.id.text, &found->tags);
}

static void interfaces_fini(void *record)
{
	interface_record_fini(record);
}

static void interfaces_key(const void *record, struct text *ret_key)
{
	text_append(ret_key, ((const struct interface_record *)record)->source.id.text);
}

static const struct tags *interfaces_tags(const void *record)
{
	return &((const struct interface_record *)record)->tags;
}

static const struct source *source_of(const void *record)
{
	return &((const struct interface_record *)record)->source;
}

static void offer_id(const void *record, struct match *match)
{
	match_text(match, source_of(record)->id.text);
}

static void offer_description(const void *record, struct match *match)
{
	match_text(match, source_of(record)->description);
}

static void offer_owner(const void *record, struct match *match)
{
	match_text(match, source_of(record)->owner.text);
}

static void offer_status(const void *record, struct match *match)
{
	match_text(match, source_in_use(source_of(record)) ? "in-use" : "available");
}

static void offer_mac(const void *record, struct match *match)
{
	const uint8_t *mac = source_of(record)->mac;
	char text[18];

	(void)snprintf(text, sizeof(text), "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2],
		       mac[3], mac[4], mac[5]);
	match_text(match, text);
}

static void offer_subnet(const void *record, struct match *match)
{
	match_text(match, source_of(record)->subnet.text);
}

static void offer_vpc(const void *record, struct match *match)
{
	match_text(match, source_of(record)->vpc.text);
}

static void offer_zone(const void *record _unused_, struct match *match)
{
	struct site site = control_get_site(match->describe->control, match->describe->caller);

	match_text(match, site.zone);
}

static void offer_zone_id(const void *record _unused_, struct match *match)
{
	struct site site = control_get_site(match->describe->control, match->describe->caller);

	match_text(match, site.zone_id);
}

static void offer_private_address(const void *record, struct match *match)
{
	const struct address *address = source_get_address(source_of(record), 4);

	if (address)
		match_address(match, address);
}

static void offer_private_name(const void *record, struct match *match)
{
	const struct site site =
		control_get_site(match->describe->control, match->describe->caller);
	const struct address *address = source_get_address(source_of(record), 4);
	char name[PRIVATE_NAME_SIZE];

	if (!address)
		return;
	site_name_address(&site, address, name);
	match_text(match, name);
}

static void offer_addresses(const void *record, uint8_t family, struct match *match)
{
	const struct source *source = source_of(record);

	for (size_t i = 0; i < source->address_count; i++)
		if (source->addresses[i].family == family)
			match_address(match, &source->addresses[i]);
}

static void offer_private_addresses(const void *record, struct match *match)
{
	offer_addresses(record, 4, match);
}

static void offer_ipv6_addresses(const void *record, struct match *match)
{
	offer_addresses(record, 6, match);
}

static void offer_primary(const void *record, struct match *match)
{
	const struct source *source = source_of(record);
	size_t count = 0;

	for (size_t i = 0; i < source->address_count; i++)
		count += source->addresses[i].family == 4;
	if (count > 0)
		match_flag(match, true);
	if (count > 1)
		match_flag(match, false);
}

static void offer_attachment(const void *record, struct match *match)
{
	char id[RESOURCE_ID_SIZE];

	source_attachment_id(source_of(record), id);
	if (source_in_use(source_of(record)))
		match_text(match, id);
}

static void offer_attachment_deletes(const void *record, struct match *match)
{
	if (source_in_use(source_of(record)))
		match_flag(match, false);
}

static void offer_attachment_index(const void *record, struct match *match)
{
	if (source_in_use(source_of(record)))
		match_number(match, source_attachment_index(source_of(record)));
}

static void offer_attachment_status(const void *record, struct match *match)
{
	if (source_in_use(source_of(record)))
		match_text(match, "attached");
}

static void offer_attachment_time(const void *record, struct match *match)
{
	char time[TIMESTAMP_SIZE];

	timestamp_format(source_of(record)->attached_since, time);
	if (source_in_use(source_of(record)))
		match_text(match, time);
}

static void offer_instance(const void *record, struct match *match)
{
	if (source_of(record)->attached)
		match_text(match, source_of(record)->instance.text);
}

static void offer_instance_owner(const void *record, struct match *match)
{
	const char *manager = interface_type_manager(source_of(record)->type);

	if (source_in_use(source_of(record)))
		match_text(match, manager ? manager : source_of(record)->owner.text);
}

static void offer_type(const void *record, struct match *match)
{
	match_text(match, interface_type_name(source_of(record)->type));
}

static void offer_requester(const void *record, struct match *match)
{
	const char *manager = interface_type_manager(source_of(record)->type);

	if (manager)
		match_text(match, manager);
}

static void offer_managed(const void *record, struct match *match)
{
	match_flag(match, interface_type_manager(source_of(record)->type) != NULL);
}
