// SPDX-License-Identifier: Apache-2.0
/* The kernel here is a function that cuts messages as UDP_SEGMENT would, keeps the datagrams, and fails as it is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "ship/outbox.h"

#include "ship/lane.h"
#include "ship/ship.h"
#include "ship/target.h"
#include "wire/counters.h"

#include <cmocka.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <string.h>

#define DATAGRAMS_MAX 8192
#define HEAD_SIZE     60
#define TARGETS       2500 /* Of which tests with few use the first two. */
#define SEATS_DISTANT 4096 /* Seats that are so far apart, or twice, are one for the outbox. */

struct datagram {
	uint32_t size, number; /* Of the copy, as it was added. */
	unsigned int lane, target;
};

static struct kernel {
	struct datagram datagrams[DATAGRAMS_MAX];
	unsigned int datagram_count, calls, messages, measured;
	int error;                /* What fails ... */
	unsigned int fails_every; /* ... and how often: 1 always, 0 never. */
	unsigned int fails_first; /* The first so many calls. */
	bool fails_segmented;     /* Only messages that are to be cut. */
	uint32_t fits;            /* Larger datagrams fail with EMSGSIZE; 0: all fit. */
	uint32_t measures;        /* What measuring finds. */
} kernel;

static struct session_direction_counters counters[2];
static struct target targets[TARGETS];
static uint64_t added_packets, added_bytes;
static uint32_t added_number;

static uint32_t segment_size(const struct msghdr *header)
{
	uint16_t size;

	if (!header->msg_control)
		return UINT32_MAX;
	memcpy(&size, CMSG_DATA((struct cmsghdr *)header->msg_control), sizeof(size));
	return size;
}

static int kernel_error(const struct msghdr *header, uint32_t size)
{
	uint32_t segment = segment_size(header);

	kernel.calls++;
	if (kernel.fits && (segment < size ? segment : size) > kernel.fits)
		return EMSGSIZE;
	if (kernel.fails_segmented)
		return segment != UINT32_MAX ? kernel.error : 0;
	if (kernel.calls <= kernel.fails_first ||
	    (kernel.fails_every && kernel.calls % kernel.fails_every == 0))
		return kernel.error;
	return 0;
}

/* Messages name the address that is in the target. */
static unsigned int target_of(const struct msghdr *header)
{
	size_t offset = (size_t)((const uint8_t *)header->msg_name - (const uint8_t *)targets);

	assert_true(offset < sizeof(targets));
	return (unsigned int)(offset / sizeof(targets[0]));
}

static void kernel_deliver(unsigned int lane, unsigned int target, const uint8_t *bytes,
			   uint32_t size)
{
	struct datagram *datagram = &kernel.datagrams[kernel.datagram_count++];

	assert_true(kernel.datagram_count <= DATAGRAMS_MAX);
	datagram->size = size;
	datagram->lane = lane;
	datagram->target = target;
	memcpy(&datagram->number, bytes, sizeof(datagram->number));
}

static int message_deliver(unsigned int lane, const struct msghdr *header)
{
	static uint8_t bytes[1 << 17];
	uint32_t size = 0, step, segments = 0;
	int error;

	for (size_t i = 0; i < header->msg_iovlen; i++) {
		memcpy(bytes + size, header->msg_iov[i].iov_base, header->msg_iov[i].iov_len);
		size += (uint32_t)header->msg_iov[i].iov_len;
	}
	assert_true(size <= 65507);
	error = kernel_error(header, size);
	if (error)
		return error;
	kernel.messages++;
	step = segment_size(header);
	for (uint32_t done = 0; done < size; segments++) {
		uint32_t part = size - done < step ? size - done : step;

		kernel_deliver(lane, target_of(header), bytes + done, part);
		done += part;
	}
	assert_true(segments <= 64);
	return 0;
}

static int kernel_send(void *context, unsigned int lane, struct mmsghdr *messages,
		       unsigned int count)
{
	(void)context;
	for (unsigned int i = 0; i < count; i++) {
		int error = message_deliver(lane, &messages[i].msg_hdr);

		if (error)
			return i > 0 ? (int)i : -error;
	}
	return (int)count;
}

static void kernel_measure(void *context, struct target *target)
{
	(void)context;
	kernel.measured++;
	if (kernel.measures)
		atomic_store(&target->room, kernel.measures);
}

static void target_prepare(unsigned int number, unsigned int seat)
{
	const struct ship_route route = {
		.address = {4, {198, 18, (uint8_t)(number >> 8), (uint8_t)number}}, .port = 4789};

	target_init(&targets[number], seat, &route);
	atomic_store(&targets[number].segmented, true);
	atomic_store(&targets[number].room, 9000);
}

static int setup(void **state)
{
	const struct transmit transmit = {.send = kernel_send, .measure = kernel_measure};
	struct outbox *outbox;

	memset(&kernel, 0, sizeof(kernel));
	memset(counters, 0, sizeof(counters));
	added_packets = added_bytes = added_number = 0;
	for (unsigned int i = 0; i < 2; i++)
		target_prepare(i, i * SHIP_PORT_COUNT);
	assert_int_equal(outbox_new(&transmit, &outbox), 0);
	*state = outbox;
	return 0;
}

static int teardown(void **state)
{
	outbox_free(*state);
	return 0;
}

/* Adds a copy whose first bytes are its number; 'size' is that of the whole datagram. */
static void add_of_flow(struct outbox *outbox, unsigned int lane, unsigned int target,
			uint32_t size, uint32_t flow)
{
	static const uint8_t tail[10000];
	uint32_t head_size = size < HEAD_SIZE ? size : HEAD_SIZE;
	uint8_t *head = outbox_head_begin(outbox);

	memcpy(head, &added_number, sizeof(added_number));
	outbox_head_end(outbox, head_size);
	*outbox_add(outbox, lane, &targets[target]) =
		(struct copy){.counters = &counters[target % 2],
			      .flow = flow,
			      .head = head,
			      .head_size = (uint16_t)head_size,
			      .tail = tail,
			      .tail_size = size - head_size,
			      .wire_length = size + 100};
	added_number++;
	added_packets++;
	added_bytes += size + 100;
}

static void add(struct outbox *outbox, unsigned int lane, unsigned int target, uint32_t size)
{
	add_of_flow(outbox, lane, target, size, 0);
}

/* Nothing is ever counted twice or not at all, and what counts as shipped is what arrived. */
static void expect_accounts(uint64_t shipped)
{
	struct packet_count all = {}, sent = {};

	for (int i = 0; i < 2; i++) {
		sent.packets += counters[i].shipped.packets;
		sent.bytes += counters[i].shipped.bytes;
		for (int reason = 0; reason < LOSS_REASON_COUNT; reason++) {
			all.packets += counters[i].lost[reason].packets;
			all.bytes += counters[i].lost[reason].bytes;
		}
	}
	assert_int_equal(all.packets + sent.packets, added_packets);
	assert_int_equal(all.bytes + sent.bytes, added_bytes);
	assert_int_equal(sent.packets, shipped);
	assert_int_equal(kernel.datagram_count, shipped);
}

static void expect_lost(enum loss_reason reason, uint64_t packets)
{
	assert_int_equal(counters[0].lost[reason].packets + counters[1].lost[reason].packets,
			 packets);
}

static void equal_copies_share_a_message(void **state)
{
	for (int i = 0; i < 200; i++)
		add(*state, 3, 0, 1000);
	outbox_flush(*state);
	expect_accounts(200);
	assert_int_equal(kernel.messages, 4); /* 64 at most, and no more than 65,507 bytes. */
	for (uint32_t i = 0; i < 200; i++)
		assert_int_equal(kernel.datagrams[i].number, i);
}

static void a_shorter_copy_ends_its_message(void **state)
{
	const uint32_t sizes[] = {500, 500, 300, 500, 600, 600, 599, 599};

	for (size_t i = 0; i < 8; i++)
		add(*state, 0, 0, sizes[i]);
	outbox_flush(*state);
	expect_accounts(8);
	assert_int_equal(kernel.messages, 4);
	for (uint32_t i = 0; i < 8; i++)
		assert_int_equal(kernel.datagrams[i].size, sizes[i]);
}

static void appliances_and_lanes_do_not_mix(void **state)
{
	for (unsigned int i = 0; i < 40; i++)
		add(*state, i % 2, i / 2 % 2, 400);
	outbox_flush(*state);
	expect_accounts(40);
	assert_int_equal(counters[0].shipped.packets, 20);
	assert_int_equal(counters[1].shipped.packets, 20);
	assert_int_equal(kernel.messages, 4);
	for (unsigned int i = 0; i < 40; i++)
		assert_int_equal(kernel.datagrams[i].number % 2, kernel.datagrams[i].lane);
}

static void plain_lanes_send_datagram_by_datagram(void **state)
{
	for (unsigned int i = 0; i < 100; i++)
		add(*state, lane_number(LANE_IPV4_PLAIN, 5), 0, 400);
	outbox_flush(*state);
	expect_accounts(100);
	assert_int_equal(kernel.messages, 100);
}

static void a_full_train_keeps_what_does_not_fill_a_call(void **state)
{
	for (int i = 0; i < 300; i++)
		add(*state, 3, 0, 1522);
	assert_int_equal(kernel.datagram_count, 5 * 43); /* Of 256, as no more fit 65,507 bytes. */
	outbox_flush(*state);
	expect_accounts(300);
	assert_int_equal(kernel.messages, 7);
	for (uint32_t i = 0; i < 300; i++)
		assert_int_equal(kernel.datagrams[i].number, i);
}

#define FLOW_STEP 0x10000U /* What flows' hashes differ by; their lower half is the lane's. */

static void copies_of_other_flows_are_sorted_by_size(void **state)
{
	const uint32_t sizes[] = {64, 594, 1518};

	for (uint32_t i = 0; i < 60; i++)
		add_of_flow(*state, 3, 0, sizes[i * 7 % 3], i * FLOW_STEP);
	outbox_flush(*state);
	expect_accounts(60);
	assert_int_equal(kernel.messages, 3);
}

static void a_flow_keeps_its_order_among_all_sizes(void **state)
{
	static uint32_t flow_of[4000], last[50];
	uint32_t random = 1;

	for (uint32_t i = 0; i < 4000; i++) {
		random = random * 1103515245 + 12345;
		flow_of[i] = (random >> 8) % 50;
		add_of_flow(*state, 3, 0, 100 + (random >> 16) % 20 * 60, flow_of[i] * FLOW_STEP);
	}
	outbox_flush(*state);
	expect_accounts(4000);
	assert_in_range(kernel.messages, 20, 3000);
	for (uint32_t i = 0; i < 4000; i++) {
		uint32_t number = kernel.datagrams[i].number, *before = &last[flow_of[number]];

		assert_true(number + 1 > *before);
		*before = number + 1;
	}
}

static void more_than_fits_leaves_in_order(void **state)
{
	uint32_t next[SHIP_PORT_COUNT] = {};

	for (unsigned int i = 0; i < 8000; i++)
		add(*state, i % (2 * SHIP_PORT_COUNT), 0, 80 + i % 700);
	outbox_flush(*state);
	expect_accounts(8000);
	for (unsigned int i = 0; i < 8000; i++) {
		uint32_t number = kernel.datagrams[i].number, port = number % SHIP_PORT_COUNT;

		assert_int_equal(number, next[port] + port);
		assert_int_equal(kernel.datagrams[i].lane, number % (2 * SHIP_PORT_COUNT));
		assert_int_equal(kernel.datagrams[i].size, 80 + number % 700);
		next[port] += SHIP_PORT_COUNT;
	}
}

/* Who is sent nothing takes no place, however many there are, and two that have one seat do not part each other's runs. */
static void targets_apart_do_not_get_in_each_others_way(void **state)
{
	target_prepare(1, SEATS_DISTANT);
	target_prepare(2, 2 * SEATS_DISTANT);
	for (unsigned int round = 0; round < 3; round++) {
		unsigned int before = kernel.messages;

		for (unsigned int i = 0; i < 3 * 64; i++)
			add(*state, 0, (i + round) % 3, 400);
		outbox_flush(*state);
		assert_int_equal(kernel.messages, before + 3);
	}
	expect_accounts(3 * 3 * 64);
	for (unsigned int i = 0; i < 3 * 3 * 64; i++) {
		uint32_t number = kernel.datagrams[i].number;

		assert_int_equal(kernel.datagrams[i].target, (number + number / (3 * 64)) % 3);
	}
}

/* As many as AWS lets a group have leave together; of more than have places, all leave. */
static void many_targets_have_places(void **state)
{
	static uint32_t last[TARGETS];

	for (unsigned int i = 0; i < TARGETS; i++)
		target_prepare(i, 3 * i);
	for (unsigned int i = 0; i < 3 * 1000; i++)
		add(*state, 0, i % 1000, 400);
	assert_int_equal(kernel.messages, 0);
	assert_int_equal(outbox_flush(*state), 1000);
	assert_int_equal(kernel.messages, 1000);
	for (unsigned int i = 0; i < 2 * TARGETS; i++)
		add(*state, 0, i % TARGETS, 400);
	assert_int_equal(outbox_flush(*state), 1024);
	assert_int_equal(outbox_flush(*state), 0);
	expect_accounts(3 * 1000 + 2 * TARGETS);
	for (unsigned int i = 0; i < kernel.datagram_count; i++) {
		uint32_t number = kernel.datagrams[i].number;
		unsigned int target = kernel.datagrams[i].target;

		assert_int_equal(target, number < 3000 ? number % 1000 : (number - 3000) % TARGETS);
		assert_true(last[target] < number + 1);
		last[target] = number + 1;
	}
}

static void copies_are_cut_to_the_path(void **state)
{
	atomic_store(&targets[0].room, 1000);
	add(*state, 0, 0, 1000);
	add(*state, 0, 0, 1001);
	add(*state, 0, 0, 9000);
	outbox_flush(*state);
	expect_accounts(3);
	assert_int_equal(counters[0].truncated.packets, 2);
	assert_int_equal(counters[0].truncated.bytes, 1101 + 9100);
	for (uint32_t i = 0; i < 3; i++)
		assert_int_equal(kernel.datagrams[i].size, 1000);
}

static void a_path_that_became_narrower_is_measured(void **state)
{
	kernel.fits = 500;
	kernel.measures = 500;
	for (unsigned int i = 0; i < 100; i++)
		add(*state, i % 3, 0, 400 + i % 2 * 400);
	outbox_flush(*state);
	expect_accounts(100);
	assert_true(kernel.measured > 0);
	assert_int_equal(counters[0].truncated.packets, 50);
}

static void a_path_that_cannot_be_measured_loses(void **state)
{
	kernel.fits = 500;
	for (unsigned int i = 0; i < 100; i++)
		add(*state, 0, 0, 400 + i % 2 * 400);
	outbox_flush(*state);
	expect_accounts(50);
	expect_lost(LOSS_SEND_ERROR, 50);
}

static const int errors[] = {EINVAL,       EMSGSIZE,      EIO,     ENETUNREACH, EHOSTUNREACH,
			     ENETDOWN,     EADDRNOTAVAIL, ENOBUFS, EAGAIN,      ENOMEM,
			     ECONNREFUSED, EPERM,         EFAULT,  EPROTO,      EOPNOTSUPP};

static void no_segmentation_falls_back_to_single_datagrams(void **state)
{
	const int refusals[] = {EINVAL, EMSGSIZE, EIO};

	for (size_t i = 0; i < 3; i++) {
		teardown(state);
		setup(state);
		kernel.error = refusals[i];
		kernel.fails_segmented = true;
		for (unsigned int j = 0; j < 300; j++)
			add(*state, j % 2, 0, 700);
		outbox_flush(*state);
		expect_accounts(300);
		/* Learned: after the first refusals nothing is segmented, unless a size was refused. */
		assert_int_equal(target_is_segmented(&targets[0]), refusals[i] == EMSGSIZE);
	}
}

static void every_error_ends_in_exactly_one_account(void **state)
{
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		for (unsigned int every = 1; every < 9; every++) {
			teardown(state);
			setup(state);
			kernel.error = errors[i];
			kernel.fails_every = every;
			for (unsigned int j = 0; j < 700; j++)
				add(*state, j % 5 * SHIP_PORT_COUNT / 2, j / 100 % 2,
				    100 + j / 9 % 4 * 300);
			outbox_flush(*state);
			expect_accounts(kernel.datagram_count);
			if (every == 1)
				assert_int_equal(kernel.datagram_count, 0);
		}
	}
}

static void errors_have_their_reasons(void **state)
{
	const struct {
		int error;
		enum loss_reason reason;
	} rows[] = {
		{ENETUNREACH, LOSS_NO_ROUTE},    {EHOSTUNREACH, LOSS_NO_ROUTE},
		{ENOBUFS, LOSS_SEND_BUFFER},     {EAGAIN, LOSS_SEND_BUFFER},
		{ECONNREFUSED, LOSS_SEND_ERROR}, {EPERM, LOSS_SEND_ERROR},
		{EACCES, LOSS_NO_ROUTE},         {EINVAL, LOSS_NO_ROUTE},
		{EMSGSIZE, LOSS_SEND_ERROR},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		teardown(state);
		setup(state);
		kernel.error = rows[i].error;
		kernel.fails_every = 1;
		for (unsigned int j = 0; j < 10; j++)
			add(*state, 0, 0, 100);
		outbox_flush(*state);
		expect_accounts(0);
		expect_lost(rows[i].reason, 10);
	}
}

/* The echo of an earlier datagram (ICMP port unreachable) costs no copy. */
static void an_error_that_passes_costs_nothing(void **state)
{
	kernel.error = ECONNREFUSED;
	kernel.fails_first = 1;
	for (unsigned int i = 0; i < 10; i++)
		add(*state, 0, 0, 100);
	outbox_flush(*state);
	expect_accounts(10);
}

int main(void)
{
#define OUTBOX_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		OUTBOX_TEST(equal_copies_share_a_message),
		OUTBOX_TEST(a_shorter_copy_ends_its_message),
		OUTBOX_TEST(appliances_and_lanes_do_not_mix),
		OUTBOX_TEST(plain_lanes_send_datagram_by_datagram),
		OUTBOX_TEST(a_full_train_keeps_what_does_not_fill_a_call),
		OUTBOX_TEST(copies_of_other_flows_are_sorted_by_size),
		OUTBOX_TEST(a_flow_keeps_its_order_among_all_sizes),
		OUTBOX_TEST(more_than_fits_leaves_in_order),
		OUTBOX_TEST(targets_apart_do_not_get_in_each_others_way),
		OUTBOX_TEST(many_targets_have_places),
		OUTBOX_TEST(copies_are_cut_to_the_path),
		OUTBOX_TEST(a_path_that_became_narrower_is_measured),
		OUTBOX_TEST(a_path_that_cannot_be_measured_loses),
		OUTBOX_TEST(no_segmentation_falls_back_to_single_datagrams),
		OUTBOX_TEST(every_error_ends_in_exactly_one_account),
		OUTBOX_TEST(errors_have_their_reasons),
		OUTBOX_TEST(an_error_that_passes_costs_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
