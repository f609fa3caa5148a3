// SPDX-License-Identifier: Apache-2.0
/* What every storage engine keeps to, asked of each of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/text.h"
#include "bench.h"
#include "mirror/refusals.h"
#include "store/account.h"
#include "store/counters.h"
#include "store/credential.h"
#include "store/event.h"
#include "store/filter.h"
#include "store/history.h"
#include "store/host.h"
#include "store/identity.h"
#include "store/instance.h"
#include "store/policy.h"
#include "store/quota.h"
#include "store/schema.h"
#include "store/session.h"
#include "store/setting.h"
#include "store/share.h"
#include "store/source.h"
#include "store/statement.h"
#include "store/tag.h"
#include "store/target.h"
#include "store/token.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define OWNER "123456789012"
#define GUEST "210987654321"

/* Only what is in memory ends with its connection. */
static void reopen(struct bench *bench)
{
	if (!bench->lasting)
		return;
	store_close(bench->store);
	bench->store = NULL;
	assert_int_equal(store_open(bench->location, &bench->store, &bench->why), 0);
}

static void add_host(struct bench *bench, const char *name)
{
	struct stored_host host = {.owner = {OWNER}, .plan_revision = 5};
	struct stored_instance instance = {.id = {"i-00000001"}, .owner = {OWNER}};

	(void)string_copy(host.name, sizeof(host.name), name);
	(void)string_copy(instance.host, sizeof(instance.host), name);
	assert_int_equal(store_put_host(bench->store, &host), 0);
	assert_int_equal(store_add_instance(bench->store, &instance), 0);
}

static void add_session(struct bench *bench, const char *id, uint16_t number)
{
	struct session session = {.owner = {OWNER},
				  .source = {"eni-00000001"},
				  .target = {"tmt-00000001"},
				  .filter = {"tmf-00000001"},
				  .number = number,
				  .vni = number};

	(void)string_copy(session.id.text, sizeof(session.id.text), id);
	assert_int_equal(store_put_session(bench->store, &session), 0);
}

/* A host "alpha" with an interface, a target, a filter with one rule, and one session of them. */
static void furnish(struct bench *bench)
{
	struct source source = {
		.id = {"eni-00000001"},
		.owner = {OWNER},
		.instance = {"i-00000001"},
		.host = "alpha",
		.device = "eth0",
		.mac = {2, 3, 4, 5, 6, 0xff},
		.mtu = 9000,
		.attached = true,
		.orientation = ORIENTATION_GUEST,
		.override = ORIENTATION_HOST,
		.primary_ipv6 = true,
		.addresses = {{4, {10, 0, 0, 5}}, {6, {0x20, 1, [15] = 1}}},
		.address_count = 2,
		.description = "it's \"quoted\" – äöü",
		.created = 1,
		.attached_since = 2,
	};
	struct target target = {.id = {"tmt-00000001"}, .owner = {OWNER}, .locator = "eni-x"};
	struct filter filter = {.id = {"tmf-00000001"}, .owner = {OWNER}, .services = 1};
	struct filter_rule rule = {
		.id = {"tmfr-00000001"},
		.filter = filter.id,
		.direction = DIRECTION_EGRESS,
		.number = 100,
		.action = RULE_REJECT,
		.protocol = 6,
		.source_ports = {true, 0, 65535},
		.description = "a rule",
	};

	assert_true(cidr_parse("10.0.0.0/8", &rule.source));
	assert_true(cidr_parse("0.0.0.0/0", &rule.destination));
	add_host(bench, "alpha");
	assert_int_equal(store_put_source(bench->store, &source), 0);
	assert_int_equal(store_add_target(bench->store, &target), 0);
	assert_int_equal(store_put_filter(bench->store, &filter), 0);
	assert_int_equal(store_put_rule(bench->store, &rule), 0);
	add_session(bench, "tms-00000001", 1);
}

static void test_rows_come_back_as_they_went(void **state)
{
	struct bench *bench = *state;
	struct filter filter = {};
	struct session session;
	struct source source;

	furnish(bench);
	reopen(bench);
	assert_int_equal(store_get_source(bench->store, "eni-00000001", &source), 0);
	assert_string_equal(source.device, "eth0");
	assert_int_equal(source.mac[5], 0xff);
	assert_int_equal(source.address_count, 2);
	assert_int_equal(source.addresses[1].bytes[15], 1);
	assert_string_equal(source.description, "it's \"quoted\" – äöü");
	assert_int_equal(source.override, ORIENTATION_HOST);
	assert_true(source.primary_ipv6 && !source.primary_ipv4);
	assert_int_equal(store_get_filter(bench->store, "tmf-00000001", &filter), 0);
	assert_int_equal(filter.rule_count, 0);
	assert_int_equal(store_load_rules(bench->store, &filter), 0);
	assert_int_equal(filter.rule_count, 1);
	assert_int_equal(filter.rules[0].protocol, 6);
	assert_true(filter.rules[0].source_ports.set);
	assert_int_equal(filter.rules[0].source_ports.to, 65535);
	assert_false(filter.rules[0].destination_ports.set);
	filter_fini(&filter);
	assert_int_equal(store_get_session(bench->store, "tms-00000001", &session), 0);
	assert_int_equal(session.vni, 1);
	assert_int_equal(store_get_session(bench->store, "tms-00000002", &session), STORE_MISSING);
}

/* Every option by itself and at its largest, so that no two columns can be taken for one another. */
static void test_options_come_back_as_they_went(void **state)
{
	static const struct session_options rows[] = {
		{.packet_sampling = SAMPLING_MAX},
		{.flow_sampling = SAMPLING_MAX - 1},
		{.bits_per_second = BITS_PER_SECOND_MAX},
		{.packets_per_second = PACKETS_PER_SECOND_MAX},
		{.priority = SESSION_PRIORITY_MAX},
		{.paused = true},
		{.continues = true},
		{.expires = 253402300799},
		{.encapsulation = ENCAPSULATION_GENEVE},
		{.outer_dscp = DSCP_MAX},
		{.outer_port = UINT16_MAX},
		{.outer_source = {4, {192, 0, 2, 1}}},
		{.outer_source = {6, {0xfd, [15] = 1}}},
		{},
	};
	struct bench *bench = *state;
	struct session session, back;

	furnish(bench);
	assert_int_equal(store_get_session(bench->store, "tms-00000001", &session), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		session.options = rows[i];
		assert_int_equal(store_put_session(bench->store, &session), 0);
		reopen(bench);
		assert_int_equal(store_get_session(bench->store, "tms-00000001", &back), 0);
		assert_memory_equal(&back, &session, sizeof(session));
	}
}

static void test_rules_come_back_with_their_matches(void **state)
{
	const struct {
		struct tcp_flags_match tcp_flags;
		struct dscp_match dscp;
	} rows[] = {{{0x12, 0x02}, {}}, {{0xff, 0x00}, {true, 0}}, {{}, {true, 63}}, {}};
	struct bench *bench = *state;
	struct filter_rule rule, back;
	struct account_id owner;

	furnish(bench);
	assert_int_equal(store_get_rule(bench->store, "tmfr-00000001", &rule, &owner), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		rule.tcp_flags = rows[i].tcp_flags;
		rule.dscp = rows[i].dscp;
		assert_int_equal(store_put_rule(bench->store, &rule), 0);
		reopen(bench);
		assert_int_equal(store_get_rule(bench->store, "tmfr-00000001", &back, &owner), 0);
		assert_memory_equal(&back, &rule, sizeof(rule));
		assert_string_equal(owner.text, OWNER);
	}
}

static void test_rules_are_counted_and_found(void **state)
{
	struct bench *bench = *state;
	struct filter_rule rule;
	struct resource_id found;
	struct account_id owner;
	int64_t count;
	bool accepts;

	furnish(bench);
	assert_int_equal(store_filter_accepts(bench->store, "tmf-00000001", &accepts), 0);
	assert_false(accepts);
	assert_int_equal(store_get_rule(bench->store, "tmfr-00000001", &rule, &owner), 0);
	rule.id = (struct resource_id){"tmfr-00000002"};
	rule.direction = DIRECTION_INGRESS;
	rule.action = RULE_ACCEPT;
	assert_int_equal(store_put_rule(bench->store, &rule), 0);
	assert_int_equal(store_count_rules(bench->store, "tmf-00000001", &count), 0);
	assert_int_equal(count, 2);
	assert_int_equal(store_count_rules(bench->store, "tmf-00000002", &count), 0);
	assert_int_equal(count, 0);
	assert_int_equal(store_filter_accepts(bench->store, "tmf-00000001", &accepts), 0);
	assert_true(accepts);
	assert_int_equal(
		store_find_rule(bench->store, "tmf-00000001", DIRECTION_INGRESS, 100, &found), 0);
	assert_string_equal(found.text, "tmfr-00000002");
	assert_int_equal(
		store_find_rule(bench->store, "tmf-00000001", DIRECTION_INGRESS, 101, &found),
		STORE_MISSING);
}

static void test_sessions_expire_by_their_time(void **state)
{
	static const struct {
		int64_t now, count;
		const char *first;
	} rows[] = {{99, 0, NULL},
		    {100, 1, "tms-00000003"},
		    {199, 1, "tms-00000003"},
		    {200, 2, "tms-00000003"}};
	struct bench *bench = *state;
	struct session session;
	int64_t count;

	furnish(bench);
	add_session(bench, "tms-00000002", 2);
	add_session(bench, "tms-00000003", 3);
	assert_int_equal(store_get_session(bench->store, "tms-00000002", &session), 0);
	session.options.expires = 200;
	assert_int_equal(store_put_session(bench->store, &session), 0);
	assert_int_equal(store_get_session(bench->store, "tms-00000003", &session), 0);
	session.options.expires = 100;
	assert_int_equal(store_put_session(bench->store, &session), 0);
	reopen(bench);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		_cleanup_(cursor_closep) struct cursor *cursor = NULL;

		assert_int_equal(store_count_expired_sessions(bench->store, rows[i].now, &count),
				 0);
		assert_int_equal(count, rows[i].count);
		assert_int_equal(
			store_select_expired_sessions(bench->store, rows[i].now, 100, &cursor), 0);
		for (; count > 0; count--) {
			assert_int_equal(store_next_session(cursor, &session), STORE_ROW);
			if (count == rows[i].count)
				assert_string_equal(session.id.text, rows[i].first);
		}
		assert_int_equal(store_next_session(cursor, &session), 0);
	}
}

static void test_rollback_takes_everything_back(void **state)
{
	struct bench *bench = *state;
	struct session session;

	furnish(bench);
	assert_int_equal(store_begin(bench->store, STORE_WRITE), 0);
	assert_int_equal(store_delete_session(bench->store, "tms-00000001", 0), 0);
	add_session(bench, "tms-00000002", 2);
	store_rollback(bench->store);
	assert_int_equal(store_get_session(bench->store, "tms-00000001", &session), 0);
	assert_int_equal(store_get_session(bench->store, "tms-00000002", &session), STORE_MISSING);
	assert_int_equal(store_begin(bench->store, STORE_WRITE), 0);
	assert_int_equal(store_delete_session(bench->store, "tms-00000001", 0), 0);
	assert_int_equal(store_commit(bench->store), 0);
	reopen(bench);
	assert_int_equal(store_get_session(bench->store, "tms-00000001", &session), STORE_MISSING);
}

static void test_what_is_referred_to_stays(void **state)
{
	struct bench *bench = *state;
	struct session twin = {.id = {"tms-00000009"},
			       .owner = {OWNER},
			       .source = {"eni-00000001"},
			       .target = {"tmt-00000001"},
			       .filter = {"tmf-00000001"},
			       .number = 1};

	furnish(bench);
	assert_int_equal(store_delete_target(bench->store, "tmt-00000001"), -EEXIST);
	assert_int_equal(store_delete_filter(bench->store, "tmf-00000001"), -EEXIST);
	assert_int_equal(store_delete_source(bench->store, "eni-00000001"), -EEXIST);
	assert_int_equal(store_put_session(bench->store, &twin), -EEXIST);
	assert_int_equal(store_delete_session(bench->store, "tms-00000001", 0), 0);
	assert_int_equal(store_delete_session(bench->store, "tms-00000001", 0), STORE_MISSING);
	assert_int_equal(store_delete_target(bench->store, "tmt-00000001"), 0);
}

static void test_a_resource_takes_its_tags_along(void **state)
{
	static const char *const resources[] = {"tms-00000001", "tmf-00000001", "tmfr-00000001"};
	struct bench *bench = *state;
	struct tags tags = {};
	int64_t left;

	furnish(bench);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(store_put_tag(bench->store, OWNER, resources[i], "k", "v"), 0);
	assert_int_equal(store_put_tag(bench->store, OWNER, resources[0], "k", "w"), 0);
	assert_int_equal(store_delete_tag(bench->store, resources[0], "k", "v"), 0);
	assert_int_equal(store_load_tags(bench->store, resources[0], &tags), 0);
	assert_string_equal(tags_get(&tags, "k"), "w");
	tags_fini(&tags);
	assert_int_equal(store_delete_session(bench->store, "tms-00000001", 0), 0);
	assert_int_equal(store_delete_filter(bench->store, "tmf-00000001"), 0);
	assert_int_equal(
		store_query_integer(bench->store, "SELECT COUNT(*) FROM tags", NULL, 0, &left), 0);
	assert_int_equal(left, 0);
}

static void test_counters_keep_the_largest_and_add_epochs(void **state)
{
	struct bench *bench = *state;
	struct session_counters counters = {}, sum = {}, added;
	struct session_direction_counters *egress = &counters.direction[DIRECTION_EGRESS];

	furnish(bench);
	egress->accepted = (struct packet_count){10, 1000};
	egress->lost[LOSS_MALFORMED] = (struct packet_count){1, 60};
	assert_int_equal(
		store_put_counters(bench->store, "tms-00000001", UINT64_MAX, &counters, &added), 0);
	assert_memory_equal(&added, &counters, sizeof(added));
	egress->accepted = (struct packet_count){7, 700};
	assert_int_equal(
		store_put_counters(bench->store, "tms-00000001", UINT64_MAX, &counters, &added), 0);
	assert_memory_equal(&added, &(struct session_counters){}, sizeof(added));
	assert_int_equal(store_put_counters(bench->store, "tms-00000001", 2, &counters, &added), 0);
	assert_int_equal(added.direction[DIRECTION_EGRESS].accepted.bytes, 700);
	assert_int_equal(store_sum_counters(bench->store, "tms-00000001", &sum), 0);
	assert_int_equal(sum.direction[DIRECTION_EGRESS].accepted.packets, 17);
	assert_int_equal(sum.direction[DIRECTION_EGRESS].accepted.bytes, 1700);
	assert_int_equal(sum.direction[DIRECTION_EGRESS].lost[LOSS_MALFORMED].packets, 2);
	assert_int_equal(sum.direction[DIRECTION_INGRESS].accepted.packets, 0);
}

/* Whatever a host reports, whoever asks for the sum gets an answer. */
static void test_counters_beyond_the_largest_integer_stay_there(void **state)
{
	struct bench *bench = *state;
	struct session_counters counters = {}, sum = {}, added;
	struct packet_count *accepted = &counters.direction[DIRECTION_EGRESS].accepted;

	furnish(bench);
	*accepted = (struct packet_count){INT64_MAX - 1, INT64_MAX};
	assert_int_equal(store_put_counters(bench->store, "tms-00000001", 1, &counters, &added), 0);
	*accepted = (struct packet_count){1, 1};
	assert_int_equal(store_put_counters(bench->store, "tms-00000001", 2, &counters, &added), 0);
	assert_int_equal(store_sum_counters(bench->store, "tms-00000001", &sum), 0);
	assert_true(sum.direction[DIRECTION_EGRESS].accepted.packets == INT64_MAX);
	assert_true(sum.direction[DIRECTION_EGRESS].accepted.bytes == INT64_MAX);
}

static void add_account(struct bench *bench, struct identity *ret_role)
{
	static const struct stored_account account = {{OWNER}, "main", 1};
	struct identity role = {.id = "AROA1",
				.account = {OWNER},
				.kind = IDENTITY_ROLE,
				.name = "Reader",
				.path = "/team/",
				.created = 2,
				.description = "reads",
				.session_seconds_max = 3600,
				.trust = (char *)(uintptr_t) "{}"};

	assert_int_equal(store_add_identity(bench->store, &role), -EEXIST);
	assert_int_equal(store_add_account(bench->store, &account), 0);
	assert_int_equal(store_add_account(bench->store, &account), -EEXIST);
	assert_int_equal(store_add_identity(bench->store, &role), 0);
	*ret_role = role;
}

static void test_identities_come_back_as_they_went(void **state)
{
	struct bench *bench = *state;
	char longest[IDENTITY_NAME_SIZE], too_long[IDENTITY_NAME_SIZE + 1];
	struct identity role, twin, found;

	add_account(bench, &role);
	twin = role;
	(void)string_copy(twin.id, sizeof(twin.id), "AROA2");
	(void)string_copy(twin.name, sizeof(twin.name), "rEADER");
	assert_int_equal(store_add_identity(bench->store, &twin), -EEXIST);
	twin.kind = IDENTITY_USER;
	assert_int_equal(store_add_identity(bench->store, &twin), 0);
	assert_int_equal(store_find_identity(bench->store, OWNER, IDENTITY_ROLE, "READER", &found),
			 0);
	assert_string_equal(found.id, role.id);
	assert_string_equal(found.name, role.name);
	assert_string_equal(found.path, role.path);
	assert_string_equal(found.description, role.description);
	assert_string_equal(found.trust, role.trust);
	assert_int_equal(found.created, role.created);
	assert_int_equal(found.session_seconds_max, role.session_seconds_max);
	identity_fini(&found);
	assert_int_equal(
		store_find_identity(bench->store, "999999999999", IDENTITY_ROLE, "reader", &found),
		STORE_MISSING);
	memset(longest, 'x', sizeof(longest));
	memset(too_long, 'x', sizeof(too_long));
	longest[sizeof(longest) - 1] = too_long[sizeof(too_long) - 1] = '\0';
	(void)string_copy(twin.id, sizeof(twin.id), "AIDA3");
	(void)string_copy(twin.name, sizeof(twin.name), longest);
	assert_int_equal(store_add_identity(bench->store, &twin), 0);
	assert_int_equal(store_find_identity(bench->store, OWNER, IDENTITY_USER, longest, &found),
			 0);
	assert_int_equal(store_find_identity(bench->store, OWNER, IDENTITY_USER, too_long, &found),
			 STORE_MISSING);
}

/* Policies go with their owner; keys must be gone before. */
static void test_what_is_an_identitys_goes_with_it(void **state)
{
	struct stored_credential key = {.id = "AKIA1",
					.identity = "AROA1",
					.secret = "s",
					.sealed = true,
					.enabled = true,
					.created = 3},
				 found;
	struct bench *bench = *state;
	struct identity role;
	int64_t count;

	add_account(bench, &role);
	assert_int_equal(store_put_policy(bench->store, role.id, "p", "{}"), 0);
	assert_int_equal(store_put_policy(bench->store, role.id, "p", "[]"), 0);
	assert_int_equal(store_put_policy(bench->store, "AROA9", "p", "{}"), -EEXIST);
	assert_int_equal(store_count_policies(bench->store, role.id, &count), 0);
	assert_int_equal(count, 1);
	assert_int_equal(store_add_credential(bench->store, &key), 0);
	assert_int_equal(store_delete_identity(bench->store, role.id), -EEXIST);
	key.last_used = 9;
	(void)string_copy(key.last_service, sizeof(key.last_service), "ec2");
	(void)string_copy(key.last_region, sizeof(key.last_region), "r");
	assert_int_equal(store_put_credential(bench->store, &key), 0);
	assert_int_equal(store_get_credential(bench->store, key.id, &found), 0);
	assert_memory_equal(&found, &key, sizeof(key));
	assert_int_equal(store_find_plain_credential(bench->store, &found), STORE_MISSING);
	assert_int_equal(store_delete_account(bench->store, OWNER), -EEXIST);
	assert_int_equal(store_delete_credential(bench->store, key.id), 0);
	assert_int_equal(store_delete_credential(bench->store, key.id), STORE_MISSING);
	assert_int_equal(store_delete_identity(bench->store, role.id), 0);
	assert_int_equal(store_count_policies(bench->store, role.id, &count), 0);
	assert_int_equal(count, 0);
	assert_int_equal(store_put_tag(bench->store, OWNER, "vpc-1", "k", "v"), 0);
	assert_int_equal(store_delete_account(bench->store, OWNER), 0);
	assert_int_equal(
		store_query_integer(bench->store, "SELECT COUNT(*) FROM tags", NULL, 0, &count), 0);
	assert_int_equal(count, 0);
}

/* What GUEST sees of the targets, and OWNER of the sessions. */
static void assert_shared(struct bench *bench, int64_t targets, int64_t sessions)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	struct target target;
	int64_t sessions_seen;
	bool shared, any;

	assert_int_equal(store_has_share(bench->store, "tmt-00000001", GUEST, &shared), 0);
	assert_int_equal(store_account_shares(bench->store, GUEST, &any), 0);
	assert_true(shared == (targets > 0) && any == shared);
	assert_int_equal(store_account_shares(bench->store, OWNER, &any), 0);
	assert_true(any == shared);
	assert_int_equal(store_select_usable_targets(bench->store, GUEST, "", &cursor), 0);
	for (; targets > 0; targets--) {
		assert_int_equal(store_next_target(cursor, &target), STORE_ROW);
		assert_string_equal(target.owner.text, OWNER);
	}
	assert_int_equal(store_next_target(cursor, &target), 0);
	cursor_close(TAKE_PTR(cursor));
	assert_int_equal(store_count_sessions(bench->store, SESSIONS_SEEN, OWNER, &sessions_seen),
			 0);
	assert_int_equal(sessions_seen, sessions);
}

static void test_shares_end_with_either_side(void **state)
{
	const struct stored_account guest = {.id = {GUEST}, .name = "guest"};
	const struct stored_share share = {{"tmt-00000001"}, {GUEST}, {OWNER}, 7};
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	struct bench *bench = *state;
	struct stored_share found;
	struct session session;

	furnish(bench);
	assert_int_equal(store_add_share(bench->store, &share), -EEXIST);
	assert_int_equal(store_add_account(bench->store, &guest), 0);
	assert_shared(bench, 0, 1);
	assert_int_equal(store_add_share(bench->store, &share), 0);
	assert_int_equal(store_add_share(bench->store, &share), 0);
	add_session(bench, "tms-00000002", 2);
	assert_int_equal(store_get_session(bench->store, "tms-00000002", &session), 0);
	memcpy(session.owner.text, GUEST, sizeof(GUEST));
	assert_int_equal(store_put_session(bench->store, &session), 0);
	reopen(bench);
	assert_shared(bench, 1, 2);
	assert_int_equal(store_select_shares(bench->store, GUEST, "", "", &cursor), 0);
	assert_int_equal(store_next_share(cursor, &found), STORE_ROW);
	assert_string_equal(found.target.text, share.target.text);
	assert_string_equal(found.account.text, GUEST);
	assert_string_equal(found.owner.text, OWNER);
	assert_int_equal(found.created, 7);
	assert_int_equal(store_next_share(cursor, &found), 0);
	cursor_close(TAKE_PTR(cursor));
	assert_int_equal(store_delete_session(bench->store, "tms-00000002", 0), 0);
	assert_int_equal(store_delete_share(bench->store, "tmt-00000001", GUEST), 0);
	assert_int_equal(store_delete_share(bench->store, "tmt-00000001", GUEST), STORE_MISSING);
	assert_shared(bench, 0, 1);
	assert_int_equal(store_add_share(bench->store, &share), 0);
	assert_int_equal(store_delete_account(bench->store, GUEST), 0);
	assert_shared(bench, 0, 1);
}

static void assert_quota(struct bench *bench, const char *account, int64_t expected)
{
	int64_t value;

	assert_int_equal(store_get_quota(bench->store, account, "filters", &value), 0);
	assert_int_equal(value, expected);
}

static void test_quotas_go_with_their_account(void **state)
{
	const struct stored_account owner = {.id = {OWNER}, .name = "owner"};
	const struct stored_account guest = {.id = {GUEST}, .name = "guest"};
	struct bench *bench = *state;
	int64_t value = 7;

	assert_int_equal(store_put_quota(bench->store, GUEST, "filters", 1), -EEXIST);
	assert_int_equal(store_add_account(bench->store, &owner), 0);
	assert_int_equal(store_add_account(bench->store, &guest), 0);
	assert_int_equal(store_get_quota(bench->store, GUEST, "filters", &value), STORE_MISSING);
	assert_int_equal(value, 7);
	assert_int_equal(store_put_quota(bench->store, OWNER, "filters", 5), 0);
	assert_int_equal(store_put_quota(bench->store, GUEST, "filters", 1), 0);
	assert_int_equal(store_put_quota(bench->store, GUEST, "filters", UINT32_MAX), 0);
	assert_int_equal(store_put_quota(bench->store, GUEST, "targets", 0), 0);
	reopen(bench);
	assert_quota(bench, OWNER, 5);
	assert_quota(bench, GUEST, UINT32_MAX);
	assert_int_equal(store_delete_quota(bench->store, GUEST, "targets"), 0);
	assert_int_equal(store_delete_quota(bench->store, GUEST, "targets"), 0);
	assert_int_equal(store_get_quota(bench->store, GUEST, "targets", &value), STORE_MISSING);
	assert_quota(bench, GUEST, UINT32_MAX);
	assert_int_equal(store_delete_account(bench->store, GUEST), 0);
	assert_int_equal(store_get_quota(bench->store, GUEST, "filters", &value), STORE_MISSING);
	assert_quota(bench, OWNER, 5);
}

/* Kept answers go by the version.  An engine that counted a write that changed nothing would take it back to where it had
 * been. */
static void test_reports_leave_the_version_alone(void **state)
{
	struct bench *bench = *state;
	struct session_counters counters = {}, added;
	struct packet_count *accepted = &counters.direction[DIRECTION_EGRESS].accepted;
	const char *session = "tms-00000001";
	int64_t version, next;

	furnish(bench);
	version = store_get_version(bench->store);
	for (uint64_t packets = 3; packets > 0; packets--) {
		*accepted = (struct packet_count){packets, packets};
		for (int again = 0; again < 2; again++)
			assert_int_equal(
				store_put_counters(bench->store, session, 1, &counters, &added), 0);
		assert_int_equal(store_add_history(bench->store, session, 120000, &counters), 0);
		assert_int_equal(store_fold_history(bench->store, session, 120, 180), 0);
		assert_int_equal(store_get_version(bench->store), version);
	}
	*accepted = (struct packet_count){9, 9};
	assert_int_equal(store_begin(bench->store, STORE_NOTE), 0);
	assert_int_equal(store_put_counters(bench->store, session, 1, &counters, &added), 0);
	store_rollback(bench->store);
	assert_int_equal(store_get_version(bench->store), version);
	for (uint16_t number = 2; number < 5; number++, version = next) {
		assert_int_equal(
			store_put_counters(bench->store, session, number, &counters, &added), 0);
		add_session(bench, session, number);
		next = store_get_version(bench->store);
		assert_true(next > version);
	}
}

/* Of three in a room for two the oldest goes, and the other kind's room is its own. */
static void test_events_keep_to_their_room(void **state)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	struct event event = {.account = {OWNER},
			      .read_only = true,
			      .id = "an id",
			      .name = "CreateTags",
			      .source = "ec2.amazonaws.com",
			      .username = "bob",
			      .access_key = "AKIA",
			      .resources = (char[]){"AWS::EC2::NetworkInterface eni-1\n"},
			      .record = (char[]){"{\"a\":\"ä\"}"}};
	struct bench *bench = *state;
	int64_t last;

	assert_int_equal(store_get_last_event(bench->store, &last), 0);
	assert_int_equal(last, 0);
	for (event.number = 10; event.number < 13; event.number++) {
		event.refused = event.number == 10;
		assert_int_equal(store_add_event(bench->store, &event, 2, 0), 0);
	}
	event.number = 11; /* Taken, and so is the next.  Once it is there it stays alone. */
	(void)string_copy(event.id, sizeof(event.id), "another");
	for (; event.number < 13; event.number++)
		assert_int_equal(store_add_event(bench->store, &event, 2, 0), 0);
	reopen(bench);
	assert_int_equal(store_get_last_event(bench->store, &last), 0);
	assert_int_equal(last, 13);
	assert_int_equal(store_select_events(bench->store, OWNER, INT64_MAX, &cursor), 0);
	for (int64_t number = 13; number >= 10; number -= number == 12 ? 2 : 1) {
		_cleanup_event_ struct event read = {};

		assert_int_equal(store_next_event(cursor, &read), STORE_ROW);
		assert_int_equal(read.number, number);
		assert_int_equal(read.refused, number == 10);
		assert_true(read.read_only);
		assert_string_equal(read.account.text, OWNER);
		assert_string_equal(read.id, number == 13 ? "another" : "an id");
		assert_string_equal(read.name, event.name);
		assert_string_equal(read.source, event.source);
		assert_string_equal(read.username, event.username);
		assert_string_equal(read.access_key, event.access_key);
		assert_string_equal(read.resources, event.resources);
		assert_string_equal(read.record, event.record);
	}
	assert_int_equal(store_next_event(cursor, &event), 0);
}

static void test_revisions_only_rise(void **state)
{
	struct bench *bench = *state;
	struct stored_host host;

	add_host(bench, "alpha");
	assert_int_equal(store_raise_revision(bench->store, "alpha", 100), 0);
	assert_int_equal(store_raise_revision(bench->store, "alpha", 100), 0);
	assert_int_equal(store_raise_revision(bench->store, "alpha", 50), 0);
	assert_int_equal(store_get_host(bench->store, "alpha", &host), 0);
	assert_int_equal(host.plan_revision, 102);
	host.plan_revision = 1;
	assert_int_equal(store_put_host(bench->store, &host), 0);
	assert_int_equal(store_get_host(bench->store, "alpha", &host), 0);
	assert_int_equal(host.plan_revision, 102);
}

static void test_a_query_within_the_same_query(void **state)
{
	_cleanup_(cursor_closep) struct cursor *outer = NULL;
	struct bench *bench = *state;
	struct session session;
	unsigned int pairs = 0;

	furnish(bench);
	add_session(bench, "tms-00000002", 2);
	assert_int_equal(store_select_sessions(bench->store, SESSIONS_OF_OWNER, OWNER, "", &outer),
			 0);
	while (store_next_session(outer, &session) == STORE_ROW) {
		_cleanup_(cursor_closep) struct cursor *inner = NULL;

		assert_int_equal(
			store_select_sessions(bench->store, SESSIONS_OF_OWNER, OWNER, "", &inner),
			0);
		while (store_next_session(inner, &session) == STORE_ROW)
			pairs++;
	}
	assert_int_equal(pairs, 4);
}

static void test_tokens_expire(void **state)
{
	struct bench *bench = *state;
	struct stored_token row = {.request_hash = "h", .resource = {"tms-00000001"}, .created = 5};

	assert_int_equal(store_put_token(bench->store, OWNER, "A", "t", &row), 0);
	assert_int_equal(store_get_token(bench->store, OWNER, "B", "t", &row), STORE_MISSING);
	assert_int_equal(store_expire_tokens(bench->store, 5), 0);
	assert_int_equal(store_get_token(bench->store, OWNER, "A", "t", &row), 0);
	assert_int_equal(store_expire_tokens(bench->store, 6), 0);
	assert_int_equal(store_get_token(bench->store, OWNER, "A", "t", &row), STORE_MISSING);
}

static void test_migration_is_all_or_nothing(void **state)
{
	static const struct schema_step broken[] = {
		{1, ""}, {101, "CREATE TABLE second (a TEXT); CREATE TABLE second (a TEXT)"}};
	static const struct schema_step good[] = {{1, ""},
						  {101, "CREATE TABLE second (a TEXT)"},
						  {102, "CREATE TABLE third (a TEXT)"}};
	struct bench *bench = *state;
	struct store *store = bench->store;
	int64_t version;
	size_t known;

	(void)schema_get_steps(&known);
	furnish(bench);
	assert_true(schema_migrate(store, broken, 2, &bench->why) < 0);
	assert_true(store_run(store, "INSERT INTO second VALUES ($1)", VALUES(TEXT("x"))) < 0);
	assert_int_equal(schema_migrate(store, good, 3, &bench->why), 0);
	assert_int_equal(schema_migrate(store, good, 3, &bench->why), 0);
	assert_int_equal(store_run(store, "INSERT INTO third VALUES ($1)", VALUES(TEXT("x"))), 0);
	assert_int_equal(store_query_integer(store, "SELECT COUNT(*) FROM schema_version", NULL, 0,
					     &version),
			 0);
	assert_int_equal(version, known + 2);
	assert_int_equal(
		store_query_integer(store, "SELECT COUNT(*) FROM sessions", NULL, 0, &version), 0);
	assert_int_equal(version, 1);
}

static void test_newer_store_is_refused(void **state)
{
	struct bench *bench = *state;
	struct store *again = NULL;

	assert_int_equal(store_put_setting(bench->store, "kept", "yes"), 0);
	assert_int_equal(store_run(bench->store, "INSERT INTO schema_version (version) VALUES ($1)",
				   VALUES(INTEGER(999))),
			 0);
	assert_int_equal(store_open(bench->location, &again, &bench->why), REFUSED);
	assert_null(again);
	assert_non_null(strstr(bench->why.text, "999"));
}

static void test_file_is_private(void **state)
{
	static const char *const suffixes[] = {"", "-wal", "-shm"};
	struct bench *bench = *state;
	char path[160];
	struct stat status;

	furnish(bench);
	for (size_t i = 0; i < 3; i++) {
		(void)snprintf(path, sizeof(path), "%s/store%s", bench->directory, suffixes[i]);
		assert_int_equal(stat(path, &status), 0);
		assert_int_equal(status.st_mode & 0777, 0600);
	}
}

static void test_bad_locations(void **state)
{
	static const char *const locations[] = {"",
						"sqlite",
						"sqlite:",
						"memory:x",
						"oracle:x",
						"postgresql",
						"postgresql:",
						"postgresql://user:secret@host/db",
						"postgresql://host/db?nonsense=1"};
	struct refusal why = {};
	struct store *store = NULL;

	(void)state;
	for (size_t i = 0; i < sizeof(locations) / sizeof(locations[0]); i++)
		assert_int_equal(store_open(locations[i], &store, &why), REFUSED);
	assert_int_equal(store_open("sqlite:/nonexistent/store", &store, &why), -ENOENT);
	assert_null(store);
}

/* Writes pairs of rows, a pair a transaction, and confirms each by a byte, until killed. */
static void write_pairs(const char *location, int confirm)
{
	struct store *store = NULL;
	struct refusal why = {};
	char name[32];

	if (store_open(location, &store, &why) != 0)
		_exit(1);
	for (int64_t i = 0;; i++) {
		int64_t count;

		/* A server may still be at the last commit of who was killed before. */
		if (store_begin(store, STORE_WRITE) < 0 ||
		    store_query_integer(store, "SELECT COUNT(*) FROM settings", NULL, 0, &count))
			_exit(1);
		(void)snprintf(name, sizeof(name), "%lld", (long long)count);
		if (store_put_setting(store, name, "first") < 0)
			_exit(1);
		(void)snprintf(name, sizeof(name), "%lld", (long long)count + 1);
		if (store_put_setting(store, name, "second") < 0 || store_commit(store) < 0 ||
		    write(confirm, "+", 1) != 1)
			_exit(1);
	}
}

static int64_t count_confirmed(int descriptor)
{
	char bytes[4096];
	int64_t count = 0;
	ssize_t size;

	while ((size = read(descriptor, bytes, sizeof(bytes))) > 0)
		count += size;
	return count;
}

#define KILL_ROUNDS 25

static void test_kill_9_loses_nothing_confirmed(void **state)
{
	struct bench *bench = *state;
	int64_t confirmed = 0, rows, most = 0;

	srandom(1);
	for (int round = 0; round < KILL_ROUNDS; round++) {
		struct timespec moment = {0, 5000000 + random() % 40000000};
		int descriptors[2], status;
		pid_t child;

		store_close(bench->store);
		bench->store = NULL;
		assert_int_equal(pipe(descriptors), 0);
		child = fork();
		assert_true(child >= 0);
		if (child == 0) {
			(void)close(descriptors[0]);
			write_pairs(bench->location, descriptors[1]);
		}
		(void)close(descriptors[1]);
		/* By turns anywhere, and where it writes for sure. */
		if (round % 2 == 0)
			(void)poll(&(struct pollfd){descriptors[0], POLLIN, 0}, 1, 10000);
		(void)nanosleep(&moment, NULL);
		assert_int_equal(kill(child, SIGKILL), 0);
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFSIGNALED(status));
		confirmed += count_confirmed(descriptors[0]);
		(void)close(descriptors[0]);

		assert_int_equal(store_open(bench->location, &bench->store, &bench->why), 0);
		assert_int_equal(store_query_integer(bench->store, "SELECT COUNT(*) FROM settings",
						     NULL, 0, &rows),
				 0);
		/* Whole pairs only; every confirmed one, and at most one more each round. */
		assert_int_equal(rows % 2, 0);
		assert_true(rows / 2 >= confirmed);
		assert_true(rows / 2 <= confirmed + round + 1);
		most = rows;
	}
	print_message("%d kills, %lld writes confirmed, %lld rows\n", KILL_ROUNDS,
		      (long long)confirmed, (long long)most);
	assert_true(confirmed > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		EVERY(test_rows_come_back_as_they_went),
		EVERY(test_options_come_back_as_they_went),
		EVERY(test_rules_come_back_with_their_matches),
		EVERY(test_rules_are_counted_and_found),
		EVERY(test_sessions_expire_by_their_time),
		EVERY(test_rollback_takes_everything_back),
		EVERY(test_what_is_referred_to_stays),
		EVERY(test_a_resource_takes_its_tags_along),
		EVERY(test_counters_keep_the_largest_and_add_epochs),
		EVERY(test_counters_beyond_the_largest_integer_stay_there),
		EVERY(test_reports_leave_the_version_alone),
		EVERY(test_events_keep_to_their_room),
		EVERY(test_identities_come_back_as_they_went),
		EVERY(test_what_is_an_identitys_goes_with_it),
		EVERY(test_shares_end_with_either_side),
		EVERY(test_quotas_go_with_their_account),
		EVERY(test_revisions_only_rise),
		EVERY(test_a_query_within_the_same_query),
		EVERY(test_tokens_expire),
		EVERY(test_migration_is_all_or_nothing),
		cmocka_unit_test_setup_teardown(test_newer_store_is_refused, bench_file_setup,
						bench_teardown),
		cmocka_unit_test_setup_teardown(test_newer_store_is_refused, bench_postgresql_setup,
						bench_teardown),
		cmocka_unit_test_setup_teardown(test_file_is_private, bench_file_setup,
						bench_teardown),
		cmocka_unit_test(test_bad_locations),
		cmocka_unit_test_setup_teardown(test_kill_9_loses_nothing_confirmed,
						bench_file_setup, bench_teardown),
		cmocka_unit_test_setup_teardown(test_kill_9_loses_nothing_confirmed,
						bench_postgresql_setup, bench_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
