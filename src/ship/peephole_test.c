// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "ship/peephole.h"

#include "base/clock.h"
#include "mirror/peek.h"
#include "ship/frame_example.h"
#include "ship/segment_example.h"

#include <cmocka.h>
#include <netinet/in.h>
#include <pthread.h>
#include <string.h>

#define EPOCH 1000000

static const struct resource_id session = {"tms-0123456789abcdef0"};
static struct frame_example frame;

static void build(uint32_t payload, uint16_t segment)
{
	const struct frame_wish wish = {.version = 4,
					.protocol = IPPROTO_TCP,
					.payload_size = payload,
					.segment_size = segment};

	frame_example_build(&wish, &frame);
}

static void show(struct peephole *peephole, uint64_t time)
{
	frame.record.timestamp = time;
	peephole_show(peephole, &frame.record, frame.bytes, 0, EPOCH);
}

static void collect(struct peephole *peephole, struct peek_batch *ret_batch)
{
	assert_int_equal(peephole_collect(peephole, &session, ret_batch), 0);
}

static void test_a_packet_is_as_it_was(void **state)
{
	_cleanup_(peephole_unrefp) struct peephole *peephole = NULL;
	_cleanup_(peek_batch_fini) struct peek_batch batch = {}, rest = {};

	(void)state;
	build(100, 0);
	frame.record.direction = DIRECTION_EGRESS;
	assert_int_equal(peephole_new(80, &peephole), 0);
	show(peephole, 5);
	collect(peephole, &batch);
	assert_int_equal(batch.packet_count, 1);
	assert_string_equal(batch.packets[0].session.text, session.text);
	assert_int_equal(batch.packets[0].time, EPOCH + 5);
	assert_int_equal(batch.packets[0].direction, DIRECTION_EGRESS);
	assert_int_equal(batch.packets[0].length, frame.record.packet_length);
	assert_int_equal(batch.packets[0].bytes.size, 80);
	assert_memory_equal(batch.packets[0].bytes.data, frame.bytes, 80);
	collect(peephole, &rest);
	assert_int_equal(rest.packet_count, 0);
}

/* A session that keeps less than the snap length shows that. */
static void test_no_more_than_the_session_keeps(void **state)
{
	_cleanup_(peephole_unrefp) struct peephole *peephole = NULL;
	_cleanup_(peek_batch_fini) struct peek_batch batch = {};

	(void)state;
	build(500, 0);
	assert_int_equal(peephole_new(PEEK_SNAP_MAX, &peephole), 0);
	peephole_show(peephole, &frame.record, frame.bytes, 64, EPOCH);
	collect(peephole, &batch);
	assert_int_equal(batch.packets[0].bytes.size, 64);
	assert_int_equal(batch.packets[0].length, frame.record.packet_length);
}

static void test_a_held_tag_is_put_back(void **state)
{
	const struct frame_wish wish = {
		.version = 4, .protocol = IPPROTO_UDP, .payload_size = 30, .held_tag = 100};
	_cleanup_(peephole_unrefp) struct peephole *peephole = NULL;
	_cleanup_(peek_batch_fini) struct peek_batch batch = {};

	(void)state;
	frame_example_build(&wish, &frame);
	assert_int_equal(peephole_new(PEEK_SNAP_MAX, &peephole), 0);
	show(peephole, 1);
	collect(peephole, &batch);
	assert_int_equal(batch.packets[0].length, frame.record.packet_length + 4);
	assert_int_equal(batch.packets[0].bytes.size, frame.record.packet_length + 4);
	assert_memory_equal(batch.packets[0].bytes.data + 12, "\x81\x00\x00\x64", 4);
	assert_memory_equal(batch.packets[0].bytes.data + 16, frame.bytes + 12, 30);
}

/* A super-packet is shown as the packets that it makes, of which some may be too many. */
static void test_super_packets_are_cut(void **state)
{
	_cleanup_(peephole_unrefp) struct peephole *peephole = NULL;
	_cleanup_(peek_batch_fini) struct peek_batch batch = {};

	(void)state;
	build(40 * 1000, 1000);
	assert_int_equal(frame.record.segment_count, 40);
	assert_int_equal(peephole_new(128, &peephole), 0);
	for (uint64_t i = 0; i < 4; i++)
		show(peephole, NSEC_PER_SEC + i);
	collect(peephole, &batch);
	assert_int_equal(batch.packet_count, PEEK_PACKETS_PER_SECOND);
	for (size_t i = 0; i < batch.packet_count; i++) {
		assert_int_equal(batch.packets[i].length, 1054);
		assert_int_equal(batch.packets[i].skipped, 0);
	}
	show(peephole, 10 * NSEC_PER_SEC);
	collect(peephole, &batch);
	assert_int_equal(batch.packet_count, PEEK_PACKETS_PER_SECOND + 40);
	assert_int_equal(batch.packets[PEEK_PACKETS_PER_SECOND].skipped, 60);
}

/* In any time, no more than a second's worth and what that time allows. */
static void test_the_rate_is_bounded(void **state)
{
	_cleanup_(peephole_unrefp) struct peephole *peephole = NULL;
	uint64_t shown = 0, seen = 0, skipped = 0;

	(void)state;
	build(20, 0);
	assert_int_equal(peephole_new(64, &peephole), 0);
	for (uint64_t time = 0; time < 10 * NSEC_PER_SEC; time += 100 * NSEC_PER_USEC) {
		_cleanup_(peek_batch_fini) struct peek_batch batch = {};

		show(peephole, 3600 * NSEC_PER_SEC + time);
		shown++;
		if (shown % 100 != 0)
			continue;
		collect(peephole, &batch);
		seen += batch.packet_count;
		for (size_t i = 0; i < batch.packet_count; i++)
			skipped += batch.packets[i].skipped;
		assert_true(seen <= PEEK_PACKETS_PER_SECOND * (1 + time / NSEC_PER_SEC + 1));
	}
	assert_in_range(seen, PEEK_PACKETS_PER_SECOND * 11 - 2, PEEK_PACKETS_PER_SECOND * 11);
	assert_in_range(shown - seen - skipped, 0, 100);
}

/* What nobody collects takes no more room than there is. */
static void test_room_is_bounded(void **state)
{
	_cleanup_(peephole_unrefp) struct peephole *peephole = NULL;
	_cleanup_(peek_batch_fini) struct peek_batch batch = {};
	size_t size = 0;

	(void)state;
	build(9000, 0);
	assert_int_equal(peephole_new(PEEK_SNAP_MAX, &peephole), 0);
	for (uint64_t i = 0; i < 100; i++)
		show(peephole, i * NSEC_PER_SEC);
	collect(peephole, &batch);
	for (size_t i = 0; i < batch.packet_count; i++)
		size += batch.packets[i].bytes.size;
	assert_in_range(size, PEEPHOLE_ROOM - 10000, PEEPHOLE_ROOM);
	show(peephole, 200 * NSEC_PER_SEC);
	collect(peephole, &batch);
	assert_int_equal(batch.packets[batch.packet_count - 1].skipped,
			 100 - (batch.packet_count - 1));
}

/* A batch takes what fits; the rest comes with the next one, in order. */
static void test_batches_are_bounded(void **state)
{
	_cleanup_(peek_batch_fini) struct peek_batch batch = {}, next = {};
	struct peephole *peepholes[4] = {};
	size_t count;

	(void)state;
	build(8000, 0);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(peephole_new(PEEK_SNAP_MAX, &peepholes[i]), 0);
		for (uint64_t j = 0; j < 30; j++)
			show(peepholes[i], NSEC_PER_SEC + j);
		collect(peepholes[i], &batch);
	}
	count = PEEK_BATCH_SIZE_MAX / frame.record.packet_length;
	assert_int_equal(batch.packet_count, count);
	for (size_t i = 0; i < 4; i++) {
		collect(peepholes[i], &next);
		peephole_unref(peepholes[i]);
	}
	assert_int_equal(next.packet_count, 4 * 30 - count);
	assert_int_equal(next.packets[0].time, EPOCH + NSEC_PER_SEC + count % 30);
}

static void *show_many(void *context)
{
	struct frame_example *own = malloc(sizeof(*own));

	assert_non_null(own);
	*own = frame;
	for (uint64_t i = 0; i < 20000; i++) {
		own->record.timestamp = i * NSEC_PER_MSEC;
		peephole_show(context, &own->record, own->bytes, 0, 0);
	}
	free(own);
	return NULL;
}

/* Threads that show and one that collects: every packet is seen or counted. */
static void test_threads(void **state)
{
	_cleanup_(peephole_unrefp) struct peephole *peephole = NULL;
	_cleanup_(peek_batch_fini) struct peek_batch batch = {};
	pthread_t threads[3];
	uint64_t skipped = 0;

	(void)state;
	build(20, 0);
	assert_int_equal(peephole_new(64, &peephole), 0);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, show_many, peephole), 0);
	for (size_t i = 0; i < 1000; i++)
		collect(peephole, &batch);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	show(peephole, 3600 * NSEC_PER_SEC);
	collect(peephole, &batch);
	for (size_t i = 0; i < batch.packet_count; i++) {
		skipped += batch.packets[i].skipped;
		assert_int_equal(batch.packets[i].bytes.size, 64);
	}
	assert_int_equal(batch.packet_count + skipped, 3 * 20000 + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_packet_is_as_it_was),
		cmocka_unit_test(test_no_more_than_the_session_keeps),
		cmocka_unit_test(test_a_held_tag_is_put_back),
		cmocka_unit_test(test_super_packets_are_cut),
		cmocka_unit_test(test_the_rate_is_bounded),
		cmocka_unit_test(test_room_is_bounded),
		cmocka_unit_test(test_batches_are_bounded),
		cmocka_unit_test(test_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
