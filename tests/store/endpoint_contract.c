// SPDX-License-Identifier: Apache-2.0
/* What every storage engine keeps of endpoints, their services, and who may connect to these. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/text.h"
#include "bench.h"
#include "mirror/refusals.h"
#include "store/endpoint.h"
#include "store/endpoint_service.h"
#include "store/source.h"
#include "store/store.h"
#include "store/tag.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define OWNER "123456789012"
#define OTHER "210987654321"
#define ROOT  "arn:aws:iam::%s:root"
#define ANN   "arn:aws:iam::%s:user/ann"
#define BALANCER \
	"arn:aws:elasticloadbalancing:eu-test-1:" OWNER ":loadbalancer/gwy/g/00000000000000a1"

static void add_service(struct bench *bench, const char *id, const char *owner)
{
	struct endpoint_service service = {
		.balancer = {BALANCER}, .acceptance = true, .created = 12345};

	(void)string_copy(service.id.text, sizeof(service.id.text), id);
	(void)string_copy(service.owner.text, sizeof(service.owner.text), owner);
	assert_int_equal(store_put_endpoint_service(bench->store, &service), 0);
}

static void add_interface(struct bench *bench, const char *id, const char *owner, uint8_t last)
{
	struct source source = {
		.type = INTERFACE_GATEWAY_LOAD_BALANCER_ENDPOINT,
		.addresses = {{4, {198, 18, 0, last}}},
		.address_count = 1,
	};

	(void)string_copy(source.id.text, sizeof(source.id.text), id);
	(void)string_copy(source.owner.text, sizeof(source.owner.text), owner);
	assert_int_equal(store_put_source(bench->store, &source), 0);
	assert_int_equal(store_register_addresses(bench->store, &source), 0);
}

static struct endpoint endpoint_of(const char *id, const char *owner, const char *service)
{
	struct endpoint endpoint = {.interface = {"eni-1"}, .created = 77};

	(void)string_copy(endpoint.id.text, sizeof(endpoint.id.text), id);
	(void)string_copy(endpoint.owner.text, sizeof(endpoint.owner.text), owner);
	(void)string_copy(endpoint.service.text, sizeof(endpoint.service.text), service);
	endpoint.attachment = endpoint_get_number(&endpoint.id);
	return endpoint;
}

/* Member by member: what lies between them is nobody's. */
static void assert_service_equal(const struct endpoint_service *left,
				 const struct endpoint_service *right)
{
	assert_string_equal(left->id.text, right->id.text);
	assert_string_equal(left->owner.text, right->owner.text);
	assert_string_equal(left->balancer.text, right->balancer.text);
	assert_int_equal(left->acceptance, right->acceptance);
	assert_int_equal(left->created, right->created);
}

static void assert_endpoint_equal(const struct endpoint *left, const struct endpoint *right)
{
	assert_string_equal(left->id.text, right->id.text);
	assert_string_equal(left->owner.text, right->owner.text);
	assert_string_equal(left->service.text, right->service.text);
	assert_string_equal(left->interface.text, right->interface.text);
	assert_int_equal(left->attachment, right->attachment);
	assert_int_equal(left->state, right->state);
	assert_int_equal(left->created, right->created);
}

static void services_come_back_as_they_went(void **state)
{
	struct bench *bench = *state;
	struct endpoint_service service, back;
	int64_t count;

	add_service(bench, "vpce-svc-1", OWNER);
	assert_int_equal(store_get_endpoint_service(bench->store, "vpce-svc-1", &service), 0);
	assert_string_equal(service.owner.text, OWNER);
	assert_string_equal(service.balancer.text, BALANCER);
	assert_true(service.acceptance);
	assert_int_equal(service.created, 12345);
	service.acceptance = false;
	assert_int_equal(store_put_endpoint_service(bench->store, &service), 0);
	assert_int_equal(store_get_endpoint_service(bench->store, "vpce-svc-1", &back), 0);
	assert_service_equal(&back, &service);
	assert_int_equal(
		store_count_endpoint_services(bench->store, SERVICES_OF_OWNER, OWNER, &count), 0);
	assert_int_equal(count, 1);
	assert_int_equal(
		store_count_endpoint_services(bench->store, SERVICES_OF_BALANCER, BALANCER, &count),
		0);
	assert_int_equal(count, 1);
	assert_int_equal(store_put_tag(bench->store, OWNER, "vpce-svc-1", "k", "v"), 0);
	assert_int_equal(store_delete_endpoint_service(bench->store, "vpce-svc-1"), 0);
	assert_int_equal(store_delete_endpoint_service(bench->store, "vpce-svc-1"), STORE_MISSING);
	assert_int_equal(store_get_endpoint_service(bench->store, "vpce-svc-1", &back),
			 STORE_MISSING);
}

/* Also looks at each by itself. */
static size_t count_offered(struct bench *bench, const char *account)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	struct service_seeker seeker = {.account = account};
	struct endpoint_service service;
	size_t count = 0;
	bool offered;

	(void)snprintf(seeker.everybody, sizeof(seeker.everybody), ROOT, account);
	(void)snprintf(seeker.himself, sizeof(seeker.himself), ANN, account);
	assert_int_equal(store_select_offered_services(bench->store, &seeker, "", &cursor), 0);
	while (store_next_endpoint_service(cursor, &service) == STORE_ROW) {
		assert_int_equal(
			store_service_is_offered(bench->store, service.id.text, &seeker, &offered),
			0);
		assert_true(offered);
		count++;
	}
	return count;
}

/* Nobody is handed a service that has principals, none of which means him. */
static void services_are_offered_to_their_principals(void **state)
{
	static const struct {
		const char *principal;
		size_t count; /* For the user "ann" of the account OTHER. */
	} rows[] = {
		{"*", 1},
		{"arn:aws:iam::" OTHER ":root", 1},
		{"arn:aws:iam::" OWNER ":root", 0},
		{"arn:aws:iam::" OTHER ":user/ann", 1},
		{"arn:aws:iam::" OTHER ":user/anna", 0},
		{"arn:aws:iam::" OTHER ":user/an", 0},
		{"arn:aws:iam::" OTHER ":role/ann", 0},
		{"arn:aws:iam::" OWNER ":user/ann", 0},
	};
	struct bench *bench = *state;
	const struct service_seeker seeker = {
		.account = OTHER,
		.everybody = "arn:aws:iam::" OTHER ":root",
		.himself = "arn:aws:iam::" OTHER ":user/ann",
	};

	add_service(bench, "vpce-svc-1", OWNER);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct service_principal principal = {{"vpce-svc-1"}, {"vpce-svc-perm-1"}, ""};
		bool offered;

		(void)snprintf(principal.principal, sizeof(principal.principal), "%s",
			       rows[i].principal);
		assert_int_equal(store_add_service_principal(bench->store, &principal), 0);
		assert_int_equal(count_offered(bench, OTHER), rows[i].count);
		assert_int_equal(
			store_service_is_offered(bench->store, "vpce-svc-1", &seeker, &offered), 0);
		assert_int_equal(offered, rows[i].count > 0);
		assert_int_equal(
			store_service_is_offered(bench->store, "vpce-svc-2", &seeker, &offered), 0);
		assert_false(offered);
		assert_int_equal(store_delete_service_principal(bench->store, "vpce-svc-1",
								rows[i].principal),
				 0);
	}
}

static void principals_are_sets_that_go_with_their_service(void **state)
{
	struct bench *bench = *state;
	const struct service_principal one = {{"vpce-svc-1"}, {"vpce-svc-perm-1"}, "*"};
	const struct service_principal again = {{"vpce-svc-1"}, {"vpce-svc-perm-2"}, "*"};
	struct service_principal back;
	int64_t count;

	add_service(bench, "vpce-svc-1", OWNER);
	add_service(bench, "vpce-svc-2", OWNER);
	assert_int_equal(count_offered(bench, OWNER), 2);
	assert_int_equal(count_offered(bench, OTHER), 0);
	assert_int_equal(store_add_service_principal(bench->store, &one), 0);
	assert_int_equal(store_add_service_principal(bench->store, &again), 0);
	assert_int_equal(store_get_service_principal(bench->store, "vpce-svc-1", "*", &back), 0);
	assert_string_equal(back.id.text, "vpce-svc-perm-1");
	assert_int_equal(count_offered(bench, OTHER), 1);
	assert_int_equal(store_delete_endpoint_service(bench->store, "vpce-svc-1"), 0);
	assert_int_equal(store_count_service_principals(bench->store, "vpce-svc-1", &count), 0);
	assert_int_equal(count, 0);
	assert_int_equal(store_delete_service_principal(bench->store, "vpce-svc-1", "*"),
			 STORE_MISSING);
}

static size_t count_endpoints(struct bench *bench,
			      int (*select)(struct store *store, const char *owner,
					    const char *after, struct cursor **ret_cursor),
			      const char *owner)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	struct endpoint endpoint;
	size_t count = 0;

	assert_int_equal(select(bench->store, owner, "", &cursor), 0);
	while (store_next_endpoint(cursor, &endpoint) == STORE_ROW)
		count++;
	return count;
}

static void endpoints_are_told_by_owner_and_by_service(void **state)
{
	struct bench *bench = *state;
	struct endpoint first = endpoint_of("vpce-0000000000000000a", OTHER, "vpce-svc-1");
	struct endpoint second = endpoint_of("vpce-0000000000000000b", OTHER, "vpce-svc-1");
	struct endpoint back;
	int64_t count;

	add_service(bench, "vpce-svc-1", OWNER);
	add_interface(bench, "eni-1", OTHER, 1);
	first.attachment = INT64_MAX;
	assert_int_equal(store_put_endpoint(bench->store, &first), 0);
	assert_int_equal(store_put_endpoint(bench->store, &second), 0);
	second.state = ENDPOINT_REJECTED;
	assert_int_equal(store_put_endpoint(bench->store, &second), 0);
	assert_int_equal(store_get_endpoint(bench->store, first.id.text, &back), 0);
	assert_endpoint_equal(&back, &first);
	assert_int_equal(store_get_endpoint(bench->store, second.id.text, &back), 0);
	assert_endpoint_equal(&back, &second);
	assert_int_equal(count_endpoints(bench, store_select_endpoints, OTHER), 2);
	assert_int_equal(count_endpoints(bench, store_select_endpoints, OWNER), 0);
	assert_int_equal(count_endpoints(bench, store_select_connections, OTHER), 0);
	assert_int_equal(count_endpoints(bench, store_select_connections, OWNER), 2);
	assert_int_equal(store_count_endpoints(bench->store, OTHER, &count), 0);
	assert_int_equal(count, 2);
	/* The other one was rejected. */
	assert_int_equal(store_count_connections(bench->store, "vpce-svc-1", &count), 0);
	assert_int_equal(count, 1);
	assert_int_equal(store_delete_endpoint(bench->store, first.id.text), 0);
	assert_int_equal(store_delete_endpoint(bench->store, first.id.text), STORE_MISSING);
}

/* Appliances know endpoints by them. */
static void attachments_are_unique(void **state)
{
	struct bench *bench = *state;
	struct endpoint first = endpoint_of("vpce-0000000000000000a", OTHER, "vpce-svc-1");
	struct endpoint second = endpoint_of("vpce-0000000000000000b", OTHER, "vpce-svc-1");

	add_interface(bench, "eni-1", OTHER, 1);
	second.attachment = first.attachment;
	assert_int_equal(store_put_endpoint(bench->store, &first), 0);
	assert_int_equal(store_put_endpoint(bench->store, &second), -EEXIST);
	/* An interface goes after its endpoint. */
	assert_int_equal(store_delete_source(bench->store, "eni-1"), -EEXIST);
	assert_int_equal(store_delete_endpoint(bench->store, first.id.text), 0);
	assert_int_equal(store_delete_source(bench->store, "eni-1"), 0);
}

static void made_interfaces_are_told_apart(void **state)
{
	struct bench *bench = *state;
	struct source source;
	int64_t count;

	add_interface(bench, "eni-1", OWNER, 1);
	assert_int_equal(store_get_source(bench->store, "eni-1", &source), 0);
	assert_int_equal(source.type, INTERFACE_GATEWAY_LOAD_BALANCER_ENDPOINT);
	assert_int_equal(store_count_registered(bench->store, OWNER, &count), 0);
	assert_int_equal(count, 0);
	assert_int_equal(store_count_address(bench->store, "198.18.0.1", &count), 0);
	assert_int_equal(count, 1);
	assert_int_equal(store_count_address(bench->store, "198.18.0.2", &count), 0);
	assert_int_equal(count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		EVERY(services_come_back_as_they_went),
		EVERY(services_are_offered_to_their_principals),
		EVERY(principals_are_sets_that_go_with_their_service),
		EVERY(endpoints_are_told_by_owner_and_by_service),
		EVERY(attachments_are_unique),
		EVERY(made_interfaces_are_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
