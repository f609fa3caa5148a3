/* What a call about several things could not do.  The rest of it is done: EC2 answers so where things may well be gone
 * already. */
#pragma once

#include "mirror/refusals.h"

#include <stddef.h>

#define UNSUCCESSFUL_ID_SIZE 64

struct unsuccessful {
	char id[UNSUCCESSFUL_ID_SIZE]; /* As in the request. */
	struct refusal why;
};

struct unsuccessful_list {
	struct unsuccessful *items;
	size_t count, capacity;
};

void unsuccessful_list_fini(struct unsuccessful_list *list);
