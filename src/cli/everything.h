/* The filter that takes everything: both directions, IPv4 and IPv6, any protocol. */
#pragma once

#include "cli/ledger.h"

/* Finds one of ours whose rules still say so, or makes it. */
int everything_provide(struct ledger *ledger, char ret_filter[THING_ID_SIZE]);
