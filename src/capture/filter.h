/* Filters in the kernel's tables: one entry per filter of the plan, however many sessions share it. */
#pragma once

#include "capture/capture.h"
#include "capture/classifier_box.h"
#include "capture/tables.h"

/* The rules of one direction as the kernel holds them. */
struct filter_list {
	struct boxes boxes;
	bool known; /* False while it is not known what the kernel holds. */
};

struct filter_entry {
	struct resource_id id; /* Empty: the index is free. */
	bool wanted;
	struct filter_list lists[DIRECTION_COUNT];
};

struct filters {
	struct filter_entry *entries; /* MAP_FILTER_LIMIT of them. */
	uint32_t limit;               /* Beyond the last index in use. */
};

/* Reads which filters an earlier agent left at which index; their rules are written anew once. */
int filters_load(struct filters *filters, const struct tables *tables);
void filters_fini(struct filters *filters);

/* Writes the plan's filters, as far as they changed, each list at once.  Goes on after a fault and returns the
 * first. */
int filters_write(struct filters *filters, const struct tables *tables, const struct plan *plan);

/* Takes away the filters that the plan does not have.  Only when no list of sessions names them any more. */
int filters_release(struct filters *filters, const struct tables *tables);

/* Returns false when the filter has no place in the kernel. */
bool filters_find(const struct filters *filters, const struct resource_id *id, uint32_t *ret_index);
