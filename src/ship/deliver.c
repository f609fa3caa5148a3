// SPDX-License-Identifier: Apache-2.0
#include "ship/deliver.h"

#include "base/clock.h"
#include "ship/counters.h"
#include "ship/flow.h"
#include "ship/lane.h"
#include "ship/outbox.h"
#include "ship/peephole.h"
#include "ship/routes.h"
#include "ship/segment.h"
#include "ship/tally.h"
#include "wire/capture.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>

_Static_assert(ENVELOPE_SIZE_MAX + SEGMENT_HEADER_SIZE_MAX <= COPY_HEAD_SIZE_MAX,
	       "the longest head fits");
_Static_assert(ENVELOPE_ROOM >= COPY_HEAD_ROOM, "a bare envelope has the room it needs");

/* Why the records of a slot go nowhere. */
static const enum loss_reason state_reasons[] = {
	[SLOT_ENDED] = LOSS_SESSION_ENDED,
	[SLOT_NO_TARGET] = LOSS_NO_TARGET,
	[SLOT_NO_ROUTE] = LOSS_NO_ROUTE,
};

/* Where a record's copies go. */
struct destination {
	struct target *target;
	unsigned int lane;
	uint32_t hash; /* Of the flow. */
	uint64_t flow; /* The same, longer; only of a fleet. */
};

static bool record_is_sound(const struct capture_record *record, uint32_t size);
static inline const uint8_t *record_bytes(const struct capture_record *record);
static _noinline_ bool record_go_on(const struct delivery *delivery, const struct slot *slot,
				    struct session_direction_counters *counters,
				    const struct capture_record *record, const uint8_t *bytes);
static inline void record_aim(const struct delivery *delivery, const struct slot *slot,
			      struct session_direction_counters *counters,
			      const struct capture_record *record);
static inline void record_wait(struct delivery *delivery, const struct slot *slot,
			       struct session_direction_counters *counters,
			       const struct capture_record *record);
static inline void record_balance(struct delivery *delivery);
static inline void record_send(const struct delivery *delivery, const struct slot *slot,
			       const struct destination *destination,
			       struct session_direction_counters *counters,
			       const struct capture_record *record);
static struct destination destination_make(struct target *target, uint32_t hash, uint64_t flow);
static void record_lose(struct session_direction_counters *counters, enum loss_reason reason,
			const struct capture_record *record, const uint8_t *bytes);
static bool record_is_wire_packet(const struct capture_record *record, uint16_t packet_length);
static void copy_pass(const struct delivery *delivery, const struct slot *slot,
		      const struct destination *destination,
		      struct session_direction_counters *counters,
		      const struct capture_record *record, const uint8_t *bytes);
static _noinline_ void copies_make(const struct delivery *delivery, const struct slot *slot,
				   const struct destination *destination,
				   struct session_direction_counters *counters,
				   const struct capture_record *record, const uint8_t *bytes);
static const uint8_t *head_get(const struct delivery *delivery, const struct slot *slot,
			       uint64_t flow, const struct capture_record *record);
static unsigned int lane_choose(const struct target *target, uint32_t hash);

void deliver_record(struct delivery *delivery, const void *data, uint32_t size)
{
	const struct capture_record *record = data;
	const uint8_t *bytes = record_bytes(record);
	struct session_direction_counters *counters;
	const struct slot *slot;

	if (!record_is_sound(record, size)) {
		atomic_fetch_add_explicit(delivery->orphans, 1, memory_order_relaxed);
		return;
	}
	slot = routes_find(delivery->routes, record->session_slot, record->session_generation);
	if (!slot) {
		atomic_fetch_add_explicit(delivery->orphans, record->segment_count,
					  memory_order_relaxed);
		return;
	}
	counters = &tally_get(delivery->tally, record->session_slot)->direction[record->direction];
	if (slot->state != SLOT_LIVE && !record_go_on(delivery, slot, counters, record, bytes))
		return;
	if (slot->way)
		record_wait(delivery, slot, counters, record);
	else
		record_aim(delivery, slot, counters, record);
}

void deliver_rest(struct delivery *delivery)
{
	while (delivery->done < delivery->begun)
		record_balance(delivery);
}

/* Rings outlive the program that filled them, so nothing in them is taken on trust. */
static bool record_is_sound(const struct capture_record *record, uint32_t size)
{
	return size >= sizeof(*record) && record->captured_length <= size - sizeof(*record) &&
	       record->captured_length <= record->packet_length && record->segment_count > 0 &&
	       record->direction < DIRECTION_COUNT;
}

static inline const uint8_t *record_bytes(const struct capture_record *record)
{
	return (const uint8_t *)record + sizeof(*record);
}

/* Whether a record of a slot that is not simply live goes anywhere; if not, it is lost. */
static bool record_go_on(const struct delivery *delivery, const struct slot *slot,
			 struct session_direction_counters *counters,
			 const struct capture_record *record, const uint8_t *bytes)
{
	if (slot->state == SLOT_WATCHED)
		peephole_show(slot->peephole, record, bytes, slot->packet_length, delivery->epoch);
	else
		record_lose(counters, state_reasons[slot->state], record, bytes);
	return slot->state == SLOT_WATCHED;
}

/* Sends a record to its session's one appliance. */
static inline void record_aim(const struct delivery *delivery, const struct slot *slot,
			      struct session_direction_counters *counters,
			      const struct capture_record *record)
{
	const struct destination destination =
		destination_make(slot->target, flow_hash(record, record_bytes(record)), 0);

	record_send(delivery, slot, &destination, counters, record);
}

/* Finds out which flow a record belongs to, and lets it wait for what is remembered of that. */
static inline void record_wait(struct delivery *delivery, const struct slot *slot,
			       struct session_direction_counters *counters,
			       const struct capture_record *record)
{
	const struct way *way = slot->way;
	uint64_t flow =
		flow_identify(record, record_bytes(record), way->stickiness, delivery->fragments);

	flows_prefetch(way->choice->flows, flow);
	if (delivery->begun - delivery->done == DELIVERY_WAITING_MAX)
		record_balance(delivery);
	delivery->waiting[delivery->begun++ % DELIVERY_WAITING_MAX] =
		(struct waiting_record){slot, counters, record, flow};
}

/* Sends the record that waited longest to the member of its fleet that its flow goes to.  Time is that of the capture, which is
 * as steady as a clock. */
static inline void record_balance(struct delivery *delivery)
{
	const struct waiting_record *waiting =
		&delivery->waiting[delivery->done++ % DELIVERY_WAITING_MAX];
	const struct capture_record *record = waiting->record;
	const struct way *way = waiting->slot->way;
	uint32_t now = (uint32_t)(record->timestamp / NSEC_PER_SEC);
	uint32_t idle = record->transport_protocol == IPPROTO_TCP ? way->tcp_idle : way->other_idle;
	uint16_t member = choice_find(way->choice, waiting->flow, now, idle);
	struct destination destination;

	if (member == CHOICE_NOBODY || !way->targets[member].usable) {
		record_lose(waiting->counters,
			    member == CHOICE_NOBODY ? LOSS_NO_TARGET : LOSS_NO_ROUTE, record,
			    record_bytes(record));
		return;
	}
	destination = destination_make(&way->targets[member], (uint32_t)(waiting->flow >> 32),
				       waiting->flow);
	record_send(delivery, waiting->slot, &destination, waiting->counters, record);
}

static inline void record_send(const struct delivery *delivery, const struct slot *slot,
			       const struct destination *destination,
			       struct session_direction_counters *counters,
			       const struct capture_record *record)
{
	const uint8_t *bytes = record_bytes(record);

	if (!target_is_reachable(destination->target))
		record_lose(counters, LOSS_UNREACHABLE, record, bytes);
	else if (sizeof(*record) + record->captured_length > delivery->longest)
		record_lose(counters, LOSS_RING_FULL, record, bytes);
	else if (record_is_wire_packet(record, slot->packet_length))
		copy_pass(delivery, slot, destination, counters, record, bytes);
	else
		copies_make(delivery, slot, destination, counters, record, bytes);
}

static struct destination destination_make(struct target *target, uint32_t hash, uint64_t flow)
{
	return (struct destination){target, lane_choose(target, hash), hash, flow};
}

static void record_lose(struct session_direction_counters *counters, enum loss_reason reason,
			const struct capture_record *record, const uint8_t *bytes)
{
	packet_count_add(&counters->lost[reason], record->segment_count,
			 segment_wire_bytes(record, bytes));
}

/* Most are: a copy is what was captured, byte for byte. */
static bool record_is_wire_packet(const struct capture_record *record, uint16_t packet_length)
{
	return record->segment_size == 0 && record->segment_count == 1 && record->flags == 0 &&
	       record->vlan_protocol == 0 &&
	       (packet_length == 0 || record->captured_length <= packet_length);
}

static void copy_pass(const struct delivery *delivery, const struct slot *slot,
		      const struct destination *destination,
		      struct session_direction_counters *counters,
		      const struct capture_record *record, const uint8_t *bytes)
{
	const uint8_t *head = head_get(delivery, slot, destination->flow, record);

	*outbox_add(delivery->outbox, destination->lane, destination->target) = (struct copy){
		.flow = destination->hash,
		.counters = counters,
		.head = head,
		.head_size = slot->envelope.size,
		.packet_offset = slot->envelope.packet_offset,
		.tail = bytes,
		.tail_size = record->captured_length,
		.wire_length = record->packet_length,
	};
}

/* An envelope that says nothing of the packet is the same for all. */
static const uint8_t *head_get(const struct delivery *delivery, const struct slot *slot,
			       uint64_t flow, const struct capture_record *record)
{
	const struct envelope *envelope = &slot->envelope;
	uint8_t *head;

	if (!envelope_varies(envelope))
		return envelope->bytes;
	head = outbox_head_begin(delivery->outbox);
	envelope_write(envelope, record->timestamp + delivery->epoch, flow, head);
	outbox_head_end(delivery->outbox, envelope->size);
	return head;
}

/* Kept apart, as are other rare ways, from what is done for each record. */
static void copies_make(const struct delivery *delivery, const struct slot *slot,
			const struct destination *destination,
			struct session_direction_counters *counters,
			const struct capture_record *record, const uint8_t *bytes)
{
	uint32_t size = slot->envelope.size;
	struct segmenter segmenter;
	struct segment segment;
	uint8_t *head;

	if (segmenter_init(&segmenter, record, bytes, slot->packet_length) != 0) {
		record_lose(counters, LOSS_MALFORMED, record, bytes);
		return;
	}
	while (true) {
		head = outbox_head_begin(delivery->outbox);
		envelope_write(&slot->envelope, record->timestamp + delivery->epoch,
			       destination->flow, head);
		if (!segmenter_next(&segmenter, head + size, &segment))
			return;
		outbox_head_end(delivery->outbox, size + segment.header_size);
		*outbox_add(delivery->outbox, destination->lane, destination->target) =
			(struct copy){
				.flow = destination->hash,
				.counters = counters,
				.head = head,
				.head_size = (uint16_t)(size + segment.header_size),
				.packet_offset = slot->envelope.packet_offset,
				.tail = segment.tail,
				.tail_size = segment.tail_size,
				.wire_length = segment.wire_length,
			};
	}
}

static unsigned int lane_choose(const struct target *target, uint32_t hash)
{
	enum lane_manner manner = LANE_IPV6;

	if (target->address.family == 4)
		manner = target_is_segmented(target) ? LANE_IPV4_SEGMENTED : LANE_IPV4_PLAIN;
	return lane_number(manner, target->port_first + (hash & (target->port_count - 1)));
}
