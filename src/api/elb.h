/* What the actions of load balancing have in common: pages by Marker, tags without kinds, things that ARNs name.
 *
 * Lists are "Name.member.N" in requests and <Name><member>… in answers. */
#pragma once

#include "api/call.h"
#include "api/resource.h"
#include "mirror/arn.h"

#define ELB_PAGE_SIZE_MAX 400

/* clang-format off */
#define ELB_PAGE_PARAMETERS \
	{"Marker", PARAMETER_TEXT}, \
	{"PageSize", PARAMETER_NUMBER, .minimum = 1, .maximum = ELB_PAGE_SIZE_MAX}
#define ELB_TAG_PARAMETERS \
	{"Tags.member.N.Key", PARAMETER_TEXT}, \
	{"Tags.member.N.Value", PARAMETER_TEXT}
#define ELB_ATTRIBUTE_PARAMETERS \
	{"Attributes.member.N.Key", PARAMETER_TEXT, .maximum = 256}, \
	{"Attributes.member.N.Value", PARAMETER_TEXT, .maximum = 1024}
/* clang-format on */

/* ARNs or names (by the name of their list; NULL: none) and page.  Borrowed from the call. */
int elb_get_query(struct call *call, const char *ids, struct query *ret_query, struct refusal *why);

/* Fills the call's tags from "Tags.member.N". */
int elb_get_tags(struct call *call, const struct tag **ret_tags, size_t *ret_count,
		 struct refusal *why);

/* The same from "Attributes.member.N", as keys and values. */
int elb_get_attributes(struct call *call, const struct tag **ret_attributes, size_t *ret_count,
		       struct refusal *why);

/* Ends a page: no element means no further page. */
void elb_write_next(struct call *call, const char *next_token);
void elb_write_tags(struct call *call, const struct tags *tags);
/* One element of <Attributes> or <Tags>. */
void elb_write_pair(struct call *call, const char *key, const char *value);
