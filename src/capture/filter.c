// SPDX-License-Identifier: Apache-2.0
/* A filter keeps its index for as long as it is in the plan, over restarts of the agent too, because the lists of
 * sessions name it by that index.  Changing a filter changes what stands at the index, in one step. */
#include "capture/filter.h"

#include "base/cleanup.h"
#include "base/count.h"
#include "mirror/limits.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(MAP_BLOCK_LIMIT *MAP_BLOCK_RULES == FILTER_RULES_MAX,
	       "the kernel holds every filter");
_Static_assert(sizeof(((struct map_filter_name *)0)->filter) == RESOURCE_ID_SIZE,
	       "ids are kept whole");

static int filter_place(struct filters *filters, const struct tables *tables,
			const struct resource_id *id, uint32_t *ret_index);
static int filter_name(const struct tables *tables, uint32_t index, const struct resource_id *id);
static int list_write(struct filter_list *list, const struct tables *tables, uint32_t index,
		      const struct filter *filter, enum direction direction);
static int list_encode(const struct filter *filter, enum direction direction,
		       struct map_rule_block **ret_blocks, size_t *ret_count);
static int list_install(const struct tables *tables, uint32_t index,
			const struct map_rule_block *blocks, size_t count);
static int list_remove(const struct tables *tables, uint32_t index);
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
	_cleanup_free_ struct map_rule_block *blocks = NULL;
	size_t count;
	int r;

	r = list_encode(filter, direction, &blocks, &count);
	if (r < 0)
		return r;
	if (list->known && list->block_count == count &&
	    (count == 0 || memcmp(list->blocks, blocks, count * sizeof(*blocks)) == 0))
		return 0;
	r = count ? list_install(tables, index, blocks, count) : list_remove(tables, index);
	if (r < 0)
		return r;
	list_forget(list);
	*list = (struct filter_list){TAKE_PTR(blocks), count, true};
	return 0;
}

/* IPv4 addresses take the first bytes, so one loop makes masks of both families. */
static void prefix_encode(const struct cidr *cidr, struct map_address *ret_address,
			  struct map_address *ret_mask)
{
	uint8_t mask[16] = {};

	for (unsigned int bit = 0; bit < cidr->prefix_length; bit++)
		mask[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
	memcpy(ret_address, cidr->address.bytes, sizeof(*ret_address));
	memcpy(ret_mask, mask, sizeof(*ret_mask));
}

static struct map_rule rule_encode(const struct filter_rule *rule)
{
	struct map_rule result = {.family = rule->source.address.family};

	prefix_encode(&rule->source, &result.source, &result.source_mask);
	prefix_encode(&rule->destination, &result.destination, &result.destination_mask);
	if (rule->action == RULE_ACCEPT)
		result.flags |= MAP_RULE_ACCEPT;
	if (rule->protocol != PROTOCOL_ANY) {
		result.flags |= MAP_RULE_PROTOCOL;
		result.protocol = (uint8_t)rule->protocol;
	}
	if (rule->source_ports.set) {
		result.flags |= MAP_RULE_SOURCE_PORTS;
		result.source_port_from = rule->source_ports.from;
		result.source_port_to = rule->source_ports.to;
	}
	if (rule->destination_ports.set) {
		result.flags |= MAP_RULE_DESTINATION_PORTS;
		result.destination_port_from = rule->destination_ports.from;
		result.destination_port_to = rule->destination_ports.to;
	}
	return result;
}

/* A rule between two families can never match and is left out. */
static int list_encode(const struct filter *filter, enum direction direction,
		       struct map_rule_block **ret_blocks, size_t *ret_count)
{
	_cleanup_free_ struct map_rule_block *blocks = NULL;
	size_t rules = 0;

	blocks = calloc(filter->rule_count / MAP_BLOCK_RULES + 1, sizeof(*blocks));
	if (!blocks)
		return -ENOMEM;
	for (size_t i = 0; i < filter->rule_count; i++) {
		const struct filter_rule *rule = &filter->rules[i];
		struct map_rule_block *block = &blocks[rules / MAP_BLOCK_RULES];

		if (rule->direction != direction ||
		    rule->source.address.family != rule->destination.address.family)
			continue;
		if (rules++ == FILTER_RULES_MAX)
			return -E2BIG;
		block->rules[block->rule_count++] = rule_encode(rule);
	}
	*ret_count = (rules + MAP_BLOCK_RULES - 1) / MAP_BLOCK_RULES;
	*ret_blocks = TAKE_PTR(blocks);
	return 0;
}

static int list_install(const struct tables *tables, uint32_t index,
			const struct map_rule_block *blocks, size_t count)
{
	LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = BPF_F_INNER_MAP);
	_cleanup_close_ int rules = -1;

	rules = bpf_map_create(BPF_MAP_TYPE_ARRAY, "tmirror_rules", sizeof(uint32_t),
			       sizeof(*blocks), (uint32_t)count, &options);
	if (rules < 0)
		return -errno;
	for (uint32_t i = 0; i < count; i++)
		if (bpf_map_update_elem(rules, &i, &blocks[i], BPF_ANY) < 0)
			return -errno;
	return bpf_map_update_elem(tables->filters, &index, &rules, BPF_ANY) < 0 ? -errno : 0;
}

static int list_remove(const struct tables *tables, uint32_t index)
{
	return bpf_map_delete_elem(tables->filters, &index) < 0 && errno != ENOENT ? -errno : 0;
}

static void list_forget(struct filter_list *list)
{
	free(list->blocks);
	*list = (struct filter_list){};
}
