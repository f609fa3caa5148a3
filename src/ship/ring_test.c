// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "ship/ring.h"
#include "ship/ring_memory.h"

#include <cmocka.h>
#include <errno.h>
#include <linux/bpf.h>
#include <string.h>

static int writer_setup(void **state)
{
	static struct ring_memory writer;

	ring_memory_open(&writer);
	*state = &writer;
	return 0;
}

static int writer_teardown(void **state)
{
	ring_memory_close(*state);
	return 0;
}

/* Appends a record whose bytes all equal 'fill'. */
static uint32_t *write_record(struct ring_memory *writer, uint32_t length, uint8_t fill,
			      uint32_t flags)
{
	uint8_t record[2048];

	memset(record, fill, sizeof(record));
	return ring_memory_write(writer, record, length, flags);
}

static void expect_record(struct ring *ring, uint32_t length, uint8_t fill)
{
	const void *record;
	uint32_t size;

	assert_true(ring_peek(ring, &record, &size));
	assert_int_equal(size, length);
	for (uint32_t i = 0; i < length; i++)
		assert_int_equal(((const uint8_t *)record)[i], fill);
	ring_pass(ring);
}

static void expect_nothing(struct ring *ring)
{
	const void *record;
	uint32_t size;

	assert_false(ring_peek(ring, &record, &size));
}

static void records_come_in_order_and_stay_until_released(void **state)
{
	_cleanup_ring_ struct ring ring = {};
	struct ring_memory *writer = *state;

	assert_int_equal(ring_open(writer->file, RING_MEMORY_SIZE, &ring), 0);
	expect_nothing(&ring);
	write_record(writer, 100, 1, 0);
	write_record(writer, 7, 2, 0);
	assert_true(ring_has_more(&ring));
	expect_record(&ring, 100, 1);
	expect_record(&ring, 7, 2);
	expect_nothing(&ring);
	assert_false(ring_has_more(&ring));
	assert_int_equal(*writer->consumer, 0);
	ring_release(&ring);
	assert_int_equal(*writer->consumer, 112 + 16);
}

static void a_record_being_written_holds_back_the_next(void **state)
{
	_cleanup_ring_ struct ring ring = {};
	struct ring_memory *writer = *state;
	uint32_t *busy;

	assert_int_equal(ring_open(writer->file, RING_MEMORY_SIZE, &ring), 0);
	busy = write_record(writer, 40, 1, BPF_RINGBUF_BUSY_BIT);
	write_record(writer, 40, 2, 0);
	expect_nothing(&ring);
	assert_true(ring_has_more(&ring));
	*busy &= ~BPF_RINGBUF_BUSY_BIT;
	expect_record(&ring, 40, 1);
	expect_record(&ring, 40, 2);
}

static void discarded_records_are_passed_over(void **state)
{
	_cleanup_ring_ struct ring ring = {};
	struct ring_memory *writer = *state;

	assert_int_equal(ring_open(writer->file, RING_MEMORY_SIZE, &ring), 0);
	write_record(writer, 40, 1, BPF_RINGBUF_DISCARD_BIT);
	write_record(writer, 48, 2, 0);
	write_record(writer, 56, 3, BPF_RINGBUF_DISCARD_BIT);
	expect_record(&ring, 48, 2);
	expect_nothing(&ring);
	ring_release(&ring);
	assert_int_equal(*writer->consumer, *writer->producer);
}

static void records_across_the_end_are_whole(void **state)
{
	_cleanup_ring_ struct ring ring = {};
	struct ring_memory *writer = *state;

	assert_int_equal(ring_open(writer->file, RING_MEMORY_SIZE, &ring), 0);
	for (unsigned int i = 0; i < 1000; i++) {
		write_record(writer, 1000 + i, (uint8_t)i, 0);
		expect_record(&ring, 1000 + i, (uint8_t)i);
		ring_release(&ring);
	}
}

/* What a reader passed but never released is read again by its successor. */
static void a_successor_begins_where_the_last_release_was(void **state)
{
	struct ring_memory *writer = *state;
	struct ring ring = {}, successor = {};

	assert_int_equal(ring_open(writer->file, RING_MEMORY_SIZE, &ring), 0);
	write_record(writer, 64, 1, 0);
	write_record(writer, 64, 2, 0);
	write_record(writer, 64, 3, 0);
	expect_record(&ring, 64, 1);
	ring_release(&ring);
	expect_record(&ring, 64, 2);
	ring_close(&ring);
	assert_int_equal(ring_open(writer->file, RING_MEMORY_SIZE, &successor), 0);
	expect_record(&successor, 64, 2);
	expect_record(&successor, 64, 3);
	expect_nothing(&successor);
	ring_close(&successor);
	ring_close(&successor);
}

static void impossible_sizes_are_refused(void **state)
{
	struct ring_memory *writer = *state;
	struct ring ring = {};

	assert_int_equal(ring_open(writer->file, 0, &ring), -EINVAL);
	assert_int_equal(ring_open(writer->file, 4095, &ring), -EINVAL);
	assert_int_equal(ring_open(writer->file, 12288, &ring), -EINVAL);
	assert_int_equal(ring_open(-1, RING_MEMORY_SIZE, &ring), -EBADF);
	assert_null(ring.mapping);
}

int main(void)
{
#define RING_TEST(name) cmocka_unit_test_setup_teardown(name, writer_setup, writer_teardown)
	const struct CMUnitTest tests[] = {
		RING_TEST(records_come_in_order_and_stay_until_released),
		RING_TEST(a_record_being_written_holds_back_the_next),
		RING_TEST(discarded_records_are_passed_over),
		RING_TEST(records_across_the_end_are_whole),
		RING_TEST(a_successor_begins_where_the_last_release_was),
		RING_TEST(impossible_sizes_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
