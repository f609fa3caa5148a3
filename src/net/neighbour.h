/* Whether the next hop answers: the kernel's own table of neighbours (ARP, neighbour discovery). */
#pragma once

#include "base/address.h"

enum neighbour {
	NEIGHBOUR_UNKNOWN, /* Nobody asked for it lately, or its device has no use for that. */
	NEIGHBOUR_ASKED,   /* It was asked for, and the answer is still to come. */
	NEIGHBOUR_FAILED,  /* It did not answer. */
	NEIGHBOUR_KNOWN,   /* Its address is known, and confirmed as far as the kernel cares. */
};

/* Looks it up, without asking.  Returns 0 or a fault. */
int neighbour_lookup(int ifindex, const struct address *address, enum neighbour *ret_neighbour);

/* Has the kernel ask, as a packet to it would.  Returns 0 or a fault: it needs CAP_NET_ADMIN. */
int neighbour_ask(int ifindex, const struct address *address);
