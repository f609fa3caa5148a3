// SPDX-License-Identifier: Apache-2.0
#include "base/random.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

void random_bytes(void *ret_bytes, size_t size)
{
	unsigned char *byte = ret_bytes;

	while (size > 0) {
		ssize_t n = getrandom(byte, size, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			abort();
		byte += n;
		size -= (size_t)n;
	}
}

void random_uuid(char ret_text[UUID_TEXT_SIZE])
{
	unsigned char b[16];

	random_bytes(b, sizeof(b));
	b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
	b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
	(void)snprintf(ret_text, UUID_TEXT_SIZE,
		       "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0],
		       b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12],
		       b[13], b[14], b[15]);
}

uint64_t random_number(void)
{
	uint64_t number;

	random_bytes(&number, sizeof(number));
	return number;
}
