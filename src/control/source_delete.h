/* The end of an interface, and of all that cannot be without it.  Private to control/. */
#pragma once

#include "control/transaction.h"

/* Its sessions go with it, and its instance if that was a guest with nothing else; a target in front of it stays and
 * dangles. */
int source_delete(struct transaction *transaction, const struct source *source);
