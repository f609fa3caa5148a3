// SPDX-License-Identifier: Apache-2.0
#include "base/random.h"

#include "base/count.h"
#include "base/text.h"

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

/* An id is no secret, so its bytes may wait in memory: a call of the kernel for each would cost as much as all the rest. */
void random_uuid(char ret_text[UUID_TEXT_SIZE])
{
	static const size_t groups[] = {4, 2, 2, 2, 6};
	static _Thread_local unsigned char pool[1024];
	static _Thread_local size_t left;
	unsigned char *b;

	if (left == 0) {
		random_bytes(pool, sizeof(pool));
		left = sizeof(pool);
	}
	left -= 16;
	b = &pool[left];
	b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
	b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
	for (size_t i = 0; i < ARRAY_SIZE(groups); b += groups[i++]) {
		hex_encode(b, groups[i], ret_text);
		ret_text += 2 * groups[i];
		*ret_text++ = '-';
	}
	ret_text[-1] = '\0';
}

uint64_t random_number(void)
{
	uint64_t number;

	random_bytes(&number, sizeof(number));
	return number;
}
