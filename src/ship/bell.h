/* What wakes a sleeping reader: a BPF ring buffer that a program rings by discarding a record (wire/ring.h).
 *
 * Its descriptor is readable for as long as there is something in it, if only a discarded record, so it has to be
 * emptied after each ringing. */
#pragma once

#include "base/cleanup.h"

struct bell {
	unsigned long *consumer; /* Positions, as the kernel lays them out; NULL when closed. */
	const unsigned long *producer;
};

/* Maps the bell of 'descriptor', which is polled by the caller. */
int bell_open(int descriptor, struct bell *ret_bell);
void bell_close(struct bell *bell);
#define _cleanup_bell_ _cleanup_(bell_close)

void bell_silence(struct bell *bell);
