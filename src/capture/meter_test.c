// SPDX-License-Identifier: Apache-2.0
/* The arithmetic of kernel/meter.bpf.h by a clock of its own, so that every bound is exact. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/count.h"
#include "capture/admission.h"

#include <stdbool.h>
#include <sys/cdefs.h>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunknown-pragmas"
#include "capture/kernel/meter.bpf.h"
#pragma GCC diagnostic pop

#define BURST_NANOSECONDS (100 * NSEC_PER_MSEC)
#define START             (123 * NSEC_PER_SEC + 456)

static struct map_options options_of(uint64_t bits_per_second, uint64_t packets_per_second)
{
	const struct session_options options = {
		.bits_per_second = bits_per_second,
		.packets_per_second = packets_per_second,
	};

	return admission_encode(&options, 0);
}

/* Offers 'amount' units every 'gap' nanoseconds for 'duration'; returns how many units were let in. */
static uint64_t offer(__u64 *time, uint64_t interval, uint64_t amount, uint64_t from, uint64_t gap,
		      uint64_t duration)
{
	uint64_t taken = 0;

	for (uint64_t now = from; now < from + duration; now += gap)
		taken += cap_charge(time, interval, amount, now) ? amount : 0;
	return taken;
}

/* What a cap of 'rate' units per second lets in when more is offered: the rate, and once the burst and one more. */
static void check_rate(uint64_t interval, uint64_t rate, uint64_t amount, uint64_t gap)
{
	const uint64_t duration = MAX(NSEC_PER_SEC, 1000000 * gap);
	__u64 time = 0;
	double taken = (double)offer(&time, interval, amount, START, gap, duration);
	double least = (double)rate * (double)duration / NSEC_PER_SEC * 0.9999;
	double most =
		(double)rate * (double)(duration + BURST_NANOSECONDS) / NSEC_PER_SEC * 1.0001 +
		(double)amount;

	if (taken < least || taken > most)
		fail_msg("%llu/s in units of %llu: %.0f, not between %.0f and %.0f",
			 (unsigned long long)rate, (unsigned long long)amount, taken, least, most);
}

static void rates_are_kept(void **state)
{
	static const uint64_t bits[] = {8000, 1000000, 33333333, 10000000000, 100000000000},
			      packets[] = {1, 7, 1000, 333333, 9999999};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bits); i++) {
		uint64_t interval = options_of(bits[i], 0).byte_interval, rate = bits[i] / 8;

		check_rate(interval, rate, 1500, 1500 * NSEC_PER_SEC / rate / 3 + 1);
		check_rate(interval, rate, 65535, 65535 * NSEC_PER_SEC / rate / 2 + 1);
	}
	for (size_t i = 0; i < ARRAY_SIZE(packets); i++) {
		uint64_t interval = options_of(0, packets[i]).packet_interval;

		check_rate(interval, packets[i], 1, NSEC_PER_SEC / packets[i] / 2 + 1);
		check_rate(interval, packets[i], 45, 45 * NSEC_PER_SEC / packets[i] / 2 + 1);
	}
}

/* A sender within the cap loses nothing, however long. */
static void what_is_below_the_rate_is_let_in(void **state)
{
	uint64_t interval = options_of(0, 1000).packet_interval;
	__u64 time = 0;

	(void)state;
	assert_int_equal(offer(&time, interval, 1, START, NSEC_PER_SEC / 999, 10 * NSEC_PER_SEC),
			 9991);
}

static void bursts_are_bounded(void **state)
{
	uint64_t interval = options_of(0, 1000).packet_interval;
	__u64 time = 0;

	(void)state;
	/* All at one moment: 100 ms worth and one more; then one for each millisecond. */
	assert_int_equal(offer(&time, interval, 1, START, 1, 500), 101);
	assert_int_equal(offer(&time, interval, 1, START + 500, 1, 500), 0);
	assert_int_equal(offer(&time, interval, 1, START + NSEC_PER_MSEC, 1, 500), 1);
	/* A pause of any length earns no more than one burst. */
	assert_int_equal(offer(&time, interval, 1, START + 3600 * NSEC_PER_SEC, 1, 500), 101);
}

/* What is larger than the burst passes and is paid for afterwards. */
static void a_large_packet_is_paid_for(void **state)
{
	uint64_t interval = options_of(8000, 0).byte_interval;
	__u64 time = 0;

	(void)state;
	assert_true(cap_charge(&time, interval, 65535, START));
	assert_false(cap_charge(&time, interval, 64, START + 65 * NSEC_PER_SEC));
	assert_true(cap_charge(&time, interval, 64, START + 65536 * NSEC_PER_MSEC));
}

static void the_extremes_do_not_overflow(void **state)
{
	__u64 time = 0;

	(void)state;
	/* The slowest caps with the largest super-packets: 65,535 packets of the wire, 512 KiB. */
	assert_true(cap_charge(&time, options_of(0, 1).packet_interval, 65535, START));
	assert_int_equal(time >> MAP_CAP_TIME_SHIFT, START + 65535 * NSEC_PER_SEC);
	time = 0;
	assert_true(cap_charge(&time, options_of(BITS_PER_SECOND_MIN, 0).byte_interval, 1 << 19,
			       START));
	assert_int_equal(time >> MAP_CAP_TIME_SHIFT, START + (1ULL << 19) * NSEC_PER_MSEC);
	/* The fastest: a minimal frame at a Tbit/s takes half a nanosecond. */
	time = 0;
	assert_true(cap_charge(&time, options_of(BITS_PER_SECOND_MAX, 0).byte_interval, 64, START));
	assert_int_equal(time - (START << MAP_CAP_TIME_SHIFT), 8);
	/* Nobody's host is up for longer than this. */
	time = 0;
	assert_int_equal(offer(&time, options_of(0, 1000).packet_interval, 1,
			       30ULL * 365 * 86400 * NSEC_PER_SEC, 1, 500),
			 101);
}

static void a_refund_undoes_a_charge(void **state)
{
	uint64_t interval = options_of(0, 3).packet_interval;
	__u64 time = 0, before;

	(void)state;
	assert_true(cap_charge(&time, interval, 1, START));
	before = time;
	assert_true(cap_charge(&time, interval, 2, START + NSEC_PER_SEC));
	cap_refund(&time, interval, 2);
	assert_true(cap_charge(&time, interval, 2, START + NSEC_PER_SEC));
	assert_true(time > before);
	cap_refund(&time, interval, 2);
	assert_in_range(time >> MAP_CAP_TIME_SHIFT, START + NSEC_PER_SEC - 1, START + NSEC_PER_SEC);
}

static void chances_are_exact(void **state)
{
	struct session_options options = {.packet_sampling = 2, .flow_sampling = 1};
	struct map_options encoded = admission_encode(&options, 7);

	(void)state;
	assert_true(encoded.packet_chance == 1ULL << 63);
	assert_true(encoded.flow_chance == 0);
	assert_true(encoded.flow_salt == 7);
	options.packet_sampling = SAMPLING_MAX;
	assert_true(admission_encode(&options, 0).packet_chance == 18446744073710ULL);
	options.packet_sampling = 3;
	assert_true(admission_encode(&options, 0).packet_chance == 0x5555555555555555ULL);
}

/* Every word of an address, every port and the protocol matter; which end comes first does not. */
static void flows_are_told_apart(void **state)
{
	const struct map_address a = {{1, 2}}, b = {{3, 4}};
	const struct map_address others[] = {{{1, 3}}, {{2, 2}}, {{2, 1}}, {{3, 4}}, {{0, 0}}};
	__u64 number = flow_number(&a, 10, &b, 20, 6, 9);

	(void)state;
	assert_true(flow_number(&b, 20, &a, 10, 6, 9) == number);
	assert_true(flow_number(&b, 10, &a, 20, 6, 9) != number);
	assert_true(flow_number(&a, 11, &b, 20, 6, 9) != number);
	assert_true(flow_number(&a, 10, &b, 21, 6, 9) != number);
	assert_true(flow_number(&a, 10, &b, 20, 17, 9) != number);
	assert_true(flow_number(&a, 10, &b, 20, 6, 8) != number);
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		assert_true(flow_number(&others[i], 10, &b, 20, 6, 9) != number);
}

/* Flows that differ in a port only are chosen as by chance, and by two salts independently: of a million, within five
 * standard deviations. */
static void flows_are_chosen_as_by_chance(void **state)
{
	const struct map_address a = {{0x0100000a, 0}}, b = {{0x0200000a, 0}};
	struct session_options options = {.flow_sampling = 10};
	uint64_t chance = admission_encode(&options, 0).flow_chance;
	unsigned int chosen = 0, both = 0;

	(void)state;
	for (unsigned int i = 0; i < 1000000; i++) {
		__u16 source = (__u16)(i % 1000), destination = (__u16)(1000 + i / 1000);
		bool first = flow_number(&a, source, &b, destination, 6, 1) < chance;
		bool second = flow_number(&a, source, &b, destination, 6, 2) < chance;

		chosen += first;
		both += first && second;
	}
	assert_in_range(chosen, 100000 - 1500, 100000 + 1500);
	assert_in_range(both, 10000 - 500, 10000 + 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rates_are_kept),
		cmocka_unit_test(what_is_below_the_rate_is_let_in),
		cmocka_unit_test(bursts_are_bounded),
		cmocka_unit_test(a_large_packet_is_paid_for),
		cmocka_unit_test(the_extremes_do_not_overflow),
		cmocka_unit_test(a_refund_undoes_a_charge),
		cmocka_unit_test(chances_are_exact),
		cmocka_unit_test(flows_are_told_apart),
		cmocka_unit_test(flows_are_chosen_as_by_chance),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
