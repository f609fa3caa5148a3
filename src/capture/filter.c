// SPDX-License-Identifier: Apache-2.0
/* A filter keeps its index for as long as it is in the plan, over restarts of the agent too, because the lists of
 * sessions name it by that index.  Changing a filter changes what stands at the index, in one step. */
#include "capture/filter.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/count.h"
#include "capture/classifier.h"
#include "mirror/limits.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

_Static_assert(CLASSIFIER_RULES == FILTER_RULES_MAX, "the kernel holds every filter");
_Static_assert(sizeof(((struct map_filter_name *)0)->filter) == RESOURCE_ID_SIZE,
	       "ids are kept whole");

static int filter_place(struct filters *filters, const struct tables *tables,
			const struct resource_id *id, uint32_t *ret_index);
static int filter_name(const struct tables *tables, uint32_t index, const struct resource_id *id);
static int list_write(struct filter_list *list, const struct tables *tables, uint32_t index,
		      const struct filter *filter, enum direction direction);
static int list_install(const struct tables *tables, uint32_t index, const struct boxes *boxes);
static int classifier_load(const struct classifier *classifier, int *ret_map);
static uint64_t classifier_word(const struct classifier *classifier);
static uint64_t state_new(unsigned int size_class);
static int list_point(const struct tables *tables, uint32_t index, uint64_t word);
static int list_remove(const struct tables *tables, uint32_t index);
static int classifiers_remove(const struct tables *tables, uint32_t index, unsigned int kept);
static void list_forget(struct filter_list *list);

int filters_load(struct filters *filters, const struct tables *tables)
{
	filters->entries = calloc(MAP_FILTER_LIMIT, sizeof(*filters->entries));
	if (!filters->entries)
		return -ENOMEM;
	for (uint32_t index = 0; index < MAP_FILTER_LIMIT; index++) {
		struct map_filter_name name;

		if (bpf_map_lookup_elem(tables->filter_names, &index, &name) < 0)
			return -errno;
		if (!name.filter[0])
			continue;
		name.filter[RESOURCE_ID_SIZE - 1] = '\0';
		memcpy(filters->entries[index].id.text, name.filter, RESOURCE_ID_SIZE);
		filters->limit = index + 1;
	}
	return 0;
}

void filters_fini(struct filters *filters)
{
	for (uint32_t i = 0; i < filters->limit; i++)
		for (int direction = 0; direction < DIRECTION_COUNT; direction++)
			list_forget(&filters->entries[i].lists[direction]);
	free(filters->entries);
	filters->entries = NULL;
	filters->limit = 0;
}

int filters_write(struct filters *filters, const struct tables *tables, const struct plan *plan)
{
	int result = 0;

	for (uint32_t i = 0; i < filters->limit; i++)
		filters->entries[i].wanted = false;
	for (size_t i = 0; i < plan->filter_count; i++) {
		const struct filter *filter = &plan->filters[i];
		uint32_t index = 0;
		int r = filter_place(filters, tables, &filter->id, &index);

		for (enum direction way = 0; r == 0 && way < DIRECTION_COUNT; way++)
			r = list_write(&filters->entries[index].lists[way], tables,
				       index * DIRECTION_COUNT + way, filter, way);
		if (r < 0 && result == 0)
			result = r;
	}
	return result;
}

int filters_release(struct filters *filters, const struct tables *tables)
{
	for (uint32_t i = 0; i < filters->limit; i++) {
		struct filter_entry *entry = &filters->entries[i];
		int r = 0;

		if (entry->wanted || !resource_id_set(&entry->id))
			continue;
		for (uint32_t way = 0; r == 0 && way < DIRECTION_COUNT; way++)
			r = list_remove(tables, i * DIRECTION_COUNT + way);
		if (r == 0)
			r = filter_name(tables, i, &(struct resource_id){});
		if (r < 0)
			return r;
		list_forget(&entry->lists[DIRECTION_INGRESS]);
		list_forget(&entry->lists[DIRECTION_EGRESS]);
		entry->id = (struct resource_id){};
	}
	return 0;
}

bool filters_find(const struct filters *filters, const struct resource_id *id, uint32_t *ret_index)
{
	for (uint32_t i = 0; i < filters->limit; i++) {
		if (!resource_id_equal(&filters->entries[i].id, id))
			continue;
		*ret_index = i;
		return true;
	}
	return false;
}

/* The index of a filter: its old one, or the first free one under its name from now on. */
static int filter_place(struct filters *filters, const struct tables *tables,
			const struct resource_id *id, uint32_t *ret_index)
{
	uint32_t index = 0;
	int r;

	if (!filters_find(filters, id, &index)) {
		index = 0;
		while (index < filters->limit && resource_id_set(&filters->entries[index].id))
			index++;
		if (index == MAP_FILTER_LIMIT)
			return -ENOSPC;
		r = filter_name(tables, index, id);
		if (r < 0)
			return r;
		filters->entries[index].id = *id;
		filters->limit = MAX(filters->limit, index + 1);
	}
	filters->entries[index].wanted = true;
	*ret_index = index;
	return 0;
}

static int filter_name(const struct tables *tables, uint32_t index, const struct resource_id *id)
{
	struct map_filter_name name;

	memcpy(name.filter, id->text, sizeof(name.filter));
	return bpf_map_update_elem(tables->filter_names, &index, &name, BPF_ANY) < 0 ? -errno : 0;
}

/* Nothing is written when the kernel has the same rules already. */
static int list_write(struct filter_list *list, const struct tables *tables, uint32_t index,
		      const struct filter *filter, enum direction direction)
{
	_cleanup_boxes_ struct boxes boxes = {};
	int r;

	r = boxes_from_filter(filter, direction, &boxes);
	if (r < 0)
		return r;
	if (list->known && boxes_equal(&list->boxes, &boxes))
		return 0;
	r = boxes.count ? list_install(tables, index, &boxes) : list_remove(tables, index);
	if (r < 0)
		return r;
	list_forget(list);
	*list = (struct filter_list){boxes, true};
	boxes = (struct boxes){};
	return 0;
}

/* The classifier is in its place before the program is led to it.  Writing a map of maps waits until every program has
 * ended that was at work; so once that is done again, none can be on its way to the class from before.
 *
 * In the same class the new rules answer as soon as they are in their place.  What is noted meanwhile must not pass for an
 * answer of the old ones, which may have asked for less of a packet: so that has a state of its own. */
static int list_install(const struct tables *tables, uint32_t index, const struct boxes *boxes)
{
	_cleanup_classifier_ struct classifier classifier = {};
	_cleanup_close_ int map = -1;
	uint64_t present;
	int place, r;

	r = classifier_build(boxes, &classifier);
	if (r == 0)
		r = classifier_load(&classifier, &map);
	if (r < 0)
		return r;
	place = tables->classifiers[classifier.size_class];
	if (bpf_map_lookup_elem(tables->filters, &index, &present) < 0)
		return -errno;
	if (classifier.size_class > 0 && MAP_FILTER_CLASS(present) == classifier.size_class)
		r = list_point(tables, index, state_new(classifier.size_class) | MAP_FILTER_MORE);
	if (r < 0)
		return r;
	if (bpf_map_update_elem(place, &index, &map, BPF_ANY) < 0)
		return -errno;
	r = list_point(tables, index, classifier_word(&classifier));
	if (r < 0)
		return r;
	if (present && MAP_FILTER_CLASS(present) != classifier.size_class &&
	    bpf_map_update_elem(place, &index, &map, BPF_ANY) < 0)
		return -errno;
	return classifiers_remove(tables, index, classifier.size_class);
}

/* The memory of the map is written directly: copying it in would copy the whole size class twice.  It begins with a
 * page, which puts rules where cache lines begin. */
static int classifier_load(const struct classifier *classifier, int *ret_map)
{
	LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = BPF_F_MMAPABLE);
	size_t size = classifier_value_size(classifier->size_class);
	_cleanup_close_ int map = -1;
	void *memory;

	map = bpf_map_create(BPF_MAP_TYPE_ARRAY, "tmirror_rules", sizeof(uint32_t), (uint32_t)size,
			     1, &options);
	if (map < 0)
		return -errno;
	memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, map, 0);
	if (memory == MAP_FAILED)
		return -errno;
	memcpy(memory, classifier->blob, classifier->used);
	(void)munmap(memory, size);
	*ret_map = TAKE_FD(map);
	return 0;
}

static uint64_t classifier_word(const struct classifier *classifier)
{
	const struct classifier_head *head = classifier->blob;

	if (classifier->size_class == 0)
		return MAP_FILTER_OF(0, 0);
	return state_new(classifier->size_class) | (head->more ? MAP_FILTER_MORE : 0);
}

/* The time makes its number one that no agent ever gave. */
static uint64_t state_new(unsigned int size_class)
{
	return MAP_FILTER_OF(size_class, clock_monotonic());
}

static int list_point(const struct tables *tables, uint32_t index, uint64_t word)
{
	return bpf_map_update_elem(tables->filters, &index, &word, BPF_ANY) < 0 ? -errno : 0;
}

/* No rules, no classifier: a program that is led to a place just emptied answers as one that is not. */
static int list_remove(const struct tables *tables, uint32_t index)
{
	int r = list_point(tables, index, 0);

	return r < 0 ? r : classifiers_remove(tables, index, CLASSIFIER_CLASSES);
}

/* Empties the place in every class but one.  Looked at first, because the kernel may wait even where nothing was. */
static int classifiers_remove(const struct tables *tables, uint32_t index, unsigned int kept)
{
	uint32_t id;

	for (unsigned int i = 0; i < CLASSIFIER_CLASSES; i++) {
		int place = tables->classifiers[i];

		if (i == kept || bpf_map_lookup_elem(place, &index, &id) < 0)
			continue;
		if (bpf_map_delete_elem(place, &index) < 0 && errno != ENOENT)
			return -errno;
	}
	return 0;
}

static void list_forget(struct filter_list *list)
{
	boxes_fini(&list->boxes);
	list->known = false;
}
