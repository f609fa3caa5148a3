// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "ship/envelope.h"

#include "base/cleanup.h"
#include "ship/ship.h"

#include <cmocka.h>

static void vxlan_is_eight_bytes(void **state _unused_)
{
	const uint8_t expected[] = {0x08, 0, 0, 0, 0xab, 0xcd, 0xef, 0};
	uint8_t header[ENVELOPE_SIZE_MAX];
	struct envelope envelope;

	envelope_init(&envelope, SHIP_VXLAN, 0xabcdef);
	assert_int_equal(envelope.size, sizeof(expected));
	envelope_write(&envelope, 0x1122334455667788, header);
	assert_memory_equal(header, expected, sizeof(expected));
}

static void geneve_carries_the_time(void **state _unused_)
{
	const uint8_t expected[] = {
		0x03, 0,    0x65, 0x58, 0xab, 0xcd, 0xef, 0, /* Three words of options. */
		0xff, 0x4d, 1,    2,                         /* Class, type, two words. */
		0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88,
	};
	uint8_t header[ENVELOPE_SIZE_MAX];
	struct envelope envelope;

	envelope_init(&envelope, SHIP_GENEVE, 0xabcdef);
	assert_int_equal(envelope.size, sizeof(expected));
	envelope_write(&envelope, 0x1122334455667788, header);
	assert_memory_equal(header, expected, sizeof(expected));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vxlan_is_eight_bytes),
		cmocka_unit_test(geneve_carries_the_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
