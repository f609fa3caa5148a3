// SPDX-License-Identifier: Apache-2.0
/* Reports, plans, status, explanations, and the keys that agents come with. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/text.h"
#include "control/credential.h"
#include "control/explain.h"
#include "control/fixture.h"
#include "store/store.h"

#include <string.h>

static uint64_t revision(struct fixture *fixture, const char *host)
{
	uint64_t revision = 0;

	assert_done(fixture, control_get_revision(fixture->control, &fixture->agent, host,
						  &revision, &fixture->why));
	return revision;
}

/* The plan, after it went through its encoding and back. */
static struct plan *get_plan(struct fixture *fixture, const char *host)
{
	_cleanup_(plan_freep) struct plan *plan = NULL;
	struct plan *decoded = NULL;
	_cleanup_free_ char *json = NULL;

	assert_done(fixture, control_get_plan(fixture->control, &fixture->agent, host, &plan,
					      &fixture->why));
	assert_int_equal(plan_encode(plan, &json), 0);
	assert_done(fixture, plan_decode(json, strlen(json), &decoded, &fixture->why));
	assert_int_equal(decoded->session_count, plan->session_count);
	return decoded;
}

struct mirror {
	char target[RESOURCE_ID_SIZE], filter[RESOURCE_ID_SIZE], rule[RESOURCE_ID_SIZE];
	char session[RESOURCE_ID_SIZE];
};

static void mirror_make(struct fixture *fixture, struct mirror *mirror)
{
	assert_done(fixture, make_target(fixture, fixture->appliance, mirror->target));
	assert_done(fixture, make_filter(fixture, mirror->filter));
	assert_done(fixture, make_session(fixture, fixture->eth0, mirror->target, mirror->filter, 1,
					  mirror->session));
}

static void test_plan_joins_everything(void **state)
{
	struct fixture *fixture = *state;
	char beta[RESOURCE_ID_SIZE], other[RESOURCE_ID_SIZE];
	struct mirror mirror;
	struct plan *plan;

	mirror_make(fixture, &mirror);
	assert_done(fixture, make_rule(fixture, mirror.filter, "egress", 5, mirror.rule));
	REPORT(fixture, "beta", NULL, "eth0");
	fixture_find_device(fixture, "beta", "eth0", beta);
	assert_done(fixture, make_session(fixture, beta, mirror.target, mirror.filter, 9, other));

	plan = get_plan(fixture, "alpha");
	assert_int_equal(plan->session_count, 1);
	assert_string_equal(plan->sessions[0].id.text, mirror.session);
	assert_int_equal(plan->source_count, 1);
	assert_string_equal(plan->sources[0].device, "eth0");
	assert_int_equal(plan->filter_count, 1);
	assert_int_equal(plan->filters[0].rule_count, 1);
	assert_int_equal(plan->target_count, 1);
	assert_true(plan->targets[0].reachable);
	assert_int_equal(plan->targets[0].port, 4789);
	assert_int_equal(plan->targets[0].address.bytes[3], 10);
	assert_int_equal(plan->resolver_count, 1);
	assert_int_equal(plan->revision, revision(fixture, "alpha"));
	plan_free(plan);
	plan = get_plan(fixture, "beta");
	assert_int_equal(plan->session_count, 1);
	assert_string_equal(plan->sessions[0].id.text, other);
	plan_free(plan);
}

static void test_unknown_host_has_an_empty_plan(void **state)
{
	struct fixture *fixture = *state;
	struct plan *plan = get_plan(fixture, "nobody");

	assert_int_equal(plan->revision, 0);
	assert_int_equal(plan->session_count, 0);
	plan_free(plan);
	fixture->changes = 0;
	REPORT(fixture, "nobody", NULL, "eth0");
	assert_int_equal(fixture->changes, 1);
	assert_true(revision(fixture, "nobody") > 0);
}

/* Every change of what a plan holds raises the revision of its host, and of no other. */
static void test_changes_raise_the_revision(void **state)
{
	struct fixture *fixture = *state;
	const char *const dns = "amazon-dns";
	struct mirror mirror;
	struct services_change services = {.add = &dns, .add_count = 1};
	struct filter_record changed = {};
	uint64_t before, other;

	REPORT(fixture, "beta", NULL, "eth0");
	other = revision(fixture, "beta");
	mirror_make(fixture, &mirror);
	services.filter = mirror.filter;
#define RAISES(call)                                              \
	do {                                                      \
		before = revision(fixture, "alpha");              \
		fixture->changes = 0;                             \
		assert_done(fixture, call);                       \
		assert_int_equal(fixture->changes, 1);            \
		assert_string_equal(fixture->changed, "alpha");   \
		assert_true(revision(fixture, "alpha") > before); \
	} while (0)
	RAISES(make_rule(fixture, mirror.filter, "egress", 5, mirror.rule));
	RAISES(control_delete_rule(fixture->control, &fixture->user, mirror.rule, &fixture->why));
	RAISES(control_modify_services(fixture->control, &fixture->user, &services, &changed,
				       &fixture->why));
	RAISES(control_delete_interface(fixture->control, &fixture->user, fixture->appliance,
					&fixture->why));
	RAISES(control_delete_session(fixture->control, &fixture->user, mirror.session,
				      &fixture->why));
#undef RAISES
	filter_record_fini(&changed);
	assert_int_equal(revision(fixture, "beta"), other);
	fixture->changes = 0;
	assert_done(fixture, make_rule(fixture, mirror.filter, "egress", 5, mirror.rule));
	assert_int_equal(fixture->changes, 0);
}

static void test_moving_appliance_is_followed(void **state)
{
	struct fixture *fixture = *state;
	char beta[RESOURCE_ID_SIZE], target[RESOURCE_ID_SIZE], filter[RESOURCE_ID_SIZE];
	char session[RESOURCE_ID_SIZE];
	struct plan *plan;

	REPORT(fixture, "beta", "10.9.9.1", "eth0");
	fixture_find_device(fixture, "beta", "eth0", beta);
	assert_done(fixture, make_target(fixture, beta, target));
	assert_done(fixture, make_filter(fixture, filter));
	assert_done(fixture, make_session(fixture, fixture->eth0, target, filter, 1, session));
	fixture->changes = 0;
	REPORT(fixture, "beta", "10.9.9.1", "eth0");
	assert_int_equal(fixture->changes, 0);
	REPORT(fixture, "beta", "10.9.9.2", "eth0");
	assert_int_equal(fixture->changes, 1);
	assert_string_equal(fixture->changed, "alpha");
	plan = get_plan(fixture, "alpha");
	assert_int_equal(plan->targets[0].address.bytes[3], 2);
	plan_free(plan);
	REPORT(fixture, "beta", "10.9.9.2", "eth1");
	plan = get_plan(fixture, "alpha");
	assert_false(plan->targets[0].reachable);
	plan_free(plan);
	REPORT(fixture, "beta", "fe80::1", "eth0");
	plan = get_plan(fixture, "alpha");
	assert_false(plan->targets[0].reachable);
	plan_free(plan);
}

static void test_who_may_report(void **state)
{
	struct fixture *fixture = *state;
	const struct report report = {};
	struct caller stranger = fixture->agent;
	uint64_t number;

	assert_refused(
		fixture,
		control_report(fixture->control, &fixture->user, "alpha", &report, &fixture->why),
		REFUSE_NOT_PERMITTED);
	assert_refused(fixture,
		       control_get_revision(fixture->control, &fixture->user, "alpha", &number,
					    &fixture->why),
		       REFUSE_NOT_PERMITTED);
	memcpy(stranger.account.text, "999999999999", ACCOUNT_ID_SIZE);
	assert_refused(fixture,
		       control_report(fixture->control, &stranger, "alpha", &report, &fixture->why),
		       REFUSE_NOT_PERMITTED);
	assert_refused(
		fixture,
		control_get_revision(fixture->control, &stranger, "alpha", &number, &fixture->why),
		REFUSE_NOT_PERMITTED);
	assert_refused(
		fixture,
		control_report(fixture->control, &fixture->agent, "../x", &report, &fixture->why),
		REFUSE_PARAMETER_VALUE);
}

static void report_session_saying(struct fixture *fixture, const char *host, const char *id,
				  bool active, const char *reason, uint64_t applied,
				  uint64_t packets)
{
	struct report_session session = {.epoch = 1, .active = active};
	struct report report = {
		.version = "1.1",
		.applied_revision = applied,
		.sessions = &session,
		.session_count = 1,
	};

	session.counters.direction[DIRECTION_INGRESS].accepted.packets = packets;
	if (reason)
		(void)string_copy(session.reason, sizeof(session.reason), reason);
	(void)string_copy(session.id.text, sizeof(session.id.text), id);
	assert_done(fixture, control_report(fixture->control, &fixture->agent, host, &report,
					    &fixture->why));
}

static void report_session(struct fixture *fixture, const char *host, const char *id, bool active,
			   uint64_t applied, uint64_t packets)
{
	report_session_saying(fixture, host, id, active, active ? NULL : "no such device", applied,
			      packets);
}

static struct session_status status(struct fixture *fixture, const char *id)
{
	struct session_status_page page = {};
	struct session_status status;

	assert_done(fixture,
		    control_describe_session_status(fixture->control, &fixture->user,
						    &(struct query){.ids = &id, .id_count = 1},
						    &page, &fixture->why));
	assert_int_equal(page.count, 1);
	status = page.items[0];
	session_status_page_fini(&page);
	return status;
}

static struct host_status host_status(struct fixture *fixture, const char *name)
{
	struct host_status_page page = {};
	struct host_status host;

	assert_done(fixture, control_describe_hosts(fixture->control, &fixture->user,
						    &(struct query){.ids = &name, .id_count = 1},
						    &page, &fixture->why));
	host = page.items[0];
	host_status_page_fini(&page);
	return host;
}

/* The count is the running agent's; what happened last is known for longer. */
static void test_reattachments_are_kept(void **state)
{
	struct report report = {
		.version = "1.1",
		.reattachments = {3, 1700000000000, "eth0", "our program was taken away"},
	};
	struct fixture *fixture = *state;
	struct mirror mirror;

	mirror_make(fixture, &mirror);
	assert_int_equal(host_status(fixture, "alpha").reattachments.last, 0);
	assert_done(fixture, control_report(fixture->control, &fixture->agent, "alpha", &report,
					    &fixture->why));
	assert_int_equal(host_status(fixture, "alpha").reattachments.count, 3);
	report.reattachments = (struct report_reattachments){};
	assert_done(fixture, control_report(fixture->control, &fixture->agent, "alpha", &report,
					    &fixture->why));
	assert_int_equal(host_status(fixture, "alpha").reattachments.count, 0);
	assert_int_equal(host_status(fixture, "alpha").reattachments.last, 1700000000000);
	assert_string_equal(host_status(fixture, "alpha").reattachments.device, "eth0");
	assert_string_equal(host_status(fixture, "alpha").reattachments.reason,
			    "our program was taken away");
}

static void test_states_of_a_session(void **state)
{
	struct fixture *fixture = *state;
	struct mirror mirror;
	struct session_status now;

	mirror_make(fixture, &mirror);
	assert_int_equal(status(fixture, mirror.session).state, SESSION_FILTER_EMPTY);
	assert_done(fixture, make_rule(fixture, mirror.filter, "egress", 5, mirror.rule));
	assert_int_equal(status(fixture, mirror.session).state, SESSION_PENDING);
	report_session(fixture, "alpha", mirror.session, true, revision(fixture, "alpha") - 1, 5);
	assert_int_equal(status(fixture, mirror.session).state, SESSION_PENDING);
	report_session(fixture, "alpha", mirror.session, true, revision(fixture, "alpha"), 5);
	now = status(fixture, mirror.session);
	assert_int_equal(now.state, SESSION_ACTIVE);
	assert_string_equal(now.reason, "");
	assert_string_equal(now.host, "alpha");
	assert_int_equal(now.counters.direction[DIRECTION_INGRESS].accepted.packets, 5);
	report_session(fixture, "alpha", mirror.session, false, revision(fixture, "alpha"), 4);
	now = status(fixture, mirror.session);
	assert_int_equal(now.state, SESSION_FAILED);
	assert_string_equal(now.reason, "no such device");
	assert_int_equal(now.counters.direction[DIRECTION_INGRESS].accepted.packets, 5);
	report_session_saying(fixture, "alpha", mirror.session, true, "another comes first",
			      revision(fixture, "alpha"), 6);
	now = status(fixture, mirror.session);
	assert_int_equal(now.state, SESSION_OVERTAKEN);
	assert_string_equal(now.reason, "another comes first");
	assert_done(fixture, control_delete_interface(fixture->control, &fixture->user,
						      fixture->appliance, &fixture->why));
	assert_int_equal(status(fixture, mirror.session).state, SESSION_TARGET_UNREACHABLE);
	REPORT(fixture, "alpha", NULL, "tap0");
	assert_int_equal(status(fixture, mirror.session).state, SESSION_SOURCE_DETACHED);
	fixture->now += HOST_SILENCE_MILLISECONDS + 1;
	assert_int_equal(status(fixture, mirror.session).state, SESSION_NO_AGENT);
}

/* A report names the sessions of which there is news; the others are as they were. */
static void test_sessions_left_out_stay_as_they_are(void **state)
{
	struct fixture *fixture = *state;
	struct report report = {.version = "1.1"};
	struct mirror mirror;

	mirror_make(fixture, &mirror);
	assert_done(fixture, make_rule(fixture, mirror.filter, "egress", 5, mirror.rule));
	report.applied_revision = revision(fixture, "alpha");
	report_session(fixture, "alpha", mirror.session, true, report.applied_revision, 5);
	for (int i = 0; i < 2; i++)
		assert_done(fixture, control_report(fixture->control, &fixture->agent, "alpha",
						    &report, &fixture->why));
	assert_int_equal(status(fixture, mirror.session).state, SESSION_ACTIVE);
	assert_int_equal(status(fixture, mirror.session)
				 .counters.direction[DIRECTION_INGRESS]
				 .accepted.packets,
			 5);
	report_session(fixture, "alpha", mirror.session, true, report.applied_revision, 8);
	assert_int_equal(status(fixture, mirror.session)
				 .counters.direction[DIRECTION_INGRESS]
				 .accepted.packets,
			 8);
}

static void test_a_host_speaks_for_its_own_sessions_only(void **state)
{
	struct fixture *fixture = *state;
	struct session_status now;
	struct mirror mirror;

	mirror_make(fixture, &mirror);
	REPORT(fixture, "beta", NULL, "eth0");
	report_session(fixture, "beta", mirror.session, true, 1, 1000);
	report_session(fixture, "alpha", "tms-00000000", true, 1, 1000);
	now = status(fixture, mirror.session);
	assert_int_equal(now.counters.direction[DIRECTION_INGRESS].accepted.packets, 0);
}

static void test_hosts(void **state)
{
	struct fixture *fixture = *state;
	const char *const no = "false", *name = "gamma";
	const struct query_filter filter = {"connected", &no, 1};
	struct query query = {.filters = &filter, .filter_count = 1};
	struct host_status_page page = {};

	assert_done(fixture, control_describe_hosts(fixture->control, &fixture->user, &query, &page,
						    &fixture->why));
	assert_int_equal(page.count, 0);
	host_status_page_fini(&page);
	fixture->now += HOST_SILENCE_MILLISECONDS + 1;
	REPORT(fixture, "beta", NULL, "eth0");
	assert_done(fixture, control_describe_hosts(fixture->control, &fixture->user, &query, &page,
						    &fixture->why));
	assert_int_equal(page.count, 1);
	assert_string_equal(page.items[0].name, "alpha");
	assert_string_equal(page.items[0].agent_version, "1.0");
	host_status_page_fini(&page);
	query = (struct query){.ids = &name, .id_count = 1};
	assert_refused(fixture,
		       control_describe_hosts(fixture->control, &fixture->user, &query, &page,
					      &fixture->why),
		       REFUSE_HOST_NOT_FOUND);
}

/* A host goes only when nothing of it is left to miss. */
static void test_gone_hosts_can_be_forgotten(void **state)
{
	struct fixture *fixture = *state;
	struct instance_page instances = {};
	struct interface_page interfaces = {};
	struct mirror mirror;
	char behind[RESOURCE_ID_SIZE];

#define FORGET(name) control_delete_host(fixture->control, &fixture->user, name, &fixture->why)
	assert_refused(fixture, FORGET("nobody"), REFUSE_HOST_NOT_FOUND);
	assert_refused(fixture, FORGET("alpha"), REFUSE_HOST_IN_USE);
	mirror_make(fixture, &mirror);
	assert_done(fixture, make_target(fixture, fixture->tap0, behind));
	fixture->now += HOST_SILENCE_MILLISECONDS + 1;
	assert_refused(fixture, FORGET("alpha"), REFUSE_HOST_IN_USE);
	assert_done(fixture, control_delete_session(fixture->control, &fixture->user,
						    mirror.session, &fixture->why));
	fixture->user.dry_run = true;
	assert_refused(fixture, FORGET("alpha"), REFUSE_DRY_RUN);
	fixture->user.dry_run = false;
	assert_done(fixture, FORGET("alpha"));
	assert_refused(fixture, FORGET("alpha"), REFUSE_HOST_NOT_FOUND);
	assert_done(fixture,
		    control_describe_interfaces(fixture->control, &fixture->user, &(struct query){},
						&interfaces, &fixture->why));
	assert_int_equal(interfaces.count, 1);
	assert_string_equal(interfaces.items[0].source.id.text, fixture->appliance);
	interface_page_fini(&interfaces);
	assert_done(fixture,
		    control_describe_instances(fixture->control, &fixture->user, &(struct query){},
					       &instances, &fixture->why));
	assert_int_equal(instances.count, 0);
	instance_page_fini(&instances);
	REPORT(fixture, "alpha", NULL, "eth0");
	fixture_find_device(fixture, "alpha", "eth0", behind);
	assert_string_not_equal(behind, fixture->eth0);
#undef FORGET
}

/* Hosts tell their interfaces when those change, so one that was deleted here must be asked for. */
static void test_deleted_devices_come_back(void **state)
{
	struct fixture *fixture = *state;
	const struct report idle = {.kernel = "6.1"};
	char id[RESOURCE_ID_SIZE];

#define REPORT_IDLE(host) \
	control_report(fixture->control, &fixture->agent, host, &idle, &fixture->why)
	assert_refused(fixture, REPORT_IDLE("beta"), REFUSE_INVENTORY_WANTED);
	assert_done(fixture, REPORT_IDLE("alpha"));
	assert_done(fixture, control_delete_interface(fixture->control, &fixture->user,
						      fixture->eth0, &fixture->why));
	for (int i = 0; i < 2; i++)
		assert_refused(fixture, REPORT_IDLE("alpha"), REFUSE_INVENTORY_WANTED);
	REPORT(fixture, "alpha", NULL, "eth0", "tap0");
	assert_done(fixture, REPORT_IDLE("alpha"));
	fixture_find_device(fixture, "alpha", "eth0", id);
	assert_string_not_equal(id, "");
	assert_string_not_equal(id, fixture->eth0);
#undef REPORT_IDLE
}

static void test_explain(void **state)
{
	struct fixture *fixture = *state;
	struct packet_key key = {.protocol = 6, .has_ports = true, .destination_port = 80};
	struct explain_result result = {};
	struct mirror mirror;

	assert_true(address_parse("10.0.0.5", &key.source));
	assert_true(address_parse("10.0.0.6", &key.destination));
	mirror_make(fixture, &mirror);
	assert_done(fixture, make_rule(fixture, mirror.filter, "egress", 5, mirror.rule));
#define EXPLAIN(interface, direction)                                                     \
	assert_done(fixture, control_explain(fixture->control, &fixture->user, interface, \
					     direction, &key, &result, &fixture->why))
	EXPLAIN(fixture->eth0, DIRECTION_EGRESS);
	assert_int_equal(result.verdict, VERDICT_MIRRORED);
	assert_string_equal(result.session.text, mirror.session);
	assert_string_equal(result.rule.text, mirror.rule);
	assert_int_equal(result.rule_number, 5);
	assert_string_not_equal(result.sentence, "");
	EXPLAIN(fixture->eth0, DIRECTION_INGRESS);
	assert_int_equal(result.verdict, VERDICT_UNMATCHED);
	EXPLAIN(fixture->tap0, DIRECTION_EGRESS);
	assert_int_equal(result.verdict, VERDICT_NO_SESSION);
	EXPLAIN(fixture->appliance, DIRECTION_EGRESS);
	assert_int_equal(result.verdict, VERDICT_NO_SESSION);
#undef EXPLAIN
	assert_refused(fixture,
		       control_explain(fixture->control, &fixture->user, "eni-00000000",
				       DIRECTION_EGRESS, &key, &result, &fixture->why),
		       REFUSE_INTERFACE_NOT_FOUND);
}

static void test_access_keys(void **state)
{
	struct fixture *fixture = *state;
	struct access_key made = {}, found = {};

	assert_done(fixture, control_create_access_key(fixture->control, CALLER_HOST, "agent",
						       &made, &fixture->why));
	assert_int_equal(strlen(made.id), 20);
	assert_int_equal(strlen(made.secret), 40);
	assert_done(fixture,
		    control_find_access_key(fixture->control, made.id, &found, &fixture->why));
	assert_memory_equal(&made, &found, sizeof(made));
	assert_int_equal(found.caller.kind, CALLER_HOST);
	assert_string_equal(found.caller.account.text, FIXTURE_ACCOUNT);
	assert_string_equal(found.caller.arn, "arn:aws:iam::" FIXTURE_ACCOUNT ":user/agent");
	assert_refused(
		fixture,
		control_find_access_key(fixture->control, "AKIANOBODY", &found, &fixture->why),
		REFUSE_CREDENTIALS_INVALID);
	assert_refused(fixture,
		       control_create_access_key(fixture->control, CALLER_USER, "a b", &made,
						 &fixture->why),
		       REFUSE_PARAMETER_VALUE);
}

static void test_opening(void **state)
{
	_cleanup_(store_closep) struct store *store = NULL;
	struct control_options options = {
		.region = "r", .limits = LIMITS_DEFAULT, .seal_key = &fixture_seal_key};
	struct address resolver;
	struct control *control = NULL;
	struct refusal why = {};
	char account[ACCOUNT_ID_SIZE];

	(void)state;
	assert_true(address_parse("10.0.0.2", &resolver));
	assert_int_equal(store_open("memory", &store, &why), 0);
	options.limits.sessions_per_source = SOURCE_SESSIONS_MAX + 1;
	assert_int_equal(control_open(store, &options, &control, &why), REFUSED);
	options.limits.sessions_per_source = SOURCE_SESSIONS_MAX;
	assert_int_equal(control_open(store, &options, &control, &why), 0);
	memcpy(account, control_get_account(control)->text, sizeof(account));
	assert_int_equal(strlen(account), 12);
	control_free(TAKE_PTR(control));
	options.resolvers = &resolver;
	options.resolver_count = 1;
	assert_int_equal(control_open(store, &options, &control, &why), 0);
	assert_string_equal(control_get_account(control)->text, account);
	control_free(TAKE_PTR(control));
	memcpy(options.account.text, account, sizeof(account));
	assert_int_equal(control_open(store, &options, &control, &why), 0);
	control_free(TAKE_PTR(control));
	options.account.text[11] = options.account.text[11] == '0' ? '1' : '0';
	assert_int_equal(control_open(store, &options, &control, &why), REFUSED);
	assert_non_null(strstr(why.text, account));
}

/* Resolvers are configured, so a start with others must reach the hosts. */
static void test_new_resolvers_raise_revisions(void **state)
{
	struct fixture *fixture = *state;
	struct control_options options = {.account = {FIXTURE_ACCOUNT},
					  .region = "us-east-1",
					  .limits = LIMITS_DEFAULT,
					  .seal_key = &fixture_seal_key};
	uint64_t before = revision(fixture, "alpha");
	struct control *control = NULL;
	uint64_t after;

	for (int i = 0; i < 2; i++) {
		assert_done(fixture,
			    control_open(fixture->store, &options, &control, &fixture->why));
		control_free(TAKE_PTR(control));
		after = revision(fixture, "alpha");
		assert_true(i == 0 ? after > before : after == before);
		before = after;
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_plan_joins_everything),
		TEST(test_unknown_host_has_an_empty_plan),
		TEST(test_changes_raise_the_revision),
		TEST(test_moving_appliance_is_followed),
		TEST(test_who_may_report),
		TEST(test_states_of_a_session),
		TEST(test_reattachments_are_kept),
		TEST(test_sessions_left_out_stay_as_they_are),
		TEST(test_a_host_speaks_for_its_own_sessions_only),
		TEST(test_hosts),
		TEST(test_gone_hosts_can_be_forgotten),
		TEST(test_deleted_devices_come_back),
		TEST(test_explain),
		TEST(test_access_keys),
		cmocka_unit_test(test_opening),
		TEST(test_new_resolvers_raise_revisions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
