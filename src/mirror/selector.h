/* A selector mirrors by tag: every interface of its account whose tags match has a session as the selector's model says.
 *
 * What is looked at are the tags of the interface and those of its instance; where both have a key, the interface's own
 * counts, so that one of an instance's interfaces can be left out.
 *
 * Plain values: no I/O, no clock.  control/selection.h makes it so. */
#pragma once

#include "base/cleanup.h"
#include "mirror/session.h"
#include "mirror/tag.h"

struct refusal;

#define SELECTOR_FILTERS_MAX 50
#define SELECTOR_VALUES_MAX  20  /* Of one filter. */
#define SELECTOR_TERMS_MAX   200 /* Of all filters together. */
/* Bytes of all values with '*' together: to look for the run that it stands for takes so many steps for each byte of a tag. */
#define SELECTOR_RUNS_MAX 4096

/* One value of a filter on tags.  Filters are told by their numbers; all of them must match, and one value is enough. */
struct selector_term {
	unsigned int filter;
	char *key;
	char *value; /* With wildcards, as string_matches() has them; NULL: whatever the tag's value is. */
};

struct selector {
	struct resource_id id;
	struct session model; /* Without id and source. */
	bool own_vnis; /* Each session has a random one; the model's is what they shared before. */
	bool ending;   /* Deleted, but for the sessions that are still to be ended. */
	struct selector_term *terms; /* By filter. */
	size_t term_count, term_capacity;
};

void selector_fini(struct selector *selector);
#define _cleanup_selector_ _cleanup_(selector_fini)

/* Copies both strings.  Returns 0 or -ENOMEM. */
int selector_add_term(struct selector *selector, unsigned int filter, const char *key,
		      const char *value);
void selector_clear_terms(struct selector *selector);

/* What a selector can know by itself, its model included.  Returns 0 or REFUSED. */
int selector_validate(const struct selector *selector, struct refusal *why);

/* Whether it is over at that time, in milliseconds: nothing is selected any more. */
bool selector_is_over(const struct selector *selector, int64_t now);

/* 'instance' are the tags of the interface's instance.  'effort' is added to: the tags that were looked for, and for each run that
 * was looked for in a value as many as take about that time. */
bool selector_matches(const struct selector *selector, const struct tags *own,
		      const struct tags *instance, unsigned int *effort);

#define SELECTOR_REASON_SIZE 512

/* Why an interface that was selected has no session, or not the one that was meant. */
struct selector_refusal {
	struct resource_id selector, source;
	struct account_id owner;
	char reason[SELECTOR_REASON_SIZE];
	int64_t since; /* Milliseconds since the epoch. */
};
