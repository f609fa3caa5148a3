// SPDX-License-Identifier: Apache-2.0
/* A store that an older version has written becomes one of today, and means what it meant.
 *
 * The old store is made by SQLite itself, from the steps up to its version and rows in the SQL of that time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mirror/refusals.h"
#include "store/account.h"
#include "store/credential.h"
#include "store/filter.h"
#include "store/host.h"
#include "store/identity.h"
#include "store/lifetime.h"
#include "store/policy.h"
#include "store/quota.h"
#include "store/schema.h"
#include "store/session.h"
#include "store/source.h"
#include "store/statement.h"
#include "store/tag.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define OWNER "'123456789012'"

/* What every version had. */
static const char rows[] =
	"INSERT INTO hosts (name, owner, instance, agent_version, kernel, first_report, "
	"last_report, "
	"plan_revision, applied_revision) VALUES ('alpha', " OWNER ", 'i-1', '', '', 1, 1, 7, 7);"
	"INSERT INTO instances VALUES ('i-1', " OWNER ", 'alpha', '', 1);"
	"INSERT INTO interfaces (id, owner, subnet, vpc, instance, host, device, mac, mtu, "
	"attached, "
	"orientation, override, addresses, description, created, attached_since) "
	"VALUES ('eni-1', " OWNER ", 's', 'v', 'i-1', 'alpha', 'tap0', "
	"'020304050607', 1500, 1, 2, 0, '', '', 1, 1);"
	"INSERT INTO targets VALUES ('tmt-1', " OWNER ", 0, 'eni-2', '', 1);"
	"INSERT INTO filters VALUES ('tmf-1', " OWNER ", 0, '', 1);"
	"INSERT INTO rules (id, filter, direction, number, action, protocol, source, destination, "
	"source_from, source_to, destination_from, destination_to, description) "
	"VALUES ('tmfr-1', 'tmf-1', 0, 5, 0, 6, '0.0.0.0/0', '10.0.0.0/8', -1, -1, 80, 443, 'web');"
	"INSERT INTO sessions (id, owner, source, target, filter, number, vni, packet_length, "
	"description, created) "
	"VALUES ('tms-1', " OWNER ", 'eni-1', 'tmt-1', 'tmf-1', 3, 77, 100, 'mine', 12);"
	"INSERT INTO counters VALUES ('tms-1', 5, 0, 0, 10, 1000);";

/* Until version 5. */
static const char keys[] = "INSERT INTO settings VALUES ('account', " OWNER ");"
			   "INSERT INTO credentials VALUES "
			   "('AKIA1', 'plain one', " OWNER
			   ", 'arn:aws:iam::123456789012:user/admin', 'AIDA1', 0, 1, 5),"
			   "('AKIA2', 'plain two', " OWNER
			   ", 'arn:aws:iam::123456789012:user/admin', 'AIDA2', 0, 0, 6),"
			   "('AKIA3', 'plain six', " OWNER
			   ", 'arn:aws:iam::123456789012:user/agent', 'AIDA3', 1, 1, 7);";

struct old_store {
	char directory[64], path[80], location[96];
};

static void run(sqlite3 *database, const char *sql)
{
	char *message = NULL;

	if (sqlite3_exec(database, sql, NULL, NULL, &message) != SQLITE_OK)
		fail_msg("%s", message);
}

static void old_store_make(struct old_store *old, int version)
{
	const struct schema_step *steps;
	sqlite3 *database;
	char sql[80];
	size_t count;

	(void)snprintf(old->directory, sizeof(old->directory), "/tmp/tmirror-store-XXXXXX");
	assert_non_null(mkdtemp(old->directory));
	(void)snprintf(old->path, sizeof(old->path), "%s/store", old->directory);
	(void)snprintf(old->location, sizeof(old->location), "sqlite:%s", old->path);
	assert_int_equal(sqlite3_open(old->path, &database), SQLITE_OK);
	run(database, "CREATE TABLE schema_version (version BIGINT NOT NULL)");
	steps = schema_get_steps(&count);
	for (size_t i = 0; i < count && steps[i].version <= version; i++) {
		run(database, steps[i].sql);
		(void)snprintf(sql, sizeof(sql), "INSERT INTO schema_version VALUES (%d)",
			       steps[i].version);
		run(database, sql);
	}
	run(database, rows);
	if (version < 6)
		run(database, keys);
	assert_int_equal(sqlite3_close(database), SQLITE_OK);
}

static void old_store_remove(const struct old_store *old)
{
	static const char *const suffixes[] = {"", "-wal", "-shm"};
	char path[96];

	for (size_t i = 0; i < 3; i++) {
		(void)snprintf(path, sizeof(path), "%s%s", old->path, suffixes[i]);
		(void)unlink(path);
	}
	assert_int_equal(rmdir(old->directory), 0);
}

static void check_session(struct store *store)
{
	static const struct session_options defaults;
	struct session session;

	assert_int_equal(store_get_session(store, "tms-1", &session), 0);
	assert_int_equal(session.number, 3);
	assert_int_equal(session.vni, 77);
	assert_int_equal(session.packet_length, 100);
	assert_string_equal(session.description, "mine");
	assert_int_equal(session.created, 12);
	assert_memory_equal(&session.options, &defaults, sizeof(defaults));
	session.options.paused = true;
	assert_int_equal(store_put_session(store, &session), 0);
}

static void check_rule(struct store *store)
{
	struct account_id owner;
	struct filter_rule rule;

	assert_int_equal(store_get_rule(store, "tmfr-1", &rule, &owner), 0);
	assert_int_equal(rule.number, 5);
	assert_int_equal(rule.protocol, 6);
	assert_int_equal(rule.destination_ports.to, 443);
	assert_string_equal(rule.description, "web");
	assert_int_equal(rule.tcp_flags.mask, 0);
	assert_false(rule.dscp.set);
	rule.dscp.set = true;
	assert_int_equal(store_put_rule(store, &rule), 0);
}

/* The second opening finds nothing to do, and what the first user has changed. */
static void test_every_older_store_is_brought_along(void **state)
{
	size_t known;

	(void)state;
	(void)schema_get_steps(&known);
	for (int version = 1; version <= (int)known; version++) {
		struct old_store old;
		struct refusal why = {};
		struct store *store = NULL;
		struct session session;

		old_store_make(&old, version);
		if (store_open(old.location, &store, &why) != 0)
			fail_msg("version %d: %s", version, why.text);
		check_session(store);
		check_rule(store);
		store_close(store);
		store = NULL;
		assert_int_equal(store_open(old.location, &store, &why), 0);
		assert_int_equal(store_get_session(store, "tms-1", &session), 0);
		assert_true(session.options.paused);
		store_close(store);
		old_store_remove(&old);
	}
}

/* Version 2: the orientation in force became a tag. */
static void test_interfaces_get_their_orientation(void **state)
{
	_cleanup_(tags_fini) struct tags tags = {};
	struct store *store = NULL;
	struct refusal why = {};
	struct old_store old;

	(void)state;
	old_store_make(&old, 1);
	assert_int_equal(store_open(old.location, &store, &why), 0);
	assert_int_equal(store_load_tags(store, "eni-1", &tags), 0);
	assert_string_equal(tags_get(&tags, "tmirror:orientation"), "guest");
	store_close(store);
	old_store_remove(&old);
}

/* Version 6: keys belong to users, one for all keys of his, who may do what they could before: everything.  Hosts' keys
 * belong to hosts. */
static void test_keys_get_their_owners(void **state)
{
	_cleanup_free_ char *document = NULL;
	struct stored_credential first, second, agent;
	struct stored_account account;
	struct store *store = NULL;
	struct refusal why = {};
	struct identity owner;
	struct old_store old;
	int64_t count;

	(void)state;
	old_store_make(&old, 5);
	assert_int_equal(store_open(old.location, &store, &why), 0);
	assert_int_equal(store_get_account(store, "123456789012", &account), 0);
	assert_int_equal(store_get_credential(store, "AKIA1", &first), 0);
	assert_int_equal(store_get_credential(store, "AKIA2", &second), 0);
	assert_int_equal(store_get_credential(store, "AKIA3", &agent), 0);
	assert_string_equal(first.secret, "plain one");
	assert_false(first.sealed);
	assert_true(first.enabled);
	assert_false(second.enabled);
	assert_string_equal(first.identity, second.identity);
	assert_int_equal(store_get_identity(store, first.identity, &owner), 0);
	assert_int_equal(owner.kind, IDENTITY_USER);
	assert_string_equal(owner.name, "admin");
	assert_string_equal(owner.path, "/");
	assert_int_equal(owner.created, 5);
	assert_int_equal(store_get_policy(store, owner.id, "AdministratorAccess", &document), 0);
	assert_string_equal(document, "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":"
				      "\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"}]}");
	assert_int_equal(store_get_identity(store, agent.identity, &owner), 0);
	assert_int_equal(owner.kind, IDENTITY_HOST);
	assert_string_equal(owner.name, "agent");
	assert_int_equal(store_count_policies(store, owner.id, &count), 0);
	assert_int_equal(count, 0);
	store_close(store);
	old_store_remove(&old);
}

/* Version 8: the accounts of before have no quotas of their own, and can get some. */
static void test_accounts_can_get_quotas(void **state)
{
	struct store *store = NULL;
	struct refusal why = {};
	struct old_store old;
	int64_t value = 0;

	(void)state;
	old_store_make(&old, 5);
	assert_int_equal(store_open(old.location, &store, &why), 0);
	assert_int_equal(store_get_quota(store, "123456789012", "filters", &value), STORE_MISSING);
	assert_int_equal(store_put_quota(store, "123456789012", "filters", 5), 0);
	assert_int_equal(store_get_quota(store, "123456789012", "filters", &value), 0);
	assert_int_equal(value, 5);
	store_close(store);
	old_store_remove(&old);
}

/* What sessions of before have cost is known from their creation on. */
static void test_sessions_get_lifetimes(void **state)
{
	_cleanup_(cursor_closep) struct cursor *cursor = NULL;
	struct store *store = NULL;
	struct refusal why = {};
	struct lifetime lifetime;
	struct old_store old;

	(void)state;
	old_store_make(&old, 8);
	assert_int_equal(store_open(old.location, &store, &why), 0);
	assert_int_equal(store_select_lifetimes(store, LIFETIMES_BY_ACCOUNT,
						&(struct lifetime_group){"", "", ""}, 0, 1000,
						&cursor),
			 0);
	assert_int_equal(store_next_lifetime(cursor, &lifetime), STORE_ROW);
	assert_string_equal(lifetime.session.text, "tms-1");
	assert_string_equal(lifetime.source.text, "eni-1");
	assert_int_equal(lifetime.created, 12);
	assert_int_equal(lifetime.deleted, 0);
	assert_int_equal(store_next_lifetime(cursor, &lifetime), 0);
	cursor_close(TAKE_PTR(cursor));
	store_close(store);
	old_store_remove(&old);
}

/* Version 12: who is reached by which device is asked of the hosts. */
static void test_hosts_are_asked_for_their_interfaces(void **state)
{
	struct store *store = NULL;
	struct refusal why = {};
	struct stored_host host;
	struct source source;
	struct old_store old;

	(void)state;
	old_store_make(&old, 11);
	assert_int_equal(store_open(old.location, &store, &why), 0);
	assert_int_equal(store_get_source(store, "eni-1", &source), 0);
	assert_false(source.primary_ipv4 || source.primary_ipv6);
	assert_int_equal(store_get_host(store, source.host, &host), 0);
	assert_true(host.inventory_wanted);
	store_close(store);
	old_store_remove(&old);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_older_store_is_brought_along),
		cmocka_unit_test(test_interfaces_get_their_orientation),
		cmocka_unit_test(test_keys_get_their_owners),
		cmocka_unit_test(test_accounts_can_get_quotas),
		cmocka_unit_test(test_sessions_get_lifetimes),
		cmocka_unit_test(test_hosts_are_asked_for_their_interfaces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
