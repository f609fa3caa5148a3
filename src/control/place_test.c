// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/count.h"
#include "base/text.h"
#include "control/fixture.h"
#include "control/fleet.h"
#include "control/group.h"
#include "control/member.h"
#include "control/place.h"
#include "store/host.h"
#include "store/source.h"
#include "store/store.h"

#include <stdlib.h>
#include <string.h>

/* What host "beta" has. */
struct seen {
	const char *device, *address; /* The latter NULL: none. */
	bool way_out, bridge, guest;
};

/* The instance of beta, once it was reported. */
static struct resource_id report(struct fixture *fixture, const struct seen *rows, size_t count)
{
	struct report_interface interfaces[4] = {};
	const struct report report = {.version = "1.0",
				      .kernel = "6.1",
				      .has_inventory = true,
				      .interfaces = interfaces,
				      .interface_count = count};
	struct stored_host host;

	for (size_t i = 0; i < count; i++) {
		struct report_interface *interface = &interfaces[i];

		(void)string_copy(interface->device, sizeof(interface->device), rows[i].device);
		interface->mtu = 1500;
		interface->orientation = rows[i].guest ? ORIENTATION_GUEST : ORIENTATION_HOST;
		interface->bridge = rows[i].bridge;
		if (rows[i].address)
			assert_true(address_parse(rows[i].address, &interface->addresses[0]));
		interface->address_count = rows[i].address != NULL;
		interface->default_ipv4 = rows[i].way_out && interface->addresses[0].family != 6;
		interface->default_ipv6 = rows[i].way_out && interface->addresses[0].family != 4;
	}
	assert_done(fixture, control_report(fixture->control, &fixture->agent, "beta", &report,
					    &fixture->why));
	assert_int_equal(store_get_host(fixture->store, "beta", &host), 0);
	return host.instance;
}
#define SEE(fixture, ...)                                     \
	report((fixture), (const struct seen[]){__VA_ARGS__}, \
	       sizeof((const struct seen[]){__VA_ARGS__}) / sizeof(struct seen))

/* Where copies to the instance would go; NULL: nowhere. */
static void expect(struct fixture *fixture, const struct resource_id *instance, uint8_t family,
		   const char *address)
{
	const struct group group = {.type = GROUP_OF_INSTANCES, .family = family};
	char text[ADDRESS_TEXT_SIZE] = "";
	struct member member = {};
	struct address found;
	bool running;

	(void)string_copy(member.id, sizeof(member.id), instance->text);
	assert_int_equal(member_resolve(fixture->control, &group, &member, &found, &running), 0);
	if (found.family != 0)
		address_format(&found, text);
	assert_string_equal(text, address ? address : "");
}

/* Ids of interfaces are random, so whoever took the first of them would be wrong in half of the rounds. */
static void an_instance_is_where_the_default_route_goes(void **state)
{
	struct fixture *fixture = *state;

	for (int round = 0; round < 8; round++) {
		const char lan[] = {'1', '0', '.', '0', '.', '0', '.', (char)('1' + round), 0};
		const struct resource_id beta =
			SEE(fixture, {"docker0", "172.17.0.1", .bridge = true},
			    {"eth0", lan, .way_out = true}, {"eth1", "10.1.0.5"});

		expect(fixture, &beta, 4, lan);
		expect(fixture, &beta, 6, NULL);
		SEE(fixture, {"eth9", NULL});
		fixture->now += 2 * 60 * 1000;
		assert_done(fixture, control_delete_host(fixture->control, &fixture->user, "beta",
							 &fixture->why));
	}
}

static void what_comes_and_goes_beside_it_moves_nobody(void **state)
{
	struct fixture *fixture = *state;
	const struct resource_id beta = SEE(fixture, {"eth0", "10.0.0.9", .way_out = true});

	SEE(fixture, {"eth0", "10.0.0.9", .way_out = true}, {"eth1", "10.1.0.9"},
	    {"br0", "172.17.0.1", .bridge = true});
	expect(fixture, &beta, 4, "10.0.0.9");
	/* Without the route it is still there, and while the device is gone it is nowhere. */
	SEE(fixture, {"eth0", "10.0.0.9"}, {"eth1", "10.1.0.9"}, {"br0", "172.17.0.1"});
	expect(fixture, &beta, 4, "10.0.0.9");
	SEE(fixture, {"eth1", "10.1.0.9"});
	expect(fixture, &beta, 4, NULL);
	SEE(fixture, {"eth0", "10.0.0.10"}, {"eth1", "10.1.0.9"});
	expect(fixture, &beta, 4, "10.0.0.10");
	/* The host alone can move it. */
	SEE(fixture, {"eth0", "10.0.0.10"}, {"eth1", "10.1.0.9", .way_out = true});
	expect(fixture, &beta, 4, "10.1.0.9");
}

static void each_family_has_its_own_way(void **state)
{
	struct fixture *fixture = *state;
	const struct resource_id beta = SEE(fixture, {"eth0", "10.0.0.9", .way_out = true},
					    {"eth1", "2001:db8::9", .way_out = true},
					    {"eth2", "fe80::1"});

	expect(fixture, &beta, 4, "10.0.0.9");
	expect(fixture, &beta, 6, "2001:db8::9");
}

static void without_a_default_route_the_only_device_is_it(void **state)
{
	struct fixture *fixture = *state;
	/* The bridge has its address before the network has answered. */
	struct resource_id beta = SEE(fixture, {"br0", "172.17.0.1", .bridge = true},
				      {"eth0", NULL}, {"tap7", "10.7.0.1", .guest = true});

	expect(fixture, &beta, 4, NULL);
	SEE(fixture, {"br0", "172.17.0.1", .bridge = true}, {"eth0", "10.0.0.9"},
	    {"tap7", "10.7.0.1", .guest = true});
	expect(fixture, &beta, 4, "10.0.0.9");
	SEE(fixture, {"eth0", "10.0.0.9"}, {"eth1", "10.1.0.9"});
	expect(fixture, &beta, 4, "10.0.0.9");
}

static void see_addresses(struct fixture *fixture, const char *const *addresses, size_t count)
{
	struct report_interface eth0 = {.device = "eth0",
					.mtu = 1500,
					.orientation = ORIENTATION_HOST,
					.default_ipv6 = true};
	const struct report report = {.version = "1.0",
				      .kernel = "6.1",
				      .has_inventory = true,
				      .interfaces = &eth0,
				      .interface_count = 1};

	for (size_t i = 0; i < count; i++)
		assert_true(address_parse(addresses[i], &eth0.addresses[eth0.address_count++]));
	assert_done(fixture, control_report(fixture->control, &fixture->agent, "beta", &report,
					    &fixture->why));
}
#define SEE_ADDRESSES(fixture, ...)                                  \
	see_addresses((fixture), (const char *const[]){__VA_ARGS__}, \
		      sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

/* As the kernel lists them: of IPv6 the newest first, and those of a link last. */
static void an_address_that_is_added_moves_nobody(void **state)
{
	struct fixture *fixture = *state;
	const struct resource_id beta = SEE(fixture, {"eth0", "fe80::1", .way_out = true});

	SEE_ADDRESSES(fixture, "10.0.0.9", "2001:db8::9", "fe80::1");
	expect(fixture, &beta, 6, "2001:db8::9");
	SEE_ADDRESSES(fixture, "10.0.0.9", "10.0.0.10", "2001:db8::aa", "2001:db8::9", "fe80::1");
	expect(fixture, &beta, 6, "2001:db8::9");
	expect(fixture, &beta, 4, "10.0.0.9");
	SEE_ADDRESSES(fixture, "10.0.0.10", "10.0.0.9", "2001:db8::aa", "2001:db8::9", "fe80::1");
	expect(fixture, &beta, 4, "10.0.0.9");
	SEE_ADDRESSES(fixture, "10.0.0.10", "2001:db8::aa", "fe80::1");
	expect(fixture, &beta, 6, "2001:db8::aa");
	expect(fixture, &beta, 4, "10.0.0.10");
}

static int enroll(struct fixture *fixture, const char *instance)
{
	const struct site site = control_get_site(fixture->control, &fixture->user);
	const struct group_wish wish = {
		.name = "sensors", .protocol = "UDP", .vpc = site.vpc.text, .port = NUMBER(4789)};
	const struct member_wish member = {.id = instance};
	struct group_record made = {};
	int r;

	assert_done(fixture, control_create_group(fixture->control, &fixture->user, &wish, &made,
						  &fixture->why));
	r = control_register_members(fixture->control, &fixture->user, made.group.arn.text, &member,
				     1, &fixture->why);
	group_record_fini(&made);
	return r;
}

static void who_could_be_at_several_is_refused(void **state)
{
	struct fixture *fixture = *state;
	const struct resource_id beta =
		SEE(fixture, {"eth0", "10.0.0.9"}, {"eth1", "10.1.0.9"}, {"eth2", "2001:db8::9"});

	expect(fixture, &beta, 4, NULL);
	assert_refused(fixture, enroll(fixture, beta.text), REFUSE_MEMBER_INVALID);
	assert_non_null(strstr(fixture->why.text, beta.text));
	assert_non_null(strstr(fixture->why.text, "eth0"));
	assert_non_null(strstr(fixture->why.text, "eth1"));
	assert_null(strstr(fixture->why.text, "eth2"));
	SEE(fixture, {"eth0", "10.0.0.9"}, {"eth1", "10.1.0.9", .way_out = true});
	assert_done(fixture, enroll(fixture, beta.text));
}

/* One that has no address yet may get one. */
static void who_has_no_address_may_be_registered(void **state)
{
	struct fixture *fixture = *state;
	const struct resource_id beta = SEE(fixture, {"eth0", NULL}, {"eth1", NULL});

	assert_done(fixture, enroll(fixture, beta.text));
	SEE(fixture, {"eth0", NULL}, {"eth1", "10.1.0.9"});
	expect(fixture, &beta, 4, "10.1.0.9");
}

static void a_guest_is_at_its_device(void **state)
{
	struct fixture *fixture = *state;
	struct source tap;

	assert_int_equal(store_get_source(fixture->store, fixture->tap0, &tap), 0);
	expect(fixture, &tap.instance, 4, "10.0.0.5");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		TEST(an_instance_is_where_the_default_route_goes),
		TEST(what_comes_and_goes_beside_it_moves_nobody),
		TEST(each_family_has_its_own_way),
		TEST(an_address_that_is_added_moves_nobody),
		TEST(without_a_default_route_the_only_device_is_it),
		TEST(who_could_be_at_several_is_refused),
		TEST(who_has_no_address_may_be_registered),
		TEST(a_guest_is_at_its_device),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
