/* The kernel's side of a classifier, compiled for the host, so that tests ask what packets will. */
#pragma once

#include "capture/classifier.h"
#include "mirror/filter.h"

#include <stdbool.h>
#include <sys/cdefs.h>

struct classifier_scan;

static long bpf_loop(__u32 count, long (*callback)(__u32, struct classifier_scan *),
		     struct classifier_scan *context, __u64 flags)
{
	(void)flags;
	for (__u32 i = 0; i < count; i++)
		if (callback(i, context))
			return (long)i + 1;
	return (long)count;
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wunknown-pragmas"
#include "capture/kernel/classifier.bpf.h"
#include "capture/kernel/memo.bpf.h"
#pragma GCC diagnostic pop

static inline __u64 classifier_word(const uint8_t *bytes, size_t size)
{
	__u64 word = 0;

	for (size_t i = 0; i < size; i++)
		word = word << 8 | bytes[i];
	return word;
}

/* What the kernel makes of a packet's headers. */
static inline struct classifier_key classifier_key_of(const struct packet_key *packet)
{
	const uint8_t *source = packet->source.bytes, *destination = packet->destination.bytes;
	struct classifier_key key = {
		.family = packet->source.family,
		.lanes = (__u64)packet->has_ports << LANE_PORTS |
			 (__u64)packet->protocol << LANE_PROTOCOL |
			 (__u64)packet->source_port << LANE_SOURCE_PORT |
			 (__u64)packet->destination_port << LANE_DESTINATION_PORT,
		.more = (__u32)packet->dscp << MORE_DSCP |
			(packet->has_tcp_flags ? MORE_HAS_TCP_FLAGS : 0) |
			(__u32)packet->tcp_flags << MORE_TCP_FLAGS,
	};

	if (key.family == 4) {
		key.source[0] = classifier_word(source, 4) << 32 | classifier_word(destination, 4);
		return key;
	}
	for (size_t i = 0; i < 2; i++) {
		key.source[i] = classifier_word(source + 8 * i, 8);
		key.destination[i] = classifier_word(destination + 8 * i, 8);
	}
	return key;
}

static inline __u32 classifier_ask(const struct classifier *classifier,
				   const struct packet_key *packet)
{
#define CALLBACK(family, class) [class] = classifier_scan##family##_##class,
	static const classifier_callback callbacks4[] = {CALLBACK(4, 0) CALLBACK(4, 1)
								 CALLBACK(4, 2) CALLBACK(4, 3)};
	static const classifier_callback callbacks6[] = {CALLBACK(6, 0) CALLBACK(6, 1)
								 CALLBACK(6, 2) CALLBACK(6, 3)};
#undef CALLBACK
	struct classifier_key key = classifier_key_of(packet);
	__u64 mask = CLASSIFIER_MASK(classifier->size_class);

	return key.family == 4 ? classifier_match(classifier->blob, mask, true, &key,
						  callbacks4[classifier->size_class])
			       : classifier_match(classifier->blob, mask, false, &key,
						  callbacks6[classifier->size_class]);
}

/* As the kernel asks a large filter (capture/kernel/filter.bpf.h): by a memo, if there is one.  'state' is the filter's word. */
static inline __u32 classifier_recall(const struct classifier *classifier, __u64 state,
				      struct memos *memos, const struct packet_key *packet)
{
	struct classifier_key key = classifier_key_of(packet);
	bool ipv4 = key.family == 4;
	__u64 hash = memo_hash(state, ipv4, &key);
	__u32 answer;

	if (memos_serve(memos, hash)) {
		answer = memo_find(memos, hash, state, ipv4, &key);
		if (answer != INFO_GO_ON)
			return answer;
	}
	answer = classifier_ask(classifier, packet);
	if (memos_serve(memos, hash))
		memo_write(memos, hash, state, ipv4, &key, answer);
	return answer;
}

/* What the naive matcher says to the same question. */
static inline __u32 classifier_expect(const struct filter *filter, enum direction direction,
				      const struct packet_key *packet)
{
	const struct filter_rule *found = filter_match(filter, direction, packet);
	__u32 rank = 0;

	if (!found)
		return INFO_NONE;
	for (const struct filter_rule *rule = filter->rules; rule < found; rule++)
		rank += rule->direction == direction &&
			rule->source.address.family == rule->destination.address.family;
	return rank << INFO_RANK | (found->action == RULE_ACCEPT ? INFO_ACCEPT : 0);
}
