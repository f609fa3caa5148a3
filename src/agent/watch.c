// SPDX-License-Identifier: Apache-2.0
#include "agent/watch.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"

#include <errno.h>
#include <string.h>

static int source_compare(const void *a, const void *b);
static void note_change(struct watch *watch, struct watched_source *source,
			const struct watched_source *before, const char *device, uint64_t now);
static void count_reattachment(struct watch *watch, const char *device, const char *reason);

void watch_fini(struct watch *watch)
{
	free(watch->sources);
	*watch = (struct watch){};
}

int watch_note_devices(struct watch *watch, const struct plan *plan,
		       const struct capture_device *devices, size_t device_count, uint64_t now)
{
	struct watched_source *sources = calloc(plan->source_count + 1, sizeof(*sources));

	if (!sources)
		return -ENOMEM;
	for (size_t i = 0, next = 0; i < plan->source_count; i++) {
		const struct watched_source key = {.id = plan->sources[i].id}, *before = NULL;

		sources[i].id = key.id;
		/* Devices are in the order of the plan's sources. */
		if (next < device_count && resource_id_equal(&devices[next].source, &key.id))
			sources[i].ifindex = devices[next++].ifindex;
		if (watch->count > 0)
			before = bsearch(&key, watch->sources, watch->count, sizeof(key),
					 source_compare);
		if (before)
			note_change(watch, &sources[i], before, plan->sources[i].device, now);
	}
	free(watch->sources);
	watch->sources = sources;
	watch->count = plan->source_count;
	return 0;
}

void watch_note_disturbance(struct watch *watch, const struct capture_disturbance *disturbance,
			    const char *device)
{
	const char *what = disturbance->overtaken ? "another program came before ours"
						  : "our program was taken away";

	if (!disturbance->mended) {
		log_limited(LOG_LEVEL_WARNING, "device %s: %s, which cannot be mended now", device,
			    what);
		return;
	}
	log_limited(LOG_LEVEL_WARNING, "device %s: %s; put back", device, what);
	count_reattachment(watch, device, what);
}

const char *watch_explain_place(enum capture_place place)
{
	static const char *const reasons[] = {
		[CAPTURE_FIRST] = NULL,
		[CAPTURE_OVERTAKEN] = "another program comes before ours, which may hide packets",
		[CAPTURE_GONE] = "somebody keeps taking our program away",
		[CAPTURE_AWAITED] = "it is not its turn to be watched yet",
	};

	return reasons[place];
}

static int source_compare(const void *a, const void *b)
{
	const struct watched_source *left = a, *right = b;

	return strcmp(left->id.text, right->id.text);
}

static void note_change(struct watch *watch, struct watched_source *source,
			const struct watched_source *before, const char *device, uint64_t now)
{
	uint64_t gone = before->gone_at ? now - before->gone_at : 0;

	source->gone_at = before->gone_at;
	if (source->ifindex == before->ifindex)
		return;
	if (source->ifindex == 0) {
		source->gone_at = now;
		log_limited(LOG_LEVEL_INFO, "device %s is gone", device);
	} else if (before->ifindex != 0 || before->gone_at != 0) {
		source->gone_at = 0;
		log_limited(LOG_LEVEL_INFO, "device %s is back after %llu ms", device,
			    (unsigned long long)(gone / NSEC_PER_MSEC));
		count_reattachment(watch, device, "the device went and came back");
	}
}

static void count_reattachment(struct watch *watch, const char *device, const char *reason)
{
	struct report_reattachments *reattachments = &watch->reattachments;

	reattachments->count++;
	reattachments->last = clock_realtime();
	(void)string_copy(reattachments->device, sizeof(reattachments->device), device);
	(void)string_copy(reattachments->reason, sizeof(reattachments->reason), reason);
}
