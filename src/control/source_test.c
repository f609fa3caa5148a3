// SPDX-License-Identifier: Apache-2.0
/* Network interfaces, and the targets in front of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/count.h"
#include "base/text.h"
#include "control/fixture.h"

#include <stdio.h>
#include <string.h>

static void get_interface(struct fixture *fixture, const char *id, struct interface_page *page)
{
	assert_done(fixture, control_describe_interfaces(fixture->control, &fixture->user,
							 &(struct query){.ids = &id, .id_count = 1},
							 page, &fixture->why));
	assert_int_equal(page->count, 1);
}

static struct plan *get_plan(struct fixture *fixture, const char *host)
{
	struct plan *plan = NULL;

	assert_done(fixture, control_get_plan(fixture->control, &fixture->agent, host, &plan,
					      &fixture->why));
	return plan;
}

static void test_registered_addresses(void **state)
{
	static const char *const bad[] = {
		"",   "10.0.0",  "0.0.0.0", "224.0.0.1", "255.255.255.255",
		"::", "ff02::1", "fe80::1"};
	struct fixture *fixture = *state;
	char id[RESOURCE_ID_SIZE];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_refused(fixture, make_interface(fixture, bad[i], id),
			       REFUSE_PARAMETER_VALUE);
	assert_refused(fixture, make_interface(fixture, "192.0.2.10", id), REFUSE_ADDRESS_IN_USE);
	assert_done(fixture, make_interface(fixture, "2001:db8::1", id));
	assert_refused(fixture, make_interface(fixture, "2001:DB8:0::1", id),
		       REFUSE_ADDRESS_IN_USE);
	assert_done(fixture,
		    control_delete_interface(fixture->control, &fixture->user, id, &fixture->why));
	assert_done(fixture, make_interface(fixture, "2001:db8::1", id));
}

static void test_what_registering_needs(void **state)
{
	struct fixture *fixture = *state;
	struct site site = control_get_site(fixture->control, &fixture->user);
	const char *address = "192.0.2.77";
	struct interface_record made = {};
	struct interface_wish wish = {.addresses = &address, .address_count = 1};

#define CREATE() \
	control_create_interface(fixture->control, &fixture->user, &wish, &made, &fixture->why)
	assert_refused(fixture, CREATE(), REFUSE_PARAMETER_MISSING);
	wish.subnet = "subnet-00000000";
	assert_refused(fixture, CREATE(), REFUSE_SUBNET_NOT_FOUND);
	wish.subnet = site.subnet.text;
	wish.address_count = 0;
	assert_refused(fixture, CREATE(), REFUSE_PARAMETER_MISSING);
	wish.address_count = 1;
	wish.description = "line\nbreak";
	assert_refused(fixture, CREATE(), REFUSE_PARAMETER_VALUE);
#undef CREATE
}

static void test_interface_quota(void **state)
{
	struct limits limits = LIMITS_DEFAULT;
	char id[RESOURCE_ID_SIZE];
	struct fixture own, *fixture = &own;

	(void)state;
	limits.registered_interfaces = 2;
	limits.targets = 1;
	fixture_open(fixture, &limits);
	assert_done(fixture, make_interface(fixture, "192.0.2.11", id));
	assert_refused(fixture, make_interface(fixture, "192.0.2.12", id), REFUSE_INTERFACE_LIMIT);
	assert_done(fixture, make_target(fixture, fixture->appliance, id));
	assert_refused(fixture, make_target(fixture, fixture->tap0, id), REFUSE_TARGET_LIMIT);
	fixture_close(fixture);
}

static void test_targets(void **state)
{
	struct fixture *fixture = *state;
	char id[RESOURCE_ID_SIZE];
	struct target_record made = {};
	struct target_wish wish = {};

	assert_refused(fixture, make_target(fixture, NULL, id), REFUSE_PARAMETER_MISSING);
	assert_refused(fixture, make_target(fixture, "eni-00000000", id),
		       REFUSE_TARGET_INTERFACE_NOT_FOUND);
	assert_string_equal(fixture->why.text, "The interface ID 'eni-00000000' does not exist");
	assert_done(fixture, make_target(fixture, fixture->appliance, id));
	assert_refused(fixture, make_target(fixture, fixture->appliance, id),
		       REFUSE_INTERFACE_IS_TARGET);
	wish.load_balancer = "arn:aws:elasticloadbalancing:us-east-1:1:loadbalancer/net/a/b";
#define CREATE() \
	control_create_target(fixture->control, &fixture->user, &wish, &made, &fixture->why)
	assert_refused(fixture, CREATE(), REFUSE_LOAD_BALANCER_NOT_FOUND);
	wish.endpoint = "vpce-00000000";
	assert_refused(fixture, CREATE(), REFUSE_PARAMETER_COMBINATION);
	wish.load_balancer = NULL;
	assert_refused(fixture, CREATE(), REFUSE_ENDPOINT_NOT_FOUND);
#undef CREATE
}

static void test_sessions_go_with_their_source(void **state)
{
	struct fixture *fixture = *state;
	char target[RESOURCE_ID_SIZE], filter[RESOURCE_ID_SIZE], id[RESOURCE_ID_SIZE];
	char again[RESOURCE_ID_SIZE];

	assert_done(fixture, make_target(fixture, fixture->appliance, target));
	assert_done(fixture, make_filter(fixture, filter));
	assert_done(fixture, make_session(fixture, fixture->eth0, target, filter, 1, id));
	assert_done(fixture, make_session(fixture, fixture->eth0, target, filter, 2, id));
	assert_done(fixture, make_session(fixture, fixture->tap0, target, filter, 1, id));
	assert_done(fixture, control_delete_interface(fixture->control, &fixture->user,
						      fixture->eth0, &fixture->why));
	assert_int_equal(fixture_count_sessions(fixture), 1);
	assert_refused(fixture,
		       control_delete_interface(fixture->control, &fixture->user, fixture->eth0,
						&fixture->why),
		       REFUSE_INTERFACE_NOT_FOUND);
	REPORT(fixture, "alpha", NULL, "eth0", "tap0");
	fixture_find_device(fixture, "alpha", "eth0", again);
	assert_string_not_equal(again, "");
	assert_string_not_equal(again, fixture->eth0);
}

static void test_target_dangles_when_its_interface_goes(void **state)
{
	struct fixture *fixture = *state;
	char target[RESOURCE_ID_SIZE], filter[RESOURCE_ID_SIZE], id[RESOURCE_ID_SIZE];
	struct plan *plan;
	uint64_t revision;

	assert_done(fixture, make_target(fixture, fixture->appliance, target));
	assert_done(fixture, make_filter(fixture, filter));
	assert_done(fixture, make_session(fixture, fixture->eth0, target, filter, 1, id));
	plan = get_plan(fixture, "alpha");
	assert_true(plan->targets[0].reachable);
	revision = plan->revision;
	plan_free(plan);
	assert_done(fixture, control_delete_interface(fixture->control, &fixture->user,
						      fixture->appliance, &fixture->why));
	plan = get_plan(fixture, "alpha");
	assert_false(plan->targets[0].reachable);
	assert_int_equal(plan->session_count, 1);
	assert_true(plan->revision > revision);
	plan_free(plan);
}

static void test_devices_keep_their_ids(void **state)
{
	struct fixture *fixture = *state;
	char id[RESOURCE_ID_SIZE];
	struct interface_page page = {};
	int64_t before = fixture->now;

	fixture->now += 1000;
	REPORT(fixture, "alpha", "10.0.0.5", "eth0");
	get_interface(fixture, fixture->tap0, &page);
	assert_false(page.items[0].source.attached);
	assert_int_equal(page.items[0].source.attached_since, before);
	interface_page_fini(&page);
	fixture->now += 1000;
	REPORT(fixture, "alpha", "10.0.0.6", "tap0", "eth0", "eth0");
	fixture_find_device(fixture, "alpha", "tap0", id);
	assert_string_equal(id, fixture->tap0);
	get_interface(fixture, fixture->tap0, &page);
	assert_true(page.items[0].source.attached);
	assert_int_equal(page.items[0].source.attached_since, fixture->now);
	assert_int_equal(page.items[0].source.addresses[0].bytes[3], 6);
	interface_page_fini(&page);
	REPORT(fixture, "beta", NULL, "eth0");
	fixture_find_device(fixture, "beta", "eth0", id);
	assert_string_not_equal(id, fixture->eth0);
}

static void test_instances_stand_for_hosts_and_guests(void **state)
{
	struct fixture *fixture = *state;
	struct instance_page page = {};
	const char *const stopped = "stopped";
	struct query query = {
		.filters = &(struct query_filter){"instance-state-name", &stopped, 1},
		.filter_count = 1,
	};

	assert_done(fixture, control_describe_instances(fixture->control, &fixture->user,
							&(struct query){}, &page, &fixture->why));
	assert_int_equal(page.count, 2);
	for (size_t i = 0; i < 2; i++) {
		const struct instance_record *instance = &page.items[i];

		assert_true(instance->running);
		assert_int_equal(instance->interface_count, 1);
		assert_string_equal(tags_get(&instance->tags, "Name"),
				    instance->device[0] ? "tap0" : "alpha");
		assert_string_equal(instance->interfaces[0].device,
				    instance->device[0] ? "tap0" : "eth0");
	}
	instance_page_fini(&page);
	REPORT(fixture, "alpha", NULL, "eth0");
	assert_done(fixture, control_describe_instances(fixture->control, &fixture->user, &query,
							&page, &fixture->why));
	assert_int_equal(page.count, 1);
	assert_string_equal(page.items[0].device, "tap0");
	instance_page_fini(&page);
	assert_done(fixture, control_delete_interface(fixture->control, &fixture->user,
						      fixture->tap0, &fixture->why));
	assert_done(fixture, control_describe_instances(fixture->control, &fixture->user,
							&(struct query){}, &page, &fixture->why));
	assert_int_equal(page.count, 1);
	instance_page_fini(&page);
}

static void test_name_is_the_users(void **state)
{
	struct fixture *fixture = *state;
	const struct tag name = {(char *)(uintptr_t) "Name", (char *)(uintptr_t) "web"};
	const char *id = fixture->eth0;
	struct interface_page page = {};

	get_interface(fixture, id, &page);
	assert_string_equal(tags_get(&page.items[0].tags, "Name"), "eth0");
	interface_page_fini(&page);
	assert_done(fixture, control_create_tags(fixture->control, &fixture->user, &id, 1, &name, 1,
						 &fixture->why));
	REPORT(fixture, "alpha", NULL, "tap0");
	REPORT(fixture, "alpha", NULL, "eth0", "tap0");
	get_interface(fixture, id, &page);
	assert_string_equal(tags_get(&page.items[0].tags, "Name"), "web");
	interface_page_fini(&page);
}

static void test_orientation_can_be_overridden(void **state)
{
	struct fixture *fixture = *state;
	char target[RESOURCE_ID_SIZE], filter[RESOURCE_ID_SIZE], id[RESOURCE_ID_SIZE];
	const enum orientation host = ORIENTATION_HOST;
	struct interface_change change = {
		.interface = fixture->tap0,
		.orientation = &host,
		.description = "uplink",
	};
	struct plan *plan;

	assert_done(fixture, make_target(fixture, fixture->appliance, target));
	assert_done(fixture, make_filter(fixture, filter));
	assert_done(fixture, make_session(fixture, fixture->tap0, target, filter, 1, id));
	plan = get_plan(fixture, "alpha");
	assert_int_equal(plan->sources[0].orientation, ORIENTATION_AUTOMATIC);
	plan_free(plan);
	fixture->changes = 0;
	for (int i = 0; i < 2; i++)
		assert_done(fixture, control_modify_interface(fixture->control, &fixture->user,
							      &change, &fixture->why));
	assert_int_equal(fixture->changes, 1);
	plan = get_plan(fixture, "alpha");
	assert_int_equal(plan->sources[0].orientation, ORIENTATION_HOST);
	plan_free(plan);
	change.interface = fixture->appliance;
	assert_refused(
		fixture,
		control_modify_interface(fixture->control, &fixture->user, &change, &fixture->why),
		REFUSE_PARAMETER_COMBINATION);
}

static void assert_orientation(struct fixture *fixture, const char *id, const char *expected)
{
	struct interface_page page = {};

	get_interface(fixture, id, &page);
	assert_string_equal(tags_get(&page.items[0].tags, "tmirror:orientation"), expected);
	interface_page_fini(&page);
}

/* What is in force, whether found or wished, and whenever it changes. */
static void test_orientation_is_a_tag(void **state)
{
	struct fixture *fixture = *state;
	enum orientation wish = ORIENTATION_HOST;
	struct interface_change change = {.interface = fixture->tap0, .orientation = &wish};

	assert_orientation(fixture, fixture->eth0, "host");
	assert_orientation(fixture, fixture->tap0, "guest");
	assert_done(fixture, control_modify_interface(fixture->control, &fixture->user, &change,
						      &fixture->why));
	assert_orientation(fixture, fixture->tap0, "host");
	REPORT(fixture, "alpha", NULL, "eth0", "tap0");
	assert_orientation(fixture, fixture->tap0, "host");
	wish = ORIENTATION_AUTOMATIC;
	assert_done(fixture, control_modify_interface(fixture->control, &fixture->user, &change,
						      &fixture->why));
	assert_orientation(fixture, fixture->tap0, "guest");
}

/* EC2's interfaces have groups and checks; a wish for them must not look granted. */
static void test_what_nobody_could_keep(void **state)
{
	struct fixture *fixture = *state;
	const char *const group = "sg-00000000000000001", *const address = "192.0.2.77";
	struct site site = control_get_site(fixture->control, &fixture->user);
	struct interface_record record = {};
	struct interface_wish wish = {
		.subnet = site.subnet.text,
		.addresses = &address,
		.address_count = 1,
		.groups = &group,
		.group_count = 1,
	};
	struct interface_change change = {
		.interface = fixture->eth0,
		.groups = &group,
		.group_count = 1,
	};

	assert_refused(fixture,
		       control_create_interface(fixture->control, &fixture->user, &wish, &record,
						&fixture->why),
		       REFUSE_GROUP_NOT_FOUND);
	assert_refused(
		fixture,
		control_modify_interface(fixture->control, &fixture->user, &change, &fixture->why),
		REFUSE_GROUP_NOT_FOUND);
	change.group_count = 0;
	change.checks_nothing = true;
	assert_refused(
		fixture,
		control_modify_interface(fixture->control, &fixture->user, &change, &fixture->why),
		REFUSE_UNSUPPORTED);
}

static void test_private_names(void **state)
{
	static const struct {
		const char *region, *name;
	} cases[] = {
		{"us-east-1", "ip-10-0-0-5.ec2.internal"},
		{"eu-west-1", "ip-10-0-0-5.eu-west-1.compute.internal"},
	};
	char name[PRIVATE_NAME_SIZE];
	struct address address;
	struct site site = {};

	(void)state;
	assert_true(address_parse("10.0.0.5", &address));
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		(void)snprintf(site.region, sizeof(site.region), "%s", cases[i].region);
		site_name_address(&site, &address, name);
		assert_string_equal(name, cases[i].name);
	}
}

/* What nobody uses is forgotten, the oldest first; what somebody uses stays. */
static void test_gone_interfaces_are_bounded(void **state)
{
	struct fixture *fixture = *state;
	struct interface_page page = {};
	const char *const device = "gone1";
	const char *const available = "available";
	char names[1100][DEVICE_NAME_SIZE], kept[RESOURCE_ID_SIZE];
	const struct tag tag = {(char *)(uintptr_t) "keep", (char *)(uintptr_t) "me"};
	const char *devices[1100], *id = kept;
	size_t gone = 0;
	const struct query_filter filter = {"status", &available, 1};
	struct query query = {.filters = &filter, .filter_count = 1};

	for (size_t i = 0; i < 1100; i++) {
		(void)snprintf(names[i], sizeof(names[i]), "gone%zu", i);
		devices[i] = names[i];
	}
	fixture_report(fixture, "beta", devices, 1100, NULL);
	fixture_find_device(fixture, "beta", device, kept);
	assert_done(fixture, control_create_tags(fixture->control, &fixture->user, &id, 1, &tag, 1,
						 &fixture->why));
	fixture_report(fixture, "beta", NULL, 0, NULL);
	do {
		query.next_token = page.next_token;
		struct interface_page next = {};

		assert_done(fixture, control_describe_interfaces(fixture->control, &fixture->user,
								 &query, &next, &fixture->why));
		interface_page_fini(&page);
		page = next;
		gone += page.count;
	} while (page.next_token);
	interface_page_fini(&page);
	/* A thousand, the tagged one, and the registered appliance, which is available too. */
	assert_int_equal(gone, 1002);
	get_interface(fixture, kept, &page);
	interface_page_fini(&page);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_registered_addresses),
		TEST(test_what_registering_needs),
		cmocka_unit_test(test_interface_quota),
		TEST(test_targets),
		TEST(test_sessions_go_with_their_source),
		TEST(test_target_dangles_when_its_interface_goes),
		TEST(test_devices_keep_their_ids),
		TEST(test_instances_stand_for_hosts_and_guests),
		TEST(test_name_is_the_users),
		TEST(test_orientation_can_be_overridden),
		TEST(test_orientation_is_a_tag),
		TEST(test_what_nobody_could_keep),
		cmocka_unit_test(test_private_names),
		TEST(test_gone_interfaces_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
