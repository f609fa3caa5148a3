// SPDX-License-Identifier: Apache-2.0
/* Between libbpf and the rest of capture/.
 *
 * The program is loaded anew by every agent; only maps are taken over.  That way the program always fits the
 * agent, and an agent's upgrade is no special case: links of an earlier program are updated in place. */
#include "capture/tables.h"

#include "base/cleanup.h"
#include "base/log.h"
#include "wire/capture.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wcast-qual"
#include "capture/kernel/source.skel.h"
#pragma GCC diagnostic pop

#define PIN_PATH_SIZE 512

static int maps_configure(struct source_bpf *skeleton, const char *pins, size_t cpu_count,
			  uint32_t ring_size);
static int rings_configure(struct source_bpf *skeleton, uint32_t cpu_count, uint32_t ring_size);
static void tables_fill(struct tables *tables);
static void map_unshare(void *memory, size_t size);
static int tables_share(struct tables *tables);
static int libbpf_print(enum libbpf_print_level level, const char *format, va_list arguments)
	_printf_(2, 0);

int tables_open(struct tables *ret_tables, const char *pins, uint32_t ring_size, uint32_t mark)
{
	int cpu_count, r;

	libbpf_set_print(libbpf_print);
	cpu_count = libbpf_num_possible_cpus();
	if (cpu_count < 0)
		return cpu_count;
	ret_tables->cpu_count = (size_t)cpu_count;
	ret_tables->skeleton = source_bpf__open();
	if (!ret_tables->skeleton)
		return -errno;
	ret_tables->skeleton->rodata->own_mark = mark;
	r = rings_choose_size(pins, ring_size, ret_tables->cpu_count, &ring_size);
	if (r == 0)
		r = maps_configure(ret_tables->skeleton, pins, ret_tables->cpu_count, ring_size);
	if (r < 0)
		return r;
	r = source_bpf__load(ret_tables->skeleton);
	if (r < 0)
		return r;
	tables_fill(ret_tables);
	r = tables_share(ret_tables);
	if (r < 0)
		return r;
	return rings_open(&ret_tables->rings, &ret_tables->ring_maps, pins, ring_size,
			  ret_tables->cpu_count);
}

void tables_close(struct tables *tables)
{
	rings_close(&tables->rings);
	map_unshare(tables->ship_counters, MAP_SLOT_LIMIT * sizeof(*tables->ship_counters));
	map_unshare(tables->session_options, MAP_SLOT_LIMIT * sizeof(*tables->session_options));
	map_unshare(tables->places, MAP_SOURCE_PLACES * sizeof(*tables->places));
	map_unshare(tables->appliance_ports, MAP_PORT_WORDS * sizeof(*tables->appliance_ports));
	map_unshare(tables->lists, MAP_SOURCE_LISTS * sizeof(*tables->lists));
	source_bpf__destroy(tables->skeleton);
	*tables = (struct tables){};
}

/* That is what the kernel does after each change of a map of maps, so a ring is put where it is already. */
int tables_wait(const struct tables *tables)
{
	const uint32_t cpu = 0;

	return bpf_map_update_elem(tables->ring_maps.data, &cpu, &tables->rings.list[cpu].data,
				   BPF_ANY) < 0
		       ? -errno
		       : 0;
}

static int rings_configure(struct source_bpf *skeleton, uint32_t cpu_count, uint32_t ring_size)
{
	struct bpf_map *data = bpf_map__inner_map(skeleton->maps.rings);
	int r;

	skeleton->rodata->ring_mask = ring_size - 8;
	skeleton->rodata->ring_tail = RING_TAIL(ring_size);
	r = bpf_map__set_value_size(data, ring_size + RING_TAIL(ring_size));
	if (r == 0)
		r = bpf_map__set_max_entries(skeleton->maps.rings, cpu_count);
	if (r == 0)
		r = bpf_map__set_max_entries(skeleton->maps.ring_heads, cpu_count);
	if (r == 0)
		r = bpf_map__set_max_entries(skeleton->maps.bells, cpu_count);
	if (r == 0)
		r = bpf_map__set_max_entries(skeleton->maps.memos, cpu_count);
	return r;
}

/* Every map but the program's constants, its scratch space and its memos is pinned under its own name.  A pin that does not have
 * the size this host asks for is told apart from other faults here, since libbpf has one errno for all. */
static int maps_configure(struct source_bpf *skeleton, const char *pins, size_t cpu_count,
			  uint32_t ring_size)
{
	struct bpf_map *map;
	int r;

	r = rings_configure(skeleton, (uint32_t)cpu_count, ring_size);
	if (r < 0)
		return r;
	bpf_object__for_each_map(map, skeleton->obj)
	{
		_cleanup_close_ int pinned = -1;
		struct bpf_map_info info = {};
		uint32_t size = sizeof(info);
		char path[PIN_PATH_SIZE];

		if (map == skeleton->maps.rodata || map == skeleton->maps.scratches ||
		    map == skeleton->maps.memos)
			continue;
		(void)snprintf(path, sizeof(path), "%s/%s", pins, bpf_map__name(map));
		pinned = bpf_obj_get(path);
		if (pinned >= 0 && bpf_obj_get_info_by_fd(pinned, &info, &size) == 0 &&
		    (info.max_entries != bpf_map__max_entries(map) ||
		     info.value_size != bpf_map__value_size(map)))
			return -ESTALE;
		r = bpf_map__set_pin_path(map, path);
		if (r < 0)
			return r;
	}
	return 0;
}

static void tables_fill(struct tables *tables)
{
	const struct source_bpf *skeleton = tables->skeleton;

	tables->programs[DIRECTION_INGRESS] = bpf_program__fd(skeleton->progs.tmirror_ingress);
	tables->programs[DIRECTION_EGRESS] = bpf_program__fd(skeleton->progs.tmirror_egress);
	tables->sources_crowded = bpf_map__fd(skeleton->maps.sources_crowded);
	tables->filters = bpf_map__fd(skeleton->maps.filters);
	tables->classifiers[0] = bpf_map__fd(skeleton->maps.classifiers_0);
	tables->classifiers[1] = bpf_map__fd(skeleton->maps.classifiers_1);
	tables->classifiers[2] = bpf_map__fd(skeleton->maps.classifiers_2);
	tables->classifiers[3] = bpf_map__fd(skeleton->maps.classifiers_3);
	tables->counters = bpf_map__fd(skeleton->maps.counters);
	tables->resolvers = bpf_map__fd(skeleton->maps.resolvers);
	tables->appliances = bpf_map__fd(skeleton->maps.appliances);
	tables->slots = bpf_map__fd(skeleton->maps.slots);
	tables->filter_names = bpf_map__fd(skeleton->maps.filter_names);
	tables->devices = bpf_map__fd(skeleton->maps.devices);
	tables->ring_maps = (struct ring_maps){
		.data = bpf_map__fd(skeleton->maps.rings),
		.heads = bpf_map__fd(skeleton->maps.ring_heads),
		.bells = bpf_map__fd(skeleton->maps.bells),
	};
}

/* Returns NULL and sets errno when that cannot be. */
static void *map_share(const struct bpf_map *map, size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(map), 0);

	return memory == MAP_FAILED ? NULL : memory;
}

static void map_unshare(void *memory, size_t size)
{
	if (memory)
		munmap(memory, size);
}

static int tables_share(struct tables *tables)
{
	const struct source_bpf *skeleton = tables->skeleton;

	tables->ship_counters = map_share(skeleton->maps.ship_counters,
					  MAP_SLOT_LIMIT * sizeof(*tables->ship_counters));
	tables->session_options = map_share(skeleton->maps.session_options,
					    MAP_SLOT_LIMIT * sizeof(*tables->session_options));
	tables->places =
		map_share(skeleton->maps.places, MAP_SOURCE_PLACES * sizeof(*tables->places));
	tables->appliance_ports = map_share(skeleton->maps.appliance_ports,
					    MAP_PORT_WORDS * sizeof(*tables->appliance_ports));
	tables->lists = map_share(skeleton->maps.lists, MAP_SOURCE_LISTS * sizeof(*tables->lists));
	return tables->ship_counters && tables->session_options && tables->places &&
			       tables->appliance_ports && tables->lists
		       ? 0
		       : -errno;
}

/* What libbpf has to say explains a fault that is returned as well. */
static int libbpf_print(enum libbpf_print_level level, const char *format, va_list arguments)
{
	char line[256];

	if (level != LIBBPF_WARN)
		return 0;
	(void)vsnprintf(line, sizeof(line), format, arguments);
	line[strcspn(line, "\n")] = '\0';
	log_debug("%s", line);
	return 0;
}
