/* The loaded program and its maps, as descriptors and as shared memory.  The layout is wire/maps.h. */
#pragma once

#include "capture/capture.h"
#include "capture/ring.h"
#include "wire/classifier.h"
#include "wire/maps.h"

#include <stddef.h>

struct source_bpf;
struct refusal;

struct tables {
	struct source_bpf *skeleton;
	int programs[DIRECTION_COUNT]; /* By the device's direction.  Borrowed, as are the maps. */
	int sources_crowded, filters, counters, resolvers, appliances;
	int classifiers[CLASSIFIER_CLASSES];
	int slots, filter_names, devices;
	struct session_counters
		*ship_counters; /* Memory shared with the map, as are the next ones. */
	uint64_t *places;
	uint64_t *appliance_ports;
	struct map_source *lists;
	struct map_options *session_options;
	struct ring_maps ring_maps;
	struct rings rings;
	size_t cpu_count;
};

/* Loads the program and makes its maps, or takes over those pinned in 'pins', an existing directory in bpffs.
 * 'ret_tables' is zeroed by the caller and closed by it in every case.  Returns 0, -ESTALE when pins do not fit
 * this host any more, or another fault. */
int tables_open(struct tables *ret_tables, const char *pins, uint32_t ring_size, uint32_t mark);
void tables_close(struct tables *tables);

/* Waits until every run of a program has ended that began before.  Returns 0 or a fault. */
int tables_wait(const struct tables *tables);
