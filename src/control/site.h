/* The place that all of an account's interfaces are in: one VPC with one subnet, in one zone of one region.
 *
 * EC2's clients cannot do without them; hosts here may stand anywhere.  So both blocks are everything, 0.0.0.0/0 and
 * ::/0: any appliance's address lies inside. */
#pragma once

#include "control/control.h"
#include "control/query.h"

#define SITE_CIDR_IPV4 "0.0.0.0/0"
#define SITE_CIDR_IPV6 "::/0"

struct site {
	struct account_id owner;
	struct resource_id vpc, subnet;
	char region[REGION_NAME_SIZE];
	char zone[REGION_NAME_SIZE + 1]; /* The region's name and "a". */
	char zone_id[REGION_NAME_SIZE + 8];
};

/* Derived from account and region, so nothing is stored. */
struct site control_get_site(const struct control *control, const struct caller *caller);

struct site_record {
	struct site site;
	struct tags tags; /* Of the VPC or the subnet, as asked for. */
};

/* One item or none. */
struct site_page {
	struct site_record *items;
	size_t count, capacity;
	char *next_token; /* Always NULL. */
};

void site_page_fini(struct site_page *page);

/* Ids are VPC ids.  Filters: those of EC2's DescribeVpcs. */
int control_describe_vpcs(struct control *control, const struct caller *caller,
			  const struct query *query, struct site_page *ret_page,
			  struct refusal *why);

/* Ids are subnet ids.  Filters: those of EC2's DescribeSubnets. */
int control_describe_subnets(struct control *control, const struct caller *caller,
			     const struct query *query, struct site_page *ret_page,
			     struct refusal *why);

/* Ids are region names.  Filters: region-name, opt-in-status, endpoint. */
int control_describe_regions(struct control *control, const struct caller *caller,
			     const struct query *query, struct site_page *ret_page,
			     struct refusal *why);

/* Ids are zone names or zone ids.  Filters: zone-name, zone-id, region-name, state, group-name, zone-type,
 * opt-in-status and the others of EC2's DescribeAvailabilityZones. */
int control_describe_zones(struct control *control, const struct caller *caller,
			   const struct query *query, struct site_page *ret_page,
			   struct refusal *why);

/* There are none: no routes and no security groups, so nothing that would name a list of prefixes.  Only refuses what is
 * wrong with the query; filters: prefix-list-id, prefix-list-name. */
int control_describe_prefix_lists(struct control *control, const struct caller *caller,
				  const struct query *query, struct refusal *why);

/* What DescribeRegions tells and filters as the region's endpoint; "" until set. */
int control_set_endpoint(struct control *control, const char *endpoint);
const char *control_get_endpoint(const struct control *control);

/* The private DNS name that EC2 gives an IPv4 address, as in "ip-10-0-0-5.ec2.internal".  Nobody here resolves it. */
#define PRIVATE_NAME_SIZE (REGION_NAME_SIZE + 40)
void site_name_address(const struct site *site, const struct address *address,
		       char ret_name[PRIVATE_NAME_SIZE]);

#define SITE_AVAILABLE_ADDRESSES 2147483647 /* What an EC2 integer can say of "no bound". */
