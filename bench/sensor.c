// SPDX-License-Identifier: Apache-2.0
/* Puts the counting program (sensor.bpf.c) on a device and tells what it counted:  sensor DEVICE [vnis|appliances]
 *
 * Prints one JSON object for each line that it reads, counted since the start, and ends with its standard input.  Copies may
 * be counted by VNI too, or by the appliance that they are for. */
#include "bench/sensor.h"

#include "base/cleanup.h"

#include <bpf/bpf.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

/* Written by bpftool. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wcast-qual"
#include "sensor.skel.h"
#pragma GCC diagnostic pop

DEFINE_CLEANUP(struct sensor_bpf *, sensor_bpf__destroy)

static struct sensor_bpf *sensor_open(const char *device, const char *by)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)if_nametoindex(device),
		    .attach_point = BPF_TC_INGRESS);
	LIBBPF_OPTS(bpf_tc_opts, options);
	struct sensor_bpf *sensor = sensor_bpf__open();

	if (!sensor)
		return NULL;
	sensor->rodata->by_vni = strcmp(by, "vnis") == 0;
	sensor->rodata->by_appliance = strcmp(by, "appliances") == 0;
	if (sensor_bpf__load(sensor) == 0) {
		options.prog_fd = bpf_program__fd(sensor->progs.sensor_count);
		if (bpf_tc_hook_create(&hook) == 0 && bpf_tc_attach(&hook, &options) == 0)
			return sensor;
	}
	sensor_bpf__destroy(sensor);
	return NULL;
}

/* The sum over all CPUs; a struct of counters is an array of them. */
static bool sum_up(int map, __u32 key, __u64 *values, size_t count, __u64 *ret_sum)
{
	if (bpf_map_lookup_elem(map, &key, values) < 0)
		return false;
	for (int cpu = 0; cpu < libbpf_num_possible_cpus(); cpu++)
		for (size_t i = 0; i < count; i++)
			ret_sum[i] += values[(size_t)cpu * count + i];
	return true;
}

static void latency_print(const struct sensor_counts *sum)
{
	const char *comma = "";

	printf("\"latency\": [");
	for (unsigned int i = 0; i < SENSOR_BUCKETS; i++) {
		double begin = (double)(1ULL << (i / 8)) * (1 + i % 8 / 8.0);

		if (sum->latency[i] == 0)
			continue;
		printf("%s[%.0f, %llu]", comma, begin, sum->latency[i]);
		comma = ", ";
	}
	printf("]");
}

/* Counts by number, those that are not zero. */
static bool numbers_print(const char *name, int map, __u32 limit, __u64 *values)
{
	const char *comma = "";

	printf(", \"%s\": {", name);
	for (__u32 number = 0; number < limit; number++) {
		__u64 count = 0;

		if (!sum_up(map, number, values, 1, &count))
			return false;
		if (count == 0)
			continue;
		printf("%s\"%u\": %llu", comma, number, count);
		comma = ", ";
	}
	return printf("}") > 0;
}

static bool counts_print(const struct sensor_bpf *sensor, __u64 *values)
{
	struct sensor_counts sum = {};

	if (!sum_up(bpf_map__fd(sensor->maps.counts), 0, values, sizeof(sum) / sizeof(__u64),
		    (__u64 *)&sum))
		return false;
	printf("{\"packets\": %llu, \"bytes\": %llu, \"oversized\": %llu, \"stamped\": %llu, "
	       "\"first\": %llu, \"streamed\": %llu, ",
	       sum.packets, sum.bytes, sum.oversized, sum.stamped, sum.first, sum.streamed);
	latency_print(&sum);
	if (!numbers_print("vnis", bpf_map__fd(sensor->maps.vnis),
			   sensor->rodata->by_vni ? SENSOR_VNIS : 0, values) ||
	    !numbers_print("appliances", bpf_map__fd(sensor->maps.appliances),
			   sensor->rodata->by_appliance ? SENSOR_APPLIANCES : 0, values))
		return false;
	return printf("}\n") > 0;
}

int main(int argc, char **argv)
{
	_cleanup_free_ __u64 *values =
		calloc((size_t)libbpf_num_possible_cpus(), sizeof(struct sensor_counts));
	_cleanup_(sensor_bpf__destroyp) struct sensor_bpf *sensor = NULL;
	char line[16];

	if (argc < 2 || argc > 3 ||
	    (argc == 3 && strcmp(argv[2], "vnis") != 0 && strcmp(argv[2], "appliances") != 0)) {
		(void)fprintf(stderr, "Usage: sensor DEVICE [vnis|appliances]\n");
		return 2;
	}
	sensor = sensor_open(argv[1], argc == 3 ? argv[2] : "");
	if (!sensor || !values) {
		(void)fprintf(stderr, "sensor: cannot watch %s\n", argv[1]);
		return 1;
	}
	printf("{}\n");
	while (fflush(stdout) == 0 && fgets(line, sizeof(line), stdin))
		if (!counts_print(sensor, values))
			return 1;
	return 0;
}
