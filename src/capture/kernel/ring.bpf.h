/* Copies an accepted packet into the ring of this CPU, and counts it.
 *
 * wire/ring.h draws the ring and proves that no wake-up is lost.  The barrier of that proof is the exchange that moves
 * 'produced': one locked instruction makes the record visible after its bytes and orders it before the look at
 * 'wanted'.  Nothing else here waits for another CPU, or calls into the kernel but for the bytes. */
#pragma once

#include "capture/kernel/admit.bpf.h"
#include "capture/kernel/offload.bpf.h"
#include "capture/kernel/packet.bpf.h"
#include "capture/kernel/tables.bpf.h"
#include "wire/ring.h"

#define COPY_FLOOR_V4 35
#define COPY_FLOOR_V6 55

/* 'length', which is not 0, but at most 'limit'.  Written so that the verifier sees both: it follows comparisons with a
 * greatest value, but none with 0, and the compiler has to be kept from joining the steps. */
static __always_inline __u64 length_within(__u64 length, __u64 limit)
{
	length--;
	asm volatile("" : "+r"(length));
	if (length >= limit)
		length = limit - 1;
	asm volatile("" : "+r"(length));
	return length + 1;
}

/* Wakes the reader.  When the bell has no room, it is ringing already. */
__noinline int ring_bell(__u32 cpu)
{
	void *bell = bpf_map_lookup_elem(&bells, &cpu);
	void *stroke = bell ? bpf_ringbuf_reserve(bell, sizeof(__u64), 0) : NULL;

	if (stroke)
		bpf_ringbuf_discard(stroke, BPF_RB_FORCE_WAKEUP);
	return 0;
}

/* Whether a record of so many bytes fits.  Of what is left while the reader withholds some, none takes more than half, so that
 * short packets are not crowded out by long ones. */
static __always_inline bool ring_has_room(const struct ring_head *head, __u64 position, __u64 size)
{
	__u64 withheld = *(volatile __u64 *)&head->withheld;
	__u64 needed = withheld ? withheld + 2 * size : size;

	return position + needed - *(volatile __u64 *)&head->consumed <= ring_mask + 8;
}

static __always_inline int ring_write(struct ring_head *head, char *data, struct __sk_buff *skb,
				      const struct capture_record *record)
{
	__u64 position = head->produced, length = record->captured_length;
	__u64 limit = ring_tail - sizeof(*record), size = RING_ROOM(length);
	struct capture_record *place = (struct capture_record *)(data + (position & ring_mask));

	if (length > limit || !ring_has_room(head, position, size)) {
		head->refused += size;
		return COPY_RING_FULL;
	}
	*place = *record;
	if (bpf_skb_load_bytes(skb, 0, place + 1, length_within(length, limit)))
		return COPY_UNREADABLE;
	(void)__sync_lock_test_and_set(&head->produced, position + size);
	return COPY_DONE;
}

/* A function of its own for the verifier, which so looks at it once. */
__noinline int ring_copy(struct __sk_buff *skb, const struct capture_record *record)
{
	__u32 cpu = bpf_get_smp_processor_id();
	struct ring_head *head = bpf_map_lookup_elem(&ring_heads, &cpu);
	void *ring = bpf_map_lookup_elem(&rings, &cpu);
	char *data = ring ? map_first(ring) : NULL;
	int result;

	if (!record || !head || !data || __sync_lock_test_and_set(&head->busy, 1))
		return COPY_RING_FULL;
	result = ring_write(head, data, skb, record);
	*(volatile __u64 *)&head->busy = 0;
	if (*(volatile __u64 *)&head->wanted && __sync_lock_test_and_set(&head->wanted, 0))
		ring_bell(cpu);
	return result;
}

/* How much of the packet the shipper needs.  All of it when it has to be cut into wire packets or its checksum has
 * to be filled in, since both are about every byte. */
static __always_inline __u32 copy_length(struct __sk_buff *skb, const struct packet *packet,
					 __u32 wanted, bool checksum_partial)
{
	__u32 floor = packet->key.family == 4 ? COPY_FLOOR_V4 : COPY_FLOOR_V6;

	if (!wanted || skb->gso_size || checksum_partial)
		return skb->len;
	if (wanted < floor)
		wanted = floor;
	return wanted < skb->len ? wanted : skb->len;
}

/* What will be sent of a packet's 'segments': each as long as on the wire, or as the session keeps. */
static __always_inline __u64 sent_bytes(struct __sk_buff *skb, __u32 header_length, __u32 segments,
					__u32 wanted)
{
	__u32 whole = header_length + skb->gso_size;
	__u32 last = skb->len - (segments - 1) * skb->gso_size;

	if (!wanted)
		return (__u64)(segments - 1) * whole + last;
	return (__u64)(segments - 1) * (whole < wanted ? whole : wanted) +
	       (last < wanted ? last : wanted);
}

/* What found no room in its session's share of the ring would have had to be shipped, like what finds none at all; unless a cap stands
 * behind the share, which might have let in next to nothing of it. */
static __always_inline void ring_refuse(__u64 captured_length)
{
	__u32 cpu = bpf_get_smp_processor_id();
	struct ring_head *head = bpf_map_lookup_elem(&ring_heads, &cpu);

	if (head)
		head->refused += RING_ROOM(captured_length);
}

/* Asks the session's sampling, share of the ring and caps.  A function of its own, since most sessions have none. */
__noinline int session_admit(struct __sk_buff *skb, struct scratch *scratch, __u32 header_length)
{
	__u32 floor, wanted;
	int result;

	if (!scratch)
		return COPY_DONE;
	floor = scratch->packet.key.family == 4 ? COPY_FLOOR_V4 : COPY_FLOOR_V6;
	wanted = scratch->taker.packet_length;
	if (wanted && wanted < floor)
		wanted = floor;
	scratch->weight.sent_bytes =
		sent_bytes(skb, header_length, scratch->record.segment_count, wanted);
	result = copy_admit(scratch->taker.slot, &scratch->packet.key, &scratch->weight,
			    scratch->record.timestamp);
	if (result == COPY_SHED && !has_cap(scratch->taker.slot))
		ring_refuse(scratch->record.captured_length);
	return result;
}

/* Written without branches: from those the compiler would make one addition at a pointer that differs, which the
 * verifier refuses without CAP_PERFMON. */
static __always_inline void count_add(struct packet_count *count, bool happened,
				      const struct copy_weight *weight)
{
	count->packets += happened ? weight->packets : 0;
	count->bytes += happened ? weight->bytes : 0;
}

/* Counts a copy that did not get into the ring.  A function of its own, since most do. */
__noinline int loss_count(const struct scratch *scratch, __u32 direction, __u32 result)
{
	struct map_counters *count;
	__u32 index;

	if (!scratch)
		return 0;
	index = scratch->taker.slot * DIRECTION_COUNT + direction;
	count = bpf_map_lookup_elem(&counters, &index);
	if (!count)
		return 0;
	count_add(&count->ring_full, result == COPY_RING_FULL, &scratch->weight);
	count_add(&count->unreadable, result == COPY_UNREADABLE, &scratch->weight);
	count_add(&count->sampled_out, result == COPY_SAMPLED_OUT, &scratch->weight);
	count_add(&count->rate_cap, result == COPY_RATE_CAP, &scratch->weight);
	count_add(&count->shed, result == COPY_SHED, &scratch->weight);
	return 0;
}

/* Copies the packet for the session that takes it, and counts it under the session's slot, accepted and perhaps
 * lost. */
static __always_inline void ring_take(struct __sk_buff *skb, struct scratch *scratch,
				      __u32 direction)
{
	const struct packet *packet = &scratch->packet;
	const struct map_session *session = &scratch->taker;
	struct capture_record *record = &scratch->record;
	__u32 index = session->slot * DIRECTION_COUNT + direction;
	struct map_counters *count = bpf_map_lookup_elem(&counters, &index);
	int result = COPY_DONE;
	__u32 header_length;

	if (!count)
		return;
	header_length = (__u32)offload_find(skb, scratch);
	record->timestamp = bpf_ktime_get_ns();
	record->session_slot = session->slot;
	record->session_generation = session->generation;
	record->packet_length = skb->len;
	record->captured_length = copy_length(skb, packet, session->packet_length,
					      record->flags & CAPTURE_CHECKSUM_PARTIAL);
	record->vlan_tci = (__u16)skb->vlan_tci;
	record->vlan_protocol = skb->vlan_present ? (__be16)skb->vlan_proto : 0;
	record->network_offset = packet->network_offset;
	record->transport_offset = packet->transport_offset;
	record->transport_protocol = packet->key.protocol;
	record->direction = (__u8)direction;
	count_add(&count->accepted, true, &scratch->weight);
	if (session->flags & MAP_SESSION_ADMISSION)
		result = session_admit(skb, scratch, header_length);
	if (result == COPY_DONE)
		result = ring_copy(skb, record);
	if (result != COPY_DONE)
		loss_count(scratch, direction, (__u32)result);
}
