// SPDX-License-Identifier: Apache-2.0
/* What becomes of an answer that cannot be written; the rest of the Query API is tested with clients (tests/clients). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "api/door.h"

#include <string.h>

static size_t count_headers(const struct http_reply *reply, const char *name)
{
	size_t count = 0;

	for (size_t i = 0; i < reply->header_count; i++)
		count += strcmp(reply->headers[i].name, name) == 0;
	return count;
}

/* A body that has failed to grow stands for memory that ran out while the answer was written. */
static void test_an_answer_that_finds_no_memory(void **state)
{
	struct http_reply reply = {.body.failed = true};
	struct sender admin = {};
	struct door door;

	(void)state;
	door_open(&door);
	admin.key = &door.admin;
	door_send(&door, &admin, "ec2", "Action=DescribeVpcs", &reply);
	assert_int_equal(reply.status, 500);
	assert_int_equal(count_headers(&reply, "Content-Type"), 1);
	assert_non_null(strstr(reply.body.data, "<Code>InternalError</Code>"));
	text_fini(&reply.body);
	door_close(&door);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_answer_that_finds_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
