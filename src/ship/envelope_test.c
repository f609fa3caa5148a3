// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "ship/envelope.h"

#include "base/address.h"
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
	envelope_write(&envelope, 0x1122334455667788, 7, header);
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
	envelope_write(&envelope, 0x1122334455667788, 7, header);
	assert_memory_equal(header, expected, sizeof(expected));
}

/* Every byte, the checksum worked out by hand: 4500 0054 0000 4000 4011 0000 c000 0201 0a00 0007 sum up to 0x1916d. */
static void a_gateway_gets_a_packet_within_its_options(void **state _unused_)
{
	const uint8_t expected[] = {
		0x08, 0,    0x08, 0x00, 0,    0,    0,    0, /* Eight words of options, IPv4, no VNI. */
		0x01, 0x08, 1,    2,    0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef, 0x01,
		0x08, 2,    2,    0,    0,    0,    0,    0,    0,    0,    5,    0x01, 0x08,
		3,    1,    0xaa, 0xbb, 0xcc, 0xdd, 0x45, 0,    0,    84,   0,    0,    0x40,
		0,    64,   17,   0x6e, 0x91, 192,  0,    2,    1,    10,   0,    0,    7,
		0xc2, 0x34, 0x12, 0xb5, 0,    64,   0,    0, /* From 49152 + 0x234, 64 bytes. */
		0x08, 0,    0,    0,    0xab, 0xcd, 0xef, 0,
	};
	const struct address source = {4, {192, 0, 2, 1}}, endpoint = {4, {10, 0, 0, 7}};
	uint8_t header[ENVELOPE_SIZE_MAX];
	struct envelope envelope;

	envelope_init_gateway(&envelope, 0x0123456789abcdef, 5, &source, &endpoint, 4789, 0xabcdef);
	assert_int_equal(envelope.size, sizeof(expected));
	envelope_write(&envelope, 0, 0x55550234aabbccdd, header);
	envelope_fit(header + envelope.packet_offset, 36 + 48);
	assert_memory_equal(header, expected, sizeof(expected));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vxlan_is_eight_bytes),
		cmocka_unit_test(geneve_carries_the_time),
		cmocka_unit_test(a_gateway_gets_a_packet_within_its_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
