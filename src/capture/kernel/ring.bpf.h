/* Copies an accepted packet into the ring of this CPU, and counts it.
 *
 * Space in a ring is reserved at a size that the verifier has to know, or through a dynptr, which costs more; so
 * small copies take one of a few constant sizes, and only large ones the dynptr, in chunks.  Either way a record
 * may end in bytes that mean nothing: 'captured_length' says where.
 *
 * Sleep and wake-up.  Waking the consumer at each record would cost more than the copy.  The consumer therefore
 * sets map_wakeup.wanted before it sleeps, and the first record after that wakes it.  No wake-up is lost:
 *
 *	program                                 consumer
 *	reserve: producer position moves on     wanted = 1
 *	exchange wanted with 0, full barrier    full barrier
 *	                                        look at the producer position; sleep if it has not moved
 *
 * Either the exchange sees the 1, or the consumer sees the position moved (and waits for that record to be
 * submitted, which is a matter of microseconds).  The exchange comes after the reservation, and is made for
 * every record since a plain load could be done before the position is seen by others. */
#pragma once

#include "capture/kernel/admit.bpf.h"
#include "capture/kernel/offload.bpf.h"
#include "capture/kernel/packet.bpf.h"
#include "capture/kernel/tables.bpf.h"

/* Sizes of records that are reserved as constants; each has room for the record's header. */
#define RING_SMALL  192
#define RING_MEDIUM 512
#define RING_LARGE  1664

/* Larger records are filled in chunks: small ones for packets of at most 64 KiB and their Ethernet header, large ones
 * for "BIG TCP" super-packets of at most 512 KiB. */
#define RING_CHUNKS      17
#define RING_CHUNK_SMALL 4096
#define RING_CHUNK_LARGE 32768
#define COPY_FLOOR_V4    35
#define COPY_FLOOR_V6    55

/* The exchange takes 'wanted' together with the word behind it, since there is none of 32 bits before BPF's v3. */
static __always_inline __u64 ring_wakeup(void)
{
	__u32 cpu = bpf_get_smp_processor_id();
	struct map_wakeup *wakeup = bpf_map_lookup_elem(&wakeups, &cpu);

	if (wakeup && __sync_lock_test_and_set((__u64 *)wakeup, 0))
		return BPF_RB_FORCE_WAKEUP;
	return BPF_RB_NO_WAKEUP;
}

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

/* Reserves 'size', a constant, for a copy that fits in. */
static __always_inline int ring_copy_constant(void *ring, struct __sk_buff *skb,
					      const struct capture_record *record, const __u32 size)
{
	struct capture_record *place = bpf_ringbuf_reserve(ring, size, 0);
	__u64 length = record->captured_length;

	if (!place)
		return COPY_RING_FULL;
	*place = *record;
	length = length_within(length, size - sizeof(*record));
	if (bpf_skb_load_bytes(skb, 0, place + 1, length)) {
		bpf_ringbuf_discard(place, BPF_RB_NO_WAKEUP);
		return COPY_UNREADABLE;
	}
	bpf_ringbuf_submit(place, ring_wakeup());
	return COPY_DONE;
}

/* Fills a reserved dynptr.  Each chunk is asked for whole, so the reservation is rounded up to chunks.  Unrolled,
 * since without CAP_PERFMON the verifier also walks past the end of a loop, and there finds no other end. */
static __always_inline int ring_fill(struct bpf_dynptr *dynptr, struct __sk_buff *skb,
				     const struct capture_record *record, const __u32 chunk_size)
{
	struct capture_record *place = bpf_dynptr_data(dynptr, 0, sizeof(*place));
	__u32 length = record->captured_length;

	if (!place)
		return COPY_RING_FULL;
	*place = *record;
#pragma clang loop unroll(full)
	for (__u32 i = 0; i < RING_CHUNKS; i++) {
		__u32 offset = i * chunk_size;
		__u64 size;
		void *chunk;

		if (offset >= length)
			return COPY_DONE;
		chunk = bpf_dynptr_data(dynptr, sizeof(*record) + offset, chunk_size);
		if (!chunk)
			return COPY_UNREADABLE;
		size = length_within(length - offset, chunk_size);
		if (bpf_skb_load_bytes(skb, offset, chunk, size))
			return COPY_UNREADABLE;
	}
	return COPY_UNREADABLE;
}

static __always_inline int ring_copy_variable(void *ring, struct __sk_buff *skb,
					      const struct capture_record *record,
					      const __u32 chunk_size)
{
	__u32 length = (record->captured_length + chunk_size - 1) & ~(chunk_size - 1);
	struct bpf_dynptr dynptr;
	int result;

	bpf_ringbuf_reserve_dynptr(ring, sizeof(*record) + length, 0, &dynptr);
	result = ring_fill(&dynptr, skb, record, chunk_size);
	if (result == COPY_DONE)
		bpf_ringbuf_submit_dynptr(&dynptr, ring_wakeup());
	else
		bpf_ringbuf_discard_dynptr(&dynptr, BPF_RB_NO_WAKEUP);
	return result;
}

/* A function of its own for the verifier, which so looks at it once. */
__noinline int ring_copy(struct __sk_buff *skb, const struct capture_record *record)
{
	__u32 cpu = bpf_get_smp_processor_id();
	void *ring;

	if (!record)
		return COPY_UNREADABLE;
	ring = bpf_map_lookup_elem(&rings, &cpu);
	if (!ring)
		return COPY_RING_FULL;
	if (record->captured_length <= RING_SMALL - sizeof(*record))
		return ring_copy_constant(ring, skb, record, RING_SMALL);
	if (record->captured_length <= RING_MEDIUM - sizeof(*record))
		return ring_copy_constant(ring, skb, record, RING_MEDIUM);
	if (record->captured_length <= RING_LARGE - sizeof(*record))
		return ring_copy_constant(ring, skb, record, RING_LARGE);
	if (record->captured_length <= RING_CHUNKS * RING_CHUNK_SMALL)
		return ring_copy_variable(ring, skb, record, RING_CHUNK_SMALL);
	return ring_copy_variable(ring, skb, record, RING_CHUNK_LARGE);
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

/* Asks the session's sampling, share of the ring and caps.  A function of its own, since most sessions have none. */
__noinline int session_admit(struct __sk_buff *skb, struct scratch *scratch, __u32 header_length)
{
	__u32 floor, wanted;

	if (!scratch)
		return COPY_DONE;
	floor = scratch->packet.key.family == 4 ? COPY_FLOOR_V4 : COPY_FLOOR_V6;
	wanted = scratch->taker.packet_length;
	if (wanted && wanted < floor)
		wanted = floor;
	scratch->weight.sent_bytes =
		sent_bytes(skb, header_length, scratch->record.segment_count, wanted);
	return copy_admit(scratch->taker.slot, &scratch->packet.key, &scratch->weight,
			  scratch->record.timestamp);
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
