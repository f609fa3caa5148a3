// SPDX-License-Identifier: Apache-2.0
/* Nothing is a source and receives copies, whichever comes first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/text.h"
#include "control/fixture.h"
#include "control/group.h"
#include "control/member.h"
#include "store/account.h"
#include "store/source.h"
#include "store/store.h"

#include <stdlib.h>
#include <string.h>

#define OTHER_ACCOUNT "210987654321"

/* Besides what the fixture has, a host "beta" whose default route goes by eth0, and that has an eth1. */
struct scene {
	struct fixture fixture;
	char eth0[RESOURCE_ID_SIZE], eth1[RESOURCE_ID_SIZE]; /* Of beta. */
	char beta[RESOURCE_ID_SIZE];                         /* The instance. */
	char target[RESOURCE_ID_SIZE], filter[RESOURCE_ID_SIZE];
	char session[RESOURCE_ID_SIZE];
	char instances[ARN_SIZE], addresses[ARN_SIZE]; /* Target groups. */
};

static void make_group(struct scene *scene, const char *name, const char *type,
		       char ret_arn[ARN_SIZE])
{
	struct fixture *fixture = &scene->fixture;
	const struct site site = control_get_site(fixture->control, &fixture->user);
	const struct group_wish wish = {.name = name,
					.protocol = "UDP",
					.vpc = site.vpc.text,
					.type = type,
					.port = NUMBER(4789)};
	struct group_record made = {};

	assert_done(fixture, control_create_group(fixture->control, &fixture->user, &wish, &made,
						  &fixture->why));
	memcpy(ret_arn, made.group.arn.text, ARN_SIZE);
	group_record_fini(&made);
}

static void report_beta(struct scene *scene)
{
	struct report_interface interfaces[] = {
		{.device = "eth0",
		 .mtu = 1500,
		 .orientation = ORIENTATION_HOST,
		 .addresses = {{4, {10, 0, 0, 9}}, {4, {10, 0, 0, 10}}},
		 .address_count = 2,
		 .default_ipv4 = true},
		{.device = "eth1",
		 .mtu = 1500,
		 .orientation = ORIENTATION_HOST,
		 .addresses = {{4, {10, 1, 0, 9}}},
		 .address_count = 1},
	};
	const struct report report = {.version = "1.0",
				      .kernel = "6.1",
				      .has_inventory = true,
				      .interfaces = interfaces,
				      .interface_count = 2};
	struct fixture *fixture = &scene->fixture;
	struct source source;

	assert_done(fixture, control_report(fixture->control, &fixture->agent, "beta", &report,
					    &fixture->why));
	fixture_find_device(fixture, "beta", "eth0", scene->eth0);
	fixture_find_device(fixture, "beta", "eth1", scene->eth1);
	assert_int_equal(store_get_source(fixture->store, scene->eth0, &source), 0);
	memcpy(scene->beta, source.instance.text, sizeof(scene->beta));
}

static int scene_open(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));

	assert_non_null(scene);
	fixture_open(&scene->fixture, NULL);
	report_beta(scene);
	assert_done(&scene->fixture,
		    make_target(&scene->fixture, scene->fixture.appliance, scene->target));
	assert_done(&scene->fixture, make_filter(&scene->fixture, scene->filter));
	make_group(scene, "instances", "instance", scene->instances);
	make_group(scene, "addresses", "ip", scene->addresses);
	*state = scene;
	return 0;
}

static int scene_close(void **state)
{
	struct scene *scene = *state;

	fixture_close(&scene->fixture);
	free(scene);
	return 0;
}

static int enroll(struct scene *scene, const char *group, const char *id)
{
	const struct member_wish wish = {.id = id};

	return control_register_members(scene->fixture.control, &scene->fixture.user, group, &wish,
					1, &scene->fixture.why);
}

static int dismiss(struct scene *scene, const char *group, const char *id)
{
	const struct member_wish wish = {.id = id};

	return control_deregister_members(scene->fixture.control, &scene->fixture.user, group,
					  &wish, 1, &scene->fixture.why);
}

static int mirror(struct scene *scene, const char *source)
{
	return make_session(&scene->fixture, source, scene->target, scene->filter, 1,
			    scene->session);
}

static int stop(struct scene *scene)
{
	return control_delete_session(scene->fixture.control, &scene->fixture.user, scene->session,
				      &scene->fixture.why);
}

#define assert_names(scene, one, other)                                                 \
	do {                                                                            \
		if (!strstr((scene)->fixture.why.text, (one)) ||                        \
		    !strstr((scene)->fixture.why.text, (other)))                        \
			fail_msg("'%s' does not name both", (scene)->fixture.why.text); \
	} while (0)

static void a_source_is_no_member(void **state)
{
	struct scene *scene = *state;
	struct fixture *fixture = &scene->fixture;

	assert_done(fixture, mirror(scene, scene->eth0));
	assert_refused(fixture, enroll(scene, scene->instances, scene->beta),
		       REFUSE_MEMBER_INVALID);
	assert_names(scene, scene->beta, scene->eth0);
	assert_refused(fixture, enroll(scene, scene->addresses, "10.0.0.9"), REFUSE_MEMBER_INVALID);
	assert_names(scene, "10.0.0.9", scene->eth0);
	assert_refused(fixture, enroll(scene, scene->addresses, "10.0.0.10"),
		       REFUSE_MEMBER_INVALID);
	assert_done(fixture, enroll(scene, scene->addresses, "10.0.0.11"));
	assert_done(fixture, stop(scene));
	assert_done(fixture, enroll(scene, scene->instances, scene->beta));
	assert_done(fixture, enroll(scene, scene->addresses, "10.0.0.9"));
}

static void a_member_is_no_source(void **state)
{
	struct scene *scene = *state;
	struct fixture *fixture = &scene->fixture;

	assert_done(fixture, enroll(scene, scene->instances, scene->beta));
	assert_refused(fixture, mirror(scene, scene->eth0), REFUSE_INTERFACE_IS_TARGET);
	assert_names(scene, scene->beta, scene->eth0);
	assert_names(scene, scene->instances, scene->eth0);
	assert_done(fixture, dismiss(scene, scene->instances, scene->beta));
	assert_done(fixture, enroll(scene, scene->addresses, "10.0.0.10"));
	assert_refused(fixture, mirror(scene, scene->eth0), REFUSE_INTERFACE_IS_TARGET);
	assert_names(scene, "10.0.0.10", scene->eth0);
	assert_done(fixture, dismiss(scene, scene->addresses, "10.0.0.10"));
	assert_done(fixture, mirror(scene, scene->eth0));
}

/* Copies do not pass what else its host has. */
static void the_host_of_a_member_may_be_watched(void **state)
{
	struct scene *scene = *state;
	struct fixture *fixture = &scene->fixture;

	assert_done(fixture, mirror(scene, scene->eth1));
	assert_done(fixture, enroll(scene, scene->instances, scene->beta));
	assert_done(fixture, enroll(scene, scene->addresses, "10.0.0.9"));
	assert_done(fixture, stop(scene));
	assert_done(fixture, mirror(scene, scene->eth1));
	assert_refused(fixture, enroll(scene, scene->addresses, "10.1.0.9"), REFUSE_MEMBER_INVALID);
}

/* The addresses of a guest's device are the host's end of the cable. */
static void a_guest_is_told_from_its_host(void **state)
{
	struct scene *scene = *state;
	struct fixture *fixture = &scene->fixture;
	struct source tap;

	assert_int_equal(store_get_source(fixture->store, fixture->tap0, &tap), 0);
	assert_done(fixture, mirror(scene, fixture->tap0));
	assert_done(fixture, enroll(scene, scene->addresses, "10.0.0.5"));
	assert_refused(fixture, enroll(scene, scene->instances, tap.instance.text),
		       REFUSE_MEMBER_INVALID);
	assert_done(fixture, stop(scene));
	assert_done(fixture, mirror(scene, fixture->tap0));
	assert_done(fixture, stop(scene));
	assert_done(fixture, enroll(scene, scene->instances, tap.instance.text));
	assert_refused(fixture, mirror(scene, fixture->tap0), REFUSE_INTERFACE_IS_TARGET);
}

/* Whoever registers what is not his hinders nobody, and learns nothing. */
static void others_are_neither_hindered_nor_told(void **state)
{
	const struct stored_account account = {.id = {OTHER_ACCOUNT}, .name = "other"};
	const struct caller other = {.account = {OTHER_ACCOUNT}, .kind = CALLER_USER};
	struct scene *scene = *state;
	struct fixture *fixture = &scene->fixture;
	const struct caller owner = fixture->user;
	char theirs[ARN_SIZE];

	assert_int_equal(store_add_account(fixture->store, &account), 0);
	assert_done(fixture, mirror(scene, scene->eth0));
	fixture->user = other;
	make_group(scene, "theirs", "ip", theirs);
	assert_done(fixture, enroll(scene, theirs, "10.0.0.9"));
	fixture->user = owner;
	assert_done(fixture, stop(scene));
	assert_done(fixture, mirror(scene, scene->eth0));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_open, scene_close)
	const struct CMUnitTest tests[] = {
		TEST(a_source_is_no_member),
		TEST(a_member_is_no_source),
		TEST(the_host_of_a_member_may_be_watched),
		TEST(a_guest_is_told_from_its_host),
		TEST(others_are_neither_hindered_nor_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
