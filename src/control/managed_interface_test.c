// SPDX-License-Identifier: Apache-2.0
/* Interfaces that the service makes for its own objects: seen by everybody, touched by nobody. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "control/fixture.h"
#include "control/managed_interface.h"

#include <string.h>

static int add(struct fixture *fixture, const char *address, struct source *ret_source)
{
	_cleanup_(transaction_end) struct transaction transaction = {};
	const struct managed_interface_wish wish = {
		.caller = &fixture->user,
		.type = INTERFACE_NETWORK_LOAD_BALANCER,
		.description = "ELB net/sensors/0123456789abcdef",
		.address = address,
	};
	int r;

	r = transaction_begin(&transaction, fixture->control);
	if (r == 0)
		r = managed_interface_add(&transaction, &wish, ret_source, &fixture->why);
	if (r == 0)
		r = transaction_commit(&transaction, &fixture->user, &fixture->why);
	return r;
}

static size_t count_matching(struct fixture *fixture, const char *filter, const char *value)
{
	const struct query_filter filters[] = {{filter, &value, 1}};
	struct query query = {.filters = filters, .filter_count = 1};
	struct interface_page page = {};
	size_t count;

	assert_done(fixture, control_describe_interfaces(fixture->control, &fixture->user, &query,
							 &page, &fixture->why));
	count = page.count;
	interface_page_fini(&page);
	return count;
}

static void addresses_are_of_the_block_and_differ(void **state)
{
	struct fixture *fixture = *state;
	struct source made[200];
	struct cidr block;

	assert_true(cidr_parse(MANAGED_BLOCK, &block));
	for (size_t i = 0; i < 200; i++) {
		assert_done(fixture, add(fixture, NULL, &made[i]));
		assert_int_equal(made[i].address_count, 1);
		assert_true(cidr_contains(&block, &made[i].addresses[0]));
		for (size_t j = 0; j < i; j++)
			assert_false(address_equal(&made[i].addresses[0], &made[j].addresses[0]));
	}
}

static void a_wished_address_must_be_free(void **state)
{
	struct fixture *fixture = *state;
	struct source made;

	assert_refused(fixture, add(fixture, "192.0.2.10", &made), REFUSE_ADDRESS_IN_USE);
	assert_refused(fixture, add(fixture, "224.0.0.1", &made), REFUSE_PARAMETER_VALUE);
	assert_refused(fixture, add(fixture, "node", &made), REFUSE_PARAMETER_VALUE);
	assert_refused(fixture, add(fixture, "2001:db8::1", &made), REFUSE_PARAMETER_VALUE);
	assert_refused(fixture, add(fixture, "127.0.0.1", &made), REFUSE_PARAMETER_VALUE);
	assert_refused(fixture, add(fixture, "169.254.1.1", &made), REFUSE_PARAMETER_VALUE);
	assert_done(fixture, add(fixture, "10.9.9.9", &made));
	assert_int_equal(count_matching(fixture, "private-ip-address", "10.9.9.9"), 1);
	assert_refused(fixture, add(fixture, "10.9.9.9", &made), REFUSE_ADDRESS_IN_USE);
}

static void they_are_seen_but_not_touched(void **state)
{
	struct interface_change change = {.description = "mine"};
	struct fixture *fixture = *state;
	char filter[RESOURCE_ID_SIZE], id[RESOURCE_ID_SIZE], target[RESOURCE_ID_SIZE];
	struct source made;

	assert_done(fixture, add(fixture, NULL, &made));
	assert_int_equal(count_matching(fixture, "interface-type", "network_load_balancer"), 1);
	assert_int_equal(count_matching(fixture, "requester-managed", "true"), 1);
	assert_int_equal(count_matching(fixture, "requester-id", "amazon-elb"), 1);
	assert_int_equal(count_matching(fixture, "attachment.instance-owner-id", "amazon-elb"), 1);
	assert_int_equal(count_matching(fixture, "attachment.attachment-id", "ela-attach-*"), 1);
	assert_int_equal(count_matching(fixture, "description", "ELB net/sensors/*"), 1);
	change.interface = made.id.text;
	assert_refused(
		fixture,
		control_modify_interface(fixture->control, &fixture->user, &change, &fixture->why),
		REFUSE_OPERATION);
	assert_refused(fixture,
		       control_delete_interface(fixture->control, &fixture->user, made.id.text,
						&fixture->why),
		       REFUSE_OPERATION);
	assert_refused(fixture, make_target(fixture, made.id.text, id),
		       REFUSE_INTERFACE_NOT_SUPPORTED);
	assert_done(fixture, make_filter(fixture, filter));
	assert_done(fixture, make_target(fixture, fixture->appliance, target));
	assert_refused(fixture, make_session(fixture, made.id.text, target, filter, 1, id),
		       REFUSE_INTERFACE_NOT_SUPPORTED);
}

static void they_go_with_their_owner(void **state)
{
	_cleanup_(transaction_end) struct transaction transaction = {};
	struct fixture *fixture = *state;
	struct source made;

	assert_done(fixture, add(fixture, "10.9.9.9", &made));
	assert_int_equal(transaction_begin(&transaction, fixture->control), 0);
	assert_int_equal(managed_interface_remove(&transaction, &made.id), 0);
	assert_int_equal(managed_interface_remove(&transaction, &made.id), 0);
	assert_int_equal(transaction_commit(&transaction, &fixture->user, &fixture->why), 0);
	assert_int_equal(count_matching(fixture, "requester-managed", "true"), 0);
	assert_done(fixture, add(fixture, "10.9.9.9", &made));
}

/* What the service makes is not counted against what an account may register. */
static void they_take_no_quota(void **state)
{
	struct limits limits = LIMITS_DEFAULT;
	struct fixture own, *fixture = &own;
	char id[RESOURCE_ID_SIZE];
	struct source made;

	(void)state;
	limits.registered_interfaces = 2;
	fixture_open(fixture, &limits);
	for (size_t i = 0; i < 5; i++)
		assert_done(fixture, add(fixture, NULL, &made));
	assert_done(fixture, make_interface(fixture, "192.0.2.11", id));
	assert_refused(fixture, make_interface(fixture, "192.0.2.12", id), REFUSE_INTERFACE_LIMIT);
	fixture_close(fixture);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		TEST(addresses_are_of_the_block_and_differ), TEST(a_wished_address_must_be_free),
		TEST(they_are_seen_but_not_touched),         TEST(they_go_with_their_owner),
		cmocka_unit_test(they_take_no_quota),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
