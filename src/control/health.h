/* What hosts say of the members that they send to.  Private to control/. */
#pragma once

#include "control/transaction.h"
#include "mirror/report.h"

/* Keeps what a host's report says of groups that it sends to; what a whole one does not repeat is forgotten. */
int health_take(struct transaction *transaction, const char *host, const struct report *report);
