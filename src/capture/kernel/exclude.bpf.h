/* What is never mirrored, whatever the rules say: the services that a host's platform provides on well-known
 * addresses, DHCP, our own output, and ICMP errors about it.  mirror/explain.c has the same list in words, but for the
 * last, which an address and a port do not tell; a test compares the two. */
#pragma once

#include "capture/kernel/packet.bpf.h"
#include "capture/kernel/tables.bpf.h"

#define DHCP_SERVER   67
#define DHCP_CLIENT   68
#define DHCPV6_CLIENT 546
#define DHCPV6_SERVER 547
#define DNS_PORT      53

#define ICMP_HEADER_SIZE         8
#define ICMP_UNREACHABLE         3
#define ICMP_REDIRECTED          5
#define ICMP_TIME_EXCEEDED       11
#define ICMP_PARAMETER           12
#define ICMPV6_FIRST_INFORMATION 128

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

static __always_inline bool is_icmp_error(struct __sk_buff *skb, const struct packet *packet)
{
	__u8 type;

	if (!packet->transport_offset ||
	    packet->key.protocol != (packet->key.family == 4 ? IPPROTO_ICMP : IPPROTO_ICMPV6) ||
	    bpf_skb_load_bytes(skb, packet->transport_offset, &type, sizeof(type)))
		return false;
	if (packet->key.family == 4)
		return type == ICMP_UNREACHABLE || type == ICMP_REDIRECTED ||
		       type == ICMP_TIME_EXCEEDED || type == ICMP_PARAMETER;
	return type < ICMPV6_FIRST_INFORMATION;
}

/* Where the header of a quoted packet ends, and whom it was for.  Returns 0 unless it is UDP. */
static __always_inline __u32 quoted_ipv4(struct __sk_buff *skb, __u32 offset,
					 struct map_address *ret_address)
{
	struct iphdr header;

	if (bpf_skb_load_bytes(skb, offset, &header, sizeof(header)) ||
	    header.protocol != TRANSPORT_UDP)
		return 0;
	ret_address->words[0] = 0;
	ret_address->words[1] = 0;
	*(__be32 *)ret_address = header.daddr;
	return offset + header.ihl * 4u;
}

static __always_inline __u32 quoted_ipv6(struct __sk_buff *skb, __u32 offset,
					 struct map_address *ret_address)
{
	struct ipv6hdr header;

	if (bpf_skb_load_bytes(skb, offset, &header, sizeof(header)) ||
	    header.nexthdr != TRANSPORT_UDP)
		return 0;
	__builtin_memcpy(ret_address, &header.daddr, sizeof(*ret_address));
	return offset + sizeof(header);
}

/* An ICMP error about a packet of the agent, as of an appliance where nobody listens.  Were it mirrored, the copy would
 * call forth the next one, and so on for ever. */
static __always_inline bool packet_is_about_appliance(struct __sk_buff *skb,
						      struct scratch *scratch)
{
	const struct packet *packet = &scratch->packet;
	struct map_appliance *appliance = &scratch->appliance;
	__u32 offset = packet->transport_offset + ICMP_HEADER_SIZE;
	__be16 ports[2];

	if (!is_icmp_error(skb, packet))
		return false;
	offset = packet->key.family == 4 ? quoted_ipv4(skb, offset, &appliance->address)
					 : quoted_ipv6(skb, offset, &appliance->address);
	if (!offset || bpf_skb_load_bytes(skb, offset, ports, sizeof(ports)))
		return false;
	appliance->family = packet->key.family;
	appliance->port = ports[1];
	return bpf_map_lookup_elem(&appliances, appliance) != NULL;
}

/* Whether an appliance may have the port: a bit among few, which costs less than asking for the address as well. */
static __always_inline bool port_may_be_appliance(__u16 port)
{
	const __u64 *bits = map_first(&appliance_ports);

	return bits && bits[MAP_PORT_WORD(port)] & MAP_PORT_BIT(port);
}

/* A packet of the agent itself, seen again after it lost its mark on the way through another namespace. */
static __always_inline bool packet_is_to_appliance(struct scratch *scratch)
{
	const struct packet_key *key = &scratch->packet.key;
	struct map_appliance *appliance = &scratch->appliance;

	if (!key->has_ports || key->protocol != TRANSPORT_UDP ||
	    !port_may_be_appliance(key->destination_port))
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
