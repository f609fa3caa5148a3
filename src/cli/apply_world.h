/* What is there, as tmirror apply sees it: what carries the set's tag, and everything else beside it. */
#pragma once

#include "cli/apply_object.h"

/* Users cannot set tags that begin with "tmirror:", so this one begins otherwise. */
#define TAG_SET "tmirror-apply"

struct present {
	struct world own;    /* Of the set; with the rules of its filters. */
	struct world others; /* Without rules. */
	struct tmirror_pages *pages[APPLY_KIND_COUNT];
};

void present_fini(struct present *present);
#define _cleanup_present_ _cleanup_(present_fini)

/* Asks for everything once.  Returns 0, or what a call returned. */
int apply_world_read(struct invocation *invocation, const char *set, struct present *ret_present);
