// SPDX-License-Identifier: Apache-2.0
#include "mirror/rule_example.h"

#include "base/count.h"

#include <netinet/in.h>

static const uint16_t ports[] = {0,   1,   53,  63,  64,   67,   68,    127,
				 128, 443, 546, 547, 1023, 1024, 32768, 65535};
static const uint8_t flags[] = {0x02, 0x12, 0x10, 0x01, 0xd1};
static const uint8_t codepoints[] = {0, 1, 46, DSCP_MAX};

static uint64_t state = 1;

static struct port_range draw_range(int16_t protocol);
static struct tcp_flags_match draw_match(int16_t protocol);

void draw_seed(uint64_t seed)
{
	state = seed;
}

/* xorshift64* (Vigna 2016). */
unsigned int draw(unsigned int limit)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (unsigned int)(state * 0x2545f4914f6cdd1dULL >> 33) % limit;
}

uint16_t draw_port(void)
{
	return ports[draw(ARRAY_SIZE(ports))];
}

uint8_t draw_codepoint(void)
{
	return codepoints[draw(ARRAY_SIZE(codepoints))];
}

uint8_t draw_tcp_flags(void)
{
	return flags[draw(ARRAY_SIZE(flags))];
}

struct cidr draw_network(const struct address *address)
{
	unsigned int bits = 8 * (unsigned int)address_size(address);
	struct cidr cidr = {.address = *address};

	cidr.prefix_length = (uint8_t)(draw(4) ? draw(bits + 1) : 0);
	for (unsigned int bit = cidr.prefix_length; bit < bits; bit++)
		cidr.address.bytes[bit / 8] &= (uint8_t) ~(0x80 >> bit % 8);
	return cidr;
}

struct filter_rule draw_rule(uint16_t number, int16_t protocol, const struct cidr *source,
			     const struct cidr *destination)
{
	return (struct filter_rule){
		.direction = draw(2) ? DIRECTION_INGRESS : DIRECTION_EGRESS,
		.number = number,
		.action = draw(3) ? RULE_ACCEPT : RULE_REJECT,
		.protocol = protocol,
		.source = *source,
		.destination = *destination,
		.source_ports = draw_range(protocol),
		.destination_ports = draw_range(protocol),
		.tcp_flags = draw_match(protocol),
		.dscp = {draw(4) == 0, draw_codepoint()},
	};
}

static struct port_range draw_range(int16_t protocol)
{
	uint16_t a = draw_port(), b = draw_port();

	if ((protocol != IPPROTO_TCP && protocol != IPPROTO_UDP) || draw(2))
		return (struct port_range){};
	return (struct port_range){true, a < b ? a : b, a < b ? b : a};
}

static struct tcp_flags_match draw_match(int16_t protocol)
{
	uint8_t mask = draw_tcp_flags();

	if (protocol != IPPROTO_TCP || draw(2))
		return (struct tcp_flags_match){};
	return (struct tcp_flags_match){mask, mask & draw_tcp_flags()};
}
