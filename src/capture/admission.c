// SPDX-License-Identifier: Apache-2.0
/* Options are words in memory that is shared with the program, so a change takes effect with the next packet. */
#include "capture/admission.h"

#include "base/clock.h"
#include "wire/maps.h"

#define BITS_PER_BYTE 8

static uint64_t chance_of(uint32_t one_in);
static uint64_t interval_of(uint64_t nanoseconds, uint64_t rate);
static void word_write(__u64 *word, uint64_t value);
static void cap_write(__u64 *interval, __u64 *time, uint64_t value);

bool admission_is_asked(const struct session_options *options)
{
	return options->packet_sampling > 1 || options->flow_sampling > 1 ||
	       options->bits_per_second || options->packets_per_second || options->priority;
}

struct map_options admission_encode(const struct session_options *options, uint64_t salt)
{
	return (struct map_options){
		.packet_chance = chance_of(options->packet_sampling),
		.flow_chance = chance_of(options->flow_sampling),
		.flow_salt = salt,
		.byte_interval =
			interval_of(BITS_PER_BYTE * NSEC_PER_SEC, options->bits_per_second),
		.packet_interval = interval_of(NSEC_PER_SEC, options->packets_per_second),
		.ring_quarters = options->priority ? MAP_RING_QUARTERS - options->priority : 0,
	};
}

void admissions_write(const struct tables *tables, const struct plan *plan,
		      const struct slots *slots)
{
	for (size_t i = 0; i < plan->session_count; i++) {
		const struct plan_session *session = &plan->sessions[i];
		const struct capture_slot *slot = slots_find(slots, &session->id);
		struct map_options wished, *present;

		if (!slot)
			continue;
		/* The epoch is known to no stranger, and stays as long as the session does. */
		wished = admission_encode(&session->options, slot->epoch);
		present = &tables->session_options[slot->slot];
		word_write(&present->flow_salt, wished.flow_salt);
		word_write(&present->packet_chance, wished.packet_chance);
		word_write(&present->flow_chance, wished.flow_chance);
		word_write(&present->ring_quarters, wished.ring_quarters);
		cap_write(&present->byte_interval, &present->byte_time, wished.byte_interval);
		cap_write(&present->packet_interval, &present->packet_time, wished.packet_interval);
	}
}

/* One in so many of 2^64, to the nearest; 0 for all. */
static uint64_t chance_of(uint32_t one_in)
{
	return one_in > 1 ? (UINT64_MAX - one_in / 2) / one_in + 1 : 0;
}

/* What one unit takes when 'rate' of them take 'nanoseconds'; 0 for no rate. */
static uint64_t interval_of(uint64_t nanoseconds, uint64_t rate)
{
	return rate ? ((nanoseconds << MAP_CAP_INTERVAL_SHIFT) + rate / 2) / rate : 0;
}

static void word_write(__u64 *word, uint64_t value)
{
	__atomic_store_n(word, value, __ATOMIC_RELAXED);
}

/* What was let in at another rate says nothing about this one. */
static void cap_write(__u64 *interval, __u64 *time, uint64_t value)
{
	if (__atomic_load_n(interval, __ATOMIC_RELAXED) == value)
		return;
	__atomic_store_n(interval, value, __ATOMIC_RELEASE);
	word_write(time, 0);
}
