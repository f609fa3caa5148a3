// SPDX-License-Identifier: Apache-2.0
/* Sessions whose targets are load balancers: where the plan sends them, and what their status says if that is nowhere. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/count.h"
#include "control/balancer.h"
#include "control/endpoint.h"
#include "control/endpoint_service.h"
#include "control/fixture.h"
#include "control/group.h"
#include "control/listener.h"
#include "control/member.h"
#include "control/share.h"
#include "store/account.h"
#include "store/source.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NETWORK_PORT  4789
#define OTHER_ACCOUNT "210987654321"

struct scene {
	struct fixture fixture;
	char balancer[ARN_SIZE], group[ARN_SIZE], listener[ARN_SIZE];
	char service[RESOURCE_ID_SIZE], endpoint[RESOURCE_ID_SIZE]; /* Of a gateway. */
	char target[RESOURCE_ID_SIZE], filter[RESOURCE_ID_SIZE], session[RESOURCE_ID_SIZE];
};

static void make_balancer(struct scene *scene, const char *type)
{
	struct fixture *fixture = &scene->fixture;
	const struct site site = control_get_site(fixture->control, &fixture->user);
	const char *subnet = site.subnet.text;
	const struct balancer_wish wish = {
		.name = "sensors", .type = type, .subnets = &subnet, .subnet_count = 1};
	struct balancer_record made = {};

	assert_done(fixture, control_create_balancer(fixture->control, &fixture->user, &wish, &made,
						     &fixture->why));
	memcpy(scene->balancer, made.balancer.arn.text, ARN_SIZE);
}

static void make_group(struct scene *scene, const char *name, const char *protocol, int64_t port,
		       char ret_arn[ARN_SIZE])
{
	struct fixture *fixture = &scene->fixture;
	const struct site site = control_get_site(fixture->control, &fixture->user);
	const struct group_wish wish = {.name = name,
					.protocol = protocol,
					.vpc = site.vpc.text,
					.type = "ip",
					.port = NUMBER(port)};
	struct group_record made = {};

	assert_done(fixture, control_create_group(fixture->control, &fixture->user, &wish, &made,
						  &fixture->why));
	memcpy(ret_arn, made.group.arn.text, ARN_SIZE);
	group_record_fini(&made);
}

static void add_member(struct scene *scene, const char *group, const char *address)
{
	const struct member_wish wish = {.id = address};
	struct fixture *fixture = &scene->fixture;

	assert_done(fixture, control_register_members(fixture->control, &fixture->user, group,
						      &wish, 1, &fixture->why));
}

/* A port of 0 is a gateway's listener. */
static void make_listener(struct scene *scene, int64_t port, const char *group,
			  char ret_arn[ARN_SIZE])
{
	const struct listener_wish wish = {
		.balancer = scene->balancer,
		.protocol = port != 0 ? "UDP" : NULL,
		.port = {port != 0, port},
		.group = group,
	};
	struct fixture *fixture = &scene->fixture;
	struct listener made = {};

	assert_done(fixture, control_create_listener(fixture->control, &fixture->user, &wish, &made,
						     &fixture->why));
	memcpy(ret_arn, made.arn.text, ARN_SIZE);
}

static int make_balanced_target(struct fixture *fixture, const char *balancer, const char *endpoint,
				char ret_id[RESOURCE_ID_SIZE])
{
	const struct target_wish wish = {.load_balancer = balancer, .endpoint = endpoint};
	struct target_record made = {};
	int r = control_create_target(fixture->control, &fixture->user, &wish, &made,
				      &fixture->why);

	if (r == 0)
		memcpy(ret_id, made.target.id.text, RESOURCE_ID_SIZE);
	target_record_fini(&made);
	return r;
}

static void make_first_session(struct scene *scene)
{
	char rule[RESOURCE_ID_SIZE];

	assert_done(&scene->fixture, make_filter(&scene->fixture, scene->filter));
	assert_done(&scene->fixture, make_rule(&scene->fixture, scene->filter, "ingress", 1, rule));
	assert_done(&scene->fixture, make_session(&scene->fixture, scene->fixture.eth0,
						  scene->target, scene->filter, 1, scene->session));
}

/* A network load balancer with a listener, a group and two members; a target and a session. */
static int network_setup(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));

	assert_non_null(scene);
	fixture_open(&scene->fixture, NULL);
	make_balancer(scene, "network");
	make_group(scene, "appliances", "UDP", NETWORK_PORT, scene->group);
	add_member(scene, scene->group, "192.0.2.21");
	add_member(scene, scene->group, "192.0.2.20");
	make_listener(scene, NETWORK_PORT, scene->group, scene->listener);
	assert_done(&scene->fixture,
		    make_balanced_target(&scene->fixture, scene->balancer, NULL, scene->target));
	make_first_session(scene);
	*state = scene;
	return 0;
}

static void make_endpoint(struct scene *scene, bool acceptance)
{
	struct fixture *fixture = &scene->fixture;
	const struct site site = control_get_site(fixture->control, &fixture->user);
	const char *balancer = scene->balancer, *subnet = site.subnet.text;
	const struct endpoint_service_wish service_wish = {
		.balancers = &balancer, .balancer_count = 1, .acceptance = acceptance};
	struct endpoint_service_record service = {};
	struct endpoint_wish wish = {.vpc = site.vpc.text, .subnets = &subnet, .subnet_count = 1};
	struct endpoint_record endpoint = {};

	assert_done(fixture,
		    control_create_endpoint_service(fixture->control, &fixture->user, &service_wish,
						    &service, &fixture->why));
	wish.service = service.name;
	assert_done(fixture, control_create_endpoint(fixture->control, &fixture->user, &wish,
						     &endpoint, &fixture->why));
	memcpy(scene->service, service.service.id.text, RESOURCE_ID_SIZE);
	memcpy(scene->endpoint, endpoint.endpoint.id.text, RESOURCE_ID_SIZE);
}

static int gateway_setup(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));

	assert_non_null(scene);
	fixture_open(&scene->fixture, NULL);
	make_balancer(scene, "gateway");
	make_group(scene, "inspectors", "GENEVE", 6081, scene->group);
	add_member(scene, scene->group, "192.0.2.20");
	make_listener(scene, 0, scene->group, scene->listener);
	make_endpoint(scene, false);
	assert_done(&scene->fixture,
		    make_balanced_target(&scene->fixture, NULL, scene->endpoint, scene->target));
	make_first_session(scene);
	*state = scene;
	return 0;
}

static int teardown(void **state)
{
	struct scene *scene = *state;

	fixture_close(&scene->fixture);
	free(scene);
	return 0;
}

/* What an agent would read: it has to accept the plan as it travels. */
static struct plan *get_plan(struct scene *scene)
{
	struct fixture *fixture = &scene->fixture;
	_cleanup_(plan_freep) struct plan *plan = NULL;
	_cleanup_free_ char *json = NULL;
	struct plan *read = NULL;

	assert_done(fixture, control_get_plan(fixture->control, &fixture->agent, "alpha", &plan,
					      &fixture->why));
	assert_int_equal(plan_encode(plan, &json), 0);
	assert_done(fixture, plan_decode(json, strlen(json), &read, &fixture->why));
	return read;
}

/* The host says that it has applied the newest plan and watches everything, and what it thinks of its members. */
static void report(struct scene *scene, const struct report_member *members, size_t member_count)
{
	struct fixture *fixture = &scene->fixture;
	_cleanup_(plan_freep) struct plan *plan = get_plan(scene);
	struct report_session sessions[4] = {};
	struct report_member said[4] = {};
	struct report report = {.version = "1.0",
				.kernel = "6.1",
				.applied_revision = plan->revision,
				.sessions = sessions,
				.members = said,
				.member_count = member_count};

	for (size_t i = 0; i < plan->session_count; i++)
		sessions[report.session_count++] = (struct report_session){
			.id = plan->sessions[i].id, .epoch = 1, .active = true};
	for (size_t i = 0; i < member_count; i++) {
		said[i] = members[i];
		memcpy(said[i].fleet, scene->group, ARN_SIZE);
	}
	assert_done(fixture, control_report(fixture->control, &fixture->agent, "alpha", &report,
					    &fixture->why));
}

static void assert_status(struct scene *scene, enum session_state state, const char *reason)
{
	struct fixture *fixture = &scene->fixture;
	const char *id = scene->session;
	const struct query query = {.ids = &id, .id_count = 1};
	struct session_status_page page = {};

	assert_done(fixture, control_describe_session_status(fixture->control, &fixture->user,
							     &query, &page, &fixture->why));
	assert_int_equal(page.count, 1);
	assert_string_equal(session_state_name(page.items[0].state), session_state_name(state));
	if (!strstr(page.items[0].reason, reason))
		fail_msg("'%s' lacks '%s'", page.items[0].reason, reason);
	session_status_page_fini(&page);
}

/* Whether the call made the host fetch its plan anew. */
#define assert_tells_host(scene, call)                         \
	do {                                                   \
		(scene)->fixture.changes = 0;                  \
		assert_done(&(scene)->fixture, (call));        \
		assert_int_equal((scene)->fixture.changes, 1); \
	} while (0)

static void sessions_go_to_the_listeners_fleet(void **state)
{
	struct scene *scene = *state;
	_cleanup_(plan_freep) struct plan *plan = get_plan(scene);
	const struct fleet *fleet;

	assert_int_equal(plan->target_count, 1);
	assert_false(plan->targets[0].reachable);
	assert_int_equal(plan->targets[0].gateway.endpoint, 0);
	assert_int_equal(plan->fleet_count, 1);
	assert_string_equal(plan->sessions[0].fleet, scene->group);
	fleet = plan_find_fleet(plan, scene->group);
	assert_non_null(fleet);
	assert_int_equal(fleet->tcp_idle, 350);
	assert_int_equal(fleet->member_count, 2);
	assert_string_equal(fleet->members[0].id, "192.0.2.20");
	assert_int_equal(fleet->members[0].port, NETWORK_PORT);
}

static int set_port(struct scene *scene, const char *session, int64_t port)
{
	struct fixture *fixture = &scene->fixture;
	struct session_change change = {.session = session};
	struct session_record record = {};
	int r;

	change.options.outer_port = NUMBER(port);
	r = control_modify_session(fixture->control, &fixture->user, &change, &record,
				   &fixture->why);
	session_record_fini(&record);
	return r;
}

static void a_session_on_another_port_meets_another_listener(void **state)
{
	struct scene *scene = *state;
	char other_group[ARN_SIZE], other_listener[ARN_SIZE], other[RESOURCE_ID_SIZE];

	assert_done(&scene->fixture, make_session(&scene->fixture, scene->fixture.tap0,
						  scene->target, scene->filter, 1, other));
	assert_tells_host(scene, set_port(scene, scene->session, 5000));
	report(scene, NULL, 0);
	assert_status(scene, SESSION_TARGET_UNREACHABLE,
		      "The load balancer 'sensors' has no UDP listener on port 5000");
	make_group(scene, "others", "UDP", 5000, other_group);
	add_member(scene, other_group, "192.0.2.30");
	make_listener(scene, 5000, other_group, other_listener);
	{
		_cleanup_(plan_freep) struct plan *plan = get_plan(scene);

		assert_int_equal(plan->target_count, 1);
		assert_int_equal(plan->fleet_count, 2);
		assert_int_equal(plan->session_count, 2);
		for (size_t i = 0; i < 2; i++)
			assert_string_equal(plan->sessions[i].fleet,
					    strcmp(plan->sessions[i].id.text, other) == 0
						    ? scene->group
						    : other_group);
	}
	report(scene, NULL, 0);
	assert_status(scene, SESSION_ACTIVE, "");
}

static void whatever_changes_the_fleet_concerns_the_host(void **state)
{
	struct scene *scene = *state;
	struct fixture *fixture = &scene->fixture;
	struct control *control = fixture->control;
	const struct member_wish members[] = {{.id = "192.0.2.22"}, {.id = "192.0.2.20"}};
	char key[] = LISTENER_IDLE_KEY, seconds[] = "100";
	const struct tag idle = {key, seconds};
	struct listener listener = {};
	char unused_group[ARN_SIZE];

	assert_tells_host(scene, control_register_members(control, &fixture->user, scene->group,
							  &members[0], 1, &fixture->why));
	assert_tells_host(scene, control_deregister_members(control, &fixture->user, scene->group,
							    &members[1], 1, &fixture->why));
	assert_tells_host(scene, control_modify_listener_attributes(control, &fixture->user,
								    scene->listener, &idle, 1,
								    &listener, &fixture->why));
	assert_tells_host(scene, control_delete_listener(control, &fixture->user, scene->listener,
							 &fixture->why));
	assert_tells_host(scene, control_delete_balancer(control, &fixture->user, scene->balancer,
							 &fixture->why));
	/* What nobody sends to is nobody's concern. */
	make_group(scene, "unused", "UDP", NETWORK_PORT, unused_group);
	fixture->changes = 0;
	add_member(scene, unused_group, "192.0.2.40");
	assert_int_equal(fixture->changes, 0);
}

static void a_status_says_what_is_lacking(void **state)
{
	const struct report_member sick[] = {
		{.id = "192.0.2.20", .port = NETWORK_PORT, .state = MEMBER_UNHEALTHY},
		{.id = "192.0.2.21", .port = NETWORK_PORT, .state = MEMBER_UNHEALTHY}};
	const struct report_member mixed[] = {
		{.id = "192.0.2.20", .port = NETWORK_PORT, .state = MEMBER_UNHEALTHY},
		{.id = "192.0.2.21", .port = NETWORK_PORT, .state = MEMBER_HEALTHY}};
	struct scene *scene = *state;
	struct fixture *fixture = &scene->fixture;
	char group[ARN_SIZE], listener[ARN_SIZE];

	report(scene, NULL, 0);
	assert_status(scene, SESSION_ACTIVE, "");
	report(scene, mixed, 2);
	assert_status(scene, SESSION_ACTIVE, "");
	report(scene, sick, 2);
	assert_status(scene, SESSION_UNHEALTHY, "No target behind the load balancer is healthy");
	assert_done(fixture, control_delete_listener(fixture->control, &fixture->user,
						     scene->listener, &fixture->why));
	assert_status(scene, SESSION_TARGET_UNREACHABLE, "no UDP listener on port 4789");
	make_group(scene, "empty", "UDP", NETWORK_PORT, group);
	make_listener(scene, NETWORK_PORT, group, listener);
	assert_status(scene, SESSION_TARGET_UNREACHABLE, "has no targets");
	assert_done(fixture, control_delete_balancer(fixture->control, &fixture->user,
						     scene->balancer, &fixture->why));
	assert_status(scene, SESSION_TARGET_UNREACHABLE, "is gone");
}

static void copies_to_a_gateway_go_through_the_endpoint(void **state)
{
	struct scene *scene = *state;
	_cleanup_(plan_freep) struct plan *plan = get_plan(scene);
	const struct resource_id endpoint = {"vpce-0000000000000ffff"};
	const struct plan_gateway *gateway = &plan->targets[0].gateway;
	char address[ADDRESS_TEXT_SIZE];

	assert_int_equal(endpoint_get_number(&endpoint), 0xffff);
	assert_string_equal(plan->sessions[0].fleet, scene->group);
	assert_int_equal(plan->fleets[0].member_count, 1);
	assert_int_equal(plan->fleets[0].members[0].port, 6081);
	memcpy(plan->targets[0].id.text, scene->endpoint, RESOURCE_ID_SIZE);
	assert_true(gateway->endpoint == endpoint_get_number(&plan->targets[0].id));
	assert_true(gateway->endpoint != 0 && gateway->attachment != 0);
	address_format(&gateway->address, address);
	assert_true(strncmp(address, "198.18.", 7) == 0 || strncmp(address, "198.19.", 7) == 0);
	address_format(&plan->sources[0].address, address);
	assert_string_equal(address, "10.0.0.5");
}

static void an_endpoint_that_goes_takes_the_way_along(void **state)
{
	struct scene *scene = *state;
	struct fixture *fixture = &scene->fixture;
	const char *endpoint = scene->endpoint;
	const struct connections_answer no = {scene->service, &endpoint, 1, false};
	struct unsuccessful_list list = {};

	report(scene, NULL, 0);
	assert_status(scene, SESSION_ACTIVE, "");
	assert_refused(fixture, set_port(scene, scene->session, 5000),
		       REFUSE_PARAMETER_COMBINATION);
	assert_tells_host(scene, control_answer_connections(fixture->control, &fixture->user, &no,
							    &list, &fixture->why));
	assert_int_equal(list.count, 0);
	{
		_cleanup_(plan_freep) struct plan *plan = get_plan(scene);

		assert_string_equal(plan->sessions[0].fleet, "");
		assert_int_equal(plan->fleet_count, 0);
	}
	assert_status(scene, SESSION_TARGET_UNREACHABLE, "is not available but rejected");
	assert_tells_host(scene, control_delete_endpoints(fixture->control, &fixture->user,
							  &endpoint, 1, &list, &fixture->why));
	assert_int_equal(list.count, 0);
	assert_status(scene, SESSION_TARGET_UNREACHABLE, "is gone");
}

static void the_gateways_group_and_listener_count_too(void **state)
{
	struct scene *scene = *state;
	struct fixture *fixture = &scene->fixture;
	const struct member_wish member = {.id = "192.0.2.22"};

	assert_tells_host(scene, control_register_members(fixture->control, &fixture->user,
							  scene->group, &member, 1, &fixture->why));
	assert_tells_host(scene, control_delete_listener(fixture->control, &fixture->user,
							 scene->listener, &fixture->why));
	assert_status(scene, SESSION_TARGET_UNREACHABLE,
		      "The load balancer 'sensors' has no listener");
	assert_refused(fixture,
		       control_delete_balancer(fixture->control, &fixture->user, scene->balancer,
					       &fixture->why),
		       REFUSE_RESOURCE_IN_USE);
}

static void attribute(struct scene *scene, const char *key, const char *value)
{
	const struct tag wish = {(char *)(uintptr_t)key, (char *)(uintptr_t)value};
	struct fixture *fixture = &scene->fixture;
	struct group_record record = {};

	assert_done(fixture,
		    control_modify_group_attributes(fixture->control, &fixture->user, scene->group,
						    &wish, 1, &record, &fixture->why));
	group_record_fini(&record);
}

static void dismiss(struct scene *scene, const char *address)
{
	const struct member_wish wish = {.id = address};
	struct fixture *fixture = &scene->fixture;

	assert_done(fixture, control_deregister_members(fixture->control, &fixture->user,
							scene->group, &wish, 1, &fixture->why));
}

/* Copies go to all if fewer are healthy than wanted, of which those that are being deregistered are none. */
static void a_status_says_that_too_few_are_healthy(void **state)
{
	const struct report_member said[] = {
		{.id = "192.0.2.20", .port = NETWORK_PORT, .state = MEMBER_HEALTHY},
		{.id = "192.0.2.21", .port = NETWORK_PORT, .state = MEMBER_UNHEALTHY}};
	struct scene *scene = *state;

	report(scene, said, 2);
	assert_status(scene, SESSION_ACTIVE, "");
	attribute(scene,
		  "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count", "2");
	report(scene, said, 2);
	assert_status(scene, SESSION_UNHEALTHY, "Only 1 of 2 targets");
	attribute(scene,
		  "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count", "1");
	attribute(scene,
		  "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage",
		  "51");
	report(scene, said, 2);
	assert_status(scene, SESSION_UNHEALTHY, "Only 1 of 2 targets");
	attribute(scene,
		  "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage",
		  "50");
	report(scene, said, 2);
	assert_status(scene, SESSION_ACTIVE, "");
	dismiss(scene, "192.0.2.20");
	report(scene, said, 2);
	assert_status(scene, SESSION_UNHEALTHY, "No target behind the load balancer is healthy");
}

/* What was found for one session of a page is good for others of its fleet only. */
static void a_page_of_statuses_tells_fleets_apart(void **state)
{
	const struct report_member sick[] = {
		{.id = "192.0.2.20", .port = NETWORK_PORT, .state = MEMBER_UNHEALTHY}};
	struct scene *scene = *state;
	struct fixture *fixture = &scene->fixture;
	char group[ARN_SIZE], listener[ARN_SIZE], ids[2][RESOURCE_ID_SIZE];
	struct session_status_page page = {};

	for (size_t i = 0; i < ARRAY_SIZE(ids); i++)
		assert_done(fixture, make_session(fixture, fixture->tap0, scene->target,
						  scene->filter, 1 + (int64_t)i, ids[i]));
	assert_done(fixture, set_port(scene, ids[1], 5000));
	make_group(scene, "others", "UDP", 5000, group);
	add_member(scene, group, "192.0.2.30");
	make_listener(scene, 5000, group, listener);
	report(scene, sick, 1);
	assert_done(fixture,
		    control_describe_session_status(fixture->control, &fixture->user,
						    &(struct query){}, &page, &fixture->why));
	assert_int_equal(page.count, 3);
	for (size_t i = 0; i < page.count; i++)
		assert_int_equal(page.items[i].state,
				 strcmp(page.items[i].session.text, ids[1]) == 0
					 ? SESSION_ACTIVE
					 : SESSION_UNHEALTHY);
	session_status_page_fini(&page);
}

static void a_status_says_that_nobody_can_get_copies(void **state)
{
	struct scene *scene = *state;
	struct fixture *fixture = &scene->fixture;
	char group[ARN_SIZE], tap0[RESOURCE_ID_SIZE] = "";
	struct listener listener = {};
	struct listener_wish forward = {.group = group};
	const struct site site = control_get_site(fixture->control, &fixture->user);
	const struct group_wish wish = {.name = "instances",
					.protocol = "UDP",
					.vpc = site.vpc.text,
					.port = NUMBER(NETWORK_PORT)};
	struct group_record made = {};
	struct source source;

	dismiss(scene, "192.0.2.20");
	report(scene, NULL, 0);
	assert_status(scene, SESSION_ACTIVE, "");
	dismiss(scene, "192.0.2.21");
	report(scene, NULL, 0);
	assert_status(scene, SESSION_TARGET_UNREACHABLE, "are being deregistered");
	assert_status(scene, SESSION_TARGET_UNREACHABLE, scene->group);
	/* An instance whose host is there, but has no address. */
	assert_done(fixture, control_create_group(fixture->control, &fixture->user, &wish, &made,
						  &fixture->why));
	memcpy(group, made.group.arn.text, sizeof(group));
	group_record_fini(&made);
	assert_int_equal(store_get_source(fixture->store, fixture->tap0, &source), 0);
	memcpy(tap0, source.instance.text, sizeof(tap0));
	add_member(scene, group, tap0);
	assert_done(fixture,
		    control_modify_listener(fixture->control, &fixture->user, scene->listener,
					    &forward, &listener, &fixture->why));
	report(scene, NULL, 0);
	assert_status(scene, SESSION_ACTIVE, "");
	REPORT(fixture, "alpha", NULL, "eth0", "tap0");
	report(scene, NULL, 0);
	assert_status(scene, SESSION_TARGET_UNREACHABLE, "has an IPv4 address");
}

/* One target in front of each; nothing that could not be mirrored to. */
static void targets_want_what_they_name(void **state)
{
	struct scene *scene = *state;
	struct fixture *fixture = &scene->fixture;
	char id[RESOURCE_ID_SIZE], nobody[ARN_SIZE];
	struct target_page page = {};
	const char *balancer = scene->balancer;
	const struct query_filter filter = {"network-load-balancer-arn", &balancer, 1};

	assert_refused(fixture, make_balanced_target(fixture, scene->balancer, NULL, id),
		       REFUSE_BALANCER_IS_TARGET);
	assert_refused(fixture, make_balanced_target(fixture, "sensors", NULL, id),
		       REFUSE_PARAMETER_VALUE);
	memcpy(nobody, scene->balancer, ARN_SIZE);
	nobody[strlen(nobody) - 1] ^= 1;
	assert_refused(fixture, make_balanced_target(fixture, nobody, NULL, id),
		       REFUSE_LOAD_BALANCER_NOT_FOUND);
	assert_refused(fixture, make_balanced_target(fixture, NULL, "vpce-00000000", id),
		       REFUSE_ENDPOINT_NOT_FOUND);
	assert_refused(fixture, make_balanced_target(fixture, scene->balancer, "vpce-00000000", id),
		       REFUSE_PARAMETER_COMBINATION);
	assert_done(fixture,
		    control_describe_targets(fixture->control, &fixture->user,
					     &(struct query){.filters = &filter, .filter_count = 1},
					     &page, &fixture->why));
	assert_int_equal(page.count, 1);
	assert_string_equal(page.items[0].target.locator, scene->balancer);
	target_page_fini(&page);
	make_balancer(scene, "gateway");
	assert_refused(fixture, make_balanced_target(fixture, scene->balancer, NULL, id),
		       REFUSE_PARAMETER_VALUE);
	make_endpoint(scene, true);
	assert_refused(fixture, make_balanced_target(fixture, NULL, scene->endpoint, id),
		       REFUSE_ENDPOINT_STATE);
	make_endpoint(scene, false);
	assert_done(fixture, make_balanced_target(fixture, NULL, scene->endpoint, id));
	assert_refused(fixture, make_balanced_target(fixture, NULL, scene->endpoint, id),
		       REFUSE_ENDPOINT_IS_TARGET);
}

/* Whoever a target is shared with sends to the owner's fleet, and loses it with the share. */
static void others_send_to_a_shared_fleet(void **state)
{
	struct scene *scene = *state;
	struct fixture *fixture = &scene->fixture;
	const struct caller other = {.account = {OTHER_ACCOUNT}, .kind = CALLER_USER};
	const struct stored_account account = {.id = {OTHER_ACCOUNT}, .name = "other"};
	const struct caller owner = fixture->user;
	char filter[RESOURCE_ID_SIZE], eth0[RESOURCE_ID_SIZE], session[RESOURCE_ID_SIZE];
	char behind[80];

	assert_int_equal(store_add_account(fixture->store, &account), 0);
	fixture->user = fixture->agent = other;
	fixture->agent.kind = CALLER_HOST;
	REPORT(fixture, "beta", "10.0.0.6", "eth0");
	fixture_find_device(fixture, "beta", "eth0", eth0);
	assert_done(fixture, make_filter(fixture, filter));
	assert_refused(fixture, make_session(fixture, eth0, scene->target, filter, 1, session),
		       REFUSE_TARGET_NOT_FOUND);
	assert_done(fixture, control_share_target(fixture->control, &owner, scene->target,
						  OTHER_ACCOUNT, &fixture->why));
	assert_done(fixture, make_session(fixture, eth0, scene->target, filter, 1, session));
	{
		_cleanup_(plan_freep) struct plan *plan = NULL;

		assert_done(fixture, control_get_plan(fixture->control, &fixture->agent, "beta",
						      &plan, &fixture->why));
		assert_int_equal(plan->session_count, 1);
		assert_string_equal(plan->sessions[0].fleet, scene->group);
		assert_int_equal(plan->fleets[0].member_count, 2);
	}
	/* What changes behind the target is told to the other account's host, too. */
	fixture->user = owner;
	fixture->changes = 0;
	add_member(scene, scene->group, "192.0.2.22");
	assert_int_equal(fixture->changes, 2);
	/* What is behind it has a name for its owner only. */
	memcpy(scene->session, session, sizeof(session));
	assert_done(fixture, control_delete_listener(fixture->control, &fixture->user,
						     scene->listener, &fixture->why));
	assert_status(scene, SESSION_TARGET_UNREACHABLE, "load balancer 'sensors'");
	fixture->user = other;
	(void)snprintf(behind, sizeof(behind), "load balancer behind the target '%s'",
		       scene->target);
	assert_status(scene, SESSION_TARGET_UNREACHABLE, behind);
	assert_done(fixture, control_unshare_target(fixture->control, &owner, scene->target,
						    OTHER_ACCOUNT, &fixture->why));
	fixture->user = other;
	assert_int_equal(fixture_count_sessions(fixture), 0);
}

/* AWS limits the sources of interfaces only. */
static void any_number_of_sources_may_send(void **state)
{
	struct limits limits = LIMITS_DEFAULT;
	char id[RESOURCE_ID_SIZE], target[RESOURCE_ID_SIZE];
	struct scene scene = {};

	(void)state;
	limits.sources_per_target = 1;
	fixture_open(&scene.fixture, &limits);
	make_balancer(&scene, "network");
	assert_done(&scene.fixture,
		    make_balanced_target(&scene.fixture, scene.balancer, NULL, scene.target));
	make_first_session(&scene);
	assert_done(&scene.fixture, make_session(&scene.fixture, scene.fixture.tap0, scene.target,
						 scene.filter, 1, id));
	assert_done(&scene.fixture, make_target(&scene.fixture, scene.fixture.appliance, target));
	assert_done(&scene.fixture,
		    make_session(&scene.fixture, scene.fixture.eth0, target, scene.filter, 2, id));
	assert_refused(
		&scene.fixture,
		make_session(&scene.fixture, scene.fixture.tap0, target, scene.filter, 2, id),
		REFUSE_SOURCES_PER_TARGET_LIMIT);
	fixture_close(&scene.fixture);
}

int main(void)
{
#define NETWORK(name) cmocka_unit_test_setup_teardown(name, network_setup, teardown)
#define GATEWAY(name) cmocka_unit_test_setup_teardown(name, gateway_setup, teardown)
	const struct CMUnitTest tests[] = {
		NETWORK(sessions_go_to_the_listeners_fleet),
		NETWORK(a_session_on_another_port_meets_another_listener),
		NETWORK(whatever_changes_the_fleet_concerns_the_host),
		NETWORK(a_status_says_what_is_lacking),
		NETWORK(a_status_says_that_too_few_are_healthy),
		NETWORK(a_page_of_statuses_tells_fleets_apart),
		NETWORK(a_status_says_that_nobody_can_get_copies),
		GATEWAY(copies_to_a_gateway_go_through_the_endpoint),
		GATEWAY(an_endpoint_that_goes_takes_the_way_along),
		GATEWAY(the_gateways_group_and_listener_count_too),
		NETWORK(targets_want_what_they_name),
		NETWORK(others_send_to_a_shared_fleet),
		cmocka_unit_test(any_number_of_sources_may_send),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
