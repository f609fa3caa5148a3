// SPDX-License-Identifier: Apache-2.0
/* Block by block as the format's draft has them; tests/clients asks Wireshark the same. */
#include "cli/pcapng.h"

#include "cli/decapsulate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

static uint32_t word_at(const struct text *text, size_t offset)
{
	uint32_t word;

	assert_true(offset + sizeof(word) <= text->length);
	memcpy(&word, text->data + offset, sizeof(word));
	return word;
}

/* Every block says its length at both ends, a multiple of four. */
static size_t count_blocks(const struct text *text)
{
	size_t count = 0;

	for (size_t offset = 0; offset < text->length; count++) {
		uint32_t length = word_at(text, offset + 4);

		assert_true(length >= 12 && length % 4 == 0);
		assert_int_equal(word_at(text, offset + length - 4), length);
		offset += length;
	}
	return count;
}

static void a_file_starts_with_two_blocks(void **state _unused_)
{
	_cleanup_text_ struct text text = {};
	size_t interface;

	pcapng_append_start(&text, "tester");
	assert_int_equal(count_blocks(&text), 2);
	assert_int_equal(word_at(&text, 0), 0x0a0d0d0a);
	assert_int_equal(word_at(&text, 8), 0x1a2b3c4d);
	interface = word_at(&text, 4);
	assert_int_equal(word_at(&text, interface), 1);
	assert_int_equal(word_at(&text, interface + 8), 1);            /* Ethernet. */
	assert_int_equal(word_at(&text, interface + 12), 0);           /* No limit. */
	assert_int_equal(word_at(&text, interface + 16), 1 << 16 | 9); /* if_tsresol: one byte… */
	assert_int_equal(word_at(&text, interface + 20), 9);           /* …10^-9 seconds. */
}

static void packets_of_any_size_are_padded(void **state _unused_)
{
	static const uint8_t bytes[18] = "\2\0\0\0\0\1\2\0\0\0\0\2\x08\0\x45\0\x05\xdc";

	for (size_t size = 14; size <= sizeof(bytes); size++) {
		struct frame frame = {.bytes = bytes, .size = size};
		_cleanup_text_ struct text text = {};

		pcapng_append_packet(&text, &frame, 0x0123456789abcdef);
		assert_int_equal(count_blocks(&text), 1);
		assert_int_equal(word_at(&text, 0), 6);
		assert_int_equal(word_at(&text, 4), 32 + (size + 3) / 4 * 4);
		assert_int_equal(word_at(&text, 8), 0);
		assert_int_equal(word_at(&text, 12), 0x01234567);
		assert_int_equal(word_at(&text, 16), 0x89abcdef);
		assert_int_equal(word_at(&text, 20), size);
		assert_int_equal(word_at(&text, 24), size == 18 ? 1514 : size);
		assert_memory_equal(text.data + 28, bytes, size);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_starts_with_two_blocks),
		cmocka_unit_test(packets_of_any_size_are_padded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
