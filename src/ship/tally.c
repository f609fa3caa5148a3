// SPDX-License-Identifier: Apache-2.0
#include "ship/tally.h"

#include "ship/counters.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void counters_add(struct session_counters *sum, const struct session_counters *batch);

int tally_init(struct tally *tally, uint32_t slot_limit)
{
	*tally = (struct tally){
		.batch = calloc(slot_limit, sizeof(*tally->batch)),
		.touched = calloc(slot_limit, sizeof(*tally->touched)),
		.is_touched = calloc(slot_limit, sizeof(*tally->is_touched)),
	};
	return tally->batch && tally->touched && tally->is_touched ? 0 : -ENOMEM;
}

void tally_fini(struct tally *tally)
{
	free(tally->batch);
	free(tally->touched);
	free(tally->is_touched);
	*tally = (struct tally){};
}

void tally_commit(struct tally *tally, struct session_counters *counters)
{
	for (uint32_t i = 0; i < tally->touched_count; i++) {
		uint32_t slot = tally->touched[i];

		counters_add(&counters[slot], &tally->batch[slot]);
		memset(&tally->batch[slot], 0, sizeof(tally->batch[slot]));
		tally->is_touched[slot] = 0;
	}
	tally->touched_count = 0;
}

static void counters_add(struct session_counters *sum, const struct session_counters *batch)
{
	struct packet_count *to = (struct packet_count *)sum;
	const struct packet_count *from = (const struct packet_count *)batch;

	for (size_t i = 0; i < sizeof(*sum) / sizeof(*to); i++)
		if (from[i].packets > 0)
			packet_count_add(&to[i], from[i].packets, from[i].bytes);
}
