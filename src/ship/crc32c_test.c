// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "ship/crc32c.h"

#include <cmocka.h>
#include <string.h>

/* RFC 3720, appendix B.4, and the value that every description of this sum begins with. */
static void equals_the_published_examples(void **state)
{
	uint8_t zeros[32] = {}, ones[32], ascending[32], sum[4];

	(void)state;
	memset(ones, 0xff, sizeof(ones));
	for (unsigned int i = 0; i < sizeof(ascending); i++)
		ascending[i] = (uint8_t)i;
	crc32c_store(sum, crc32c_add(CRC32C_START, zeros, sizeof(zeros)));
	assert_memory_equal(sum, "\xaa\x36\x91\x8a", 4);
	crc32c_store(sum, crc32c_add(CRC32C_START, ones, sizeof(ones)));
	assert_memory_equal(sum, "\x43\xab\xa8\x62", 4);
	crc32c_store(sum, crc32c_add(CRC32C_START, ascending, sizeof(ascending)));
	assert_memory_equal(sum, "\x4e\x79\xdd\x46", 4);
	crc32c_store(sum, crc32c_add(CRC32C_START, "123456789", 9));
	assert_memory_equal(sum, "\x83\x92\x06\xe3", 4);
}

static void parts_add_up(void **state)
{
	uint8_t bytes[64];

	(void)state;
	for (unsigned int i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 37);
	for (size_t split = 0; split <= sizeof(bytes); split++) {
		uint32_t crc = crc32c_add(CRC32C_START, bytes, split);

		assert_int_equal(crc32c_add(crc, bytes + split, sizeof(bytes) - split),
				 crc32c_add(CRC32C_START, bytes, sizeof(bytes)));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equals_the_published_examples),
		cmocka_unit_test(parts_add_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
