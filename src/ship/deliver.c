// SPDX-License-Identifier: Apache-2.0
#include "ship/deliver.h"

#include "ship/counters.h"
#include "ship/flow.h"
#include "ship/lane.h"
#include "ship/outbox.h"
#include "ship/routes.h"
#include "ship/segment.h"
#include "ship/tally.h"
#include "wire/capture.h"

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

static bool record_is_sound(const struct capture_record *record, uint32_t size);
static void record_lose(struct session_direction_counters *counters, enum loss_reason reason,
			const struct capture_record *record, const uint8_t *bytes);
static bool record_is_wire_packet(const struct capture_record *record, uint16_t packet_length);
static void copy_pass(const struct delivery *delivery, const struct slot *slot,
		      struct session_direction_counters *counters,
		      const struct capture_record *record, const uint8_t *bytes);
static _noinline_ void copies_make(const struct delivery *delivery, const struct slot *slot,
				   struct session_direction_counters *counters,
				   const struct capture_record *record, const uint8_t *bytes);
static const uint8_t *head_get(const struct delivery *delivery, const struct slot *slot,
			       const struct capture_record *record);
static unsigned int lane_choose(const struct target *target, uint32_t flow);

void deliver_record(const struct delivery *delivery, const void *data, uint32_t size)
{
	const struct capture_record *record = data;
	const uint8_t *bytes = (const uint8_t *)data + sizeof(*record);
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
	if (slot->state != SLOT_LIVE)
		record_lose(counters, state_reasons[slot->state], record, bytes);
	else if (!target_is_reachable(slot->target))
		record_lose(counters, LOSS_UNREACHABLE, record, bytes);
	else if (size > delivery->longest)
		record_lose(counters, LOSS_RING_FULL, record, bytes);
	else if (record_is_wire_packet(record, slot->packet_length))
		copy_pass(delivery, slot, counters, record, bytes);
	else
		copies_make(delivery, slot, counters, record, bytes);
}

/* Rings outlive the program that filled them, so nothing in them is taken on trust. */
static bool record_is_sound(const struct capture_record *record, uint32_t size)
{
	return size >= sizeof(*record) && record->captured_length <= size - sizeof(*record) &&
	       record->captured_length <= record->packet_length && record->segment_count > 0 &&
	       record->direction < DIRECTION_COUNT;
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
		      struct session_direction_counters *counters,
		      const struct capture_record *record, const uint8_t *bytes)
{
	const uint8_t *head = head_get(delivery, slot, record);
	uint32_t flow = flow_hash(record, bytes);

	*outbox_add(delivery->outbox, lane_choose(slot->target, flow), slot->target) =
		(struct copy){
			.flow = flow,
			.counters = counters,
			.head = head,
			.head_size = slot->envelope.size,
			.tail = bytes,
			.tail_size = record->captured_length,
			.wire_length = record->packet_length,
		};
}

/* An envelope that says nothing of the packet is the same for all. */
static const uint8_t *head_get(const struct delivery *delivery, const struct slot *slot,
			       const struct capture_record *record)
{
	const struct envelope *envelope = &slot->envelope;
	uint8_t *head;

	if (envelope->time_offset == 0)
		return envelope->bytes;
	head = outbox_head_begin(delivery->outbox);
	envelope_write(envelope, record->timestamp + delivery->epoch, head);
	outbox_head_end(delivery->outbox, envelope->size);
	return head;
}

/* Kept apart, as are other rare ways, from what is done for each record. */
static void copies_make(const struct delivery *delivery, const struct slot *slot,
			struct session_direction_counters *counters,
			const struct capture_record *record, const uint8_t *bytes)
{
	uint32_t flow = flow_hash(record, bytes);
	unsigned int lane = lane_choose(slot->target, flow);
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
		envelope_write(&slot->envelope, record->timestamp + delivery->epoch, head);
		if (!segmenter_next(&segmenter, head + size, &segment))
			return;
		outbox_head_end(delivery->outbox, size + segment.header_size);
		*outbox_add(delivery->outbox, lane, slot->target) = (struct copy){
			.flow = flow,
			.counters = counters,
			.head = head,
			.head_size = size + segment.header_size,
			.tail = segment.tail,
			.tail_size = segment.tail_size,
			.wire_length = segment.wire_length,
		};
	}
}

static unsigned int lane_choose(const struct target *target, uint32_t flow)
{
	enum lane_manner manner = LANE_IPV6;

	if (target->address.family == 4)
		manner = target_is_segmented(target) ? LANE_IPV4_SEGMENTED : LANE_IPV4_PLAIN;
	return lane_number(manner, flow);
}
