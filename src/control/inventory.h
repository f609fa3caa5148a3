/* From what a host reports to instances and network interfaces.  Private to control/. */
#pragma once

#include "control/transaction.h"
#include "mirror/report.h"

/* How many interfaces that are gone a host may leave behind if nobody uses them. */
#define INVENTORY_GONE_MAX 1000

/* The instance that stands for a host: made at its first report. */
int inventory_add_host(struct transaction *transaction, const struct caller *caller,
		       const char *host, struct resource_id *ret_instance);

/* Lets the tag "tmirror:orientation" of a host's interface say the orientation in force. */
int inventory_tag_orientation(struct transaction *transaction, const struct source *source);

/* Brings the host's interfaces to what the report lists. */
int inventory_take(struct transaction *transaction, const struct caller *caller, const char *host,
		   const struct report *report);
