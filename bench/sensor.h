/* What the sensor's program counts, and the program that reads it (sensor.bpf.c, sensor.c). */
#pragma once

#include <linux/types.h>

#define SENSOR_FRAME_MAX \
	1518 /* Of a copy: the production MTU of 1,500 with Ethernet and one tag. */
#define SENSOR_PORT_FIRST \
	4000 /* UDP port of the production flow that one filter in a hundred takes. */

/* Buckets of latency, eight for each power of two: bucket 8 * n + m begins at 2^n * (1 + m / 8) nanoseconds. */
#define SENSOR_BUCKETS (64 * 8)
#define SENSOR_VNIS    4096

/* Appliances are told by the last byte of their address. */
#define SENSOR_APPLIANCES 256

struct sensor_counts {
	__u64 packets; /* Copies: UDP packets to the port of VXLAN. */
	__u64 bytes;   /* Of the frames inside them. */
	__u64 oversized; /* Copies that no wire would carry: frames inside larger than SENSOR_FRAME_MAX. */
	__u64 stamped;  /* Copies of the load's datagrams (bench/load.h). */
	__u64 first;    /* Those of them to SENSOR_PORT_FIRST. */
	__u64 streamed; /* TCP payload that the copies stand for, by their IP headers. */
	__u64 latency[SENSOR_BUCKETS]; /* Sent to arrived, of the stamped ones. */
};
