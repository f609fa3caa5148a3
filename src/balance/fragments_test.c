// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "balance/fragments.h"

static void fragments_follow_the_first(void **state _unused_)
{
	_cleanup_(fragments_freep) struct fragments *fragments = NULL;
	uint64_t flow = 0;

	assert_int_equal(fragments_new(&fragments), 0);
	assert_false(fragments_find(fragments, 0, 0, &flow));
	fragments_note(fragments, 0, 11, 100);
	fragments_note(fragments, 1, 12, 100);
	assert_true(fragments_find(fragments, 0, 100, &flow));
	assert_int_equal(flow, 11);
	assert_true(fragments_find(fragments, 1, 100 + FRAGMENTS_SECONDS, &flow));
	assert_int_equal(flow, 12);
}

/* An identification comes back, and a place has one datagram. */
static void what_is_noted_ends(void **state _unused_)
{
	_cleanup_(fragments_freep) struct fragments *fragments = NULL;
	uint64_t flow = 0;

	assert_int_equal(fragments_new(&fragments), 0);
	fragments_note(fragments, 5, 11, 100);
	assert_false(fragments_find(fragments, 5, 101 + FRAGMENTS_SECONDS, &flow));
	fragments_note(fragments, 5, 12, 200);
	assert_true(fragments_find(fragments, 5, 200, &flow));
	assert_int_equal(flow, 12);
	fragments_note(fragments, 5 + (1ULL << 32), 13, 200);
	assert_false(fragments_find(fragments, 5, 200, &flow));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fragments_follow_the_first),
		cmocka_unit_test(what_is_noted_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
