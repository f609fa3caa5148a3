/* Between "a session takes the packet" and "copy it into the ring": whether the copy is let in.
 *
 * Only sessions with MAP_SESSION_ADMISSION are asked, so that the others pay for one bit.  The questions are in the order of
 * what they cost, and a cap is charged last, for what passed all others; what then finds the ring full is lost with
 * its charge.
 *
 * A super-packet is one decision: its wire packets are let in together or not at all, and all of them are counted
 * and charged.
 *
 * A flow is the two addresses, the protocol and, for TCP and UDP, the two ports, in either direction.  Fragments are told apart by
 * addresses and protocol alone, the first one too although it has ports: a fragmented datagram so is kept whole or left
 * whole, but it does not share the fate of the unfragmented packets of its flow. */
#pragma once

#include "capture/kernel/meter.bpf.h"
#include "capture/kernel/packet.bpf.h"
#include "capture/kernel/tables.bpf.h"

enum copy_result {
	COPY_DONE,
	COPY_RING_FULL,
	COPY_UNREADABLE,
	COPY_SAMPLED_OUT,
	COPY_RATE_CAP,
	COPY_SHED,
};

/* A number of 32 bits decides, but where it equals the upper half of the chance: then another one does, so that one in N is
 * exact to 64 bits. */
static __always_inline bool chance_decides(__u64 chance)
{
	__u32 random = bpf_get_prandom_u32();

	if (random == chance >> 32)
		return bpf_get_prandom_u32() < (__u32)chance;
	return random < chance >> 32;
}

static __always_inline bool flow_is_chosen(const struct map_options *options,
					   const struct packet_key *key)
{
	bool with_ports = key->has_ports && !key->fragment;

	return flow_number(&key->source, with_ports ? key->source_port : 0, &key->destination,
			   with_ports ? key->destination_port : 0, key->protocol,
			   options->flow_salt) < options->flow_chance;
}

static __always_inline bool is_sampled_out(const struct map_options *options,
					   const struct packet_key *key)
{
	if (options->flow_chance && !flow_is_chosen(options, key))
		return true;
	return options->packet_chance && !chance_decides(options->packet_chance);
}

/* Whether this CPU's ring holds as much as the session may fill of what is not withheld.  The last record may reach beyond. */
static __always_inline bool is_shed(const struct map_options *options)
{
	__u32 cpu = bpf_get_smp_processor_id();
	const struct ring_head *head;

	if (!options->ring_quarters)
		return false;
	head = bpf_map_lookup_elem(&ring_heads, &cpu);
	return head && (head->produced - head->consumed) * MAP_RING_QUARTERS >=
			       (ring_mask + 8 - head->withheld) * options->ring_quarters;
}

static __always_inline bool is_capped(struct map_options *options, const struct copy_weight *weight,
				      __u64 now)
{
	if (options->packet_interval &&
	    !cap_charge(&options->packet_time, options->packet_interval, weight->packets, now))
		return true;
	if (!options->byte_interval ||
	    cap_charge(&options->byte_time, options->byte_interval, weight->sent_bytes, now))
		return false;
	if (options->packet_interval)
		cap_refund(&options->packet_time, options->packet_interval, weight->packets);
	return true;
}

static __always_inline bool has_cap(__u32 slot)
{
	const struct map_options *options = bpf_map_lookup_elem(&session_options, &slot);

	return options && (options->packet_interval || options->byte_interval);
}

/* Returns COPY_DONE for a copy that is let in, or what it is lost to. */
__noinline int copy_admit(__u32 slot, const struct packet_key *key,
			  const struct copy_weight *weight, __u64 now)
{
	struct map_options *options = bpf_map_lookup_elem(&session_options, &slot);

	if (!options || !key || !weight)
		return COPY_DONE;
	if (is_sampled_out(options, key))
		return COPY_SAMPLED_OUT;
	if (is_shed(options))
		return COPY_SHED;
	return is_capped(options, weight, now) ? COPY_RATE_CAP : COPY_DONE;
}
