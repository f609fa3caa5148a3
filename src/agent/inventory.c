// SPDX-License-Identifier: Apache-2.0
/* Links first, then addresses, each one dump; then the orientation of each device.
 *
 * The hard question is whose traffic a device shows.  A tap is always a guest's.  A veth whose peer lives in another
 * namespace is the host's end of a container's cable, except where we ourselves run inside the container: then
 * the cable is our own way out, and the default route says so. */
#include "agent/inventory.h"

#include "base/array.h"
#include "base/count.h"
#include "base/text.h"
#include "net/route.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if_arp.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

DEFINE_CLEANUP(struct mnl_socket *, mnl_socket_close)

static int dump(struct mnl_socket *socket, uint16_t type, mnl_cb_t each,
		struct inventory *inventory);
static int read_link(const struct nlmsghdr *message, void *context);
static int read_address(const struct nlmsghdr *message, void *context);
static int find_ways_out(struct inventory *inventory);
static void sort(struct inventory *inventory, int (*compare)(const void *, const void *));
static struct inventory_device *find(const struct inventory *inventory,
				     const struct inventory_device *key,
				     int (*compare)(const void *, const void *));
static int compare_indices(const void *a, const void *b);
static int compare_names(const void *a, const void *b);

void inventory_fini(struct inventory *inventory)
{
	free(inventory->devices);
	*inventory = (struct inventory){};
}

int inventory_read(struct inventory *ret_inventory)
{
	_cleanup_(mnl_socket_closep) struct mnl_socket *socket =
		mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	_cleanup_(inventory_fini) struct inventory inventory = {};
	int r;

	if (!socket || mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0)
		return -errno;
	r = dump(socket, RTM_GETLINK, read_link, &inventory);
	sort(&inventory, compare_indices);
	if (r == 0)
		r = dump(socket, RTM_GETADDR, read_address, &inventory);
	if (r == 0)
		r = find_ways_out(&inventory);
	if (r < 0)
		return r;
	sort(&inventory, compare_names);
	*ret_inventory = inventory;
	inventory = (struct inventory){};
	return 0;
}

bool inventory_equal(const struct inventory *a, const struct inventory *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++) {
		const struct report_interface *x = &a->devices[i].interface,
					      *y = &b->devices[i].interface;

		if (strcmp(x->device, y->device) != 0 ||
		    memcmp(x->mac, y->mac, sizeof(x->mac)) != 0 || x->mtu != y->mtu ||
		    x->orientation != y->orientation || x->address_count != y->address_count ||
		    x->default_ipv4 != y->default_ipv4 || x->default_ipv6 != y->default_ipv6 ||
		    x->bridge != y->bridge)
			return false;
		for (size_t j = 0; j < x->address_count; j++)
			if (!address_equal(&x->addresses[j], &y->addresses[j]))
				return false;
	}
	return true;
}

const struct inventory_device *inventory_find(const struct inventory *inventory, const char *device)
{
	struct inventory_device key = {};

	(void)string_copy(key.interface.device, sizeof(key.interface.device), device);
	return find(inventory, &key, compare_names);
}

static int dump(struct mnl_socket *socket, uint16_t type, mnl_cb_t each,
		struct inventory *inventory)
{
	_Alignas(struct nlmsghdr) char buffer[32768];
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
	struct rtgenmsg *body;
	uint32_t sequence = (uint32_t)time(NULL), port = mnl_socket_get_portid(socket);
	int r = MNL_CB_OK;

	request->nlmsg_type = type;
	request->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	request->nlmsg_seq = sequence;
	body = mnl_nlmsg_put_extra_header(request, sizeof(*body));
	body->rtgen_family = AF_UNSPEC;
	if (mnl_socket_sendto(socket, request, request->nlmsg_len) < 0)
		return -errno;
	while (r == MNL_CB_OK) {
		ssize_t n = mnl_socket_recvfrom(socket, buffer, sizeof(buffer));

		if (n < 0)
			return -errno;
		r = mnl_cb_run(buffer, (size_t)n, sequence, port, each, inventory);
	}
	return r < 0 ? -errno : 0;
}

/* The attributes of one message, by type. */
struct attributes {
	const struct nlattr *by_type[IFLA_MAX + 1];
};

static int note_attribute(const struct nlattr *attribute, void *context)
{
	struct attributes *attributes = context;
	uint16_t type = mnl_attr_get_type(attribute);

	if (type < ARRAY_SIZE(attributes->by_type))
		attributes->by_type[type] = attribute;
	return MNL_CB_OK;
}

/* Whether the device is one whose frames could be a guest's; the default route may still overrule it for a veth. */
static enum orientation guess_orientation(const char *kind, bool peer_elsewhere)
{
	if (strcmp(kind, "tun") == 0)
		return ORIENTATION_GUEST;
	if (strcmp(kind, "veth") == 0 && peer_elsewhere)
		return ORIENTATION_GUEST;
	return ORIENTATION_HOST;
}

static const char *link_kind(const struct nlattr *information)
{
	struct attributes nested = {};

	if (!information ||
	    mnl_attr_parse_nested(information, note_attribute, &nested) != MNL_CB_OK ||
	    !nested.by_type[IFLA_INFO_KIND])
		return "";
	return mnl_attr_get_str(nested.by_type[IFLA_INFO_KIND]);
}

static int read_link(const struct nlmsghdr *message, void *context)
{
	const struct ifinfomsg *link = mnl_nlmsg_get_payload(message);
	struct inventory *inventory = context;
	struct inventory_device device = {.ifindex = link->ifi_index};
	struct report_interface *interface = &device.interface;
	struct attributes found = {};
	const struct nlattr *mac;
	const char *kind;

	if (link->ifi_type != ARPHRD_ETHER ||
	    mnl_attr_parse(message, sizeof(*link), note_attribute, &found) != MNL_CB_OK ||
	    !found.by_type[IFLA_IFNAME] || !found.by_type[IFLA_MTU])
		return MNL_CB_OK;
	/* The kernel allows almost any byte in a name; what could not travel in a report is left out. */
	if (!device_name_valid(mnl_attr_get_str(found.by_type[IFLA_IFNAME])) ||
	    !string_copy(interface->device, sizeof(interface->device),
			 mnl_attr_get_str(found.by_type[IFLA_IFNAME])))
		return MNL_CB_OK;
	interface->mtu = mnl_attr_get_u32(found.by_type[IFLA_MTU]);
	mac = found.by_type[IFLA_ADDRESS];
	if (mac && mnl_attr_get_payload_len(mac) == sizeof(interface->mac))
		memcpy(interface->mac, mnl_attr_get_payload(mac), sizeof(interface->mac));
	kind = link_kind(found.by_type[IFLA_LINKINFO]);
	interface->bridge = strcmp(kind, "bridge") == 0;
	interface->orientation = guess_orientation(kind, found.by_type[IFLA_LINK_NETNSID] != NULL);
	return array_append(inventory, devices, count, capacity, device) == 0 ? MNL_CB_OK
									      : MNL_CB_ERROR;
}

static struct inventory_device *find_index(const struct inventory *inventory, int ifindex)
{
	const struct inventory_device key = {.ifindex = ifindex};

	return find(inventory, &key, compare_indices);
}

static int read_address(const struct nlmsghdr *message, void *context)
{
	const struct ifaddrmsg *body = mnl_nlmsg_get_payload(message);
	struct inventory_device *device = find_index(context, (int)body->ifa_index);
	struct address address = {.family = body->ifa_family == AF_INET ? 4 : 6};
	struct attributes found = {};
	const struct nlattr *ours;

	if (!device || (body->ifa_family != AF_INET && body->ifa_family != AF_INET6) ||
	    device->interface.address_count == SOURCE_ADDRESSES_MAX ||
	    mnl_attr_parse(message, sizeof(*body), note_attribute, &found) != MNL_CB_OK)
		return MNL_CB_OK;
	/* On a point-to-point link IFA_ADDRESS is the other end; IFA_LOCAL, where present, is ours. */
	ours = found.by_type[IFA_LOCAL] ? found.by_type[IFA_LOCAL] : found.by_type[IFA_ADDRESS];
	if (!ours || mnl_attr_get_payload_len(ours) != address_size(&address))
		return MNL_CB_OK;
	memcpy(address.bytes, mnl_attr_get_payload(ours), address_size(&address));
	device->interface.addresses[device->interface.address_count++] = address;
	return MNL_CB_OK;
}

/* Where the default routes go; these devices are our own way out, whatever they look like. */
static int find_ways_out(struct inventory *inventory)
{
	static const uint8_t families[] = {4, 6};

	for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
		struct inventory_device *device;
		int ifindex, r = route_find_default(families[i], &ifindex);

		if (r < 0)
			return r;
		device = r == 0 ? find_index(inventory, ifindex) : NULL;
		if (!device)
			continue;
		device->interface.orientation = ORIENTATION_HOST;
		*(families[i] == 4 ? &device->interface.default_ipv4
				   : &device->interface.default_ipv6) = true;
	}
	return 0;
}

static void sort(struct inventory *inventory, int (*compare)(const void *, const void *))
{
	if (inventory->count > 1)
		qsort(inventory->devices, inventory->count, sizeof(*inventory->devices), compare);
}

static struct inventory_device *find(const struct inventory *inventory,
				     const struct inventory_device *key,
				     int (*compare)(const void *, const void *))
{
	return inventory->count
		       ? bsearch(key, inventory->devices, inventory->count, sizeof(*key), compare)
		       : NULL;
}

static int compare_indices(const void *a, const void *b)
{
	const struct inventory_device *x = a, *y = b;

	return (x->ifindex > y->ifindex) - (x->ifindex < y->ifindex);
}

static int compare_names(const void *a, const void *b)
{
	const struct inventory_device *x = a, *y = b;

	return strcmp(x->interface.device, y->interface.device);
}
