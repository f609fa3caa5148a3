/* What the agent tells Prometheus: GET /metrics on an address of its own, without TLS and keys, and only if asked for.
 *
 * The main thread writes the page with each report; whoever asks gets the last one. */
#pragma once

#include "base/address.h"
#include "base/cleanup.h"
#include "mirror/report.h"

#include <stdint.h>

struct metrics;
struct refusal;

/* Serves from here on.  Returns 0, REFUSED (the address is in use, or not ours), or a fault. */
int metrics_open(const struct address *address, uint16_t port, struct metrics **ret_metrics,
		 struct refusal *why);
void metrics_free(struct metrics *metrics);
DEFINE_CLEANUP(struct metrics *, metrics_free)

/* NULL: nobody asked for metrics, and nothing is done.  Returns 0 or -ENOMEM, which leaves the page as it was. */
int metrics_publish(struct metrics *metrics, const char *host, const struct report *report);
