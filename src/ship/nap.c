// SPDX-License-Identifier: Apache-2.0
#include "ship/nap.h"

#include "base/count.h"
#include "ship/ship.h"

#define COPIES_LEAST   128 /* Enough for calls of some size by all ports of an appliance. */
#define COPIES_FURTHER 32  /* As many more for each place beyond those. */
#define NAP_SHORTEST   UINT64_C(150000)
#define NAP_LONGEST    (8 * NAP_SLICE)
#define FILLED_MOST    4 /* Bytes a nanosecond. */

uint64_t nap_length(uint64_t gathered, uint64_t copies, unsigned int places)
{
	unsigned int further = places > SHIP_PORT_COUNT ? places - SHIP_PORT_COUNT : 0;
	uint64_t wanted = COPIES_LEAST + (uint64_t)COPIES_FURTHER * further;
	uint64_t longest = NAP_SLICE + NAP_SLICE * further / SHIP_PORT_COUNT;
	uint64_t length = gathered * wanted / MAX(copies, UINT64_C(1));

	longest = MIN(longest, NAP_LONGEST);
	length = MIN(length, longest);
	return MAX(length, NAP_SHORTEST);
}

uint64_t nap_slice(uint64_t room)
{
	uint64_t longest = MAX(room / FILLED_MOST, NAP_SHORTEST);

	return MIN(longest, NAP_SLICE);
}
