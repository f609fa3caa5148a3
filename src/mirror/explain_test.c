// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/array.h"
#include "base/count.h"
#include "mirror/explain.h"

#include <stdio.h>
#include <string.h>

enum { ICMP = 1, TCP = 6, UDP = 17 };

#define SOURCE  "eni-00000000000000001"
#define SILENT  "eni-00000000000000002"
#define GUEST   "192.0.2.1"
#define SENSOR  "203.0.113.9"
#define PEER    "198.51.100.1"
#define RESOLVE "169.254.169.253"

static struct resource_id id(const char *text)
{
	struct resource_id id = {};

	strcpy(id.text, text);
	return id;
}

static struct address address(const char *text)
{
	struct address address;

	assert_true(address_parse(text, &address));
	return address;
}

static void add_rule(struct filter *filter, uint16_t number, enum rule_action action,
		     int16_t protocol, uint16_t port)
{
	struct filter_rule rule = {.number = number,
				   .action = action,
				   .protocol = protocol,
				   .destination_ports = {port != 0, port, port}};

	assert_true(cidr_parse("0.0.0.0/0", &rule.source));
	assert_true(cidr_parse("0.0.0.0/0", &rule.destination));
	assert_int_equal(filter_add_rule(filter, &rule), 0);
}

/* Three sessions on one source, all rules for ingress:
 *
 *	1  rejects TCP port 80, accepts other TCP
 *	2  has DNS, and rejects TCP port 80
 *	3  accepts UDP, and TCP port 80 but for the rule before
 */
static int setup(void **state)
{
	static struct plan plan;
	static const char *const filters[] = {"tmf-00000001", "tmf-00000002", "tmf-00000003"};
	static const char *const sessions[] = {"tms-00000001", "tms-00000002", "tms-00000003"};

	plan = (struct plan){};
	if (array_append(&plan, resolvers, resolver_count, resolver_capacity, address(RESOLVE)) < 0)
		return -1;
	for (uint16_t i = 0; i < 3; i++) {
		struct filter filter = {.id = id(filters[i])};
		struct plan_session session = {.id = id(sessions[i]),
					       .source = id(SOURCE),
					       .filter = id(filters[i]),
					       .number = (uint16_t)(i + 1)};

		if (array_append(&plan, filters, filter_count, filter_capacity, filter) < 0 ||
		    array_append(&plan, sessions, session_count, session_capacity, session) < 0)
			return -1;
	}
	add_rule(&plan.filters[0], 10, RULE_REJECT, TCP, 80);
	add_rule(&plan.filters[0], 20, RULE_ACCEPT, TCP, 0);
	plan.filters[1].services = SERVICE_AMAZON_DNS;
	add_rule(&plan.filters[1], 30, RULE_REJECT, TCP, 80);
	add_rule(&plan.filters[2], 40, RULE_ACCEPT, UDP, 0);
	*state = &plan;
	return 0;
}

static int teardown(void **state)
{
	plan_fini(*state);
	return 0;
}

struct expectation {
	const char *source, *destination;
	uint8_t protocol;
	uint16_t source_port, destination_port; /* 0 and 0: none. */
	const char *sentence;
};

static void sentences_match(const struct plan *plan, const struct expectation *rows, size_t count)
{
	struct resource_id source = id(SOURCE);

	for (size_t i = 0; i < count; i++) {
		struct packet_key key = {.source = address(rows[i].source),
					 .destination = address(rows[i].destination),
					 .protocol = rows[i].protocol,
					 .has_ports = rows[i].source_port != 0,
					 .source_port = rows[i].source_port,
					 .destination_port = rows[i].destination_port};
		struct explanation explanation =
			plan_explain(plan, &source, DIRECTION_INGRESS, &key);
		char sentence[EXPLANATION_SIZE];

		explanation_format(&explanation, sentence, sizeof(sentence));
		assert_string_equal(sentence, rows[i].sentence);
	}
}

#define MIRRORED(session, rule) \
	"mirrored by session tms-0000000" #session " (number " #session "), rule " #rule
#define REJECTED(session, rule)                                                       \
	"not mirrored: rejected by session tms-0000000" #session " (number " #session \
	"), rule " #rule
#define UNMATCHED "not mirrored: no rule of any session matches"

static void sessions_are_asked_in_order(void **state)
{
	static const struct expectation rows[] = {
		{PEER, GUEST, TCP, 40000, 443, MIRRORED(1, 20)},
		/* No ports in a later fragment: the rule for port 80 cannot match, the next one does. */
		{PEER, GUEST, TCP, 0, 0, MIRRORED(1, 20)},
		{PEER, GUEST, UDP, 40000, 443, MIRRORED(3, 40)},
		{PEER, GUEST, TCP, 40000, 80, REJECTED(2, 30)},
		{PEER, GUEST, ICMP, 0, 0, UNMATCHED},
		{"2001:db8::1", "2001:db8::2", TCP, 40000, 443, UNMATCHED},
	};

	sentences_match(*state, rows, ARRAY_SIZE(rows));
}

/* A rejection speaks for its own session only. */
static void later_sessions_may_take_what_one_rejects(void **state)
{
	static const struct expectation row = {PEER, GUEST, TCP, 40000, 80, MIRRORED(3, 50)};
	struct plan *plan = *state;

	add_rule(&plan->filters[2], 50, RULE_ACCEPT, TCP, 80);
	sentences_match(plan, &row, 1);
}

static void a_packet_is_taken_once(void **state)
{
	static const struct expectation row = {PEER, GUEST, TCP, 40000, 443, MIRRORED(1, 20)};
	struct plan *plan = *state;

	add_rule(&plan->filters[1], 50, RULE_ACCEPT, TCP, 443);
	add_rule(&plan->filters[2], 50, RULE_REJECT, TCP, 443);
	sentences_match(plan, &row, 1);
}

static void directions_are_apart(void **state)
{
	struct resource_id source = id(SOURCE);
	struct packet_key key = {
		.source = address(GUEST), .destination = address(PEER), .protocol = TCP};

	assert_int_equal(plan_explain(*state, &source, DIRECTION_EGRESS, &key).verdict,
			 VERDICT_UNMATCHED);
}

static void sources_without_session_are_told(void **state)
{
	struct resource_id source = id(SILENT);
	struct packet_key key = {.source = address(GUEST), .destination = address(PEER)};
	struct explanation explanation = plan_explain(*state, &source, DIRECTION_EGRESS, &key);
	char sentence[64];

	assert_int_equal(explanation.verdict, VERDICT_NO_SESSION);
	explanation_format(&explanation, sentence, sizeof(sentence));
	assert_string_equal(sentence, "not mirrored: the source has no session");
}

#define DNS_TAKEN "mirrored by session tms-00000002 (number 2), network service amazon-dns"

static void resolvers_are_no_matter_of_rules(void **state)
{
	static const struct expectation rows[] = {
		{GUEST, RESOLVE, UDP, 40000, 53, DNS_TAKEN},
		{RESOLVE, GUEST, UDP, 53, 40000, DNS_TAKEN},
		{GUEST, RESOLVE, TCP, 40000, 53, DNS_TAKEN},
		/* Not the service: another port, the port on the wrong side, another resolver, a fragment. */
		{GUEST, RESOLVE, TCP, 40000, 853, MIRRORED(1, 20)},
		{GUEST, RESOLVE, UDP, 53, 40000, MIRRORED(3, 40)},
		{GUEST, PEER, UDP, 40000, 53, MIRRORED(3, 40)},
		{RESOLVE, GUEST, UDP, 0, 0, MIRRORED(3, 40)},
	};
	static const struct expectation excluded = {GUEST,
						    RESOLVE,
						    UDP,
						    40000,
						    53,
						    "not mirrored: DNS with the provided resolver, "
						    "and no session's filter has the network "
						    "service amazon-dns"};
	struct plan *plan = *state;

	sentences_match(plan, rows, ARRAY_SIZE(rows));
	plan->filters[1].services = 0;
	sentences_match(plan, &excluded, 1);
}

#define NEVER(what) "not mirrored: " what " is never mirrored"

static void some_traffic_is_never_mirrored(void **state)
{
	static const struct expectation rows[] = {
		{"0.0.0.0", "255.255.255.255", UDP, 68, 67, NEVER("DHCP")},
		{PEER, GUEST, UDP, 67, 68, NEVER("DHCP")},
		{PEER, GUEST, UDP, 67, 67, NEVER("DHCP")},
		{"fe80::1", "ff02::1:2", UDP, 546, 547, NEVER("DHCPv6")},
		{"fe80::2", "fe80::1", UDP, 547, 546, NEVER("DHCPv6")},
		{GUEST, "169.254.169.254", TCP, 40000, 80, NEVER("instance metadata")},
		{"169.254.169.254", GUEST, TCP, 80, 40000, NEVER("instance metadata")},
		{"169.254.169.254", GUEST, ICMP, 0, 0, NEVER("instance metadata")},
		{"2001:db8::1", "fd00:ec2::254", TCP, 40000, 80, NEVER("instance metadata")},
		{GUEST, "169.254.169.123", UDP, 123, 123, NEVER("time service")},
		{"fd00:ec2::123", "2001:db8::1", UDP, 123, 123, NEVER("time service")},
		{GUEST, "169.254.169.250", TCP, 40000, 1688, NEVER("Windows activation")},
		{GUEST, "169.254.169.251", TCP, 40000, 1688, NEVER("Windows activation")},
	};

	sentences_match(*state, rows, ARRAY_SIZE(rows));
}

static void what_resembles_them_is_mirrored(void **state)
{
	static const struct expectation rows[] = {
		{GUEST, PEER, UDP, 68, 5000, MIRRORED(3, 40)},
		{GUEST, PEER, UDP, 5000, 67, MIRRORED(3, 40)},
		{GUEST, PEER, TCP, 68, 67, MIRRORED(1, 20)},
		{GUEST, PEER, UDP, 546, 547, MIRRORED(3, 40)},
		{GUEST, PEER, UDP, 123, 123, MIRRORED(3, 40)},
		{GUEST, "169.254.169.252", TCP, 40000, 443, MIRRORED(1, 20)},
	};

	sentences_match(*state, rows, ARRAY_SIZE(rows));
}

static void copies_are_not_copied_again(void **state)
{
	static const struct expectation rows[] = {
		{GUEST, SENSOR, UDP, 61440, 4789, NEVER("mirrored traffic")},
		{GUEST, SENSOR, TCP, 61440, 4789, MIRRORED(1, 20)},
		{GUEST, SENSOR, UDP, 61440, 4788, MIRRORED(3, 40)},
		{GUEST, PEER, UDP, 61440, 4789, MIRRORED(3, 40)},
		{SENSOR, GUEST, UDP, 4789, 61440, MIRRORED(3, 40)},
	};
	struct plan *plan = *state;
	struct plan_target target = {.reachable = true, .address = address(SENSOR), .port = 4789};

	assert_int_equal(array_append(plan, targets, target_count, target_capacity, target), 0);
	sentences_match(plan, rows, ARRAY_SIZE(rows));
	plan->targets[0].reachable = false;
	sentences_match(plan,
			&(struct expectation){GUEST, SENSOR, UDP, 61440, 4789, MIRRORED(3, 40)}, 1);
}

/* Each member has an address and a port of its own. */
static void copies_to_fleets_are_not_copied_again(void **state)
{
	static const struct expectation rows[] = {
		{GUEST, SENSOR, UDP, 61440, 6081, NEVER("mirrored traffic")},
		{GUEST, PEER, UDP, 61440, 4789, NEVER("mirrored traffic")},
		{GUEST, PEER, UDP, 61440, 6081, MIRRORED(3, 40)},
		{GUEST, SENSOR, UDP, 61440, 4789, MIRRORED(3, 40)},
	};
	struct fleet_member members[] = {{.address = address(SENSOR), .port = 6081},
					 {.address = address(PEER), .port = 4789}};
	struct fleet fleet = {.members = members, .member_count = ARRAY_SIZE(members)};
	struct plan *plan = *state;

	plan->fleets = &fleet;
	plan->fleet_count = 1;
	sentences_match(plan, rows, ARRAY_SIZE(rows));
	plan->fleets = NULL;
	plan->fleet_count = 0;
}

/* By the session's own port, its encapsulation's, or the target's. */
static void copies_are_known_by_their_port(void **state)
{
	struct expectation row = {GUEST, SENSOR, UDP, 61440, 9999, MIRRORED(3, 40)};
	struct plan *plan = *state;
	struct plan_target target = {.id = id("tmt-00000001"),
				     .reachable = true,
				     .address = address(SENSOR),
				     .port = 4789};

	assert_int_equal(array_append(plan, targets, target_count, target_capacity, target), 0);
	plan->sessions[1].target = target.id;
	sentences_match(plan, &row, 1);
	plan->sessions[1].options.outer_port = 9999;
	row.sentence = NEVER("mirrored traffic");
	sentences_match(plan, &row, 1);
	plan->sessions[1].options = (struct session_options){.encapsulation = ENCAPSULATION_GENEVE};
	row.sentence = MIRRORED(3, 40);
	sentences_match(plan, &row, 1);
	row.destination_port = 6081;
	row.sentence = NEVER("mirrored traffic");
	sentences_match(plan, &row, 1);
}

static void paused_sessions_are_passed_over(void **state)
{
	static const char waits[] =
		"; session tms-00000001 (number 1) would take it, but is paused";
	struct expectation row = {PEER, GUEST, TCP, 40000, 443, NULL};
	struct plan *plan = *state;
	char sentence[EXPLANATION_SIZE];

	plan->sessions[0].options.paused = true;
	row.sentence = sentence;
	(void)snprintf(sentence, sizeof(sentence), "%s%s", UNMATCHED, waits);
	sentences_match(plan, &row, 1);
	add_rule(&plan->filters[2], 50, RULE_ACCEPT, TCP, 443);
	(void)snprintf(sentence, sizeof(sentence), "%s%s", MIRRORED(3, 50), waits);
	sentences_match(plan, &row, 1);
	/* Nothing is rejected by who is not asked, and it would not take this one. */
	row.destination_port = 80;
	plan->sessions[1].options.paused = true;
	row.sentence = UNMATCHED;
	sentences_match(plan, &row, 1);
}

static void sessions_that_continue_leave_it_to_others(void **state)
{
	static const struct expectation rows[] = {
		{PEER, GUEST, TCP, 40000, 443, MIRRORED(1, 20) "; taken as well by number 2, 3"},
		{GUEST, RESOLVE, UDP, 40000, 53, DNS_TAKEN "; taken as well by number 3"},
	};
	static const struct expectation last = {
		PEER, GUEST, TCP, 40000, 443, MIRRORED(1, 20) "; taken as well by number 2"};
	struct plan *plan = *state;

	add_rule(&plan->filters[1], 50, RULE_ACCEPT, TCP, 443);
	add_rule(&plan->filters[2], 50, RULE_ACCEPT, TCP, 443);
	plan->filters[2].services = SERVICE_AMAZON_DNS;
	plan->sessions[0].options.continues = true;
	plan->sessions[1].options.continues = true;
	sentences_match(plan, rows, ARRAY_SIZE(rows));
	plan->sessions[1].options.continues = false;
	sentences_match(plan, &last, 1);
}

static void what_may_be_left_out_is_said(void **state)
{
	static const struct expectation row = {
		PEER,
		GUEST,
		TCP,
		40000,
		443,
		MIRRORED(1, 20) "; may be left out, as one in 10 flows is copied"
				"; may be left out, as one in 100 packets is copied"
				"; may be left out beyond 8000 bits per second"
				"; may be left out beyond 5 packets per second",
	};
	struct plan *plan = *state;

	plan->sessions[0].options = (struct session_options){
		.packet_sampling = 100,
		.flow_sampling = 10,
		.bits_per_second = 8000,
		.packets_per_second = 5,
	};
	sentences_match(plan, &row, 1);
}

/* Everything at once, of everyone, fits. */
static void no_sentence_is_cut(void **state)
{
	static const struct session_options all = {
		.packet_sampling = SAMPLING_MAX,
		.flow_sampling = SAMPLING_MAX,
		.bits_per_second = BITS_PER_SECOND_MAX,
		.packets_per_second = PACKETS_PER_SECOND_MAX,
		.continues = true,
	};
	struct plan_session session = {
		.id = id("tms-0123456789abcdef0"), .number = SESSION_NUMBER_MAX, .options = all};
	struct filter_rule rule = {.number = UINT16_MAX};
	struct explanation explanation = {
		.verdict = VERDICT_MIRRORED,
		.session = &session,
		.rule = &rule,
		.paused = &session,
		.further_count = ARRAY_SIZE(explanation.further),
	};
	char sentence[EXPLANATION_SIZE];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(explanation.further); i++)
		explanation.further[i] = &session;
	explanation_format(&explanation, sentence, sizeof(sentence));
	assert_string_equal(sentence + strlen(sentence) - strlen("is paused"), "is paused");
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(sessions_are_asked_in_order),
		CASE(later_sessions_may_take_what_one_rejects),
		CASE(a_packet_is_taken_once),
		CASE(directions_are_apart),
		CASE(sources_without_session_are_told),
		CASE(resolvers_are_no_matter_of_rules),
		CASE(some_traffic_is_never_mirrored),
		CASE(copies_are_not_copied_again),
		CASE(copies_to_fleets_are_not_copied_again),
		CASE(what_resembles_them_is_mirrored),
		CASE(copies_are_known_by_their_port),
		CASE(paused_sessions_are_passed_over),
		CASE(sessions_that_continue_leave_it_to_others),
		CASE(what_may_be_left_out_is_said),
		CASE(no_sentence_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
