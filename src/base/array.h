/* Growing arrays: a pointer, a count and a capacity that live in the owner's struct. */
#pragma once

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

/* Makes room for one element more.  Returns 0 or -ENOMEM; on failure the array stays as it was. */
static inline int array_reserve(void **items, size_t count, size_t *capacity, size_t item_size)
{
	size_t larger = *capacity ? *capacity * 2 : 8;
	void *grown;

	if (count < *capacity)
		return 0;
	grown = reallocarray(*items, larger, item_size);
	if (!grown)
		return -ENOMEM;
	*items = grown;
	*capacity = larger;
	return 0;
}

/* Appends 'value' to the array made of the members items, count and capacity of 'owner'.
 * Evaluates to 0 or -ENOMEM. */
#define array_append(owner, items, count, capacity, value)                          \
	({                                                                          \
		void *_items = (owner)->items;                                      \
		int _r = array_reserve(&_items, (owner)->count, &(owner)->capacity, \
				       sizeof(*(owner)->items));                    \
		(owner)->items = _items;                                            \
		if (_r == 0)                                                        \
			(owner)->items[(owner)->count++] = (value);                 \
		_r;                                                                 \
	})
