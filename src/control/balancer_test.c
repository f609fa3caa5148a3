// SPDX-License-Identifier: Apache-2.0
/* Load balancers: what a create makes or finds, what a deletion takes along, and who hears of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/text.h"
#include "control/arn_tag.h"
#include "control/balancer.h"
#include "control/fixture.h"
#include "control/listener.h"
#include "store/account.h"
#include "store/group.h"
#include "store/source.h"
#include "store/store.h"

#include <string.h>

#define OTHER_ACCOUNT "210987654321"

static int make(struct fixture *fixture, const struct balancer_wish *wish,
		struct balancer_record *ret_record)
{
	const struct site site = control_get_site(fixture->control, &fixture->user);
	const char *subnet = site.subnet.text;
	struct balancer_wish whole = *wish;

	whole.name = "sensors";
	whole.type = wish->type ? wish->type : "network";
	whole.subnets = &subnet;
	whole.subnet_count = 1;
	return control_create_balancer(fixture->control, &fixture->user, &whole, ret_record,
				       &fixture->why);
}

static struct balancer_record made(struct fixture *fixture)
{
	struct balancer_record record = {};

	assert_done(fixture, make(fixture, &(struct balancer_wish){}, &record));
	return record;
}

static struct arn add_group(struct fixture *fixture, const char *name)
{
	struct group group = {.owner = {FIXTURE_ACCOUNT}, .protocol = GROUP_UDP, .port = 4789};

	(void)string_copy(group.name, sizeof(group.name), name);
	group_make_arn(&group, "us-east-1");
	assert_int_equal(store_put_group(fixture->store, &group), 0);
	return group.arn;
}

static int listen_on(struct fixture *fixture, const struct balancer_record *record, int64_t port,
		     const char *group, struct listener *ret_listener)
{
	const struct listener_wish wish = {
		.balancer = record->balancer.arn.text,
		.protocol = "UDP",
		.port = NUMBER(port),
		.group = group,
	};

	return control_create_listener(fixture->control, &fixture->user, &wish, ret_listener,
				       &fixture->why);
}

static void test_settings_are_the_same_or_in_the_way(void **state)
{
	static const struct balancer_wish same[] = {{}, {.scheme = "internet-facing"}};
	static const struct tag tag = {(char *)(uintptr_t) "k", (char *)(uintptr_t) "v"};
	const struct balancer_wish others[] = {{.scheme = "internal"},
					       {.tags = &tag, .tag_count = 1}};
	struct fixture *fixture = *state;
	struct balancer_record first = made(fixture), again = {};

	for (size_t i = 0; i < 2; i++) {
		assert_done(fixture, make(fixture, &same[i], &again));
		assert_string_equal(again.balancer.arn.text, first.balancer.arn.text);
	}
	for (size_t i = 0; i < 2; i++)
		assert_refused(fixture, make(fixture, &others[i], &again),
			       REFUSE_BALANCER_NAME_TAKEN);
	assert_done(fixture, make(fixture, &(struct balancer_wish){.type = "gateway"}, &again));
	assert_string_not_equal(again.balancer.arn.text, first.balancer.arn.text);
}

/* What is refused leaves nothing behind, not even the interface. */
static void test_a_refused_create_makes_nothing(void **state)
{
	static const char long_key[200] = {[0 ... 198] = 'k'};
	const struct tag tag = {(char *)(uintptr_t)long_key, (char *)(uintptr_t) "v"};
	struct fixture *fixture = *state;
	struct balancer_record record = {};
	int64_t before, after;

	assert_int_equal(store_count_belongings(fixture->store, FIXTURE_ACCOUNT, &before), 0);
	assert_refused(
		fixture,
		make(fixture, &(struct balancer_wish){.tags = &tag, .tag_count = 1}, &record),
		REFUSE_PARAMETER_VALUE);
	fixture->user.dry_run = true;
	assert_refused(fixture, make(fixture, &(struct balancer_wish){}, &record), REFUSE_DRY_RUN);
	fixture->user.dry_run = false;
	assert_int_equal(store_count_belongings(fixture->store, FIXTURE_ACCOUNT, &after), 0);
	assert_int_equal(after, before);
	assert_string_equal(record.balancer.arn.text, "");
}

/* With its interface and listeners; what another account has of that name is not there. */
static void test_deleting(void **state)
{
	struct fixture *fixture = *state;
	struct balancer_record record = made(fixture), seen = {};
	const char *arn = record.balancer.arn.text;
	struct caller stranger = fixture->user;
	struct listener listener = {};
	struct source interface;

	(void)string_copy(stranger.account.text, sizeof(stranger.account.text), OTHER_ACCOUNT);
	assert_done(fixture,
		    listen_on(fixture, &record, 4789, add_group(fixture, "left").text, &listener));
	assert_done(fixture,
		    control_delete_balancer(fixture->control, &stranger, arn, &fixture->why));
	assert_done(fixture, control_get_balancer(fixture->control, &fixture->user, arn, &seen,
						  &fixture->why));
	assert_done(fixture,
		    control_delete_balancer(fixture->control, &fixture->user, arn, &fixture->why));
	assert_refused(
		fixture,
		control_get_balancer(fixture->control, &fixture->user, arn, &seen, &fixture->why),
		REFUSE_LOAD_BALANCER_NOT_FOUND);
	assert_refused(fixture,
		       control_delete_listener(fixture->control, &fixture->user, listener.arn.text,
					       &fixture->why),
		       REFUSE_LISTENER_NOT_FOUND);
	assert_int_equal(
		store_get_source(fixture->store, record.balancer.interface.text, &interface),
		STORE_MISSING);
}

/* Only hosts that send to the load balancer, and only if something has changed. */
static void test_who_hears_of_a_listener(void **state)
{
	struct fixture *fixture = *state;
	struct balancer_record record = made(fixture);
	const struct target_wish wish = {.load_balancer = record.balancer.arn.text};
	_cleanup_(target_record_fini) struct target_record target = {};
	struct arn group = add_group(fixture, "left");
	char filter[RESOURCE_ID_SIZE], session[RESOURCE_ID_SIZE];
	struct listener listener = {};

	assert_done(fixture, listen_on(fixture, &record, 4789, group.text, &listener));
	assert_int_equal(fixture->changes, 0);
	assert_done(fixture, control_create_target(fixture->control, &fixture->user, &wish, &target,
						   &fixture->why));
	assert_done(fixture, make_filter(fixture, filter));
	assert_done(fixture, make_session(fixture, fixture->tap0, target.target.id.text, filter, 1,
					  session));
	fixture->changes = 0;
	assert_done(fixture, listen_on(fixture, &record, 4789, group.text, &listener));
	assert_int_equal(fixture->changes, 0);
	assert_done(fixture, listen_on(fixture, &record, 4790, group.text, &listener));
	assert_int_equal(fixture->changes, 1);
	assert_string_equal(fixture->changed, "alpha");
	assert_done(fixture, control_delete_listener(fixture->control, &fixture->user,
						     listener.arn.text, &fixture->why));
	assert_int_equal(fixture->changes, 2);
}

static void test_tags_are_all_or_nothing(void **state)
{
	static const struct tag tag = {(char *)(uintptr_t) "k", (char *)(uintptr_t) "v"};
	static const char missing[] = "arn:aws:elasticloadbalancing:us-east-1:" FIXTURE_ACCOUNT
				      ":loadbalancer/net/nobody/0123456789abcdef";
	struct fixture *fixture = *state;
	struct balancer_record record = made(fixture);
	const char *const arns[] = {record.balancer.arn.text, missing};
	_cleanup_(tags_fini) struct tags tags = {};

	assert_refused(
		fixture,
		control_tag_arns(fixture->control, &fixture->user, arns, 2, &tag, 1, &fixture->why),
		REFUSE_LOAD_BALANCER_NOT_FOUND);
	assert_done(fixture, control_get_arn_tags(fixture->control, &fixture->user, arns[0], &tags,
						  &fixture->why));
	assert_int_equal(tags.count, 0);
	assert_done(fixture, control_tag_arns(fixture->control, &fixture->user, arns, 1, &tag, 1,
					      &fixture->why));
	assert_done(fixture, control_get_arn_tags(fixture->control, &fixture->user, arns[0], &tags,
						  &fixture->why));
	assert_int_equal(tags.count, 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_settings_are_the_same_or_in_the_way),
		TEST(test_a_refused_create_makes_nothing),
		TEST(test_deleting),
		TEST(test_who_hears_of_a_listener),
		TEST(test_tags_are_all_or_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
