// SPDX-License-Identifier: Apache-2.0
/* What choosing costs a packet, with a hundred members: the flows that are there by turns, so that nothing but their number
 * says whether the table of flows is in the cache; and how long a table of places takes to make.  Medians of rounds. */
#include "balance/choice.h"
#include "base/clock.h"
#include "base/count.h"

#include <stdio.h>
#include <time.h>

#define MEMBERS   100
#define ROUNDS    9
#define QUESTIONS 2000000
#define CAPACITY  (1 << 20)
#define NOW       5000
#define IDLE      120

static const size_t flow_counts[] = {1000, 10000, 100000, 500000};

static uint64_t cpu_time(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (uint64_t)now.tv_sec * NSEC_PER_SEC + (uint64_t)now.tv_nsec;
}

static int compare_times(const void *a, const void *b)
{
	const double *first = a, *second = b;

	return (*first > *second) - (*first < *second);
}

static double median(double times[ROUNDS])
{
	qsort(times, ROUNDS, sizeof(times[0]), compare_times);
	return times[ROUNDS / 2];
}

/* Nanoseconds for one question. */
static double ask(const struct choice *choice, size_t flow_count)
{
	uint64_t start = cpu_time(), sum = 0;

	for (size_t i = 0; i < QUESTIONS; i++)
		sum += choice_find(choice, (i % flow_count + 1) * 0x9e3779b97f4a7c15ULL, NOW, IDLE);
	if (sum == 0)
		abort();
	return (double)(cpu_time() - start) / QUESTIONS;
}

static struct choice *make(struct holding *holding, double *ret_time)
{
	struct choice_member members[MEMBERS];
	struct choice *choice;
	uint64_t start;

	for (uint16_t i = 0; i < MEMBERS; i++)
		members[i] = (struct choice_member){i + 1000, 1, i, true, true};
	start = cpu_time();
	if (choice_new(members, MEMBERS, holding, &choice) < 0)
		abort();
	*ret_time = (double)(cpu_time() - start);
	return choice;
}

int main(void)
{
	_cleanup_(holding_unrefp) struct holding *holding = NULL;
	_cleanup_(choice_unrefp) struct choice *choice = NULL;
	double times[ROUNDS];

	if (holding_new(CAPACITY, NULL, &holding) < 0)
		abort();
	for (int i = 0; i < ROUNDS; i++) {
		choice_unref(choice);
		choice = make(holding, &times[i]);
	}
	printf("a table of places for %d members: %.2f ms\n", MEMBERS, median(times) / 1e6);
	for (size_t i = 0; i < ARRAY_SIZE(flow_counts); i++) {
		for (int round = 0; round < ROUNDS; round++)
			times[round] = ask(choice, flow_counts[i]);
		printf("choosing a member, %6zu flows: %.1f ns\n", flow_counts[i], median(times));
	}
	return 0;
}
