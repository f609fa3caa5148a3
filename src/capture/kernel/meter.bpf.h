/* The arithmetic of letting copies in: a number for each flow, and the account of a rate cap.
 *
 * Pure, and also compiled for the host, where meter_test.c runs it by a clock of its own. */
#pragma once

#include "wire/maps.h"

#ifdef __bpf__
#include <linux/bpf.h>
#include <stdbool.h>

#include <bpf/bpf_helpers.h>
#endif

/* So much of a cap may pass at once after a pause. */
#define CAP_BURST ((100 * 1000 * 1000ULL) << MAP_CAP_TIME_SHIFT)

/* Each failed attempt is another CPU's copy that came in between. */
#define CAP_ATTEMPTS 16

/* The finalizer of splitmix64: every bit of the input reaches every bit of the output. */
static __always_inline __u64 word_mix(__u64 value)
{
	value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9ULL;
	value = (value ^ (value >> 27)) * 0x94d049bb133111ebULL;
	return value ^ (value >> 31);
}

static __always_inline __u64 end_number(const struct map_address *address, __u16 port)
{
	return word_mix(word_mix(address->words[0] + port) + address->words[1]);
}

/* The same for a packet and its answer, since a sum does not tell its two ends apart.  Without ports where they are 0. */
static __always_inline __u64 flow_number(const struct map_address *source, __u16 source_port,
					 const struct map_address *destination,
					 __u16 destination_port, __u8 protocol, __u64 salt)
{
	__u64 ends = end_number(source, source_port) + end_number(destination, destination_port);

	return word_mix(word_mix(ends + protocol) ^ salt);
}

/* Lets 'amount' in, or not: the generic cell rate algorithm of ATM's traffic management, whose whole state is the time
 * at which all that was let in would be through at the capped rate.  What is let in moves it on; while it lies more than a
 * burst ahead of 'now', nothing is let in.  It is charged whatever its size, so a super-packet larger than the burst passes
 * and is paid for afterwards.
 *
 * All CPUs share the account.  After CAP_ATTEMPTS in vain the answer is no, lest the packet wait for the others. */
static __always_inline bool cap_charge(__u64 *time, __u64 interval, __u64 amount, __u64 now)
{
	__u64 cost = (interval * amount) >> (MAP_CAP_INTERVAL_SHIFT - MAP_CAP_TIME_SHIFT);

	now <<= MAP_CAP_TIME_SHIFT;
#pragma clang loop unroll(full)
	for (int i = 0; i < CAP_ATTEMPTS; i++) {
		__u64 present = *(volatile __u64 *)time;
		__u64 start = present > now ? present : now;

		if (start - now > CAP_BURST)
			return false;
		if (__sync_val_compare_and_swap(time, present, start + cost) == present)
			return true;
	}
	return false;
}

/* Takes a charge back. */
static __always_inline void cap_refund(__u64 *time, __u64 interval, __u64 amount)
{
	__u64 cost = (interval * amount) >> (MAP_CAP_INTERVAL_SHIFT - MAP_CAP_TIME_SHIFT);

	__sync_fetch_and_add(time, -cost);
}
