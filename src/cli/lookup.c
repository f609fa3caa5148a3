// SPDX-License-Identifier: Apache-2.0
#include "cli/lookup.h"

#include "base/text.h"

#include <errno.h>

int lookup_start(struct invocation *invocation, const struct lookup *lookup,
		 struct tmirror_pages **ret_pages)
{
	_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;
	int r;

	r = tmirror_request_new(lookup->action, &request);
	if (r < 0)
		return r;
	if (lookup->filter) {
		(void)tmirror_request_set(request, "Filter.1.Name", lookup->filter);
		(void)tmirror_request_set(request, "Filter.1.Value.1", lookup->value);
	}
	return tmirror_pages_new(invocation->client, request, lookup->set, ret_pages);
}

int lookup_subnet(struct invocation *invocation, char *ret_id, size_t id_size)
{
	static const struct lookup lookup = {.action = "DescribeSubnets", .set = "subnetSet"};
	_cleanup_(tmirror_pages_freep) struct tmirror_pages *pages = NULL;
	const struct tmirror_node *subnet, *other;
	const char *id;
	int r;

	r = lookup_start(invocation, &lookup, &pages);
	if (r == 0)
		r = tmirror_pages_next(pages, &subnet, &invocation->error);
	if (r != 0)
		return r == TMIRROR_END ? -EPROTO : r;
	r = tmirror_pages_next(pages, &other, &invocation->error);
	if (r == 0)
		return invocation_misused(invocation, "there are several subnets; say --subnet-id");
	if (r != TMIRROR_END)
		return r;
	id = tmirror_node_text(subnet, "subnetId");
	return id && string_copy(ret_id, id_size, id) ? 0 : -EPROTO;
}

int lookup_vpc(struct invocation *invocation, char *ret_id, size_t id_size)
{
	static const struct lookup lookup = {.action = "DescribeVpcs", .set = "vpcSet"};
	_cleanup_(tmirror_pages_freep) struct tmirror_pages *pages = NULL;
	const struct tmirror_node *vpc;
	const char *id;
	int r;

	r = lookup_start(invocation, &lookup, &pages);
	if (r == 0)
		r = tmirror_pages_next(pages, &vpc, &invocation->error);
	if (r != 0)
		return r == TMIRROR_END ? -EPROTO : r;
	id = tmirror_node_text(vpc, "vpcId");
	return id && string_copy(ret_id, id_size, id) ? 0 : -EPROTO;
}
