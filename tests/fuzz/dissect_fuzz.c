// SPDX-License-Identifier: Apache-2.0
/* Whatever a packet is, there is one line about it, in characters that any terminal and any document takes. */
#include "fuzz.h"
#include "mirror/dissect.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char line[DISSECT_TEXT_SIZE];

	memset(line, 0x7f, sizeof(line));
	dissect_packet(data, size, (uint32_t)size, line);
	require(memchr(line, '\0', sizeof(line)));
	require(line[0] != '\0');
	for (const char *c = line; *c; c++)
		require(*c >= ' ' && *c <= '~');
	return 0;
}
