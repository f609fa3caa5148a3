// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "ship/checksum.h"

#include <arpa/inet.h>
#include <cmocka.h>
#include <string.h>

/* RFC 1071, section 4.1, word by word. */
static uint16_t naive_checksum(const uint8_t *bytes, size_t size)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < size; i++)
		sum += (uint32_t)bytes[i] << (i % 2 == 0 ? 8 : 0);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

static uint32_t next_random(uint32_t *state)
{
	*state = *state * 1664525 + 1013904223;
	return *state >> 8;
}

static void equals_the_naive_sum(void **state)
{
	uint8_t bytes[4096 + 16];
	uint32_t random = 1;

	(void)state;
	for (size_t size = 0; size <= 4096; size += size < 300 ? 1 : 61) {
		size_t shift = size % 9;

		for (size_t i = 0; i < sizeof(bytes); i++)
			bytes[i] = (uint8_t)next_random(&random);
		assert_int_equal(ntohs(checksum_finish(checksum_add(0, bytes + shift, size))),
				 naive_checksum(bytes + shift, size));
	}
}

static void carries_wrap_around(void **state)
{
	uint8_t bytes[1024];

	(void)state;
	memset(bytes, 0xff, sizeof(bytes));
	for (size_t size = 1; size <= sizeof(bytes); size++)
		assert_int_equal(ntohs(checksum_finish(checksum_add(0, bytes, size))),
				 naive_checksum(bytes, size));
}

static void parts_add_up(void **state)
{
	uint8_t bytes[600];
	uint32_t random = 2;

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)next_random(&random);
	for (size_t split = 0; split <= sizeof(bytes); split += 2) {
		uint64_t sum = checksum_add(0, bytes, split);

		sum = checksum_add(sum, bytes + split, sizeof(bytes) - split);
		assert_int_equal(ntohs(checksum_finish(sum)), naive_checksum(bytes, sizeof(bytes)));
	}
}

static void numbers_count_as_their_bytes(void **state)
{
	const uint8_t bytes[] = {0x01, 0x02, 0x03, 0x04};

	(void)state;
	assert_int_equal(checksum_finish(checksum_add_number(0, 0x01020304)),
			 checksum_finish(checksum_add(0, bytes, sizeof(bytes))));
	assert_int_equal(checksum_finish(checksum_add_number(UINT64_MAX, UINT32_MAX)),
			 checksum_finish(UINT64_MAX));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equals_the_naive_sum),
		cmocka_unit_test(carries_wrap_around),
		cmocka_unit_test(parts_add_up),
		cmocka_unit_test(numbers_count_as_their_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
