/* What the programs of classify.bpf.c and the measuring process share. */
#pragma once

#include "wire/classifier.h"

#define TRACE_LENGTH 65536 /* Packets; a power of two. */
#define FRAME_SIZE   80    /* Room for Ethernet, IPv6 and TCP, in whole words. */

/* A packet as a filter is asked about it, and as it lies on the wire. */
struct trace_packet {
	struct classifier_key key;
	__u32 answer; /* As in wire/classifier.h, by the naive matcher. */
	__u32 reserved;
};

struct trace_frame {
	__u64 words[FRAME_SIZE / 8];
};
