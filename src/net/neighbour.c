// SPDX-License-Identifier: Apache-2.0
#include "net/neighbour.h"

#include "base/count.h"
#include "net/netlink.h"

#include <errno.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>

/* What a state comes to; without any bit nobody asked yet. */
static const struct {
	uint16_t states;
	enum neighbour neighbour;
} meanings[] = {
	{NUD_FAILED, NEIGHBOUR_FAILED},
	{NUD_INCOMPLETE, NEIGHBOUR_ASKED},
	{NUD_REACHABLE | NUD_STALE | NUD_DELAY | NUD_PROBE | NUD_PERMANENT, NEIGHBOUR_KNOWN},
};

static struct ndmsg *request_fill(struct nlmsghdr *request, int ifindex,
				  const struct address *address);
static int neighbour_read(const struct nlmsghdr *message, void *data);

int neighbour_lookup(int ifindex, const struct address *address, enum neighbour *ret_neighbour)
{
	char buffer[256] = {};
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
	enum neighbour neighbour = NEIGHBOUR_UNKNOWN;
	int r;

	request->nlmsg_type = RTM_GETNEIGH;
	(void)request_fill(request, ifindex, address);
	r = netlink_ask(request, neighbour_read, &neighbour);
	if (r < 0 && r != -ENOENT)
		return r;
	*ret_neighbour = neighbour;
	return 0;
}

int neighbour_ask(int ifindex, const struct address *address)
{
	char buffer[256] = {};
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
	struct ndmsg *header;

	request->nlmsg_type = RTM_NEWNEIGH;
	request->nlmsg_flags = NLM_F_CREATE | NLM_F_REPLACE;
	header = request_fill(request, ifindex, address);
	header->ndm_flags = NTF_USE;
	return netlink_ask(request, NULL, NULL);
}

static struct ndmsg *request_fill(struct nlmsghdr *request, int ifindex,
				  const struct address *address)
{
	struct ndmsg *header = mnl_nlmsg_put_extra_header(request, sizeof(*header));

	header->ndm_family = address->family == 4 ? AF_INET : AF_INET6;
	header->ndm_ifindex = ifindex;
	mnl_attr_put(request, NDA_DST, address_size(address), address->bytes);
	return header;
}

static int neighbour_read(const struct nlmsghdr *message, void *data)
{
	const struct ndmsg *header = mnl_nlmsg_get_payload(message);
	enum neighbour *neighbour = data;

	for (size_t i = 0; i < ARRAY_SIZE(meanings); i++)
		if (header->ndm_state & meanings[i].states)
			*neighbour = meanings[i].neighbour;
	return MNL_CB_OK;
}
