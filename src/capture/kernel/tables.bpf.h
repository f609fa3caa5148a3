/* The maps, as wire/maps.h draws them.  What capture/ alone uses is declared here too: one loader makes and pins
 * them all. */
#pragma once

#include "wire/capture.h"
#include "wire/classifier.h"
#include "wire/maps.h"
#include "wire/ring.h"

#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

/* The key of the only element of a map, among the program's constants instead of on the stack, where without CAP_PERFMON
 * the verifier puts a barrier behind it. */
const volatile __u32 first_element = 0;

static __always_inline void *map_first(void *map)
{
	return bpf_map_lookup_elem(map, (const void *)&first_element);
}

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, MAP_SOURCE_PLACES);
	__type(key, __u32);
	__type(value, __u64);
} places SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, MAP_SOURCE_LIMIT);
	__type(key, __u32);
	__type(value, __u32);
} sources_crowded SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, MAP_SOURCE_LISTS);
	__type(key, __u32);
	__type(value, struct map_source);
} lists SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, MAP_FILTER_LIMIT *DIRECTION_COUNT);
	__type(key, __u32);
	__type(value, __u64);
} filters SEC(".maps");

#define CLASSIFIERS(class)                                                                    \
	struct {                                                                              \
		__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);                                     \
		__uint(max_entries, MAP_FILTER_LIMIT *DIRECTION_COUNT);                       \
		__type(key, __u32);                                                           \
		__array(                                                                      \
			values, struct {                                                      \
				__uint(type, BPF_MAP_TYPE_ARRAY);                             \
				__uint(map_flags, BPF_F_MMAPABLE);                            \
				__uint(max_entries, 1);                                       \
				__uint(key_size, sizeof(__u32));                              \
				__uint(value_size, CLASSIFIER_SIZE(class) + CLASSIFIER_TAIL); \
			});                                                                   \
	} classifiers_##class SEC(".maps")

CLASSIFIERS(0);
CLASSIFIERS(1);
CLASSIFIERS(2);
CLASSIFIERS(3);

/* Of each ring's data: its size less 8, and its tail (wire/ring.h).  The loader sets them, and the size of the inner map to
 * match, and the number of entries of what is indexed by CPU. */
const volatile __u64 ring_mask = RING_SIZE_LEAST - 8;
const volatile __u64 ring_tail = RING_TAIL(RING_SIZE_LEAST);

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 1);
	__type(key, __u32);
	__array(
		values, struct {
			__uint(type, BPF_MAP_TYPE_ARRAY);
			__uint(map_flags, BPF_F_MMAPABLE);
			__uint(max_entries, 1);
			__uint(key_size, sizeof(__u32));
			__uint(value_size, RING_SIZE_LEAST + RING_TAIL(RING_SIZE_LEAST));
		});
} rings SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct ring_head);
} ring_heads SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 1);
	__type(key, __u32);
	__array(
		values, struct {
			__uint(type, BPF_MAP_TYPE_RINGBUF);
			__uint(max_entries, 1 << 16);
		});
} bells SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, MAP_SLOT_LIMIT *DIRECTION_COUNT);
	__type(key, __u32);
	__type(value, struct map_counters);
} counters SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, MAP_SLOT_LIMIT);
	__type(key, __u32);
	__type(value, struct map_options);
} session_options SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, MAP_RESOLVER_LIMIT);
	__type(key, struct map_resolver);
	__type(value, __u8);
} resolvers SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, MAP_APPLIANCE_LIMIT);
	__type(key, struct map_appliance);
	__type(value, __u8);
} appliances SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, MAP_PORT_WORDS * sizeof(__u64));
} appliance_ports SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, MAP_SLOT_LIMIT);
	__type(key, __u32);
	__type(value, struct session_counters);
} ship_counters SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, MAP_SLOT_LIMIT);
	__type(key, __u32);
	__type(value, struct map_slot);
} slots SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, MAP_FILTER_LIMIT);
	__type(key, __u32);
	__type(value, struct map_filter_name);
} filter_names SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, MAP_SOURCE_LIMIT);
	__type(key, __u32);
	__type(value, struct map_device);
} devices SEC(".maps");
