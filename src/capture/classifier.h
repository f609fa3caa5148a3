/* Builds from the rules of a filter what the kernel asks (wire/classifier.h): cheap for few rules, nearly as cheap
 * for thousands.
 *
 * Pure: no I/O, no clock.  The blob is written once and never changed; a new filter is a new blob.  Whatever the
 * rules are, its size and the work to build it are bounded: where no cut helps, rules stay in a list and the list is
 * compared one by one. */
#pragma once

#include "base/cleanup.h"
#include "capture/classifier_box.h"

struct classifier {
	void *blob;  /* classifier_value_size(size_class) bytes, zero beyond what is used. */
	size_t used; /* Bytes. */
	unsigned int size_class;
};

/* Returns 0 or -ENOMEM. */
int classifier_build(const struct boxes *boxes, struct classifier *ret_classifier);
void classifier_fini(struct classifier *classifier);
#define _cleanup_classifier_ _cleanup_(classifier_fini)

size_t classifier_value_size(unsigned int size_class);
