/* Where received frames go: a capture file, or a TAP device that an analyser listens on. */
#pragma once

#include "base/cleanup.h"

#include <stdint.h>

struct frame;
struct refusal;

struct sink;

/* What a sink does; each returns 0 or a fault, and -EPIPE when nobody reads any longer. */
struct sink_operations {
	int (*write)(struct sink *sink, const struct frame *frame, uint64_t timestamp);
	/* After each batch: what was written can now be seen. */
	int (*flush)(struct sink *sink);
	void (*free)(struct sink *sink);
};

struct sink {
	const struct sink_operations *operations;
};

/* 'path' may be "-", standard output.  Returns 0, REFUSED with the reason, or a fault. */
int sink_open_file(const char *path, struct sink **ret_sink, struct refusal *why);

/* Makes the device and brings it up, or takes one that is there.  What is made here vanishes with the program. */
int sink_open_tap(const char *name, struct sink **ret_sink, struct refusal *why);

static inline void sink_free(struct sink *sink)
{
	if (sink)
		sink->operations->free(sink);
}
DEFINE_CLEANUP(struct sink *, sink_free)
