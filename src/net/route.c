// SPDX-License-Identifier: Apache-2.0
#include "net/route.h"

#include "base/cleanup.h"
#include "base/count.h"
#include "net/netlink.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <string.h>
#include <sys/ioctl.h>

#define LAYERS_MAX     8 /* VLAN on bridge on bond on VLAN ... */
#define FEATURE        "tx-udp-segmentation"
#define FEATURES_LIMIT 1024

struct route_answer {
	struct route route;
	uint8_t family, type; /* AF_…, RTN_… */
	uint8_t prefix_length;
};

/* What a link says about where its packets go. */
struct link {
	int ifindex, lower, master;
	bool lower_is_foreign; /* 'lower' is an index of another namespace. */
	bool has_bus;
	char kind[32]; /* Empty for hardware and loopback. */
};

/* Members of a bridge, bond or team: all have to be hardware. */
struct members {
	int master;
	unsigned int layers;
	unsigned int count;
	bool hardware;
	int error;
};

static int route_ask(const struct address *destination, uint32_t mark, uint32_t flags,
		     struct route_answer *ret_answer);
static int route_read(const struct nlmsghdr *message, void *data);
static int route_attribute_read(const struct nlattr *attribute, void *data);
static void address_read(struct address *address, uint8_t family, const void *bytes, size_t size);
static bool error_means_unreachable(int error);
static int link_is_hardware(int ifindex, unsigned int layers, bool *ret_hardware);
static int link_get(int ifindex, struct link *ret_link);
static int link_read(const struct nlmsghdr *message, void *data);
static int link_attribute_read(const struct nlattr *attribute, void *data);
static int link_kind_read(const struct nlattr *attribute, void *data);
static bool link_has_members(const struct link *link);
static int members_are_hardware(int master, unsigned int layers, bool *ret_hardware);
static int member_check(const struct nlmsghdr *message, void *data);
static int features_count(int socket, const char *device, uint32_t *ret_count);
static int ethtool_ask(int socket, const char *device, void *command);
static int feature_find(int socket, const char *device, uint32_t count, uint32_t *ret_index);

int route_lookup(const struct address *destination, uint32_t mark, struct route *ret_route)
{
	struct route_answer answer;
	int r = route_ask(destination, mark, 0, &answer);

	if (r != 0)
		return r;
	/* IPv6 answers with a route of another type where IPv4 answers with an error. */
	if ((answer.type != RTN_UNICAST && answer.type != RTN_LOCAL &&
	     answer.type != RTN_MULTICAST && answer.type != RTN_BROADCAST) ||
	    !if_indextoname((unsigned int)answer.route.ifindex, answer.route.device))
		return ROUTE_MISSING;
	if (answer.route.next_hop.family == 0)
		answer.route.next_hop = *destination;
	answer.route.neighbourly = answer.type == RTN_UNICAST;
	*ret_route = answer.route;
	return 0;
}

/* To addresses for documentation (RFC 5737, RFC 3849) there is no better route than the default one, unless somebody uses
 * them all the same; so the kernel is asked by how long a prefix it finds the way, and one probe that has none is enough. */
int route_find_default(uint8_t family, int *ret_ifindex)
{
	static const char *const probes[] = {"192.0.2.1", "198.51.100.1", "203.0.113.1",
					     "2001:db8::1"};
	int r = ROUTE_MISSING;

	for (size_t i = 0; i < ARRAY_SIZE(probes); i++) {
		struct route_answer answer;
		struct address probe;
		struct route route;

		if (!address_parse(probes[i], &probe) || probe.family != family)
			continue;
		r = route_ask(&probe, 0, RTM_F_FIB_MATCH, &answer);
		if (r == 0 && answer.prefix_length > 0)
			r = ROUTE_MISSING;
		/* Of several ways with one default route, the one that is taken. */
		if (r == 0)
			r = route_lookup(&probe, 0, &route);
		if (r == ROUTE_MISSING)
			continue;
		if (r == 0)
			*ret_ifindex = route.ifindex;
		return r;
	}
	return ROUTE_MISSING;
}

int device_is_hardware(int ifindex, bool *ret_hardware)
{
	bool hardware;
	int r = link_is_hardware(ifindex, LAYERS_MAX, &hardware);

	if (r == 0)
		*ret_hardware = hardware;
	return r;
}

int device_segments_udp(const char *device, bool *ret_segments)
{
	_cleanup_close_ int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	_cleanup_free_ struct ethtool_gfeatures *features = NULL;
	uint32_t index, count, blocks;
	int r;

	if (descriptor < 0)
		return -errno;
	r = features_count(descriptor, device, &count);
	if (r == 0)
		r = feature_find(descriptor, device, count, &index);
	if (r < 0)
		return r;
	blocks = (count + 31) / 32;
	features = calloc(1, sizeof(*features) + blocks * sizeof(features->features[0]));
	if (!features)
		return -ENOMEM;
	features->cmd = ETHTOOL_GFEATURES;
	features->size = blocks;
	r = ethtool_ask(descriptor, device, features);
	if (r == 0)
		*ret_segments = features->features[index / 32].active >> index % 32 & 1;
	return r;
}

static int route_ask(const struct address *destination, uint32_t mark, uint32_t flags,
		     struct route_answer *ret_answer)
{
	char buffer[256] = {};
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
	struct route_answer answer = {.type = RTN_UNSPEC};
	struct rtmsg *header;
	int r;

	request->nlmsg_type = RTM_GETROUTE;
	header = mnl_nlmsg_put_extra_header(request, sizeof(*header));
	header->rtm_family = destination->family == 4 ? AF_INET : AF_INET6;
	header->rtm_dst_len = (uint8_t)(address_size(destination) * 8);
	header->rtm_flags = flags;
	mnl_attr_put(request, RTA_DST, address_size(destination), destination->bytes);
	mnl_attr_put_u32(request, RTA_MARK, mark);
	r = netlink_ask(request, route_read, &answer);
	if (error_means_unreachable(r))
		return ROUTE_MISSING;
	if (r == 0)
		*ret_answer = answer;
	return r;
}

static int route_read(const struct nlmsghdr *message, void *data)
{
	const struct rtmsg *header = mnl_nlmsg_get_payload(message);
	struct route_answer *answer = data;

	answer->family = header->rtm_family;
	answer->type = header->rtm_type;
	answer->prefix_length = header->rtm_dst_len;
	return mnl_attr_parse(message, sizeof(*header), route_attribute_read, answer);
}

static int route_attribute_read(const struct nlattr *attribute, void *data)
{
	struct route_answer *answer = data;
	const struct rtvia *via;

	switch (mnl_attr_get_type(attribute)) {
	case RTA_OIF:
		answer->route.ifindex = (int)mnl_attr_get_u32(attribute);
		break;
	case RTA_PREFSRC:
		address_read(&answer->route.source, answer->family, mnl_attr_get_payload(attribute),
			     mnl_attr_get_payload_len(attribute));
		break;
	case RTA_GATEWAY:
		address_read(&answer->route.next_hop, answer->family,
			     mnl_attr_get_payload(attribute), mnl_attr_get_payload_len(attribute));
		break;
	case RTA_VIA:
		via = mnl_attr_get_payload(attribute);
		address_read(&answer->route.next_hop, (uint8_t)via->rtvia_family, via->rtvia_addr,
			     mnl_attr_get_payload_len(attribute) - sizeof(*via));
		break;
	default:
		break;
	}
	return MNL_CB_OK;
}

static void address_read(struct address *address, uint8_t family, const void *bytes, size_t size)
{
	address->family = family == AF_INET ? 4 : 6;
	memcpy(address->bytes, bytes, MIN(size, sizeof(address->bytes)));
}

static bool error_means_unreachable(int error)
{
	return error == -ENETUNREACH || error == -EHOSTUNREACH || error == -EACCES ||
	       error == -EINVAL || error == -ENETDOWN;
}

static int link_is_hardware(int ifindex, unsigned int layers, bool *ret_hardware)
{
	struct link link = {};
	int r;

	*ret_hardware = false;
	if (layers == 0)
		return 0;
	r = link_get(ifindex, &link);
	if (r < 0)
		return r;
	if (link_has_members(&link))
		return members_are_hardware(ifindex, layers - 1, ret_hardware);
	if (strcmp(link.kind, "vlan") == 0)
		return link.lower_is_foreign
			       ? 0
			       : link_is_hardware(link.lower, layers - 1, ret_hardware);
	*ret_hardware = link.has_bus;
	return 0;
}

static int link_get(int ifindex, struct link *ret_link)
{
	char buffer[256] = {};
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
	struct ifinfomsg *header;

	request->nlmsg_type = RTM_GETLINK;
	header = mnl_nlmsg_put_extra_header(request, sizeof(*header));
	header->ifi_index = ifindex;
	return netlink_ask(request, link_read, ret_link);
}

static int link_read(const struct nlmsghdr *message, void *data)
{
	const struct ifinfomsg *header = mnl_nlmsg_get_payload(message);
	struct link *link = data;

	*link = (struct link){.ifindex = header->ifi_index};
	return mnl_attr_parse(message, sizeof(*header), link_attribute_read, link);
}

static int link_attribute_read(const struct nlattr *attribute, void *data)
{
	struct link *link = data;

	switch (mnl_attr_get_type(attribute)) {
	case IFLA_LINK:
		link->lower = (int)mnl_attr_get_u32(attribute);
		break;
	case IFLA_LINK_NETNSID:
		link->lower_is_foreign = true;
		break;
	case IFLA_MASTER:
		link->master = (int)mnl_attr_get_u32(attribute);
		break;
	case IFLA_PARENT_DEV_NAME:
		link->has_bus = true;
		break;
	case IFLA_LINKINFO:
		return mnl_attr_parse_nested(attribute, link_kind_read, link);
	default:
		break;
	}
	return MNL_CB_OK;
}

static int link_kind_read(const struct nlattr *attribute, void *data)
{
	size_t size = mnl_attr_get_payload_len(attribute);
	struct link *link = data;

	if (mnl_attr_get_type(attribute) == IFLA_INFO_KIND && size < sizeof(link->kind))
		memcpy(link->kind, mnl_attr_get_payload(attribute), size);
	return MNL_CB_OK;
}

static bool link_has_members(const struct link *link)
{
	return strcmp(link->kind, "bridge") == 0 || strcmp(link->kind, "bond") == 0 ||
	       strcmp(link->kind, "team") == 0;
}

static int members_are_hardware(int master, unsigned int layers, bool *ret_hardware)
{
	char buffer[256] = {};
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
	struct members members = {.master = master, .layers = layers, .hardware = true};
	int r;

	request->nlmsg_type = RTM_GETLINK;
	request->nlmsg_flags = NLM_F_DUMP;
	mnl_nlmsg_put_extra_header(request, sizeof(struct ifinfomsg));
	r = netlink_ask(request, member_check, &members);
	if (r == 0)
		r = members.error;
	if (r == 0)
		*ret_hardware = members.hardware && members.count > 0;
	return r;
}

static int member_check(const struct nlmsghdr *message, void *data)
{
	struct members *members = data;
	struct link link;
	bool hardware;

	if (link_read(message, &link) < 0)
		return MNL_CB_ERROR;
	if (link.master != members->master || !members->hardware)
		return MNL_CB_OK;
	members->count++;
	members->error = link_is_hardware(link.ifindex, members->layers, &hardware);
	members->hardware = members->error == 0 && hardware;
	return MNL_CB_OK;
}

/* How many features this kernel names. */
static int features_count(int socket, const char *device, uint32_t *ret_count)
{
	_cleanup_free_ struct ethtool_sset_info *set =
		calloc(1, sizeof(*set) + sizeof(set->data[0]));
	int r;

	if (!set)
		return -ENOMEM;
	set->cmd = ETHTOOL_GSSET_INFO;
	set->sset_mask = 1ULL << ETH_SS_FEATURES;
	r = ethtool_ask(socket, device, set);
	if (r < 0)
		return r;
	if (set->sset_mask == 0 || set->data[0] > FEATURES_LIMIT)
		return -EOPNOTSUPP;
	*ret_count = set->data[0];
	return 0;
}

static int ethtool_ask(int socket, const char *device, void *command)
{
	struct ifreq request = {.ifr_data = command};

	strncpy(request.ifr_name, device, sizeof(request.ifr_name) - 1);
	return ioctl(socket, SIOCETHTOOL, &request) < 0 ? -errno : 0;
}

/* The number of FEATURE in this kernel. */
static int feature_find(int socket, const char *device, uint32_t count, uint32_t *ret_index)
{
	_cleanup_free_ struct ethtool_gstrings *names = NULL;
	int r;

	names = calloc(1, sizeof(*names) + (size_t)count * ETH_GSTRING_LEN);
	if (!names)
		return -ENOMEM;
	names->cmd = ETHTOOL_GSTRINGS;
	names->string_set = ETH_SS_FEATURES;
	names->len = count;
	r = ethtool_ask(socket, device, names);
	if (r < 0)
		return r;
	for (uint32_t i = 0; i < count; i++) {
		const char *name = (const char *)names->data + (size_t)i * ETH_GSTRING_LEN;

		if (strncmp(name, FEATURE, ETH_GSTRING_LEN) == 0) {
			*ret_index = i;
			return 0;
		}
	}
	return -EOPNOTSUPP;
}
