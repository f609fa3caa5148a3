// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "ship/deliver.h"

#include "ship/counters.h"
#include "ship/fleets.h"
#include "ship/frame_example.h"
#include "ship/outbox.h"
#include "ship/routes.h"
#include "ship/segment.h"
#include "ship/ship.h"
#include "ship/tally.h"

#include <cmocka.h>
#include <netinet/in.h>

#define SLOT_LIMIT 4

static struct scene {
	struct session_counters counters[SLOT_LIMIT];
	struct tally tally;
	struct outbox *outbox;
	struct routes *routes;
	atomic_ulong orphans;
} scene;

static struct frame_example frame;

static int all_leave(void *context, unsigned int lane, struct mmsghdr *messages, unsigned int count)
{
	(void)context;
	(void)lane;
	(void)messages;
	return (int)count;
}

static void nothing_is_measured(void *context, struct target *target)
{
	(void)context;
	(void)target;
}

static int setup(void **state)
{
	const struct transmit transmit = {.send = all_leave, .measure = nothing_is_measured};
	const struct ship_route route = {.slot = 3,
					 .generation = 9,
					 .reachable = true,
					 .address = {.family = 4, .bytes = {127, 0, 0, 1}},
					 .port = 4789};
	const struct fleets none = {};

	(void)state;
	scene = (struct scene){};
	assert_int_equal(tally_init(&scene.tally, SLOT_LIMIT), 0);
	assert_int_equal(outbox_new(&transmit, &scene.outbox), 0);
	assert_int_equal(routes_new(&route, 1, &none, SLOT_LIMIT, 0, NULL, &scene.routes), 0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	scene.routes = routes_free(scene.routes);
	scene.outbox = outbox_free(scene.outbox);
	tally_fini(&scene.tally);
	return 0;
}

/* Delivers a record of slot 3, none being longer than 'longest'. */
static const struct session_direction_counters *deliver(const struct frame_wish *wish,
							uint32_t generation, uint64_t longest)
{
	struct delivery delivery = {
		.routes = scene.routes,
		.tally = &scene.tally,
		.orphans = &scene.orphans,
		.outbox = scene.outbox,
		.longest = longest,
	};

	frame_example_build(wish, &frame);
	frame.record.session_slot = 3;
	frame.record.session_generation = generation;
	frame.record.direction = DIRECTION_INGRESS;
	deliver_record(&delivery, &frame, frame_example_size(&frame));
	outbox_flush(scene.outbox);
	tally_commit(&scene.tally, scene.counters);
	return &scene.counters[3].direction[DIRECTION_INGRESS];
}

static const struct frame_wish super_packet = {
	.version = 4, .protocol = IPPROTO_TCP, .payload_size = 50000, .segment_size = 1380};
static const struct frame_wish datagram = {
	.version = 4, .protocol = IPPROTO_UDP, .payload_size = 500};

static void what_is_too_long_is_lost_as_if_there_were_no_room(void **state)
{
	const struct session_direction_counters *counters;
	const struct packet_count *lost;
	uint64_t bytes;

	(void)state;
	counters = deliver(&super_packet, 9, 2048);
	lost = &counters->lost[LOSS_RING_FULL];
	bytes = segment_wire_bytes(&frame.record, frame.bytes);
	assert_int_equal(counters->shipped.packets, 0);
	assert_int_equal(lost->packets, frame.record.segment_count);
	assert_int_equal(lost->bytes, bytes);
	deliver(&datagram, 9, 2048);
	assert_int_equal(counters->shipped.packets, 1);
	assert_int_equal(lost->bytes, bytes);
	deliver(&super_packet, 9, frame_example_size(&frame));
	deliver(&super_packet, 9, UINT64_MAX);
	assert_int_equal(lost->bytes, bytes + segment_wire_bytes(&frame.record, frame.bytes));
	assert_int_equal(counters->shipped.packets, 1 + frame.record.segment_count);
}

/* However long: the slot's present owner is not charged for it. */
static void what_is_nobodys_stays_so(void **state)
{
	const struct session_direction_counters *counters;

	(void)state;
	counters = deliver(&super_packet, 8, 2048);
	assert_int_equal(scene.orphans, frame.record.segment_count);
	assert_int_equal(counters->lost[LOSS_RING_FULL].packets, 0);
}

int main(void)
{
#define DELIVER_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		DELIVER_TEST(what_is_too_long_is_lost_as_if_there_were_no_room),
		DELIVER_TEST(what_is_nobodys_stays_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
