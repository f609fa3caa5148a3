// SPDX-License-Identifier: Apache-2.0
#include "bench/classify_peers.h"

#include "base/cleanup.h"
#include "base/count.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIST_MATCHES \
	4000 /* The most that u32 has in one table; lists are asked one after the other. */
#define PREFIXES_MOST 32 /* Of a range of ports. */
#define PORT_END      0x10000u

struct port_prefix {
	uint16_t value, mask;
};

static FILE *tool_open(const char *command);
static void tool_close(FILE *tool, const char *command);
static bool set_takes(const struct filter *accepted, const struct filter_rule *rule);
static struct packet_key rule_corner(const struct filter_rule *rule, bool highest);
static struct address cidr_last(const struct cidr *cidr);
static void element_print(FILE *nft, const struct filter_rule *rule);
static size_t matches_print(FILE *tc, const struct filter_rule *rule, uint8_t family,
			    size_t number);
static size_t range_split(const struct port_range *range, struct port_prefix *ret_prefixes);

void peers_open(void)
{
	FILE *tool = tool_open("ip -batch -");

	(void)fprintf(tool, "link set " PEER_DEVICE " up\n");
	tool_close(tool, "ip");
	tool = tool_open("tc -batch -");
	(void)fprintf(tool, "qdisc add dev " PEER_DEVICE " clsact\n");
	tool_close(tool, "tc");
	tool = tool_open("nft -f -");
	(void)fprintf(tool, "table netdev last { chain drop_all { "
			    "type filter hook ingress device " PEER_DEVICE
			    " priority 10; policy drop; }\n}\n");
	tool_close(tool, "nft");
}

void nftables_fit(struct filter *filter)
{
	struct filter fitting = {.rules = filter->rules};

	for (size_t i = 0; i < filter->rule_count; i++)
		if (set_takes(&fitting, &filter->rules[i]))
			fitting.rules[fitting.rule_count++] = filter->rules[i];
	filter->rule_count = fitting.rule_count;
}

void nftables_write(const struct filter *filter, uint8_t family)
{
	const char *ip = family == 4 ? "ip" : "ip6", *type = family == 4 ? "ipv4" : "ipv6";
	FILE *nft = tool_open("nft -f -");

	(void)fprintf(nft,
		      "table netdev peer\ndelete table netdev peer\n"
		      "table netdev peer {\nmap rules {\ntype %s_addr . %s_addr . inet_proto . "
		      "inet_service . inet_service : verdict; flags interval; elements = {",
		      type, type);
	for (size_t i = 0; i < filter->rule_count; i++)
		element_print(nft, &filter->rules[i]);
	(void)fprintf(nft,
		      "}\n}\nchain ask { type filter hook ingress device " PEER_DEVICE
		      " priority 0; policy accept; %s saddr . %s daddr . meta l4proto . th sport . "
		      "th dport vmap @rules\n}\n}\n",
		      ip, ip);
	tool_close(nft, "nft");
}

void nftables_clear(void)
{
	FILE *nft = tool_open("nft -f -");

	(void)fprintf(nft, "delete table netdev peer\n");
	tool_close(nft, "nft");
}

void tc_write(const struct filter *filter, uint8_t family)
{
	FILE *tc = tool_open("tc -batch -");
	size_t count = 0;

	(void)fprintf(tc, "filter del dev " PEER_DEVICE " ingress\n");
	for (size_t i = 0; i < filter->rule_count; i++)
		count += matches_print(tc, &filter->rules[i], family, count);
	tool_close(tc, "tc");
}

void tc_clear(void)
{
	tc_write(&(struct filter){}, 4);
}

static FILE *tool_open(const char *command)
{
	FILE *tool = popen(command, "w");

	if (!tool) {
		perror(command);
		exit(1);
	}
	return tool;
}

static void tool_close(FILE *tool, const char *command)
{
	if (pclose(tool) != 0) {
		(void)fprintf(stderr, "%s failed\n", command);
		exit(1);
	}
}

static bool set_takes(const struct filter *accepted, const struct filter_rule *rule)
{
	for (int highest = 0; highest <= 1; highest++) {
		struct packet_key corner = rule_corner(rule, highest);

		if (filter_match(accepted, DIRECTION_INGRESS, &corner))
			return false;
	}
	return true;
}

/* Of all packets that the rule takes, the one with the lowest of everything, or with the highest. */
static struct packet_key rule_corner(const struct filter_rule *rule, bool highest)
{
	const struct port_range *source = &rule->source_ports,
				*destination = &rule->destination_ports;
	uint16_t port = highest ? UINT16_MAX : 0;

	return (struct packet_key){
		.source = highest ? cidr_last(&rule->source) : rule->source.address,
		.destination = highest ? cidr_last(&rule->destination) : rule->destination.address,
		.protocol = (uint8_t)(rule->protocol != PROTOCOL_ANY ? rule->protocol
				      : highest                      ? UINT8_MAX
								     : 0),
		.has_ports = true,
		.source_port = !source->set ? port
			       : highest    ? source->to
					    : source->from,
		.destination_port = !destination->set ? port
				    : highest         ? destination->to
						      : destination->from,
	};
}

static struct address cidr_last(const struct cidr *cidr)
{
	struct address last = cidr->address;

	for (unsigned int bit = cidr->prefix_length; bit < 8 * address_size(&last); bit++)
		last.bytes[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
	return last;
}

static void range_print(FILE *nft, const struct cidr *cidr)
{
	struct address last = cidr_last(cidr);
	char first_text[ADDRESS_TEXT_SIZE], last_text[ADDRESS_TEXT_SIZE];

	address_format(&cidr->address, first_text);
	address_format(&last, last_text);
	if (strcmp(first_text, last_text) == 0)
		(void)fprintf(nft, "%s . ", first_text);
	else
		(void)fprintf(nft, "%s-%s . ", first_text, last_text);
}

static void element_print(FILE *nft, const struct filter_rule *rule)
{
	struct packet_key low = rule_corner(rule, false), high = rule_corner(rule, true);

	range_print(nft, &rule->source);
	range_print(nft, &rule->destination);
	(void)fprintf(nft, "%u-%u . %u-%u . %u-%u : drop,\n", low.protocol, high.protocol,
		      low.source_port, high.source_port, low.destination_port,
		      high.destination_port);
}

/* A match for each pair of prefixes of the two ranges. */
static size_t matches_print(FILE *tc, const struct filter_rule *rule, uint8_t family, size_t number)
{
	struct port_prefix sources[PREFIXES_MOST], destinations[PREFIXES_MOST];
	size_t source_count = range_split(&rule->source_ports, sources);
	size_t destination_count = range_split(&rule->destination_ports, destinations);
	const char *ip = family == 4 ? "ip" : "ip6";
	char source[CIDR_TEXT_SIZE], destination[CIDR_TEXT_SIZE];

	cidr_format(&rule->source, source);
	cidr_format(&rule->destination, destination);
	for (size_t i = 0; i < source_count; i++)
		for (size_t j = 0; j < destination_count; j++, number++) {
			(void)fprintf(tc,
				      "filter add dev " PEER_DEVICE
				      " ingress protocol %s prio %zu u32 "
				      "match %s src %s match %s dst %s ",
				      family == 4 ? "ip" : "ipv6", 1 + number / LIST_MATCHES, ip,
				      source, ip, destination);
			if (rule->protocol != PROTOCOL_ANY)
				(void)fprintf(tc, "match %s protocol %d 0xff ", ip, rule->protocol);
			if (rule->source_ports.set)
				(void)fprintf(tc, "match %s sport %u 0x%x ", ip, sources[i].value,
					      sources[i].mask);
			if (rule->destination_ports.set)
				(void)fprintf(tc, "match %s dport %u 0x%x ", ip,
					      destinations[j].value, destinations[j].mask);
			(void)fprintf(tc, "flowid 1:1\n");
		}
	return source_count * destination_count;
}

/* Always the largest prefix that begins where the last one ended.  Any port is one prefix, which nobody asks for. */
static size_t range_split(const struct port_range *range, struct port_prefix *ret_prefixes)
{
	uint32_t from = range->set ? range->from : 0, end = range->set ? range->to + 1u : PORT_END;
	size_t count = 0;

	while (from < end) {
		uint32_t size = from ? from & -from : PORT_END;

		while (from + size > end)
			size /= 2;
		ret_prefixes[count++] =
			(struct port_prefix){(uint16_t)from, (uint16_t)(PORT_END - size)};
		from += size;
	}
	return count;
}
