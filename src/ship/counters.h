/* Adding to counters that other threads add to as well, and that the agent reads at any time. */
#pragma once

#include "wire/counters.h"

/* Bytes come first, so that whoever has seen the packets finds their bytes. */
static inline void packet_count_add(struct packet_count *count, __u64 packets, __u64 bytes)
{
	__atomic_fetch_add(&count->bytes, bytes, __ATOMIC_RELAXED);
	__atomic_fetch_add(&count->packets, packets, __ATOMIC_RELEASE);
}
