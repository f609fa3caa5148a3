// SPDX-License-Identifier: Apache-2.0
#include "control/quota.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "control/account.h"
#include "control/fixture.h"
#include "control/share.h"
#include "mirror/limits.h"

#include <string.h>

#define OTHER "210987654321"

static int set(struct fixture *fixture, const char *account, enum quota quota, int64_t value)
{
	return control_modify_quota(fixture->control, &fixture->user, account, quota_name(quota),
				    value, &fixture->why);
}

static int reset(struct fixture *fixture, const char *account, enum quota quota)
{
	return control_reset_quota(fixture->control, &fixture->user, account, quota_name(quota),
				   &fixture->why);
}

static struct quota_record get(struct fixture *fixture, const char *account, enum quota quota)
{
	struct quota_list list = {};

	assert_done(fixture, control_describe_quotas(fixture->control, &fixture->user, account,
						     &list, &fixture->why));
	assert_string_equal(list.account.text, account ? account : FIXTURE_ACCOUNT);
	assert_string_equal(list.items[quota].name, quota_name(quota));
	return list.items[quota];
}

static int make_account(struct fixture *fixture)
{
	struct account_record account = {};
	struct key_record key = {};

	return control_create_account(fixture->control, &fixture->user, "other", OTHER, &account,
				      &key, &fixture->why);
}

static void act_as(struct fixture *fixture, const char *account)
{
	memcpy(fixture->user.account.text, account, ACCOUNT_ID_SIZE);
	memcpy(fixture->agent.account.text, account, ACCOUNT_ID_SIZE);
}

static void prepare(struct fixture *fixture, char *target, char *filter)
{
	assert_done(fixture, make_target(fixture, fixture->appliance, target));
	assert_done(fixture, make_filter(fixture, filter));
}

static void test_what_is_told(void **state)
{
	static const char *const addresses[] = {"192.0.2.11", "192.0.2.12", "192.0.2.13"};
	struct fixture *fixture = *state;
	struct quota_record quota;
	char target[RESOURCE_ID_SIZE], filter[RESOURCE_ID_SIZE], id[RESOURCE_ID_SIZE];

	prepare(fixture, target, filter);
	assert_done(fixture, make_rule(fixture, filter, "ingress", 1, id));
	assert_done(fixture, make_session(fixture, fixture->eth0, target, filter, 1, id));
	assert_done(fixture, make_session(fixture, fixture->eth0, target, filter, 2, id));
	for (int i = 0; i < 2; i++)
		assert_done(fixture, make_filter(fixture, id));
	for (int i = 0; i < 3; i++)
		assert_done(fixture, make_interface(fixture, addresses[i], id));
	quota = get(fixture, NULL, QUOTA_SESSIONS);
	assert_true(quota.counted && quota.usage == 2 && quota.value == 10000);
	assert_int_equal(quota.fallback, 10000);
	assert_int_equal(quota.maximum, UINT32_MAX);
	assert_int_equal(get(fixture, NULL, QUOTA_TARGETS).usage, 1);
	assert_int_equal(get(fixture, NULL, QUOTA_FILTERS).usage, 3);
	assert_int_equal(get(fixture, NULL, QUOTA_REGISTERED_INTERFACES).usage, 4);
	quota = get(fixture, NULL, QUOTA_RULES_PER_FILTER);
	assert_true(!quota.counted && quota.value == 10 && quota.maximum == FILTER_RULES_MAX);
	assert_done(fixture, set(fixture, NULL, QUOTA_RULES_PER_FILTER, 12));
	quota = get(fixture, NULL, QUOTA_RULES_PER_FILTER);
	assert_true(quota.value == 12 && quota.fallback == 10);
	assert_done(fixture, make_account(fixture));
	assert_int_equal(get(fixture, OTHER, QUOTA_RULES_PER_FILTER).value, 10);
	assert_int_equal(get(fixture, OTHER, QUOTA_SESSIONS).usage, 0);
}

static void test_who_may(void **state)
{
	struct fixture *fixture = *state;
	struct quota_list list;

	assert_done(fixture, make_account(fixture));
	assert_refused(fixture, set(fixture, "000000000000", QUOTA_FILTERS, 1),
		       REFUSE_PARAMETER_VALUE);
	act_as(fixture, OTHER);
	assert_refused(fixture, set(fixture, NULL, QUOTA_FILTERS, 1), REFUSE_NOT_PERMITTED);
	assert_refused(fixture, set(fixture, OTHER, QUOTA_FILTERS, 1), REFUSE_NOT_PERMITTED);
	assert_refused(fixture, reset(fixture, NULL, QUOTA_FILTERS), REFUSE_NOT_PERMITTED);
	assert_refused(fixture,
		       control_describe_quotas(fixture->control, &fixture->user, FIXTURE_ACCOUNT,
					       &list, &fixture->why),
		       REFUSE_NOT_PERMITTED);
	assert_done(fixture, control_describe_quotas(fixture->control, &fixture->user, OTHER, &list,
						     &fixture->why));
	assert_int_equal(list.items[QUOTA_FILTERS].value, 10000);
}

static void test_bounds(void **state)
{
	struct fixture *fixture = *state;

	assert_refused(fixture, set(fixture, NULL, QUOTA_SESSIONS_PER_SOURCE, 33),
		       REFUSE_PARAMETER_VALUE);
	assert_refused(fixture, set(fixture, NULL, QUOTA_RULES_PER_FILTER, FILTER_RULES_MAX + 1),
		       REFUSE_PARAMETER_VALUE);
	assert_refused(fixture, set(fixture, NULL, QUOTA_SESSIONS, -1), REFUSE_PARAMETER_VALUE);
	assert_refused(fixture, set(fixture, NULL, QUOTA_SESSIONS, (int64_t)UINT32_MAX + 1),
		       REFUSE_PARAMETER_VALUE);
	assert_refused(fixture,
		       control_modify_quota(fixture->control, &fixture->user, NULL, "session", 1,
					    &fixture->why),
		       REFUSE_PARAMETER_VALUE);
	assert_non_null(strstr(fixture->why.text, "sessions-per-source"));
	assert_done(fixture, set(fixture, NULL, QUOTA_SESSIONS_PER_SOURCE, SOURCE_SESSIONS_MAX));
	assert_done(fixture, set(fixture, NULL, QUOTA_RULES_PER_FILTER, FILTER_RULES_MAX));
	assert_done(fixture, set(fixture, NULL, QUOTA_SESSIONS, UINT32_MAX));
	assert_int_equal(get(fixture, NULL, QUOTA_SESSIONS).value, UINT32_MAX);
}

static void test_dry_runs_change_nothing(void **state)
{
	struct fixture *fixture = *state;

	fixture->user.dry_run = true;
	assert_refused(fixture, set(fixture, NULL, QUOTA_FILTERS, 1), REFUSE_DRY_RUN);
	assert_refused(fixture, reset(fixture, NULL, QUOTA_FILTERS), REFUSE_DRY_RUN);
	fixture->user.dry_run = false;
	assert_int_equal(get(fixture, NULL, QUOTA_FILTERS).value, 10000);
}

/* Each of them, below what there is: nothing goes, nothing comes, until it is reset. */
static void test_each_quota_holds(void **state)
{
	struct fixture *fixture = *state;
	char target[RESOURCE_ID_SIZE], filter[RESOURCE_ID_SIZE], id[RESOURCE_ID_SIZE];
	char interface[RESOURCE_ID_SIZE];

	prepare(fixture, target, filter);
	assert_done(fixture, make_interface(fixture, "192.0.2.11", interface));
	assert_done(fixture, make_rule(fixture, filter, "ingress", 1, id));
	for (size_t i = 0; i < QUOTA_COUNT; i++)
		if (i != QUOTA_SESSIONS && i != QUOTA_SESSIONS_PER_SOURCE &&
		    i != QUOTA_SOURCES_PER_TARGET)
			assert_done(fixture, set(fixture, NULL, (enum quota)i, 0));
	assert_refused(fixture, make_filter(fixture, id), REFUSE_FILTER_LIMIT);
	assert_refused(fixture, make_target(fixture, interface, id), REFUSE_TARGET_LIMIT);
	assert_refused(fixture, make_interface(fixture, "192.0.2.12", id), REFUSE_INTERFACE_LIMIT);
	assert_refused(fixture, make_rule(fixture, filter, "ingress", 2, id),
		       REFUSE_FILTER_RULE_LIMIT);
	assert_int_equal(get(fixture, NULL, QUOTA_FILTERS).usage, 1);
	for (size_t i = 0; i < QUOTA_COUNT; i++)
		assert_done(fixture, reset(fixture, NULL, (enum quota)i));
	assert_done(fixture, make_filter(fixture, id));
	assert_done(fixture, make_target(fixture, interface, id));
	assert_done(fixture, make_interface(fixture, "192.0.2.12", id));
	assert_done(fixture, make_rule(fixture, filter, "ingress", 2, id));
}

/* The first session counts, and leaves room that the lower quota has to take back. */
static void test_room_is_reckoned_anew(void **state)
{
	struct fixture *fixture = *state;
	char target[RESOURCE_ID_SIZE], filter[RESOURCE_ID_SIZE], id[RESOURCE_ID_SIZE];

	prepare(fixture, target, filter);
	assert_done(fixture, make_session(fixture, fixture->eth0, target, filter, 1, id));
	assert_done(fixture, set(fixture, NULL, QUOTA_SESSIONS, 1));
	assert_refused(fixture, make_session(fixture, fixture->eth0, target, filter, 2, id),
		       REFUSE_SESSION_LIMIT);
	assert_done(fixture, set(fixture, NULL, QUOTA_SESSIONS, 2));
	assert_done(fixture, set(fixture, NULL, QUOTA_SOURCES_PER_TARGET, 1));
	assert_refused(fixture, make_session(fixture, fixture->tap0, target, filter, 1, id),
		       REFUSE_SOURCES_PER_TARGET_LIMIT);
	assert_done(fixture, set(fixture, NULL, QUOTA_SESSIONS_PER_SOURCE, 1));
	assert_refused(fixture, make_session(fixture, fixture->eth0, target, filter, 2, id),
		       REFUSE_SESSIONS_PER_SOURCE_LIMIT);
	assert_done(fixture, reset(fixture, NULL, QUOTA_SOURCES_PER_TARGET));
	assert_done(fixture, make_session(fixture, fixture->tap0, target, filter, 1, id));
	assert_int_equal(fixture_count_sessions(fixture), 2);
}

/* One account's quota is no other's; and who gets the number of an account that is gone gets none of its quotas. */
static void test_quotas_are_an_accounts(void **state)
{
	struct fixture *fixture = *state;
	char id[RESOURCE_ID_SIZE];

	assert_done(fixture, make_account(fixture));
	assert_done(fixture, set(fixture, OTHER, QUOTA_FILTERS, 0));
	assert_done(fixture, make_filter(fixture, id));
	act_as(fixture, OTHER);
	assert_refused(fixture, make_filter(fixture, id), REFUSE_FILTER_LIMIT);
	act_as(fixture, FIXTURE_ACCOUNT);
	assert_done(fixture,
		    control_delete_account(fixture->control, &fixture->user, OTHER, &fixture->why));
	assert_done(fixture, make_account(fixture));
	assert_int_equal(get(fixture, OTHER, QUOTA_FILTERS).value, 10000);
}

/* The other account moves in: with a share of the target, a host and a filter. */
static void settle(struct fixture *fixture, const char *target, char *eth1, char *filter)
{
	assert_done(fixture, make_account(fixture));
	assert_done(fixture, control_share_target(fixture->control, &fixture->user, target, OTHER,
						  &fixture->why));
	act_as(fixture, OTHER);
	REPORT(fixture, "beta", "10.0.0.6", "eth1");
	fixture_find_device(fixture, "beta", "eth1", eth1);
	assert_done(fixture, make_filter(fixture, filter));
	act_as(fixture, FIXTURE_ACCOUNT);
}

/* How many may send to an appliance is the affair of whose it is. */
static void test_a_shared_target_has_its_owners_quota(void **state)
{
	struct fixture *fixture = *state;
	char target[RESOURCE_ID_SIZE], filter[RESOURCE_ID_SIZE], id[RESOURCE_ID_SIZE];
	char eth1[RESOURCE_ID_SIZE];

	assert_done(fixture, make_target(fixture, fixture->appliance, target));
	settle(fixture, target, eth1, filter);
	assert_done(fixture, set(fixture, OTHER, QUOTA_SOURCES_PER_TARGET, 0));
	act_as(fixture, OTHER);
	assert_done(fixture, make_session(fixture, eth1, target, filter, 1, id));
	act_as(fixture, FIXTURE_ACCOUNT);
	assert_done(fixture, set(fixture, NULL, QUOTA_SOURCES_PER_TARGET, 0));
	act_as(fixture, OTHER);
	assert_refused(fixture, make_session(fixture, eth1, target, filter, 2, id),
		       REFUSE_SOURCES_PER_TARGET_LIMIT);
}

/* Whoever has the number of an account that is gone has none of the room that was left to it. */
static void test_room_goes_with_the_account(void **state)
{
	struct limits limits = LIMITS_DEFAULT;
	struct fixture own, *fixture = &own;
	char target[RESOURCE_ID_SIZE], filter[RESOURCE_ID_SIZE], id[RESOURCE_ID_SIZE];
	char eth1[RESOURCE_ID_SIZE];

	(void)state;
	limits.sessions = 1;
	fixture_open(fixture, &limits);
	assert_done(fixture, make_target(fixture, fixture->appliance, target));
	settle(fixture, target, eth1, filter);
	assert_done(fixture, set(fixture, OTHER, QUOTA_SESSIONS, 5));
	act_as(fixture, OTHER);
	assert_done(fixture, make_session(fixture, eth1, target, filter, 1, id));
	assert_done(fixture,
		    control_delete_session(fixture->control, &fixture->user, id, &fixture->why));
	assert_done(fixture,
		    control_delete_filter(fixture->control, &fixture->user, filter, &fixture->why));
	fixture->now += 3600000;
	assert_done(fixture,
		    control_delete_host(fixture->control, &fixture->user, "beta", &fixture->why));
	act_as(fixture, FIXTURE_ACCOUNT);
	assert_done(fixture,
		    control_delete_account(fixture->control, &fixture->user, OTHER, &fixture->why));
	settle(fixture, target, eth1, filter);
	act_as(fixture, OTHER);
	assert_done(fixture, make_session(fixture, eth1, target, filter, 1, id));
	assert_refused(fixture, make_session(fixture, eth1, target, filter, 2, id),
		       REFUSE_SESSION_LIMIT);
	fixture_close(fixture);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_what_is_told),
		TEST(test_who_may),
		TEST(test_bounds),
		TEST(test_dry_runs_change_nothing),
		TEST(test_each_quota_holds),
		TEST(test_room_is_reckoned_anew),
		TEST(test_quotas_are_an_accounts),
		TEST(test_a_shared_target_has_its_owners_quota),
		cmocka_unit_test(test_room_goes_with_the_account),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
