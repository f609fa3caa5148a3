// SPDX-License-Identifier: Apache-2.0
#include "control/each.h"

#include "base/array.h"
#include "base/text.h"

#include <stdio.h>

void unsuccessful_list_fini(struct unsuccessful_list *list)
{
	free(list->items);
	*list = (struct unsuccessful_list){};
}

int each_commit(struct transaction *transaction, const struct caller *caller,
		const struct each *each, struct unsuccessful_list *ret_list, struct refusal *why)
{
	_cleanup_(unsuccessful_list_fini) struct unsuccessful_list list = {};
	int r = 0;

	for (size_t i = 0; r >= 0 && i < each->count; i++) {
		struct unsuccessful item = {};

		if (string_is_among(each->ids[i], each->ids, i))
			continue;
		r = each->run(transaction, caller, each->ids[i], each->argument, &item.why);
		if (r <= 0)
			continue;
		(void)snprintf(item.id, sizeof(item.id), "%s", each->ids[i]);
		r = array_append(&list, items, count, capacity, item);
	}
	if (r == 0)
		r = transaction_commit(transaction, caller, why);
	if (r != 0)
		return r;
	*ret_list = list;
	list = (struct unsuccessful_list){};
	return 0;
}
