// SPDX-License-Identifier: Apache-2.0
#include "doctor/nft_rules.h"

#include "base/count.h"
#include "base/text.h"

#include <stdbool.h>
#include <string.h>

#define JUMPS_MAX    16 /* As the kernel allows. */
#define PROTOCOL_UDP 17

/* Whether a rule matches, or a value is among others. */
enum truth { NO, PERHAPS, YES };

/* What a chain does in the end; then 'perhaps' says whether something before may have dropped the packet, or let it go. */
enum fate { FATE_GOES_ON, FATE_ACCEPTED, FATE_DROPPED };

struct walk {
	const json_t *items;
	const struct nft_packet *packet;
	bool may_drop, may_accept;
};

static enum nft_answer judge_chain(const json_t *items, const json_t *chain,
				   const struct nft_packet *packet);
static enum fate walk_chain(struct walk *walk, const json_t *chain, const char *name,
			    unsigned int depth);
static enum fate walk_rule(struct walk *walk, const json_t *chain, const json_t *rule,
			   unsigned int depth, bool *ret_returns);
static enum fate walk_jump(struct walk *walk, const json_t *chain, const char *target,
			   enum truth matches, unsigned int depth);
static enum truth match(const struct nft_packet *packet, const json_t *expression);
static enum truth compare(const struct nft_packet *packet, const json_t *left, const json_t *right);
static enum truth compare_payload(const struct nft_packet *packet, const json_t *payload,
				  const json_t *right);
static enum truth is_text(const json_t *right, const char *text);
static enum truth is_number(const json_t *right, unsigned int number);
static enum truth is_address(const json_t *right, const struct address *address);

static const char *text_at(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

enum nft_answer nft_judge(const json_t *ruleset, const struct nft_packet *packet,
			  struct nft_culprit *ret_culprit)
{
	const json_t *items = json_object_get(ruleset, "nftables"), *item;
	enum nft_answer worst = NFT_PASSES;
	size_t i;

	json_array_foreach (items, i, item) {
		const json_t *chain = json_object_get(item, "chain");
		enum nft_answer answer = chain ? judge_chain(items, chain, packet) : NFT_PASSES;

		if (answer <= worst)
			continue;
		worst = answer;
		(void)string_copy(ret_culprit->family, sizeof(ret_culprit->family),
				  text_at(chain, "family"));
		(void)string_copy(ret_culprit->table, sizeof(ret_culprit->table),
				  text_at(chain, "table"));
		(void)string_copy(ret_culprit->chain, sizeof(ret_culprit->chain),
				  text_at(chain, "name"));
	}
	return worst;
}

/* Chains without a hook are only jumped to. */
static bool sees(const json_t *chain, const struct nft_packet *packet)
{
	const char *family = text_at(chain, "family"), *hook = text_at(chain, "hook");

	if (strcmp(family, "netdev") == 0)
		return strcmp(hook, "egress") == 0 &&
		       is_text(json_object_get(chain, "dev"), packet->device) != NO;
	if (strcmp(hook, "output") != 0 && strcmp(hook, "postrouting") != 0)
		return false;
	return strcmp(family, "inet") == 0 ||
	       strcmp(family, packet->destination.family == 4 ? "ip" : "ip6") == 0;
}

static enum nft_answer judge_chain(const json_t *items, const json_t *chain,
				   const struct nft_packet *packet)
{
	struct walk walk = {.items = items, .packet = packet};
	enum fate fate;

	if (!sees(chain, packet))
		return NFT_PASSES;
	fate = walk_chain(&walk, chain, text_at(chain, "name"), 0);
	if (fate == FATE_GOES_ON && strcmp(text_at(chain, "policy"), "drop") == 0)
		fate = FATE_DROPPED;
	if (fate == FATE_DROPPED)
		return walk.may_accept ? NFT_MAY_DROP : NFT_DROPS;
	return walk.may_drop ? NFT_MAY_DROP : NFT_PASSES;
}

/* Rules of the chain 'name' in the same table as 'chain', in their order. */
static enum fate walk_chain(struct walk *walk, const json_t *chain, const char *name,
			    unsigned int depth)
{
	const json_t *item;
	size_t i;

	json_array_foreach (walk->items, i, item) {
		const json_t *rule = json_object_get(item, "rule");
		bool returns = false;
		enum fate fate;

		if (!rule || strcmp(text_at(rule, "chain"), name) != 0 ||
		    strcmp(text_at(rule, "table"), text_at(chain, "table")) != 0 ||
		    strcmp(text_at(rule, "family"), text_at(chain, "family")) != 0)
			continue;
		fate = walk_rule(walk, chain, rule, depth, &returns);
		if (fate != FATE_GOES_ON || returns)
			return fate;
	}
	return FATE_GOES_ON;
}

static bool is_harmless(const char *key)
{
	static const char *const keys[] = {"counter", "log", "comment", "mangle", "notrack"};

	return string_is_among(key, keys, ARRAY_SIZE(keys));
}

static enum fate take(struct walk *walk, enum truth matches, enum fate fate)
{
	if (matches == YES)
		return fate;
	walk->may_drop |= fate == FATE_DROPPED;
	walk->may_accept |= fate == FATE_ACCEPTED;
	return FATE_GOES_ON;
}

static enum truth perhaps_at_most(enum truth truth)
{
	return truth == NO ? NO : PERHAPS;
}

static enum fate walk_rule(struct walk *walk, const json_t *chain, const json_t *rule,
			   unsigned int depth, bool *ret_returns)
{
	const json_t *statement;
	enum truth matches = YES;
	size_t i;

	json_array_foreach (json_object_get(rule, "expr"), i, statement) {
		const char *key =
			json_object_iter_key(json_object_iter((json_t *)(uintptr_t)statement));
		const json_t *value = key ? json_object_get(statement, key) : NULL;

		if (!key || is_harmless(key))
			continue;
		if (strcmp(key, "match") == 0)
			matches = MIN(matches, match(walk->packet, value));
		else if (strcmp(key, "accept") == 0)
			return take(walk, matches, FATE_ACCEPTED);
		else if (strcmp(key, "drop") == 0 || strcmp(key, "reject") == 0)
			return take(walk, matches, FATE_DROPPED);
		else if (strcmp(key, "return") == 0) {
			*ret_returns = matches == YES;
			walk->may_accept |= matches == PERHAPS;
			walk->may_drop |= matches == PERHAPS;
			return FATE_GOES_ON;
		} else if (strcmp(key, "jump") == 0 || strcmp(key, "goto") == 0) {
			*ret_returns = matches == YES && key[0] == 'g';
			return walk_jump(walk, chain, text_at(value, "target"), matches, depth);
		} else
			matches = perhaps_at_most(
				matches); /* Limits, sets, connection tracking, xtables… */
		if (matches == NO)
			return FATE_GOES_ON;
	}
	return FATE_GOES_ON;
}

static enum fate walk_jump(struct walk *walk, const json_t *chain, const char *target,
			   enum truth matches, unsigned int depth)
{
	enum fate fate;

	if (depth == JUMPS_MAX)
		return FATE_GOES_ON;
	fate = walk_chain(walk, chain, target, depth + 1);
	return fate == FATE_GOES_ON ? fate : take(walk, matches, fate);
}

static enum truth match(const struct nft_packet *packet, const json_t *expression)
{
	const char *operator= text_at(expression, "op");
	enum truth equal = compare(packet, json_object_get(expression, "left"),
				   json_object_get(expression, "right"));

	if (strcmp(operator, "==") == 0 || strcmp(operator, "in") == 0)
		return equal;
	if (strcmp(operator, "!=") == 0)
		return equal == YES ? NO : equal == NO ? YES : PERHAPS;
	return PERHAPS;
}

static enum truth compare(const struct nft_packet *packet, const json_t *left, const json_t *right)
{
	const json_t *payload = json_object_get(left, "payload");
	const char *meta = text_at(json_object_get(left, "meta"), "key");
	const bool ipv4 = packet->destination.family == 4;

	if (payload)
		return compare_payload(packet, payload, right);
	if (strcmp(meta, "oifname") == 0 || strcmp(meta, "oif") == 0)
		return is_text(right, packet->device);
	if (strcmp(meta, "l4proto") == 0)
		return MAX(is_text(right, "udp"), is_number(right, PROTOCOL_UDP));
	if (strcmp(meta, "nfproto") == 0)
		return is_text(right, ipv4 ? "ipv4" : "ipv6");
	if (strcmp(meta, "protocol") == 0)
		return is_text(right, ipv4 ? "ip" : "ip6");
	return PERHAPS;
}

static enum truth compare_payload(const struct nft_packet *packet, const json_t *payload,
				  const json_t *right)
{
	static const char *const others[] = {"tcp", "icmp", "icmpv6", "sctp", "dccp",
					     "esp", "ah",   "arp",    "igmp"};
	const char *protocol = text_at(payload, "protocol"), *field = text_at(payload, "field");
	const char *own = packet->destination.family == 4 ? "ip" : "ip6";

	if (string_is_among(protocol, others, ARRAY_SIZE(others)))
		return NO;
	if (strcmp(protocol, "udp") == 0 || strcmp(protocol, "th") == 0)
		return strcmp(field, "dport") == 0 ? is_number(right, packet->port) : PERHAPS;
	if ((strcmp(protocol, "ip") == 0 || strcmp(protocol, "ip6") == 0) &&
	    strcmp(protocol, own) != 0)
		return NO;
	if (strcmp(protocol, own) == 0 && strcmp(field, "daddr") == 0)
		return is_address(right, &packet->destination);
	if (strcmp(protocol, own) == 0 &&
	    (strcmp(field, "protocol") == 0 || strcmp(field, "nexthdr") == 0))
		return MAX(is_text(right, "udp"), is_number(right, PROTOCOL_UDP));
	return PERHAPS;
}

/* The elements of a list or of a set that stands in the rule; NULL for a single value. */
static const json_t *elements(const json_t *right)
{
	return json_is_array(right) ? right : json_object_get(right, "set");
}

static enum truth is_text(const json_t *right, const char *text)
{
	const json_t *list = elements(right), *item;
	const char *value = json_string_value(right);
	enum truth among = NO;
	size_t i;

	json_array_foreach (list, i, item)
		among = MAX(among, is_text(item, text));
	if (list || json_is_integer(right))
		return among;
	if (!value || value[0] == '@')
		return PERHAPS;
	return string_matches(value, text) ? YES : NO; /* "veth*" */
}

static enum truth is_number(const json_t *right, unsigned int number)
{
	const json_t *list = elements(right), *range = json_object_get(right, "range"), *item;
	enum truth among = NO;
	size_t i;

	if (json_is_integer(right))
		return json_integer_value(right) == (json_int_t)number ? YES : NO;
	if (range && json_is_integer(json_array_get(range, 0)) &&
	    json_is_integer(json_array_get(range, 1)))
		return json_integer_value(json_array_get(range, 0)) <= (json_int_t)number &&
				       json_integer_value(json_array_get(range, 1)) >=
					       (json_int_t)number
			       ? YES
			       : NO;
	json_array_foreach (list, i, item)
		among = MAX(among, is_number(item, number));
	if (list)
		return among;
	return json_is_string(right) && json_string_value(right)[0] != '@' ? NO : PERHAPS;
}

static enum truth is_address(const json_t *right, const struct address *address)
{
	const json_t *list = elements(right), *prefix = json_object_get(right, "prefix"), *item;
	struct cidr block = {.prefix_length = address->family == 4 ? 32 : 128};
	const char *value = prefix ? text_at(prefix, "addr") : json_string_value(right);
	enum truth among = NO;
	size_t i;

	json_array_foreach (list, i, item)
		among = MAX(among, is_address(item, address));
	if (list)
		return among;
	if (!value || !address_parse(value, &block.address))
		return PERHAPS;
	if (prefix)
		block.prefix_length = (uint8_t)json_integer_value(json_object_get(prefix, "len"));
	return cidr_contains(&block, address) ? YES : NO;
}
