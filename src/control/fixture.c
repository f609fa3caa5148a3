// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "access/seal.h"
#include "base/array.h"
#include "base/text.h"
#include "control/fixture.h"
#include "store/store.h"

#include <stdlib.h>
#include <string.h>

static int64_t fixture_now(void *context);
static void fixture_changed(void *context, const char *host);
static void caller_make(enum caller_kind kind, struct caller *ret_caller);

const struct seal_key fixture_seal_key = {"a key of thirty-two octets, all!"};

void fixture_open(struct fixture *fixture, const struct limits *limits)
{
	struct address resolver;
	struct control_options options = {
		.account = {FIXTURE_ACCOUNT},
		.region = "us-east-1",
		.limits = limits ? *limits : LIMITS_DEFAULT,
		.seal_key = &fixture_seal_key,
		.resolvers = &resolver,
		.resolver_count = 1,
		.context = fixture,
		.now = fixture_now,
		.changed = fixture_changed,
	};

	*fixture = (struct fixture){.now = 1700000000000};
	assert_true(address_parse("169.254.169.253", &resolver));
	assert_int_equal(store_open("memory", &fixture->store, &fixture->why), 0);
	assert_done(fixture,
		    control_open(fixture->store, &options, &fixture->control, &fixture->why));
	caller_make(CALLER_USER, &fixture->user);
	caller_make(CALLER_HOST, &fixture->agent);
	REPORT(fixture, "alpha", "10.0.0.5", "eth0", "tap0");
	fixture_find_device(fixture, "alpha", "eth0", fixture->eth0);
	fixture_find_device(fixture, "alpha", "tap0", fixture->tap0);
	assert_done(fixture, make_interface(fixture, "192.0.2.10", fixture->appliance));
	fixture->changes = 0;
}

void fixture_close(struct fixture *fixture)
{
	control_free(fixture->control);
	store_close(fixture->store);
}

int fixture_setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	assert_non_null(fixture);
	fixture_open(fixture, NULL);
	*state = fixture;
	return 0;
}

int fixture_teardown(void **state)
{
	fixture_close(*state);
	free(*state);
	return 0;
}

void fixture_report(struct fixture *fixture, const char *host, const char *const *devices,
		    size_t count, const char *address)
{
	struct report report = {.version = "1.0", .kernel = "6.1", .has_inventory = true};

	for (size_t i = 0; i < count; i++) {
		struct report_interface seen = {.mac = {2, 0, 0, 0, 0, 1}, .mtu = 1500};

		(void)string_copy(seen.device, sizeof(seen.device), devices[i]);
		seen.orientation = strncmp(devices[i], "tap", 3) == 0 ? ORIENTATION_GUEST
								      : ORIENTATION_HOST;
		if (address && address_parse(address, &seen.addresses[0]))
			seen.address_count = 1;
		assert_int_equal(array_append(&report, interfaces, interface_count,
					      interface_capacity, seen),
				 0);
	}
	assert_done(fixture, control_report(fixture->control, &fixture->agent, host, &report,
					    &fixture->why));
	report_fini(&report);
}

void fixture_find_device(struct fixture *fixture, const char *host, const char *device,
			 char ret_id[RESOURCE_ID_SIZE])
{
	const struct query_filter filters[] = {
		{"tag:tmirror:host", &host, 1},
		{"tag:tmirror:device", &device, 1},
	};
	struct query query = {.filters = filters, .filter_count = 2};
	struct interface_page page = {};

	assert_done(fixture, control_describe_interfaces(fixture->control, &fixture->user, &query,
							 &page, &fixture->why));
	assert_true(page.count <= 1);
	(void)string_copy(ret_id, RESOURCE_ID_SIZE,
			  page.count > 0 ? page.items[0].source.id.text : "");
	interface_page_fini(&page);
}

int make_interface(struct fixture *fixture, const char *address, char ret_id[RESOURCE_ID_SIZE])
{
	struct site site = control_get_site(fixture->control, &fixture->user);
	struct interface_wish wish = {
		.subnet = site.subnet.text,
		.addresses = &address,
		.address_count = 1,
	};
	struct interface_record made = {};
	int r;

	r = control_create_interface(fixture->control, &fixture->user, &wish, &made, &fixture->why);
	if (r == 0)
		memcpy(ret_id, made.source.id.text, RESOURCE_ID_SIZE);
	interface_record_fini(&made);
	return r;
}

int make_target(struct fixture *fixture, const char *interface, char ret_id[RESOURCE_ID_SIZE])
{
	struct target_wish wish = {.interface = interface};
	struct target_record made = {};
	int r;

	r = control_create_target(fixture->control, &fixture->user, &wish, &made, &fixture->why);
	if (r == 0)
		memcpy(ret_id, made.target.id.text, RESOURCE_ID_SIZE);
	target_record_fini(&made);
	return r;
}

int make_filter(struct fixture *fixture, char ret_id[RESOURCE_ID_SIZE])
{
	struct filter_wish wish = {};
	struct filter_record made = {};
	int r;

	r = control_create_filter(fixture->control, &fixture->user, &wish, &made, &fixture->why);
	if (r == 0)
		memcpy(ret_id, made.filter.id.text, RESOURCE_ID_SIZE);
	filter_record_fini(&made);
	return r;
}

int make_rule(struct fixture *fixture, const char *filter, const char *direction, int64_t number,
	      char ret_id[RESOURCE_ID_SIZE])
{
	struct rule_wish wish = {
		.filter = filter,
		.fields = {.direction = direction,
			   .number = NUMBER(number),
			   .action = "accept",
			   .source = "0.0.0.0/0",
			   .destination = "0.0.0.0/0"},
	};
	struct rule_record made = {};
	int r;

	r = control_create_rule(fixture->control, &fixture->user, &wish, &made, &fixture->why);
	if (r == 0)
		memcpy(ret_id, made.rule.id.text, RESOURCE_ID_SIZE);
	rule_record_fini(&made);
	return r;
}

int make_session(struct fixture *fixture, const char *source, const char *target,
		 const char *filter, int64_t number, char ret_id[RESOURCE_ID_SIZE])
{
	struct session_wish wish = {
		.source = source,
		.target = target,
		.filter = filter,
		.number = NUMBER(number),
	};
	struct session_record made = {};
	int r;

	r = control_create_session(fixture->control, &fixture->user, &wish, &made, &fixture->why);
	if (r == 0)
		memcpy(ret_id, made.session.id.text, RESOURCE_ID_SIZE);
	session_record_fini(&made);
	return r;
}

static int64_t fixture_now(void *context)
{
	return ((struct fixture *)context)->now;
}

static void fixture_changed(void *context, const char *host)
{
	struct fixture *fixture = context;

	fixture->changes++;
	(void)string_copy(fixture->changed, sizeof(fixture->changed), host);
}

static void caller_make(enum caller_kind kind, struct caller *ret_caller)
{
	*ret_caller = (struct caller){.account = {FIXTURE_ACCOUNT}, .kind = kind};
}

size_t fixture_count_sessions(struct fixture *fixture)
{
	struct session_page page = {};
	size_t count;

	assert_done(fixture, control_describe_sessions(fixture->control, &fixture->user,
						       &(struct query){}, &page, &fixture->why));
	count = page.count;
	session_page_fini(&page);
	return count;
}
