// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mirror/peek.h"

#include "base/array.h"
#include "base/cleanup.h"
#include "base/count.h"
#include "base/random.h"
#include "base/refusal.h"

#include <stdio.h>
#include <string.h>

static const struct resource_id example = {"tms-0123456789abcdef0"};

static void test_wishes_travel(void **state)
{
	_cleanup_(peek_wishes_fini) struct peek_wishes wishes = {}, read = {};
	const struct peek_wish wish = {example, PEEK_SNAP_MAX}, other = {example, 1};
	_cleanup_free_ char *json = NULL;
	struct refusal why = {};

	(void)state;
	assert_int_equal(array_append(&wishes, items, item_count, item_capacity, wish), 0);
	assert_int_equal(array_append(&wishes, items, item_count, item_capacity, other), 0);
	assert_int_equal(peek_wishes_encode(&wishes, &json), 0);
	assert_int_equal(peek_wishes_decode(json, strlen(json), &read, &why), 0);
	assert_true(peek_wishes_equal(&wishes, &read));
	read.items[1].snap_length++;
	assert_false(peek_wishes_equal(&wishes, &read));
	read.item_count = 1;
	assert_false(peek_wishes_equal(&wishes, &read));
}

/* As much as a batch may hold, of the longest packets and of the most. */
static void test_the_largest_batches_travel(void **state)
{
	static const uint16_t sizes[] = {PEEK_SNAP_MAX,
					 PEEK_BATCH_SIZE_MAX / PEEK_BATCH_PACKETS_MAX, 0};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		size_t most = sizes[i] ? (size_t)PEEK_BATCH_SIZE_MAX / sizes[i]
				       : PEEK_BATCH_PACKETS_MAX;
		_cleanup_(peek_batch_fini) struct peek_batch batch = {}, read = {};
		_cleanup_free_ char *json = NULL;
		struct refusal why = {};

		for (size_t j = 0; j < MIN(most, (size_t)PEEK_BATCH_PACKETS_MAX); j++) {
			struct peek_packet packet = {
				.session = example,
				.time = INT64_MAX,
				.direction = DIRECTION_EGRESS,
				.length = UINT32_MAX,
				.skipped = INT64_MAX,
				.bytes = {malloc(sizes[i] + 1U), sizes[i]},
			};

			random_bytes(packet.bytes.data, sizes[i]);
			assert_int_equal(array_append(&batch, packets, packet_count,
						      packet_capacity, packet),
					 0);
		}
		assert_int_equal(peek_batch_encode(&batch, &json), 0);
		assert_int_equal(peek_batch_decode(json, strlen(json), &read, &why), 0);
		assert_int_equal(read.packet_count, batch.packet_count);
		for (size_t j = 0; j < read.packet_count; j++) {
			const struct peek_packet *a = &batch.packets[j], *b = &read.packets[j];

			assert_true(resource_id_equal(&a->session, &b->session));
			assert_true(a->time == b->time && a->direction == b->direction &&
				    a->length == b->length && a->skipped == b->skipped &&
				    a->bytes.size == b->bytes.size);
			assert_memory_equal(a->bytes.data, b->bytes.data, a->bytes.size);
		}
	}
}

#define PACKET(session, time, direction, bytes)                                                   \
	"{\"packets\":[{\"session\":\"" session "\",\"time\":" time ",\"direction\":\"" direction \
	"\",\"length\":60,\"bytes\":\"" bytes "\"}]}"

static void test_what_is_no_batch(void **state)
{
	static const char *const texts[] = {
		"",
		"{}",
		"{\"packets\":{}}",
		PACKET("tmf-0123456789abcdef0", "1", "ingress", "AAAA"),
		PACKET("tms-0123456789abcdef0", "-1", "ingress", "AAAA"),
		PACKET("tms-0123456789abcdef0", "1", "sideways", "AAAA"),
		PACKET("tms-0123456789abcdef0", "1", "ingress", "AAA"),
	};
	static const char good[] = PACKET("tms-0123456789abcdef0", "1", "ingress", "AAAA");

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		_cleanup_(peek_batch_fini) struct peek_batch batch = {};
		struct refusal why = {};

		assert_int_equal(peek_batch_decode(texts[i], strlen(texts[i]), &batch, &why),
				 REFUSED);
		assert_string_not_equal(why.text, "");
	}
	{
		_cleanup_(peek_batch_fini) struct peek_batch batch = {};
		struct refusal why = {};

		assert_int_equal(peek_batch_decode(good, strlen(good), &batch, &why), 0);
		assert_int_equal(batch.packets[0].bytes.size, 3);
	}
}

/* One byte more than a packet may have. */
static void test_a_packet_is_bounded(void **state)
{
	_cleanup_(peek_batch_fini) struct peek_batch batch = {};
	static char data[(PEEK_SNAP_MAX / 3 + 1) * 4 + 1], json[sizeof(data) + 256];
	struct refusal why = {};

	(void)state;
	memset(data, 'A', sizeof(data) - 1);
	(void)snprintf(json, sizeof(json), PACKET("tms-0123456789abcdef0", "1", "ingress", "%s"),
		       data);
	assert_int_equal(peek_batch_decode(json, strlen(json), &batch, &why), REFUSED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wishes_travel),
		cmocka_unit_test(test_the_largest_batches_travel),
		cmocka_unit_test(test_what_is_no_batch),
		cmocka_unit_test(test_a_packet_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
