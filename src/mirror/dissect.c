// SPDX-License-Identifier: Apache-2.0
/* Each layer takes its header off what is left, and hands the rest to the next.  A header that is not all there ends the line. */
#include "mirror/dissect.h"

#include "base/address.h"
#include "base/cleanup.h"
#include "base/count.h"

#include <linux/if_ether.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define TAGS_MAX           8
#define EXTENSIONS_MAX     16
#define FRAGMENT_UNIT      8
#define PROTOCOL_SCTP      132
#define PROTOCOL_MOBILITY  135
#define ARP_SIZE           28
#define ARP_REQUEST        1
#define ARP_REPLY          2
#define ENDPOINT_TEXT_SIZE (ADDRESS_TEXT_SIZE + 8)

struct dissection {
	const uint8_t *next; /* What was not looked at yet. */
	size_t left;
	char *text;
	size_t used; /* Of DISSECT_TEXT_SIZE, without the NUL. */
};

/* What IP says of what it carries. */
struct carried {
	struct address source, destination;
	uint8_t protocol;
	uint32_t length;   /* Bytes, of this fragment. */
	uint32_t fragment; /* Where in its datagram this one begins. */
	bool more;         /* Fragments follow. */
	bool cut;          /* An IPv6 extension header is not all there. */
};

typedef void layer_function(struct dissection *dissection, const struct carried *carried);

static void say(struct dissection *dissection, const char *format, ...) _printf_(2, 3);
static const uint8_t *take(struct dissection *dissection, size_t size);
static uint16_t read_16(const uint8_t *bytes);
static uint32_t read_32(const uint8_t *bytes);
static void show_frame(struct dissection *dissection, const uint8_t *ethernet, uint16_t type,
		       uint32_t length);
static void show_arp(struct dissection *dissection);
static void show_ipv4(struct dissection *dissection);
static void show_ipv6(struct dissection *dissection);
static const uint8_t *skip_extension(struct dissection *dissection, struct carried *carried);
static bool is_extension(uint8_t protocol);
static void show_carried(struct dissection *dissection, const struct carried *carried);
static void show_endpoints(struct dissection *dissection, const struct carried *carried,
			   const uint8_t *ports);
static void format_endpoint(const struct address *address, const uint8_t *port,
			    char ret_text[ENDPOINT_TEXT_SIZE]);
static layer_function show_tcp, show_udp, show_icmp, show_icmpv6, show_sctp;

static const struct protocol {
	uint8_t number;
	const char *name;
	bool has_ports;
	layer_function *show; /* NULL: its name and length are all that is said. */
} protocols[] = {
	{IPPROTO_ICMP, "ICMP", false, show_icmp},
	{IPPROTO_IGMP, "IGMP", false, NULL},
	{IPPROTO_IPIP, "IPv4", false, NULL},
	{IPPROTO_TCP, "TCP", true, show_tcp},
	{IPPROTO_UDP, "UDP", true, show_udp},
	{IPPROTO_IPV6, "IPv6", false, NULL},
	{IPPROTO_GRE, "GRE", false, NULL},
	{IPPROTO_ESP, "ESP", false, NULL},
	{IPPROTO_ICMPV6, "ICMPv6", false, show_icmpv6},
	{89, "OSPF", false, NULL},
	{IPPROTO_PIM, "PIM", false, NULL},
	{112, "VRRP", false, NULL},
	{PROTOCOL_SCTP, "SCTP", true, show_sctp},
};

struct named_type {
	uint8_t type;
	const char *name;
};

static const struct named_type icmp_types[] = {
	{0, "echo reply"},   {3, "unreachable"},    {5, "redirect"},
	{8, "echo request"}, {11, "time exceeded"}, {12, "parameter problem"},
};

static const struct named_type icmpv6_types[] = {
	{1, "unreachable"},
	{2, "packet too big"},
	{3, "time exceeded"},
	{4, "parameter problem"},
	{128, "echo request"},
	{129, "echo reply"},
	{130, "listener query"},
	{131, "listener report"},
	{133, "router solicitation"},
	{134, "router advertisement"},
	{135, "neighbour solicitation"},
	{136, "neighbour advertisement"},
	{143, "listener report v2"},
};

static const struct named_type sctp_chunks[] = {
	{0, "DATA"},
	{1, "INIT"},
	{2, "INIT ACK"},
	{3, "SACK"},
	{4, "HEARTBEAT"},
	{5, "HEARTBEAT ACK"},
	{6, "ABORT"},
	{7, "SHUTDOWN"},
	{8, "SHUTDOWN ACK"},
	{9, "ERROR"},
	{10, "COOKIE ECHO"},
	{11, "COOKIE ACK"},
	{14, "SHUTDOWN COMPLETE"},
};

static const struct protocol *protocol_find(uint8_t number);
static void show_type(struct dissection *dissection, const struct named_type *types, size_t count,
		      const uint8_t *header);

void dissect_packet(const uint8_t *bytes, size_t size, uint32_t length,
		    char ret_text[DISSECT_TEXT_SIZE])
{
	struct dissection dissection = {.next = bytes, .left = size, .text = ret_text};
	const uint8_t *ethernet, *tag;
	uint16_t type;

	ret_text[0] = '\0';
	ethernet = take(&dissection, ETH_HLEN);
	if (!ethernet)
		return;
	type = read_16(ethernet + 2 * ETH_ALEN);
	for (int i = 0; i < TAGS_MAX && (type == ETH_P_8021Q || type == ETH_P_8021AD); i++) {
		tag = take(&dissection, 4);
		if (!tag)
			return;
		say(&dissection, "VLAN %u", read_16(tag) & 0xfff);
		type = read_16(tag + 2);
	}
	show_frame(&dissection, ethernet, type, length);
}

/* Words are set apart by blanks.  What is too long for the line is cut. */
static void say(struct dissection *dissection, const char *format, ...)
{
	size_t room;
	va_list arguments;
	int length;

	if (dissection->used > 0 && dissection->used < DISSECT_TEXT_SIZE - 1)
		dissection->text[dissection->used++] = ' ';
	room = DISSECT_TEXT_SIZE - dissection->used;
	va_start(arguments, format);
	length = vsnprintf(dissection->text + dissection->used, room, format, arguments);
	va_end(arguments);
	if (length > 0)
		dissection->used += MIN((size_t)length, room - 1);
}

/* The next header, or NULL after having said that it is not all there. */
static const uint8_t *take(struct dissection *dissection, size_t size)
{
	const uint8_t *header = dissection->next;

	if (dissection->left < size) {
		say(dissection, "[cut]");
		dissection->left = 0;
		return NULL;
	}
	dissection->next += size;
	dissection->left -= size;
	return header;
}

static uint16_t read_16(const uint8_t *bytes)
{
	return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

static uint32_t read_32(const uint8_t *bytes)
{
	return (uint32_t)read_16(bytes) << 16 | read_16(bytes + 2);
}

static void show_frame(struct dissection *dissection, const uint8_t *ethernet, uint16_t type,
		       uint32_t length)
{
	static const struct {
		uint16_t type;
		void (*show)(struct dissection *dissection);
	} layers[] = {{ETH_P_IP, show_ipv4}, {ETH_P_IPV6, show_ipv6}, {ETH_P_ARP, show_arp}};
	const uint8_t *from = ethernet + ETH_ALEN, *to = ethernet;

	for (size_t i = 0; i < ARRAY_SIZE(layers); i++)
		if (layers[i].type == type) {
			layers[i].show(dissection);
			return;
		}
	say(dissection, "%02x:%02x:%02x:%02x:%02x:%02x > %02x:%02x:%02x:%02x:%02x:%02x", from[0],
	    from[1], from[2], from[3], from[4], from[5], to[0], to[1], to[2], to[3], to[4], to[5]);
	if (type >= ETH_P_802_3_MIN)
		say(dissection, "EtherType 0x%04x length %u", type, length);
	else
		say(dissection, "802.3 length %u", type);
}

static void show_arp(struct dissection *dissection)
{
	/* Hardware and protocol, and how long their addresses are: Ethernet and IPv4. */
	static const uint8_t kind[] = {0, 1, 8, 0, 6, 4};
	struct address sender = {.family = 4}, target = {.family = 4};
	char sender_text[ADDRESS_TEXT_SIZE], target_text[ADDRESS_TEXT_SIZE];
	const uint8_t *arp, *mac;

	say(dissection, "ARP");
	arp = take(dissection, ARP_SIZE);
	if (!arp || memcmp(arp, kind, sizeof(kind)) != 0)
		return;
	mac = arp + 8;
	memcpy(sender.bytes, arp + 14, 4);
	memcpy(target.bytes, arp + 24, 4);
	address_format(&sender, sender_text);
	address_format(&target, target_text);
	switch (read_16(arp + 6)) {
	case ARP_REQUEST:
		say(dissection, "who has %s? tell %s", target_text, sender_text);
		break;
	case ARP_REPLY:
		say(dissection, "%s is at %02x:%02x:%02x:%02x:%02x:%02x", sender_text, mac[0],
		    mac[1], mac[2], mac[3], mac[4], mac[5]);
		break;
	default:
		say(dissection, "operation %u", read_16(arp + 6));
	}
}

static void show_ipv4(struct dissection *dissection)
{
	struct carried carried = {.source.family = 4, .destination.family = 4};
	const uint8_t *header = take(dissection, 20);
	unsigned int header_size, total;

	if (!header)
		return;
	header_size = (header[0] & 0xfU) * 4;
	total = read_16(header + 2);
	if (header[0] >> 4 != 4 || header_size < 20 || total < header_size) {
		say(dissection, "IPv4 [malformed]");
		return;
	}
	memcpy(carried.source.bytes, header + 12, 4);
	memcpy(carried.destination.bytes, header + 16, 4);
	carried.protocol = header[9];
	carried.length = total - header_size;
	carried.fragment = (read_16(header + 6) & 0x1fffU) * FRAGMENT_UNIT;
	carried.more = (header[6] & 0x20) != 0;
	if (header_size > 20 && !take(dissection, header_size - 20))
		return;
	show_carried(dissection, &carried);
}

static void show_ipv6(struct dissection *dissection)
{
	struct carried carried = {.source.family = 6, .destination.family = 6};
	const uint8_t *header = take(dissection, 40);

	if (!header)
		return;
	if (header[0] >> 4 != 6) {
		say(dissection, "IPv6 [malformed]");
		return;
	}
	memcpy(carried.source.bytes, header + 8, 16);
	memcpy(carried.destination.bytes, header + 24, 16);
	carried.protocol = header[6];
	carried.length = read_16(header + 4);
	for (int i = 0; i < EXTENSIONS_MAX && carried.fragment == 0; i++)
		if (!skip_extension(dissection, &carried))
			break;
	show_carried(dissection, &carried);
}

/* Returns NULL when there is none that can be passed. */
static const uint8_t *skip_extension(struct dissection *dissection, struct carried *carried)
{
	const uint8_t *next = dissection->next;
	uint32_t size;

	if (!is_extension(carried->protocol))
		return NULL;
	carried->cut = dissection->left < 8;
	if (carried->cut)
		return NULL;
	switch (carried->protocol) {
	default:
		size = (next[1] + 1U) * 8;
		break;
	case IPPROTO_AH:
		size = (next[1] + 2U) * 4;
		break;
	case IPPROTO_FRAGMENT:
		size = 8;
		carried->fragment = read_16(next + 2) & ~7U;
		carried->more = (next[3] & 1) != 0;
		break;
	}
	carried->cut = size <= carried->length && size > dissection->left;
	if (size > carried->length || carried->cut)
		return NULL;
	carried->protocol = next[0];
	carried->length -= size;
	return take(dissection, size);
}

static bool is_extension(uint8_t protocol)
{
	switch (protocol) {
	case IPPROTO_HOPOPTS:
	case IPPROTO_ROUTING:
	case IPPROTO_DSTOPTS:
	case IPPROTO_AH:
	case IPPROTO_FRAGMENT:
	case PROTOCOL_MOBILITY:
		return true;
	default:
		return false;
	}
}

static void show_carried(struct dissection *dissection, const struct carried *carried)
{
	const struct protocol *protocol = protocol_find(carried->protocol);
	bool begins = carried->fragment == 0;
	bool has_ports = protocol && protocol->has_ports && begins && dissection->left >= 4;

	show_endpoints(dissection, carried, has_ports ? dissection->next : NULL);
	if (protocol)
		say(dissection, "%s", protocol->name);
	else
		say(dissection, "protocol %u", carried->protocol);
	if (carried->cut)
		say(dissection, "[cut]");
	else if (begins && protocol && protocol->show)
		protocol->show(dissection, carried);
	else
		say(dissection, "length %u", carried->length);
	if (!begins)
		say(dissection, "fragment at %u", carried->fragment);
	else if (carried->more)
		say(dissection, "first fragment");
}

static const struct protocol *protocol_find(uint8_t number)
{
	for (size_t i = 0; i < ARRAY_SIZE(protocols); i++)
		if (protocols[i].number == number)
			return &protocols[i];
	return NULL;
}

/* 'ports' are the source's and the destination's; NULL: there are none. */
static void show_endpoints(struct dissection *dissection, const struct carried *carried,
			   const uint8_t *ports)
{
	char source[ENDPOINT_TEXT_SIZE], destination[ENDPOINT_TEXT_SIZE];

	format_endpoint(&carried->source, ports, source);
	format_endpoint(&carried->destination, ports ? ports + 2 : NULL, destination);
	say(dissection, "%s > %s", source, destination);
}

static void format_endpoint(const struct address *address, const uint8_t *port,
			    char ret_text[ENDPOINT_TEXT_SIZE])
{
	char text[ADDRESS_TEXT_SIZE];

	address_format(address, text);
	if (!port)
		(void)snprintf(ret_text, ENDPOINT_TEXT_SIZE, "%s", text);
	else if (address->family == 6)
		(void)snprintf(ret_text, ENDPOINT_TEXT_SIZE, "[%s]:%u", text, read_16(port));
	else
		(void)snprintf(ret_text, ENDPOINT_TEXT_SIZE, "%s:%u", text, read_16(port));
}

static void show_tcp(struct dissection *dissection, const struct carried *carried)
{
	static const char *const names[] = {"FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"};
	const uint8_t *header = take(dissection, 20);
	char flags[64] = "";
	size_t length = 0;
	uint32_t size;

	if (!header)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (header[13] >> i & 1)
			length += (size_t)snprintf(flags + length, sizeof(flags) - length, "%s%s",
						   length > 0 ? "," : "", names[i]);
	say(dissection, "[%s] seq %u", flags, read_32(header + 4));
	if (header[13] & 0x10)
		say(dissection, "ack %u", read_32(header + 8));
	size = (header[12] >> 4) * 4U;
	if (size < 20 || size > carried->length)
		say(dissection, "[malformed]");
	else
		say(dissection, "win %u length %u", read_16(header + 14), carried->length - size);
}

/* A datagram in fragments says how long all of it is. */
static void show_udp(struct dissection *dissection, const struct carried *carried)
{
	const uint8_t *header = take(dissection, 8);
	uint32_t length = header ? read_16(header + 4) : 0;

	if (!header)
		return;
	if (length < 8 || (length > carried->length && !carried->more))
		say(dissection, "[malformed]");
	else
		say(dissection, "length %u", length - 8);
}

static void show_icmp(struct dissection *dissection, const struct carried *carried)
{
	const uint8_t *header = take(dissection, 8);

	if (!header)
		return;
	show_type(dissection, icmp_types, ARRAY_SIZE(icmp_types), header);
	if (header[0] == 0 || header[0] == 8)
		say(dissection, "id %u seq %u", read_16(header + 4), read_16(header + 6));
	else if (header[0] == 3)
		say(dissection, "code %u", header[1]);
	if (carried->length >= 8)
		say(dissection, "length %u", carried->length - 8);
}

static void show_icmpv6(struct dissection *dissection, const struct carried *carried)
{
	struct address target = {.family = 6};
	char text[ADDRESS_TEXT_SIZE];
	const uint8_t *header = take(dissection, 8), *more;

	if (!header)
		return;
	show_type(dissection, icmpv6_types, ARRAY_SIZE(icmpv6_types), header);
	if (header[0] == 128 || header[0] == 129)
		say(dissection, "id %u seq %u", read_16(header + 4), read_16(header + 6));
	else if (header[0] == 1)
		say(dissection, "code %u", header[1]);
	if (header[0] == 135 || header[0] == 136) {
		more = take(dissection, 16);
		if (!more)
			return;
		memcpy(target.bytes, more, 16);
		address_format(&target, text);
		say(dissection, "of %s", text);
		return;
	}
	if (carried->length >= 8)
		say(dissection, "length %u", carried->length - 8);
}

static void show_sctp(struct dissection *dissection, const struct carried *carried)
{
	const uint8_t *header = take(dissection, 12), *chunk;

	chunk = header ? take(dissection, 4) : NULL;
	if (!chunk)
		return;
	show_type(dissection, sctp_chunks, ARRAY_SIZE(sctp_chunks), chunk);
	say(dissection, "tag %u length %u", read_32(header + 4),
	    carried->length >= 12 ? carried->length - 12 : 0);
}

static void show_type(struct dissection *dissection, const struct named_type *types, size_t count,
		      const uint8_t *header)
{
	for (size_t i = 0; i < count; i++)
		if (types[i].type == header[0]) {
			say(dissection, "%s", types[i].name);
			return;
		}
	say(dissection, "type %u", header[0]);
}
