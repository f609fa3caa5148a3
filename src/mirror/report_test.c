// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/array.h"
#include "base/count.h"
#include "base/text.h"
#include "mirror/refusals.h"
#include "mirror/report.h"

#include <stdlib.h>
#include <string.h>

#define NOTHING "{\"accepted\":[0,0],\"shipped\":[0,0],\"truncated\":[0,0],\"lost\":{}}"

static const char example[] =
	"{\"version\":\"0.1.0\",\"kernel\":\"6.1.0-18-amd64\",\"applied_revision\":7,\"has_"
	"inventory\":true,"
	"\"interfaces\":[{\"device\":\"eth0\",\"mac\":\"02:00:00:00:00:fe\",\"mtu\":1500,"
	"\"orientation\":\"host\",\"addresses\":[\"192.0.2.1\",\"2001:db8::1\"]}],"
	"\"sessions\":[{\"id\":\"tms-00000001\",\"epoch\":\"fedcba9876543210\",\"active\":false,"
	"\"reason\":\"eth1 is not there\",\"counters\":{\"ingress\":{\"accepted\":[9,900],"
	"\"shipped\":[5,500],\"truncated\":[1,100],\"lost\":{\"ring_full\":[3,300],\"malformed\":["
	"1,100],"
	"\"sunspots\":[7,7]}},\"egress\":" NOTHING "}}]}";

_Static_assert(SOURCE_ADDRESSES_MAX == 16, "a list below has one address more");

static void reports_are_read(void **state)
{
	struct report report;
	struct refusal why = {};
	const struct session_direction_counters *ingress;

	(void)state;
	assert_int_equal(report_decode(example, strlen(example), &report, &why), 0);
	assert_string_equal(report.kernel, "6.1.0-18-amd64");
	assert_true(report.has_inventory);
	assert_int_equal(report.interface_count, 1);
	assert_memory_equal(report.interfaces[0].mac, "\x02\x00\x00\x00\x00\xfe", 6);
	assert_int_equal(report.interfaces[0].address_count, 2);
	assert_int_equal(report.interfaces[0].addresses[1].family, 6);
	assert_int_equal(report.session_count, 1);
	assert_true(report.sessions[0].epoch == 0xfedcba9876543210);
	assert_string_equal(report.sessions[0].reason, "eth1 is not there");
	ingress = &report.sessions[0].counters.direction[DIRECTION_INGRESS];
	assert_int_equal(ingress->accepted.bytes, 900);
	assert_int_equal(ingress->lost[LOSS_RING_FULL].packets, 3);
	assert_int_equal(ingress->lost[LOSS_MALFORMED].bytes, 100);
	assert_int_equal(ingress->lost[LOSS_NO_ROUTE].packets, 0);
	report_fini(&report);
	report_fini(&report);
}

static char *replace(const char *text, const char *old, const char *new)
{
	_cleanup_text_ struct text result = {};
	const char *place = strstr(text, old);

	assert_non_null(place);
	text_append_bytes(&result, text, (size_t)(place - text));
	text_append(&result, new);
	text_append(&result, place + strlen(old));
	return text_steal(&result);
}

/* What is not said of an interface is not so, which is all that agents of before can say. */
static void ways_out_travel_where_there_are_any(void **state)
{
	_cleanup_free_ char *json = replace(example, "\"addresses\":[\"192.0.2.1\",",
					    "\"default_ipv6\":true,\"bridge\":true,"
					    "\"addresses\":[\"192.0.2.1\",");
	_cleanup_free_ char *encoded = NULL, *plain = NULL;
	struct refusal why = {};
	struct report report;

	(void)state;
	assert_int_equal(report_decode(json, strlen(json), &report, &why), 0);
	assert_false(report.interfaces[0].default_ipv4);
	assert_true(report.interfaces[0].default_ipv6);
	assert_true(report.interfaces[0].bridge);
	assert_int_equal(report_encode(&report, &encoded), 0);
	assert_non_null(strstr(encoded, "\"default_ipv6\":true"));
	report_fini(&report);
	assert_int_equal(report_decode(example, strlen(example), &report, &why), 0);
	assert_false(report.interfaces[0].default_ipv6 || report.interfaces[0].bridge);
	assert_int_equal(report_encode(&report, &plain), 0);
	assert_null(strstr(plain, "default_ipv"));
	assert_null(strstr(plain, "bridge"));
	report_fini(&report);
}

static void losses_have_names(void **state)
{
	(void)state;
	for (enum loss_reason a = 0; a < LOSS_REASON_COUNT; a++) {
		assert_non_null(loss_reason_name(a));
		for (enum loss_reason b = 0; b < a; b++)
			assert_string_not_equal(loss_reason_name(a), loss_reason_name(b));
	}
}

/* See plan_test.c. */
static void truncated_reports_are_refused(void **state)
{
	(void)state;
	for (size_t size = 0; size < sizeof(example) - 1; size++) {
		_cleanup_free_ char *part = malloc(size + (size == 0));
		struct report report;

		memcpy(part, example, size);
		assert_int_equal(report_decode(part, size, &report, NULL), REFUSED);
		report_fini(&report);
	}
}

/* A report of a host without fleets is what it was before there were any. */
static void fleets_travel_where_there_are_any(void **state)
{
	static const char fleets[] =
		"\"members\":[{\"fleet\":\"arn:a\",\"id\":\"192.0.2.9\",\"port\":4789,"
		"\"state\":\"healthy\"},{\"fleet\":\"arn:a\",\"id\":\"i-00000001\",\"port\":1,"
		"\"state\":\"unhealthy\",\"reason\":\"Timeout\"}],"
		"\"fleets\":[{\"id\":\"arn:a\",\"flows\":1000,\"moved\":3,\"evicted\":1}],"
		"\"holds\":[{\"fleet\":\"arn:a\",\"id\":\"192.0.2.7\",\"port\":4789,\"flows\":12}]"
		",";
	_cleanup_free_ char *json = NULL, *encoded = NULL, *plain = NULL;
	_cleanup_text_ struct text place = {};
	struct refusal why = {};
	struct report report;

	(void)state;
	text_printf(&place, "%s\"interfaces\"", fleets);
	json = replace(example, "\"interfaces\"", place.data);
	assert_int_equal(report_decode(json, strlen(json), &report, &why), 0);
	assert_int_equal(report.member_count, 2);
	assert_string_equal(report.members[1].id, "i-00000001");
	assert_int_equal(report.members[0].state, MEMBER_HEALTHY);
	assert_int_equal(report.members[0].reason, MEMBER_NO_REASON);
	assert_int_equal(report.members[1].reason, MEMBER_TIMEOUT);
	assert_int_equal(report.fleets[0].flows, 1000);
	assert_int_equal(report.fleets[0].evicted, 1);
	assert_int_equal(report.hold_count, 1);
	assert_string_equal(report.holds[0].fleet, "arn:a");
	assert_string_equal(report.holds[0].id, "192.0.2.7");
	assert_int_equal(report.holds[0].port, 4789);
	assert_int_equal(report.holds[0].flows, 12);
	assert_int_equal(report_encode(&report, &encoded), 0);
	assert_non_null(strstr(encoded, fleets));
	report.member_count = report.fleet_count = report.hold_count = 0;
	assert_int_equal(report_encode(&report, &plain), 0);
	assert_null(strstr(plain, "members"));
	assert_null(strstr(plain, "fleets"));
	assert_null(strstr(plain, "holds"));
	report_fini(&report);
}

static void interfaces_come_with_an_inventory(void **state)
{
	static const char quiet[] = "{\"version\":\"\",\"kernel\":\"\",\"applied_revision\":7,"
				    "\"has_inventory\":false,\"sessions\":[]}";
	_cleanup_free_ char *missing = replace(quiet, "false", "true");
	_cleanup_free_ char *idle = replace(example, "true", "false");
	_cleanup_free_ char *encoded = NULL;
	struct refusal why = {};
	struct report report;

	(void)state;
	assert_int_equal(report_decode(quiet, strlen(quiet), &report, &why), 0);
	assert_false(report.has_inventory);
	assert_int_equal(report_encode(&report, &encoded), 0);
	assert_null(strstr(encoded, "interfaces"));
	report_fini(&report);
	assert_int_equal(report_decode(missing, strlen(missing), &report, &why), REFUSED);
	assert_non_null(strstr(why.text, "'interfaces' is missing"));
	report_fini(&report);
	assert_int_equal(report_decode(idle, strlen(idle), &report, &why), 0);
	assert_int_equal(report.interface_count, 0);
	assert_int_equal(report.session_count, 1);
	report_fini(&report);
}

#define MEMBER(rest, reason)                                                                      \
	{                                                                                         \
		"\"sessions\"",                                                                   \
			"\"members\":[{\"fleet\":\"arn:a\",\"id\":\"x\"," rest "}],\"sessions\"", \
			(reason)                                                                  \
	}
#define FLEET(flows, moved, evicted, reason)                                                 \
	{                                                                                    \
		"\"sessions\"",                                                              \
			"\"fleets\":[{\"id\":\"arn:a\",\"flows\":" flows ",\"moved\":" moved \
			",\"evicted\":" evicted "}],\"sessions\"",                           \
			(reason)                                                             \
	}

static void defects_are_named(void **state)
{
	static const struct {
		const char *old, *new, *reason;
	} rows[] = {
		{"\"0.1.0\"", "\"0.1.0-with-a-name-that-is-too-long\"", "'version'"},
		{"\"0.1.0\"", "\"\\u0007\"", "'version'"},
		{"\"has_inventory\":true,", "", "'has_inventory' is missing"},
		{"\"eth0\"", "\"e/0\"", "interfaces[0]: 'e/0'"},
		{"\"eth0\"", "\"e 0\"", "interfaces[0]: 'e 0'"},
		{"02:00:00:00:00:fe", "02:00:00:00:00:f", "'mac'"},
		{"02:00:00:00:00:fe", "02:00:00:00:00:FE", "'mac'"},
		{"02:00:00:00:00:fe", "02-00-00-00-00-fe", "'mac'"},
		{"02:00:00:00:00:fe", "02:00:00:00:00:fe:", "'mac'"},
		{"02:00:00:00:00:fe", "02:00:00:00:00: 1", "'mac'"},
		{"\"02:00:00:00:00:fe\"", "null", "'mac'"},
		{"1500", "4294967296", "'mtu'"},
		{"\"192.0.2.1\"", "\"\"", "interfaces[0]: addresses[0]"},
		{"\"2001:db8::1\"",
		 "\"::1\",\"::1\",\"::1\",\"::1\",\"::1\",\"::1\",\"::1\",\"::1\",\"::1\",\"::1\","
		 "\"::1\",\"::1\",\"::1\",\"::1\",\"::1\",\"::1\"",
		 "interfaces[0]: 'addresses' is not a list of at most 16"},
		{"fedcba9876543210", "fedcba987654321", "'epoch'"},
		{"fedcba9876543210", "fedcba987654321x", "'epoch'"},
		{"fedcba9876543210", "fedcba9876543210x", "'epoch'"},
		{"\"accepted\":[9,900]", "\"accepted\":[9,-900]", "'accepted'"},
		{"tms-00000001", "tmt-00000001", "sessions[0]: 'id'"},
		{"\"accepted\":[9,900]", "\"accepted\":[9]", "'accepted'"},
		{"\"accepted\":[9,900]", "\"accepted\":[-9,900]", "'accepted'"},
		{"\"accepted\":[9,900]", "\"accepted\":[9.5,900]", "'accepted'"},
		{"\"accepted\":[9,900],", "", "'accepted' is missing"},
		{"\"ring_full\":[3,300]", "\"ring_full\":[3,\"300\"]", "'ring_full'"},
		{"\"lost\":{}", "\"lost\":[]", "'lost'"},
		{"\"egress\"", "\"regress\"", "'egress' is missing"},
		MEMBER("\"port\":65536", "'port'"),
		MEMBER("\"port\":1,\"state\":\"unused\"", "'unused'"),
		MEMBER("\"port\":1,\"state\":\"unhealthy\",\"reason\":\"Tired\"", "'Tired'"),
		MEMBER("\"port\":1", "'state' is missing"),
		{"\"sessions\"", "\"members\":{},\"sessions\"", "'members' is not a list"},
		{"\"sessions\"",
		 "\"fleets\":[{\"id\":\"arn:a\",\"flows\":-1,\"moved\":0,\"evicted\":0}],"
		 "\"sessions\"",
		 "'flows'"},
		FLEET("9223372036854775807", "0", "0", "'flows'"),
		FLEET("0", "8796093022208", "0", "'moved'"),
		FLEET("0", "0", "8796093022208", "'evicted'"),
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_free_ char *json = replace(example, rows[i].old, rows[i].new);
		struct report report;
		struct refusal why = {};
		int r = report_decode(json, strlen(json), &report, &why);

		report_fini(&report);
		if (r != REFUSED || why.code != REFUSE_PARAMETER_VALUE ||
		    !strstr(why.text, rows[i].reason))
			fail_msg("%s: %d %s", rows[i].new, r, why.text);
	}
}

static void sizes_are_bounded(void **state)
{
	struct report report;
	struct refusal why = {};

	(void)state;
	assert_int_equal(report_decode(example, (size_t)REPORT_SIZE_MAX + 1, &report, &why),
			 REFUSED);
	assert_int_equal(why.code, REFUSE_REQUEST_TOO_LARGE);
	report_fini(&report);
}

/* 63 bits, which is what a JSON integer holds for every reader. */
static uint64_t random_count(void)
{
	return (uint64_t)random() << 32 | (uint64_t)random();
}

static void random_report(struct report *report)
{
	size_t count = (size_t)random() % 20;

	*report = (struct report){.version = "1.2.3",
				  .kernel = "6.18 \xe2\x98\x83",
				  .applied_revision = random_count(),
				  .whole = random() % 2,
				  .has_inventory = random() % 2};
	if (random() % 2)
		report->reattachments = (struct report_reattachments){
			random_count(), (int64_t)random_count(), "veth0", "it was taken away"};
	for (size_t i = 0; i < count; i++) {
		struct report_interface interface = {.device = "veth0",
						     .mtu = (uint32_t)random() * 2,
						     .orientation = ORIENTATION_GUEST,
						     .address_count = (size_t)random() % 17};
		struct report_session session = {.id = resource_id_new(RESOURCE_SESSION),
						 .epoch = random_count() * 2 + 1,
						 .active = random() % 2,
						 .reason = "because"};
		uint64_t *counters = (uint64_t *)&session.counters;

		for (size_t j = 0; j < 6; j++)
			interface.mac[j] = (uint8_t)random();
		for (size_t j = 0; j < interface.address_count; j++) {
			interface.addresses[j].family = 4;
			interface.addresses[j].bytes[j % 4] = (uint8_t)random();
		}
		for (size_t j = 0; j < sizeof(session.counters) / sizeof(*counters); j++)
			counters[j] = random() % 2 ? random_count() : 0;
		if (report->has_inventory)
			assert_int_equal(array_append(report, interfaces, interface_count,
						      interface_capacity, interface),
					 0);
		assert_int_equal(
			array_append(report, sessions, session_count, session_capacity, session),
			0);
	}
	for (size_t i = 0; i < count; i++) {
		struct report_member member = {.fleet = "arn:aws:a",
					       .id = "192.0.2.1",
					       .port = (uint16_t)random(),
					       .state = (enum member_state)(random() % 3),
					       .reason = (enum member_reason)(random() % 4)};
		struct report_fleet fleet = {"arn:aws:b", random_count() >> 20,
					     random_count() >> 20, random_count() >> 20};
		struct report_hold hold = {"arn:aws:b", "192.0.2.1", (uint16_t)random(),
					   random_count() >> 20};

		assert_int_equal(
			array_append(report, members, member_count, member_capacity, member), 0);
		assert_int_equal(array_append(report, fleets, fleet_count, fleet_capacity, fleet),
				 0);
		assert_int_equal(array_append(report, holds, hold_count, hold_capacity, hold), 0);
	}
}

/* Members are compared one by one, since what lies between them is anything. */
#define assert_same(a, b, member) \
	assert_memory_equal(&(a)->member, &(b)->member, sizeof((a)->member))

static void assert_same_report(const struct report *a, const struct report *b)
{
	assert_string_equal(a->version, b->version);
	assert_string_equal(a->kernel, b->kernel);
	assert_same(a, b, applied_revision);
	assert_same(a, b, reattachments.count);
	assert_same(a, b, reattachments.last);
	assert_string_equal(a->reattachments.device, b->reattachments.device);
	assert_string_equal(a->reattachments.reason, b->reattachments.reason);
	assert_same(a, b, whole);
	assert_same(a, b, has_inventory);
	assert_same(a, b, interface_count);
	assert_same(a, b, session_count);
	for (size_t i = 0; i < a->interface_count; i++) {
		assert_string_equal(a->interfaces[i].device, b->interfaces[i].device);
		assert_same(a, b, interfaces[i].mac);
		assert_same(a, b, interfaces[i].mtu);
		assert_same(a, b, interfaces[i].orientation);
		assert_same(a, b, interfaces[i].addresses);
		assert_same(a, b, interfaces[i].address_count);
	}
	for (size_t i = 0; i < a->session_count; i++) {
		assert_same(a, b, sessions[i].id);
		assert_same(a, b, sessions[i].epoch);
		assert_same(a, b, sessions[i].active);
		assert_string_equal(a->sessions[i].reason, b->sessions[i].reason);
		assert_same(a, b, sessions[i].counters);
	}
	assert_same(a, b, member_count);
	assert_same(a, b, fleet_count);
	assert_same(a, b, hold_count);
	for (size_t i = 0; i < a->member_count; i++) {
		assert_string_equal(a->members[i].fleet, b->members[i].fleet);
		assert_string_equal(a->members[i].id, b->members[i].id);
		assert_same(a, b, members[i].port);
		assert_same(a, b, members[i].state);
		assert_same(a, b, members[i].reason);
	}
	for (size_t i = 0; i < a->fleet_count; i++) {
		assert_string_equal(a->fleets[i].id, b->fleets[i].id);
		assert_same(a, b, fleets[i].flows);
		assert_same(a, b, fleets[i].moved);
		assert_same(a, b, fleets[i].evicted);
	}
	for (size_t i = 0; i < a->hold_count; i++) {
		assert_string_equal(a->holds[i].fleet, b->holds[i].fleet);
		assert_string_equal(a->holds[i].id, b->holds[i].id);
		assert_same(a, b, holds[i].port);
		assert_same(a, b, holds[i].flows);
	}
}

static void what_is_written_is_read(void **state)
{
	(void)state;
	srandom(6);
	for (size_t round = 0; round < 300; round++) {
		struct report report, back;
		_cleanup_free_ char *json = NULL;
		struct refusal why = {};

		random_report(&report);
		assert_int_equal(report_encode(&report, &json), 0);
		if (report_decode(json, strlen(json), &back, &why) != 0)
			fail_msg("%s", why.text);
		assert_same_report(&report, &back);
		report_fini(&report);
		report_fini(&back);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reports_are_read),
		cmocka_unit_test(ways_out_travel_where_there_are_any),
		cmocka_unit_test(losses_have_names),
		cmocka_unit_test(truncated_reports_are_refused),
		cmocka_unit_test(fleets_travel_where_there_are_any),
		cmocka_unit_test(interfaces_come_with_an_inventory),
		cmocka_unit_test(defects_are_named),
		cmocka_unit_test(sizes_are_bounded),
		cmocka_unit_test(what_is_written_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
