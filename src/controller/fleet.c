// SPDX-License-Identifier: Apache-2.0
#include "controller/fleet.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/refusal.h"
#include "store/watch.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#define LOOK_MILLISECONDS 200 /* The latest after which a change is seen. */

struct fleet {
	struct fleet_options options;
	struct watch *watch; /* NULL: the store is ours alone. */
	pthread_t thread;
	bool running;
	atomic_bool ends, leads;
	unsigned int generation; /* Of the connection by which it leads, or does not. */
};

static void *run(void *context);
static void ask_for_lead(struct fleet *fleet);

int fleet_open(const struct fleet_options *options, struct fleet **ret_fleet, struct refusal *why)
{
	_cleanup_(fleet_closep) struct fleet *fleet = calloc(1, sizeof(*fleet));
	int r;

	if (!fleet)
		return -ENOMEM;
	fleet->options = *options;
	fleet->options.location = NULL;
	r = watch_open(options->location, &fleet->watch, why);
	if (r != 0)
		return r;
	if (fleet->watch)
		ask_for_lead(fleet);
	*ret_fleet = TAKE_PTR(fleet);
	return 0;
}

void fleet_close(struct fleet *fleet)
{
	if (!fleet)
		return;
	fleet_stop(fleet);
	watch_close(fleet->watch);
	free(fleet);
}

int fleet_start(struct fleet *fleet)
{
	int r;

	if (!fleet->watch || fleet->running)
		return 0;
	atomic_store(&fleet->ends, false);
	r = pthread_create(&fleet->thread, NULL, run, fleet);
	fleet->running = r == 0;
	return -r;
}

void fleet_stop(struct fleet *fleet)
{
	if (!fleet->running)
		return;
	atomic_store(&fleet->ends, true);
	(void)pthread_join(fleet->thread, NULL);
	fleet->running = false;
}

bool fleet_leads(const struct fleet *fleet)
{
	return !fleet->watch || atomic_load(&fleet->leads);
}

static void *run(void *context)
{
	struct fleet *fleet = context;
	uint64_t asked = 0;

	while (!atomic_load(&fleet->ends)) {
		int r = watch_wait(fleet->watch, LOOK_MILLISECONDS, fleet->options.changed,
				   fleet->options.context);

		if (r < 0) {
			atomic_store(&fleet->leads, false);
			log_limited(LOG_LEVEL_WARNING, "cannot watch the store: %s",
				    strerrordesc_np(-r));
			clock_sleep(LOOK_MILLISECONDS * NSEC_PER_MSEC);
		} else if (clock_monotonic() - asked > NSEC_PER_SEC ||
			   watch_get_generation(fleet->watch) != fleet->generation) {
			ask_for_lead(fleet);
			asked = clock_monotonic();
		}
	}
	return NULL;
}

static void ask_for_lead(struct fleet *fleet)
{
	const bool led = atomic_load(&fleet->leads);
	bool leads = false;

	(void)watch_lead(fleet->watch, &leads);
	fleet->generation = watch_get_generation(fleet->watch);
	atomic_store(&fleet->leads, leads);
	if (leads != led)
		log_info(leads ? "this controller does the periodic work of all on this store"
			       : "another controller does the periodic work");
}
