/* What is never mirrored, whatever the rules say: the services that a host's platform provides on well-known
 * addresses, DHCP, and our own output.  mirror/explain.c has the same list in words; a test compares the two. */
#pragma once

#include "capture/kernel/packet.bpf.h"
#include "capture/kernel/tables.bpf.h"

#define DHCP_SERVER   67
#define DHCP_CLIENT   68
#define DHCPV6_CLIENT 546
#define DHCPV6_SERVER 547
#define DNS_PORT      53

/* SO_MARK of our own sockets; the loader sets it.  0: no mark is ours. */
const volatile __u32 own_mark = 0;

static __always_inline bool ports_are(const struct packet_key *key, __u16 a, __u16 b)
{
	return (key->source_port == a || key->source_port == b) &&
	       (key->destination_port == a || key->destination_port == b);
}

static __always_inline bool is_dhcp(const struct packet_key *key)
{
	if (!key->has_ports || key->protocol != TRANSPORT_UDP)
		return false;
	return key->family == 4 ? ports_are(key, DHCP_SERVER, DHCP_CLIENT)
				: ports_are(key, DHCPV6_CLIENT, DHCPV6_SERVER);
}

/* 169.254.169.254 and fd00:ec2::254 (instance metadata), .123 (time), 169.254.169.250 and .251 (Windows
 * activation). */
static __always_inline bool address_is_platform(const struct map_address *address, __u8 family)
{
	__u32 host;

	if (family == 4) {
		host = bpf_ntohl((__u32)address->words[0]);
		if (host >> 8 != 0xa9fea9)
			return false;
		host &= 0xff;
		return host == 254 || host == 123 || host == 250 || host == 251;
	}
	if (address->words[0] != bpf_cpu_to_be64(0xfd000ec200000000))
		return false;
	return address->words[1] == bpf_cpu_to_be64(0x254) ||
	       address->words[1] == bpf_cpu_to_be64(0x123);
}

static __always_inline bool packet_is_excluded(const struct packet_key *key)
{
	return is_dhcp(key) || address_is_platform(&key->source, key->family) ||
	       address_is_platform(&key->destination, key->family);
}

/* A packet of the agent itself, seen again after it lost its mark on the way through another namespace. */
static __always_inline bool packet_is_to_appliance(struct scratch *scratch)
{
	const struct packet_key *key = &scratch->packet.key;
	struct map_appliance *appliance = &scratch->appliance;

	if (!key->has_ports || key->protocol != TRANSPORT_UDP)
		return false;
	appliance->address = key->destination;
	appliance->family = key->family;
	appliance->port = bpf_htons(key->destination_port);
	return bpf_map_lookup_elem(&appliances, appliance) != NULL;
}

static __always_inline bool is_resolver(struct map_resolver *resolver,
					const struct map_address *address, __u8 family)
{
	resolver->address = *address;
	resolver->family = family;
	return bpf_map_lookup_elem(&resolvers, resolver) != NULL;
}

/* DNS with a resolver that the platform provides: subject to the network service, never to rules. */
static __always_inline bool packet_is_platform_dns(struct scratch *scratch)
{
	const struct packet_key *key = &scratch->packet.key;

	if (!key->has_ports)
		return false;
	return (key->source_port == DNS_PORT &&
		is_resolver(&scratch->resolver, &key->source, key->family)) ||
	       (key->destination_port == DNS_PORT &&
		is_resolver(&scratch->resolver, &key->destination, key->family));
}
