// SPDX-License-Identifier: Apache-2.0
#include "control/site.h"

#include "base/count.h"
#include "base/text.h"
#include "control/describe.h"
#include "control/find.h"
#include "control/state.h"
#include "store/store.h"
#include "store/tag.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static int describe_one(struct control *control, const struct caller *caller,
			const struct noun *noun, const struct query *query,
			struct site_page *ret_page, struct refusal *why);
static int site_select(struct describe *describe, const char *after, struct cursor **ret_cursor);
static int site_next(struct describe *describe, struct cursor *cursor, void *record);
static void site_fini(void *record);
static void site_key(const void *record, struct text *ret_key);
static const struct tags *site_tags(const void *record);
static int vpc_find(struct describe *describe, const char *id, void *record, struct refusal *why);
static int vpc_complete(struct describe *describe, void *record);
static int subnet_find(struct describe *describe, const char *id, void *record,
		       struct refusal *why);
static int subnet_complete(struct describe *describe, void *record);
static int region_find(struct describe *describe, const char *name, void *record,
		       struct refusal *why);
static int zone_find(struct describe *describe, const char *name, void *record,
		     struct refusal *why);
static int nothing_next(struct describe *describe, struct cursor *cursor, void *record);
static int prefix_list_find(struct describe *describe, const char *id, void *record,
			    struct refusal *why);
static void offer_owner(const void *record, struct match *match);
static void offer_vpc(const void *record, struct match *match);
static void offer_subnet(const void *record, struct match *match);
static void offer_subnet_arn(const void *record, struct match *match);
static void offer_region(const void *record, struct match *match);
static void offer_endpoint(const void *record, struct match *match);
static void offer_zone(const void *record, struct match *match);
static void offer_zone_id(const void *record, struct match *match);

/* What no site has is listed too: it is a good filter that matches nothing. */
static const struct field vpc_fields[] = {
	{"cidr", .constant = SITE_CIDR_IPV4},
	{"cidr-block-association.association-id"},
	{"cidr-block-association.cidr-block", .constant = SITE_CIDR_IPV4},
	{"cidr-block-association.state", .constant = "associated"},
	{"dhcp-options-id", .constant = "default"},
	{"ipv6-cidr-block-association.association-id"},
	{"ipv6-cidr-block-association.ipv6-cidr-block", .constant = SITE_CIDR_IPV6},
	{"ipv6-cidr-block-association.ipv6-pool"},
	{"ipv6-cidr-block-association.state", .constant = "associated"},
	{"is-default", .constant = "true"},
	{"owner-id", offer_owner},
	{"state", .constant = "available"},
	{"vpc-id", offer_vpc},
};

static const struct field subnet_fields[] = {
	{"availability-zone", offer_zone},
	{"availability-zone-id", offer_zone_id},
	{"available-ip-address-count", .constant = "2147483647"},
	{"cidr-block", .constant = SITE_CIDR_IPV4},
	{"customer-owned-ipv4-pool"},
	{"default-for-az", .constant = "true"},
	{"enable-dns64", .constant = "false"},
	{"enable-lni-at-device-index"},
	{"ipv6-cidr-block-association.association-id"},
	{"ipv6-cidr-block-association.ipv6-cidr-block", .constant = SITE_CIDR_IPV6},
	{"ipv6-cidr-block-association.state", .constant = "associated"},
	{"ipv6-native", .constant = "false"},
	{"map-customer-owned-ip-on-launch", .constant = "false"},
	{"map-public-ip-on-launch", .constant = "false"},
	{"outpost-arn"},
	{"owner-id", offer_owner},
	{"private-dns-name-options-on-launch.enable-resource-name-dns-a-record",
	 .constant = "false"},
	{"private-dns-name-options-on-launch.enable-resource-name-dns-aaaa-record",
	 .constant = "false"},
	{"private-dns-name-options-on-launch.hostname-type"},
	{"state", .constant = "available"},
	{"subnet-arn", offer_subnet_arn},
	{"subnet-id", offer_subnet},
	{"vpc-id", offer_vpc},
};

static const struct field region_fields[] = {
	{"endpoint", offer_endpoint},
	{"opt-in-status", .constant = "opt-in-not-required"},
	{"region-name", offer_region},
};

static const struct field zone_fields[] = {
	{"group-long-name"},
	{"group-name", offer_region},
	{"message"},
	{"opt-in-status", .constant = "opt-in-not-required"},
	{"parent-zone-id"},
	{"parent-zone-name"},
	{"region-name", offer_region},
	{"state", .constant = "available"},
	{"zone-id", offer_zone_id},
	{"zone-name", offer_zone},
	{"zone-type", .constant = "availability-zone"},
};

static const struct field prefix_list_fields[] = {
	{"prefix-list-id"},
	{"prefix-list-name"},
};

#define SITE_NOUN(name_, fields_)                                                     \
	.name = name_, .record_size = sizeof(struct site_record), .fields = fields_,  \
	.field_count = ARRAY_SIZE(fields_), .select = site_select, .next = site_next, \
	.fini = site_fini, .key = site_key

static const struct noun vpcs = {
	SITE_NOUN("vpcs", vpc_fields),
	.find = vpc_find,
	.complete = vpc_complete,
	.tags = site_tags,
};
static const struct noun subnets = {
	SITE_NOUN("subnets", subnet_fields),
	.find = subnet_find,
	.complete = subnet_complete,
	.tags = site_tags,
};
static const struct noun regions = {
	SITE_NOUN("regions", region_fields),
	.find = region_find,
};
static const struct noun zones = {
	SITE_NOUN("zones", zone_fields),
	.find = zone_find,
};
static const struct noun prefix_lists = {
	.name = "prefix-lists",
	.record_size = 1,
	.fields = prefix_list_fields,
	.field_count = ARRAY_SIZE(prefix_list_fields),
	.select = site_select,
	.next = nothing_next,
	.find = prefix_list_find,
};

struct site control_get_site(const struct control *control, const struct caller *caller)
{
	struct site site = {.owner = caller->account};
	char seed[ACCOUNT_ID_SIZE + REGION_NAME_SIZE];

	(void)snprintf(seed, sizeof(seed), "%s/%s", caller->account.text, control->region);
	site.vpc = resource_id_derive(RESOURCE_VPC, seed);
	site.subnet = resource_id_derive(RESOURCE_SUBNET, seed);
	(void)snprintf(site.region, sizeof(site.region), "%s", control->region);
	(void)snprintf(site.zone, sizeof(site.zone), "%sa", control->region);
	(void)snprintf(site.zone_id, sizeof(site.zone_id), "%s-az1", control->region);
	return site;
}

void site_page_fini(struct site_page *page)
{
	for (size_t i = 0; i < page->count; i++)
		tags_fini(&page->items[i].tags);
	free(page->items);
	free(page->next_token);
	*page = (struct site_page){};
}

int control_describe_vpcs(struct control *control, const struct caller *caller,
			  const struct query *query, struct site_page *ret_page,
			  struct refusal *why)
{
	return describe_one(control, caller, &vpcs, query, ret_page, why);
}

int control_describe_subnets(struct control *control, const struct caller *caller,
			     const struct query *query, struct site_page *ret_page,
			     struct refusal *why)
{
	return describe_one(control, caller, &subnets, query, ret_page, why);
}

int control_describe_regions(struct control *control, const struct caller *caller,
			     const struct query *query, struct site_page *ret_page,
			     struct refusal *why)
{
	return describe_one(control, caller, &regions, query, ret_page, why);
}

int control_describe_zones(struct control *control, const struct caller *caller,
			   const struct query *query, struct site_page *ret_page,
			   struct refusal *why)
{
	return describe_one(control, caller, &zones, query, ret_page, why);
}

int control_describe_prefix_lists(struct control *control, const struct caller *caller,
				  const struct query *query, struct refusal *why)
{
	struct describe describe = {control, caller, &prefix_lists, query};
	struct page page;

	return describe_run(&describe, &page, why);
}

int control_set_endpoint(struct control *control, const char *endpoint)
{
	return string_copy(control->endpoint, sizeof(control->endpoint), endpoint) ? 0 : -E2BIG;
}

const char *control_get_endpoint(const struct control *control)
{
	return control->endpoint;
}

void site_name_address(const struct site *site, const struct address *address,
		       char ret_name[PRIVATE_NAME_SIZE])
{
	const uint8_t *bytes = address->bytes;
	const bool first = strcmp(site->region, "us-east-1") ==
			   0; /* Named before there were others. */

	(void)snprintf(ret_name, PRIVATE_NAME_SIZE, "ip-%u-%u-%u-%u.%s%s.internal", bytes[0],
		       bytes[1], bytes[2], bytes[3], first ? "ec2" : site->region,
		       first ? "" : ".compute");
}

/* There is one site, but it can be asked for twice: a zone by its name and by its id. */
static int describe_one(struct control *control, const struct caller *caller,
			const struct noun *noun, const struct query *query,
			struct site_page *ret_page, struct refusal *why)
{
	struct describe describe = {control, caller, noun, query};
	struct page page;
	int r = describe_run(&describe, &page, why);

	if (r != 0)
		return r;
	PAGE_TAKE(ret_page, page);
	while (ret_page->count > 1)
		site_fini(&ret_page->items[--ret_page->count]);
	return 0;
}

static int site_select(struct describe *describe _unused_, const char *after _unused_,
		       struct cursor **ret_cursor)
{
	*ret_cursor = NULL;
	return 0;
}

static int site_next(struct describe *describe, struct cursor *cursor _unused_, void *record)
{
	struct site_record *row = record;

	if (describe->row > 0)
		return 0;
	row->site = control_get_site(describe->control, describe->caller);
	return STORE_ROW;
}

static void site_fini(void *record)
{
	tags_fini(&((struct site_record *)record)->tags);
}

static const struct site *site_of(const void *record)
{
	return &((const struct site_record *)record)->site;
}

static void site_key(const void *record, struct text *ret_key)
{
	text_append(ret_key, site_of(record)->vpc.text);
}

static const struct tags *site_tags(const void *record)
{
	return &((const struct site_record *)record)->tags;
}

static int vpc_find(struct describe *describe, const char *id, void *record, struct refusal *why)
{
	int r = id_check(RESOURCE_VPC, id, why);

	(void)site_next(describe, NULL, record);
	if (r == 0 && strcmp(id, site_of(record)->vpc.text) != 0)
		r = refuse_missing(RESOURCE_VPC, id, why);
	return r;
}

static int vpc_complete(struct describe *describe, void *record)
{
	struct site_record *row = record;

	return store_load_tags(describe->control->store, row->site.vpc.text, &row->tags);
}

static int subnet_find(struct describe *describe, const char *id, void *record, struct refusal *why)
{
	int r = id_check(RESOURCE_SUBNET, id, why);

	(void)site_next(describe, NULL, record);
	if (r == 0 && strcmp(id, site_of(record)->subnet.text) != 0)
		r = refuse_missing(RESOURCE_SUBNET, id, why);
	return r;
}

static int subnet_complete(struct describe *describe, void *record)
{
	struct site_record *row = record;

	return store_load_tags(describe->control->store, row->site.subnet.text, &row->tags);
}

static int region_find(struct describe *describe, const char *name, void *record,
		       struct refusal *why)
{
	(void)site_next(describe, NULL, record);
	if (strcmp(name, site_of(record)->region) == 0)
		return 0;
	return refuse(why, REFUSE_REGION_NOT_FOUND, "The region '%.64s' does not exist", name);
}

static int zone_find(struct describe *describe, const char *name, void *record, struct refusal *why)
{
	(void)site_next(describe, NULL, record);
	if (strcmp(name, site_of(record)->zone) == 0 || strcmp(name, site_of(record)->zone_id) == 0)
		return 0;
	return refuse(why, REFUSE_ZONE_NOT_FOUND, "The availability zone '%.64s' does not exist",
		      name);
}

static int nothing_next(struct describe *describe _unused_, struct cursor *cursor _unused_,
			void *record _unused_)
{
	return 0;
}

static int prefix_list_find(struct describe *describe _unused_, const char *id,
			    void *record _unused_, struct refusal *why)
{
	return refuse(why, REFUSE_PREFIX_LIST_NOT_FOUND, "The prefix list '%.64s' does not exist",
		      id);
}

static void offer_owner(const void *record, struct match *match)
{
	match_text(match, site_of(record)->owner.text);
}

static void offer_vpc(const void *record, struct match *match)
{
	match_text(match, site_of(record)->vpc.text);
}

static void offer_subnet(const void *record, struct match *match)
{
	match_text(match, site_of(record)->subnet.text);
}

static void offer_subnet_arn(const void *record, struct match *match)
{
	const struct site *site = site_of(record);
	char arn[256];

	(void)snprintf(arn, sizeof(arn), "arn:aws:ec2:%s:%s:subnet/%s", site->region,
		       site->owner.text, site->subnet.text);
	match_text(match, arn);
}

static void offer_region(const void *record, struct match *match)
{
	match_text(match, site_of(record)->region);
}

static void offer_endpoint(const void *record _unused_, struct match *match)
{
	match_text(match, match->describe->control->endpoint);
}

static void offer_zone(const void *record, struct match *match)
{
	match_text(match, site_of(record)->zone);
}

static void offer_zone_id(const void *record, struct match *match)
{
	match_text(match, site_of(record)->zone_id);
}
