/* The kernel's tables: what capture/ writes and the program in capture/kernel/ reads.
 *
 *	places      ARRAY          ifindex % MAP_SOURCE_PLACES -> __u64: whose place it is, and the number of its list
 *	sources_crowded  HASH      ifindex              -> __u32: the same number, where another device has the place
 *	lists       ARRAY          number               -> struct map_source
 *	filters     ARRAY          filter * 2 + direction -> __u64: 0, or the word of the filter's state (MAP_FILTER_…)
 *	classifiers_CLASS  ARRAY_OF_MAPS  filter * 2 + direction -> ARRAY[1] of a blob (wire/classifier.h)
 *	rings       ARRAY_OF_MAPS  CPU                  -> ARRAY[1] of records (wire/ring.h)
 *	ring_heads  ARRAY          CPU                  -> struct ring_head (wire/ring.h)
 *	bells       ARRAY_OF_MAPS  CPU                  -> RINGBUF, which wakes the reader of the ring
 *	counters       PERCPU_ARRAY  slot * 2 + direction -> struct map_counters
 *	session_options  ARRAY       slot                 -> struct map_options, for sessions with MAP_SESSION_ADMISSION
 *	resolvers   HASH           struct map_resolver  -> __u8
 *	appliances  HASH           struct map_appliance -> __u8
 *	appliance_ports  ARRAY[1] of __u64[MAP_PORT_WORDS]: a bit for each port of an appliance
 *
 * and what capture/ alone writes and reads, kept in pinned maps so that it outlives the process:
 *
 *	ship_counters  ARRAY       slot                 -> struct session_counters (wire/counters.h)
 *	slots          ARRAY       slot                 -> struct map_slot
 *	filter_names   ARRAY       filter               -> struct map_filter_name
 *	devices        HASH        ifindex              -> struct map_device
 *
 * Lists of sessions and classifiers are never written while a program can see them: a packet meets the old one or the
 * new one, never half of each.  A list is written to a number that is free, then the one word that leads to it; an old
 * number is free again after the kernel's next grace period, when every run has ended that may have found it.
 * Classifiers are maps of their own, made anew for every change.  When a classifier grows into
 * another size class, both are there while the one word in 'filters' changes, and for as long as a program may be at
 * work that read it before.
 *
 * Pins outlive the agent, so any change here raises CAPTURE_LAYOUT_VERSION; only 'devices' keeps its layout for
 * ever, since it tells a later version what to take away. */
#pragma once

#include "wire/counters.h"
#include "wire/direction.h"

#include <linux/types.h>

#define MAP_SLOT_LIMIT    4096 /* Sessions of one host. */
#define MAP_SOURCE_LIMIT  4096 /* Watched devices of one host. */
#define MAP_SOURCE_PLACES 4096 /* A power of two.  A hash table costs 20 ns more than an array. */
#define MAP_SOURCE_LISTS \
	8192 /* Twice the sources: old and new lists of every source meet in a change. */
#define MAP_FILTER_LIMIT \
	8192 /* Twice the slots: old and new filters of every session meet in a change. */
#define MAP_SOURCE_SESSIONS 32
#define MAP_RESOLVER_LIMIT  64
#define MAP_APPLIANCE_LIMIT \
	65536 /* Twice what a plan has: old and new ones of every target and fleet meet in a change. */

/* An address of either family: 16 bytes in network order, read as two words; IPv4 takes the first four bytes and
 * leaves the rest zero. */
struct map_address {
	__u64 words[2];
};

enum map_session_flags {
	MAP_SESSION_DNS = 1 << 0,       /* The filter has the network service "amazon-dns". */
	MAP_SESSION_ADMISSION = 1 << 1, /* Copies are let in as 'session_options' says. */
	MAP_SESSION_CONTINUES = 1 << 2, /* What it takes is offered to the next session too. */
};

struct map_session {
	__u32 slot;
	__u32 generation;
	__u32 filter;        /* Index into the filters. */
	__u16 packet_length; /* 0: whole packets. */
	__u16 flags;         /* enum map_session_flags. */
};

/* A place: the device in the lower half, 0 when nobody has it; in the upper its list, and whether others are crowded
 * that share the place.  Read and written as one word. */
#define MAP_PLACE_OF(ifindex, list) ((__u64)(ifindex) | ((__u64)(list) + 1) << 32)
#define MAP_PLACE_CROWDED           (1ULL << 63)

/* The list of a place, or a number that no list has. */
#define MAP_PLACE_LIST(place) ((__u32)((place) >> 32 & 0x7fffffff) - 1)

/* 'ifindex' tells whose list it is: the hash table may reuse an element while a reader still looks at it. */
struct map_source {
	__u32 ifindex;
	__u16 session_count;
	__u8 guest; /* The device's ingress is the source's egress. */
	__u8 reserved;
	struct map_session sessions[MAP_SOURCE_SESSIONS]; /* By ascending session number. */
};

struct map_resolver {
	struct map_address address;
	__u8 family;
	__u8 reserved[7];
};

struct map_appliance {
	struct map_address address;
	__u8 family;
	__u8 reserved;
	__be16 port; /* UDP. */
	__u32 reserved_too;
};

/* The state of a filter: in which size class its classifier is, whether rules ask for more than addresses and lanes, and a
 * number that no state of a filter ever has again while the host is up.  A state of the smallest class has no number, since
 * nothing is remembered of it. */
#define MAP_FILTER_CLASS(word)       (((word)&7) - 1)
#define MAP_FILTER_MORE              (1ULL << 3)
#define MAP_FILTER_OF(class, number) ((__u64)(number) << 4 | ((class) + 1))

/* Ports that differ by a multiple of 512 share a bit. */
#define MAP_PORT_WORDS      8
#define MAP_PORT_WORD(port) ((port) / 64 % MAP_PORT_WORDS)
#define MAP_PORT_BIT(port)  (1ULL << (port) % 64)

/* Which of a session's copies are let into the ring.  The loader writes single words, each of which takes effect by
 * itself; the program keeps its accounts in the last two.
 *
 * A chance is the share that is let in, of 2^64.  An interval is the time that one unit of a cap takes, in
 * nanoseconds times 2^MAP_CAP_INTERVAL_SHIFT; a cap's time is when the units let in so far would be through at the
 * capped rate, in nanoseconds since boot times 2^MAP_CAP_TIME_SHIFT. */
struct map_options {
	__u64 packet_chance; /* 0: every packet. */
	__u64 flow_chance;   /* 0: every flow. */
	__u64 flow_salt;     /* So that two sessions sample different flows. */
	__u64 byte_interval; /* 0: no cap. */
	__u64 packet_interval;
	__u64 ring_quarters; /* Of the ring that the session may fill; 0: all of it. */
	__u64 byte_time;
	__u64 packet_time;
};

#define MAP_RING_QUARTERS  4
#define MAP_CAP_TIME_SHIFT 4
#define MAP_CAP_INTERVAL_SHIFT \
	18 /* The product of a cap's slowest rate and a super-packet fits a word. */

struct map_counters {
	struct packet_count accepted;
	struct packet_count ring_full; /* LOSS_RING_FULL */
	struct packet_count
		unreadable; /* LOSS_MALFORMED: payload that the kernel itself cannot read. */
	struct packet_count sampled_out; /* LOSS_SAMPLED_OUT */
	struct packet_count rate_cap;    /* LOSS_RATE_CAP */
	struct packet_count shed;        /* LOSS_SHED */
};

struct map_slot {
	char session[32]; /* Its id; empty: the slot is free. */
	__u32 generation; /* Of the present owner, or of the last one. */
	__u32 reserved;
	__u64 epoch;
};

struct map_filter_name {
	char filter[32]; /* Its id; empty: the index is free. */
};

enum map_device_flags {
	MAP_DEVICE_CLSACT = 1 << 0,     /* Attached as classifiers, not as tcx links. */
	MAP_DEVICE_QDISC_OURS = 1 << 1, /* The clsact qdisc was not there before. */
};

struct map_device {
	__u32 flags; /* enum map_device_flags. */
	__u32 reserved;
};

_Static_assert(sizeof(struct map_session) == 16, "sessions are part of the pinned layout");
_Static_assert(sizeof(struct map_source) == 8 + 16 * MAP_SOURCE_SESSIONS, "sources have no holes");
_Static_assert(sizeof(struct map_resolver) == 24, "keys have no holes");
_Static_assert(sizeof(struct map_appliance) == 24, "keys have no holes");
_Static_assert(sizeof(struct map_options) == 64, "a cache line each");
_Static_assert(sizeof(struct map_slot) == 48, "slots are part of the pinned layout");
_Static_assert(sizeof(struct map_device) == 8, "devices keep their layout for ever");
