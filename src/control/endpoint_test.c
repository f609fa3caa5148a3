// SPDX-License-Identifier: Apache-2.0
/* Endpoint services and endpoints: who may connect to what, and what becomes of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/text.h"
#include "control/endpoint.h"
#include "control/endpoint_service.h"
#include "control/fixture.h"
#include "store/balancer.h"

#include <stdio.h>
#include <string.h>

#define OTHER_ACCOUNT "210987654321"

static void add_balancer(struct fixture *fixture, enum balancer_type type, struct arn *ret_arn)
{
	struct balancer balancer = {
		.owner = {FIXTURE_ACCOUNT},
		.type = type,
		.name = "sensors",
	};

	balancer_make_arn(&balancer, "us-east-1");
	assert_int_equal(store_put_balancer(fixture->store, &balancer), 0);
	*ret_arn = balancer.arn;
}

static int make_service(struct fixture *fixture, const char *balancer, bool acceptance,
			struct endpoint_service_record *ret_service)
{
	const struct endpoint_service_wish wish = {
		.balancers = &balancer,
		.balancer_count = balancer ? 1 : 0,
		.acceptance = acceptance,
	};
	struct endpoint_service_record made = {};
	int r = control_create_endpoint_service(fixture->control, &fixture->user, &wish, &made,
						&fixture->why);

	if (r == 0)
		*ret_service = made;
	return r;
}

/* Services have no tags in these tests, so their records need no release. */
static struct endpoint_service_record service_of(struct fixture *fixture, bool acceptance)
{
	struct endpoint_service_record made = {};
	struct arn balancer;

	add_balancer(fixture, BALANCER_GATEWAY, &balancer);
	assert_done(fixture, make_service(fixture, balancer.text, acceptance, &made));
	return made;
}

static int make_endpoint(struct fixture *fixture, const struct caller *caller, const char *service,
			 struct endpoint_record *ret_endpoint)
{
	const struct site site = control_get_site(fixture->control, caller);
	const char *subnet = site.subnet.text;
	const struct endpoint_wish wish = {
		.vpc = site.vpc.text,
		.service = service,
		.subnets = &subnet,
		.subnet_count = 1,
	};
	struct endpoint_record made = {};
	int r = control_create_endpoint(fixture->control, caller, &wish, &made, &fixture->why);

	if (r == 0)
		*ret_endpoint = made;
	return r;
}

/* The one refusal of a call about one thing, or REFUSE_NONE. */
static int only_refusal(struct unsuccessful_list *list)
{
	int code = list->count > 0 ? list->items[0].why.code : REFUSE_NONE;

	assert_true(list->count <= 1);
	unsuccessful_list_fini(list);
	return code;
}

static int delete_service(struct fixture *fixture, const char *id)
{
	struct unsuccessful_list list = {};

	assert_done(fixture, control_delete_endpoint_services(fixture->control, &fixture->user, &id,
							      1, &list, &fixture->why));
	return only_refusal(&list);
}

static int delete_endpoint(struct fixture *fixture, const struct caller *caller, const char *id)
{
	struct unsuccessful_list list = {};

	assert_done(fixture, control_delete_endpoints(fixture->control, caller, &id, 1, &list,
						      &fixture->why));
	return only_refusal(&list);
}

static int answer(struct fixture *fixture, const char *service, const char *endpoint, bool accept)
{
	const struct connections_answer answer = {service, &endpoint, 1, accept};
	struct unsuccessful_list list = {};

	assert_done(fixture, control_answer_connections(fixture->control, &fixture->user, &answer,
							&list, &fixture->why));
	return only_refusal(&list);
}

static enum endpoint_state state_of(struct fixture *fixture, const char *id)
{
	const struct query query = {.ids = &id, .id_count = 1};
	struct endpoint_page page = {};
	enum endpoint_state state;

	assert_done(fixture, control_describe_endpoints(fixture->control, &fixture->user, &query,
							&page, &fixture->why));
	assert_int_equal(page.count, 1);
	state = page.items[0].endpoint.state;
	endpoint_page_fini(&page);
	return state;
}

static size_t count_offered(struct fixture *fixture, const struct caller *caller)
{
	struct endpoint_service_page page = {};
	size_t count;

	assert_done(fixture,
		    control_describe_offered_services(fixture->control, caller, &(struct query){},
						      &page, &fixture->why));
	count = page.count;
	endpoint_service_page_fini(&page);
	return count;
}

static size_t permit(struct fixture *fixture, const char *service, const char *principal)
{
	const struct service_principals_change change = {
		.service = service, .add = &principal, .add_count = 1};
	struct service_principal_page added = {};
	size_t count;

	assert_done(fixture, control_modify_service_principals(fixture->control, &fixture->user,
							       &change, &added, &fixture->why));
	count = added.count;
	service_principal_page_fini(&added);
	return count;
}

static void forbid(struct fixture *fixture, const char *service, const char *principal)
{
	const struct service_principals_change change = {
		.service = service, .remove = &principal, .remove_count = 1};
	struct service_principal_page added = {};

	assert_done(fixture, control_modify_service_principals(fixture->control, &fixture->user,
							       &change, &added, &fixture->why));
	assert_int_equal(added.count, 0);
}

static void services_offer_gateways_only(void **state)
{
	struct fixture *fixture = *state;
	struct endpoint_service_record made;
	struct arn network, gateway;

	add_balancer(fixture, BALANCER_NETWORK, &network);
	add_balancer(fixture, BALANCER_GATEWAY, &gateway);
	assert_refused(fixture, make_service(fixture, NULL, true, &made), REFUSE_PARAMETER_MISSING);
	assert_refused(fixture, make_service(fixture, network.text, true, &made),
		       REFUSE_PARAMETER_VALUE);
	assert_refused(fixture, make_service(fixture, "sensors", true, &made),
		       REFUSE_PARAMETER_VALUE);
	gateway.text[strlen(gateway.text) - 1] ^= 1;
	assert_refused(fixture, make_service(fixture, gateway.text, true, &made),
		       REFUSE_PARAMETER_VALUE);
	gateway.text[strlen(gateway.text) - 1] ^= 1;
	assert_done(fixture, make_service(fixture, gateway.text, true, &made));
	assert_string_equal(made.service.balancer.text, gateway.text);
	assert_true(made.service.acceptance);
	assert_int_equal(strncmp(made.name, "com.amazonaws.vpce.us-east-1.vpce-svc-", 38), 0);
}

static void endpoints_have_an_address_each(void **state)
{
	struct fixture *fixture = *state;
	const struct endpoint_service_record service = service_of(fixture, false);
	struct endpoint_record one, two;
	struct interface_page page = {};
	const char *ids[2];

	assert_done(fixture, make_endpoint(fixture, &fixture->user, service.name, &one));
	assert_done(fixture, make_endpoint(fixture, &fixture->user, service.name, &two));
	assert_int_equal(one.endpoint.state, ENDPOINT_AVAILABLE);
	assert_string_equal(one.service, service.name);
	assert_string_equal(one.balancer.text, service.service.balancer.text);
	assert_true(one.endpoint.attachment != two.endpoint.attachment);
	ids[0] = one.endpoint.interface.text;
	ids[1] = two.endpoint.interface.text;
	assert_done(fixture, control_describe_interfaces(fixture->control, &fixture->user,
							 &(struct query){.ids = ids, .id_count = 2},
							 &page, &fixture->why));
	assert_int_equal(page.count, 2);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(page.items[i].source.type,
				 INTERFACE_GATEWAY_LOAD_BALANCER_ENDPOINT);
		assert_int_equal(page.items[i].source.address_count, 1);
	}
	assert_false(address_equal(&page.items[0].source.addresses[0],
				   &page.items[1].source.addresses[0]));
	interface_page_fini(&page);
	assert_int_equal(delete_endpoint(fixture, &fixture->user, one.endpoint.id.text),
			 REFUSE_NONE);
	assert_refused(fixture,
		       control_describe_interfaces(fixture->control, &fixture->user,
						   &(struct query){.ids = ids, .id_count = 1},
						   &page, &fixture->why),
		       REFUSE_INTERFACE_NOT_FOUND);
	assert_int_equal(delete_endpoint(fixture, &fixture->user, one.endpoint.id.text),
			 REFUSE_ENDPOINT_GONE);
}

static void an_endpoint_is_in_the_one_subnet(void **state)
{
	struct fixture *fixture = *state;
	const struct endpoint_service_record service = service_of(fixture, false);
	const struct site site = control_get_site(fixture->control, &fixture->user);
	const char *subnets[] = {site.subnet.text, site.subnet.text};
	struct endpoint_wish wish = {
		.vpc = site.vpc.text, .service = service.name, .subnets = subnets};
	struct endpoint_record made;

#define CREATE() \
	control_create_endpoint(fixture->control, &fixture->user, &wish, &made, &fixture->why)
	assert_refused(fixture, CREATE(), REFUSE_PARAMETER_MISSING);
	wish.subnet_count = 2;
	assert_refused(fixture, CREATE(), REFUSE_PARAMETER_VALUE);
	wish.subnet_count = 1;
	subnets[0] = "subnet-00000000";
	assert_refused(fixture, CREATE(), REFUSE_SUBNET_NOT_FOUND);
	subnets[0] = site.subnet.text;
	wish.vpc = "vpc-00000000";
	assert_refused(fixture, CREATE(), REFUSE_VPC_NOT_FOUND);
	wish.vpc = fixture->eth0;
	assert_refused(fixture, CREATE(), REFUSE_PARAMETER_VALUE);
	wish.vpc = site.vpc.text;
	wish.service = "com.amazonaws.vpce.us-east-1.vpce-svc-00000000";
	assert_refused(fixture, CREATE(), REFUSE_SERVICE_NAME);
	wish.service = NULL;
	assert_refused(fixture, CREATE(), REFUSE_PARAMETER_MISSING);
#undef CREATE
}

static void connections_are_accepted_once_and_rejected_for_good(void **state)
{
	struct fixture *fixture = *state;
	const struct endpoint_service_record service = service_of(fixture, true);
	const char *service_id = service.service.id.text;
	struct endpoint_record made;
	const char *id;

	assert_done(fixture, make_endpoint(fixture, &fixture->user, service.name, &made));
	id = made.endpoint.id.text;
	assert_int_equal(state_of(fixture, id), ENDPOINT_PENDING_ACCEPTANCE);
	assert_int_equal(answer(fixture, service_id, id, true), REFUSE_NONE);
	assert_int_equal(state_of(fixture, id), ENDPOINT_AVAILABLE);
	assert_int_equal(answer(fixture, service_id, id, true), REFUSE_ENDPOINT_STATE);
	assert_int_equal(answer(fixture, service_id, id, false), REFUSE_NONE);
	assert_int_equal(state_of(fixture, id), ENDPOINT_REJECTED);
	assert_int_equal(answer(fixture, service_id, id, false), REFUSE_ENDPOINT_STATE);
	assert_int_equal(answer(fixture, service_id, id, true), REFUSE_ENDPOINT_STATE);
	assert_int_equal(answer(fixture, service_id, "vpce-00000000", true),
			 REFUSE_ENDPOINT_NOT_FOUND);
}

static void acceptance_can_be_switched_off(void **state)
{
	struct fixture *fixture = *state;
	const struct endpoint_service_change change = {.acceptance = NUMBER(0)};
	const struct endpoint_service_record service = service_of(fixture, true);
	struct endpoint_record before, after;

	assert_done(fixture, make_endpoint(fixture, &fixture->user, service.name, &before));
	assert_done(fixture, control_modify_endpoint_service(fixture->control, &fixture->user,
							     service.service.id.text, &change,
							     &fixture->why));
	assert_done(fixture, make_endpoint(fixture, &fixture->user, service.name, &after));
	assert_int_equal(state_of(fixture, before.endpoint.id.text), ENDPOINT_PENDING_ACCEPTANCE);
	assert_int_equal(state_of(fixture, after.endpoint.id.text), ENDPOINT_AVAILABLE);
}

static void a_service_stays_while_endpoints_are_connected(void **state)
{
	struct fixture *fixture = *state;
	const struct endpoint_service_record service = service_of(fixture, false);
	const char *id = service.service.id.text;
	struct endpoint_record made;

	assert_done(fixture, make_endpoint(fixture, &fixture->user, service.name, &made));
	assert_int_equal(delete_service(fixture, id), REFUSE_ENDPOINT_SERVICE_IN_USE);
	assert_int_equal(answer(fixture, id, made.endpoint.id.text, false), REFUSE_NONE);
	assert_int_equal(delete_service(fixture, id), REFUSE_NONE);
	assert_int_equal(delete_service(fixture, id), REFUSE_ENDPOINT_SERVICE_GONE);
	/* The rejected endpoint is its owner's to delete. */
	assert_int_equal(state_of(fixture, made.endpoint.id.text), ENDPOINT_REJECTED);
	assert_int_equal(delete_endpoint(fixture, &fixture->user, made.endpoint.id.text),
			 REFUSE_NONE);
}

static void some_of_several_are_deleted(void **state)
{
	struct fixture *fixture = *state;
	const struct endpoint_service_record service = service_of(fixture, false);
	const char *ids[] = {service.service.id.text, "vpce-svc-00000000", "nonsense"};
	struct unsuccessful_list list = {};

	assert_done(fixture, control_delete_endpoint_services(fixture->control, &fixture->user, ids,
							      3, &list, &fixture->why));
	assert_int_equal(list.count, 2);
	assert_string_equal(list.items[0].id, "vpce-svc-00000000");
	assert_int_equal(list.items[0].why.code, REFUSE_ENDPOINT_SERVICE_GONE);
	assert_string_equal(list.items[1].id, "nonsense");
	assert_int_equal(list.items[1].why.code, REFUSE_PARAMETER_VALUE);
	unsuccessful_list_fini(&list);
	assert_int_equal(count_offered(fixture, &fixture->user), 0);
}

static void other_accounts_come_in_if_they_are_let(void **state)
{
	struct fixture *fixture = *state;
	const struct caller other = {.account = {OTHER_ACCOUNT}};
	const struct endpoint_service_record service = service_of(fixture, true);
	const char *id = service.service.id.text;
	struct endpoint_page connections = {};
	struct endpoint_record made;

	assert_int_equal(count_offered(fixture, &fixture->user), 1);
	assert_int_equal(count_offered(fixture, &other), 0);
	assert_refused(fixture, make_endpoint(fixture, &other, service.name, &made),
		       REFUSE_SERVICE_NAME);
	assert_int_equal(permit(fixture, id, "arn:aws:iam::" OTHER_ACCOUNT ":root"), 1);
	assert_int_equal(permit(fixture, id, "arn:aws:iam::" OTHER_ACCOUNT ":root"), 0);
	assert_int_equal(count_offered(fixture, &other), 1);
	assert_done(fixture, make_endpoint(fixture, &other, service.name, &made));
	assert_done(fixture,
		    control_describe_connections(fixture->control, &fixture->user,
						 &(struct query){}, &connections, &fixture->why));
	assert_int_equal(connections.count, 1);
	assert_string_equal(connections.items[0].endpoint.owner.text, OTHER_ACCOUNT);
	assert_string_equal(connections.items[0].balancer.text, service.service.balancer.text);
	endpoint_page_fini(&connections);
	/* Whose it is deletes it; the service's owner only answers. */
	assert_int_equal(delete_endpoint(fixture, &fixture->user, made.endpoint.id.text),
			 REFUSE_ENDPOINT_GONE);
	assert_int_equal(answer(fixture, id, made.endpoint.id.text, true), REFUSE_NONE);
	/* Who is let in no more keeps what he has. */
	forbid(fixture, id, "arn:aws:iam::" OTHER_ACCOUNT ":root");
	forbid(fixture, id, "arn:aws:iam::" OTHER_ACCOUNT ":root");
	assert_int_equal(count_offered(fixture, &other), 0);
	assert_int_equal(delete_endpoint(fixture, &other, made.endpoint.id.text), REFUSE_NONE);
	assert_int_equal(permit(fixture, id, "*"), 1);
	assert_int_equal(count_offered(fixture, &other), 1);
}

static void only_principals_are_permitted(void **state)
{
	static const char *const both[] = {"*"}, *const nonsense[] = {"everybody"};
	struct fixture *fixture = *state;
	const struct endpoint_service_record service = service_of(fixture, true);
	struct service_principals_change change = {.service = service.service.id.text};
	struct service_principal_page page = {};

#define MODIFY()                                                                            \
	control_modify_service_principals(fixture->control, &fixture->user, &change, &page, \
					  &fixture->why)
	assert_refused(fixture, MODIFY(), REFUSE_PARAMETER_MISSING);
	change.add = nonsense;
	change.add_count = 1;
	assert_refused(fixture, MODIFY(), REFUSE_PARAMETER_VALUE);
	change.add = change.remove = both;
	change.remove_count = 1;
	assert_refused(fixture, MODIFY(), REFUSE_PARAMETER_COMBINATION);
#undef MODIFY
	assert_int_equal(permit(fixture, change.service, "arn:aws:iam::" OTHER_ACCOUNT ":user/x"),
			 1);
	assert_done(fixture, control_describe_service_principals(fixture->control, &fixture->user,
								 change.service, &(struct query){},
								 &page, &fixture->why));
	assert_int_equal(page.count, 1);
	assert_int_equal(strncmp(page.items[0].id.text, "vpce-svc-perm-", 14), 0);
	assert_int_equal(strlen(page.items[0].id.text), 14 + 17);
	service_principal_page_fini(&page);
}

static void quotas_hold(void **state)
{
	struct limits limits = LIMITS_DEFAULT;
	struct fixture own, *fixture = &own;
	struct endpoint_service_record service, more;
	struct endpoint_record made;

	(void)state;
	limits.endpoint_services = 1;
	limits.endpoints = 2;
	fixture_open(fixture, &limits);
	service = service_of(fixture, false);
	assert_refused(fixture, make_service(fixture, service.service.balancer.text, true, &more),
		       REFUSE_ENDPOINT_SERVICE_LIMIT);
	for (int i = 0; i < 2; i++)
		assert_done(fixture, make_endpoint(fixture, &fixture->user, service.name, &made));
	assert_refused(fixture, make_endpoint(fixture, &fixture->user, service.name, &made),
		       REFUSE_ENDPOINT_LIMIT);
	fixture_close(fixture);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		TEST(services_offer_gateways_only),
		TEST(endpoints_have_an_address_each),
		TEST(an_endpoint_is_in_the_one_subnet),
		TEST(connections_are_accepted_once_and_rejected_for_good),
		TEST(acceptance_can_be_switched_off),
		TEST(a_service_stays_while_endpoints_are_connected),
		TEST(some_of_several_are_deleted),
		TEST(other_accounts_come_in_if_they_are_let),
		TEST(only_principals_are_permitted),
		cmocka_unit_test(quotas_hold),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
