// SPDX-License-Identifier: Apache-2.0
#include "base/count.h"
#include "sdk/request.h"
#include "sdk/script.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define STATES(items)                                                                          \
	{                                                                                      \
		.status = 200, .document = "<R><vpcEndpointSet>" items "</vpcEndpointSet></R>" \
	}
#define STATE(state) "<item><state>" state "</state></item>"
#define MISSING(code)                                                             \
	{                                                                         \
		.status = 400, .document = "<Response><Errors><Error><Code>" code \
					   "</Code></Error></Errors></Response>"  \
	}

static int await(enum tmirror_milestone milestone, unsigned int timeout,
		 const struct script_line *lines, size_t count, struct script *script,
		 struct tmirror_error *error)
{
	_cleanup_(tmirror_client_freep) struct tmirror_client *client = NULL;
	int r;

	*error = (struct tmirror_error){};
	assert_int_equal(script_open(script, lines, count, &client), 0);
	r = tmirror_wait_for(client, milestone, "vpce-1", timeout, error);
	script_fini(script);
	return r;
}

static void it_asks_until_all_are_as_wished(void **state _unused_)
{
	static const struct script_line lines[] = {
		STATES(""),
		STATES("<item/>"),
		STATES(STATE("available") STATE("pendingAcceptance")),
		STATES(STATE("available") STATE("available")),
	};
	struct tmirror_error error;
	struct script script;

	assert_int_equal(
		await(TMIRROR_ENDPOINT_AVAILABLE, 0, lines, ARRAY_SIZE(lines), &script, &error), 0);
	assert_int_equal(script.attempts, 4);
	assert_int_equal(script.pause_count, 3);
	for (unsigned int i = 0, pause = 200; i < 3; i++, pause += pause / 2)
		assert_in_range(script.pauses[i], pause / 2, pause);
}

static void what_cannot_come_any_more_is_not_waited_for(void **state _unused_)
{
	static const struct script_line lines[] = {
		STATES(STATE("pendingAcceptance")),
		STATES(STATE("rejected") STATE("pendingAcceptance")),
	};
	struct tmirror_error error;
	struct script script;

	assert_int_equal(
		await(TMIRROR_ENDPOINT_AVAILABLE, 0, lines, ARRAY_SIZE(lines), &script, &error),
		TMIRROR_UNFULFILLED);
	assert_string_equal(error.code, "Failed");
	assert_string_equal(error.message, "'state' is 'rejected'");
}

static void time_ends(void **state _unused_)
{
	static const struct script_line lines[] = {STATES(STATE("pendingAcceptance"))};
	struct tmirror_error error;
	struct script script;

	assert_int_equal(await(TMIRROR_ENDPOINT_AVAILABLE, 1, lines, 1, &script, &error),
			 TMIRROR_UNFULFILLED);
	assert_string_equal(error.code, "TimedOut");
	assert_string_equal(error.message, "after 1 ms 'state' is 'pendingAcceptance'");
	assert_int_equal(script.pause_count, 0);
}

static void what_is_to_go_may_be_gone(void **state _unused_)
{
	static const struct script_line lines[] = {
		STATES(STATE("deleting")),
		MISSING("InvalidVpcEndpointId.NotFound"),
	};
	static const struct script_line empty[] = {STATES(STATE("deleting")), STATES("")};
	struct tmirror_error error;
	struct script script;

	assert_int_equal(await(TMIRROR_ENDPOINT_DELETED, 0, lines, 2, &script, &error), 0);
	assert_int_equal(script.attempts, 2);
	assert_int_equal(await(TMIRROR_ENDPOINT_DELETED, 0, empty, 2, &script, &error), 0);
	assert_int_equal(script.attempts, 2);
}

/* An id with a typing error will not appear by waiting. */
static void refusals_end_it(void **state _unused_)
{
	static const struct script_line missing[] = {MISSING("InvalidVpcEndpointId.NotFound")};
	static const struct script_line denied[] = {MISSING("UnauthorizedOperation")};
	struct tmirror_error error;
	struct script script;

	assert_int_equal(await(TMIRROR_ENDPOINT_AVAILABLE, 0, missing, 1, &script, &error),
			 TMIRROR_REFUSED);
	assert_string_equal(error.code, "InvalidVpcEndpointId.NotFound");
	assert_int_equal(await(TMIRROR_ENDPOINT_DELETED, 0, denied, 1, &script, &error),
			 TMIRROR_REFUSED);
	assert_string_equal(error.code, "UnauthorizedOperation");
	assert_int_equal(await((enum tmirror_milestone)99, 0, denied, 1, &script, &error), -EINVAL);
	assert_int_equal(script.attempts, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_asks_until_all_are_as_wished),
		cmocka_unit_test(what_cannot_come_any_more_is_not_waited_for),
		cmocka_unit_test(time_ends),
		cmocka_unit_test(what_is_to_go_may_be_gone),
		cmocka_unit_test(refusals_end_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
