/* What each fuzz target defines: one input, judged by not crashing and by its own assertions. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Stays in every build, unlike assert(3). */
#define require(condition)        \
	do {                      \
		if (!(condition)) \
			abort();  \
	} while (0)
