// SPDX-License-Identifier: Apache-2.0
/* A block that is taken says itself again, and contains its own first address. */
#include "base/address.h"
#include "fuzz.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[128], again[CIDR_TEXT_SIZE];
	struct cidr cidr, back;

	if (size >= sizeof(text))
		return 0;
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	if (!cidr_parse(text, &cidr))
		return 0;
	cidr_format(&cidr, again);
	require(cidr_parse(again, &back));
	require(cidr_equal(&cidr, &back));
	require(cidr_contains(&cidr, &cidr.address));
	return 0;
}
