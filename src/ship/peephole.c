// SPDX-License-Identifier: Apache-2.0
#include "ship/peephole.h"

#include "base/array.h"
#include "base/clock.h"
#include "base/count.h"
#include "mirror/peek.h"
#include "ship/segment.h"
#include "wire/capture.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#define INTERVAL (NSEC_PER_SEC / PEEK_PACKETS_PER_SECOND)
#define BURST    (INTERVAL * (PEEK_PACKETS_PER_SECOND - 1))

#define FULL_PAUSE (NSEC_PER_SEC / 10)

/* Of a packet that waits; its bytes follow. */
struct taken {
	uint64_t time, skipped;
	uint32_t length;
	uint16_t size;
	uint16_t direction;
};

struct peephole {
	unsigned int references;
	uint16_t snap_length;
	atomic_ullong opens;   /* Packets captured before are not taken. */
	atomic_ullong skipped; /* Packets that were not, since the last one that was. */
	/* Held for moments, but by threads that may be kept off the CPU meanwhile; so whoever does not get it at once goes on
	 * without. */
	pthread_mutex_t lock;
	size_t used; /* Of the room. */
	uint8_t room[PEEPHOLE_ROOM];
};

static void record_take(struct peephole *peephole, const struct capture_record *record,
			const uint8_t *bytes, uint16_t packet_length, uint64_t epoch);
static bool segment_take(struct peephole *peephole, const struct capture_record *record,
			 const uint8_t *header, const struct segment *segment, uint64_t epoch);
static void shut(struct peephole *peephole, uint64_t time);
static void skip(struct peephole *peephole, unsigned int packets);
static size_t batch_size(const struct peek_batch *batch);
static int batch_add(struct peek_batch *batch, const struct resource_id *session,
		     const struct taken *taken, const uint8_t *bytes);

int peephole_new(uint16_t snap_length, struct peephole **ret_peephole)
{
	struct peephole *peephole = calloc(1, sizeof(*peephole));

	if (!peephole)
		return -ENOMEM;
	peephole->references = 1;
	peephole->snap_length = snap_length < PEEK_SNAP_MAX ? snap_length : PEEK_SNAP_MAX;
	pthread_mutex_init(&peephole->lock, NULL);
	*ret_peephole = peephole;
	return 0;
}

struct peephole *peephole_ref(struct peephole *peephole)
{
	if (peephole)
		peephole->references++;
	return peephole;
}

struct peephole *peephole_unref(struct peephole *peephole)
{
	if (!peephole || --peephole->references > 0)
		return NULL;
	pthread_mutex_destroy(&peephole->lock);
	explicit_bzero(peephole->room, peephole->used);
	free(peephole);
	return NULL;
}

void peephole_show(struct peephole *peephole, const struct capture_record *record,
		   const uint8_t *bytes, uint16_t packet_length, uint64_t epoch)
{
	if (record->timestamp < atomic_load_explicit(&peephole->opens, memory_order_relaxed) ||
	    pthread_mutex_trylock(&peephole->lock) != 0) {
		skip(peephole, record->segment_count);
		return;
	}
	record_take(peephole, record, bytes, packet_length, epoch);
	pthread_mutex_unlock(&peephole->lock);
}

int peephole_collect(struct peephole *peephole, const struct resource_id *session,
		     struct peek_batch *batch)
{
	size_t size = batch_size(batch), done = 0;
	int r = 0;

	if (pthread_mutex_trylock(&peephole->lock) != 0)
		return 0;
	while (r == 0 && done < peephole->used && batch->packet_count < PEEK_BATCH_PACKETS_MAX) {
		const uint8_t *next = peephole->room + done;
		struct taken taken;

		memcpy(&taken, next, sizeof(taken));
		if (size + taken.size > PEEK_BATCH_SIZE_MAX)
			break;
		r = batch_add(batch, session, &taken, next + sizeof(taken));
		if (r == 0) {
			size += taken.size;
			done += sizeof(taken) + taken.size;
		}
	}
	memmove(peephole->room, peephole->room + done, peephole->used - done);
	explicit_bzero(peephole->room + peephole->used - done, done);
	peephole->used -= done;
	pthread_mutex_unlock(&peephole->lock);
	return r;
}

/* What a super-packet makes is cut here once more, apart from what is shipped. */
static void record_take(struct peephole *peephole, const struct capture_record *record,
			const uint8_t *bytes, uint16_t packet_length, uint64_t epoch)
{
	uint8_t header[SEGMENT_HEADER_SIZE_MAX];
	struct segmenter segmenter;
	struct segment segment;
	unsigned int taken = 0;

	if (segmenter_init(&segmenter, record, bytes, packet_length) != 0)
		return;
	while (segmenter_next(&segmenter, header, &segment) &&
	       segment_take(peephole, record, header, &segment, epoch))
		taken++;
	if (taken < record->segment_count)
		skip(peephole, record->segment_count - taken);
}

static bool segment_take(struct peephole *peephole, const struct capture_record *record,
			 const uint8_t *header, const struct segment *segment, uint64_t epoch)
{
	uint32_t size =
		MIN(segment->header_size + segment->tail_size, (uint32_t)peephole->snap_length);
	uint32_t from_header = MIN(size, segment->header_size);
	uint8_t *next = peephole->room + peephole->used;
	struct taken taken = {
		.time = record->timestamp + epoch,
		.length = segment->wire_length + (record->vlan_protocol != 0 ? 4 : 0),
		.size = (uint16_t)size,
		.direction = record->direction,
	};

	if (record->timestamp < atomic_load_explicit(&peephole->opens, memory_order_relaxed))
		return false;
	if (sizeof(taken) + size > PEEPHOLE_ROOM - peephole->used) {
		/* Whoever collects is late: it costs nothing to wait for him. */
		atomic_store_explicit(&peephole->opens, record->timestamp + FULL_PAUSE,
				      memory_order_relaxed);
		return false;
	}
	taken.skipped = atomic_exchange_explicit(&peephole->skipped, 0, memory_order_relaxed);
	memcpy(next, &taken, sizeof(taken));
	memcpy(next + sizeof(taken), header, from_header);
	memcpy(next + sizeof(taken) + from_header, segment->tail, size - from_header);
	peephole->used += sizeof(taken) + size;
	shut(peephole, record->timestamp);
	return true;
}

/* A packet takes its turn; after a pause, a second's worth of turns is there at once. */
static void shut(struct peephole *peephole, uint64_t time)
{
	uint64_t opens = atomic_load_explicit(&peephole->opens, memory_order_relaxed);
	uint64_t earliest = time > BURST ? time - BURST : 0;

	atomic_store_explicit(&peephole->opens, MAX(opens, earliest) + INTERVAL,
			      memory_order_relaxed);
}

static void skip(struct peephole *peephole, unsigned int packets)
{
	atomic_fetch_add_explicit(&peephole->skipped, packets, memory_order_relaxed);
}

static size_t batch_size(const struct peek_batch *batch)
{
	size_t size = 0;

	for (size_t i = 0; i < batch->packet_count; i++)
		size += batch->packets[i].bytes.size;
	return size;
}

static int batch_add(struct peek_batch *batch, const struct resource_id *session,
		     const struct taken *taken, const uint8_t *bytes)
{
	struct peek_packet packet = {
		.session = *session,
		.time = taken->time,
		.direction = (enum direction)taken->direction,
		.length = taken->length,
		.skipped = taken->skipped,
		.bytes = {malloc(taken->size + 1U), taken->size},
	};
	int r;

	if (!packet.bytes.data)
		return -ENOMEM;
	memcpy(packet.bytes.data, bytes, taken->size);
	r = array_append(batch, packets, packet_count, packet_capacity, packet);
	if (r < 0)
		peek_packet_fini(&packet);
	return r;
}
