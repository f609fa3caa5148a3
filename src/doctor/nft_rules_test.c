// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/count.h"
#include "doctor/nft_rules.h"

#include <stdio.h>

#define CHAIN(hook, policy)                                                                  \
	"{\"chain\": {\"family\": \"inet\", \"table\": \"t\", \"name\": \"out\", \"hook\": " \
	"\"" hook "\", \"policy\": \"" policy "\"}}"
#define RULE_IN(chain, expressions)                                                \
	",{\"rule\": {\"family\": \"inet\", \"table\": \"t\", \"chain\": \"" chain \
	"\", \"expr\": [" expressions "]}}"
#define RULE(expressions) RULE_IN("out", expressions)
#define MATCH(operator, left, right) \
	"{\"match\": {\"op\": \"" operator"\", \"left\": " left ", \"right\": " right "}}"
#define PAYLOAD(protocol, field) \
	"{\"payload\": {\"protocol\": \"" protocol "\", \"field\": \"" field "\"}}"
#define META(key)      "{\"meta\": {\"key\": \"" key "\"}}"
#define DROP           "{\"drop\": null}"
#define ACCEPT         "{\"accept\": null}"
#define JUMP(target)   "{\"jump\": {\"target\": \"" target "\"}}"
#define UDP_PORT(port) MATCH("==", PAYLOAD("udp", "dport"), port)

/* A packet to 10.9.2.2, UDP port 4789, through eth0. */
static void rules_are_judged_by_what_is_understood(void **state)
{
	static const struct {
		const char *items;
		enum nft_answer answer;
	} cases[] = {
		{CHAIN("output", "accept"), NFT_PASSES},
		{CHAIN("output", "drop"), NFT_DROPS},
		{CHAIN("postrouting", "drop"), NFT_DROPS},
		{CHAIN("input", "drop"), NFT_PASSES},
		{CHAIN("output", "drop") RULE(UDP_PORT("4789") "," ACCEPT), NFT_PASSES},
		{CHAIN("output", "drop") RULE(UDP_PORT("53") "," ACCEPT), NFT_DROPS},
		{CHAIN("output", "accept") RULE(UDP_PORT("4789") ",{\"counter\": null}," DROP),
		 NFT_DROPS},
		{CHAIN("output", "accept")
			 RULE(UDP_PORT("{\"set\": [53, {\"range\": [4000, 5000]}]}") "," DROP),
		 NFT_DROPS},
		{CHAIN("output", "accept") RULE(UDP_PORT("\"@ports\"") "," DROP), NFT_MAY_DROP},
		{CHAIN("output", "accept")
			 RULE(MATCH("!=", PAYLOAD("udp", "dport"), "53") "," DROP),
		 NFT_DROPS},
		{CHAIN("output", "accept")
			 RULE(MATCH("==", PAYLOAD("tcp", "dport"), "4789") "," DROP),
		 NFT_PASSES},
		{CHAIN("output", "accept") RULE(
			 MATCH("==", PAYLOAD("ip", "daddr"),
			       "{\"prefix\": {\"addr\": \"10.9.0.0\", \"len\": 16}}") "," DROP),
		 NFT_DROPS},
		{CHAIN("output", "accept")
			 RULE(MATCH("==", PAYLOAD("ip", "daddr"), "\"10.9.2.3\"") "," DROP),
		 NFT_PASSES},
		{CHAIN("output", "accept")
			 RULE(MATCH("==", PAYLOAD("ip6", "daddr"), "\"fd00::1\"") "," DROP),
		 NFT_PASSES},
		{CHAIN("output", "accept") RULE(MATCH("==", META("oifname"), "\"eth*\"") "," DROP),
		 NFT_DROPS},
		{CHAIN("output", "accept") RULE(MATCH("==", META("oifname"), "\"lo\"") "," DROP),
		 NFT_PASSES},
		{CHAIN("output", "accept") RULE(MATCH("==", META("l4proto"), "\"tcp\"") "," DROP),
		 NFT_PASSES},
		{CHAIN("output", "accept") RULE("{\"limit\": {}}," DROP), NFT_MAY_DROP},
		{CHAIN("output", "drop") RULE("{\"xt\": null}," ACCEPT), NFT_MAY_DROP},
		/* A limit before what does not match anyway. */
		{CHAIN("output", "accept") RULE("{\"limit\": {}}," UDP_PORT("53") "," DROP),
		 NFT_PASSES},
		{CHAIN("output", "accept") RULE(JUMP("more")) RULE_IN("more", DROP), NFT_DROPS},
		{CHAIN("output", "accept") RULE(JUMP("more")) RULE_IN("more", "{\"return\": null}")
			 RULE_IN("more", DROP),
		 NFT_PASSES},
		{CHAIN("output", "drop") RULE(JUMP("more")) RULE_IN("more", ACCEPT), NFT_PASSES},
		{CHAIN("output", "accept") RULE(JUMP("out")), NFT_PASSES},
		/* The first rule decides. */
		{CHAIN("output", "accept") RULE(ACCEPT) RULE(DROP), NFT_PASSES},
	};
	struct nft_packet packet = {.port = 4789, .device = "eth0"};

	(void)state;
	assert_true(address_parse("10.9.2.2", &packet.destination));
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct nft_culprit culprit = {};
		json_error_t error;
		char text[2048];
		json_t *ruleset;

		assert_true(snprintf(text, sizeof(text), "{\"nftables\": [%s]}", cases[i].items) <
			    (int)sizeof(text));
		ruleset = json_loads(text, 0, &error);
		if (!ruleset)
			fail_msg("case %zu: %s", i, error.text);
		if (nft_judge(ruleset, &packet, &culprit) != cases[i].answer)
			fail_msg("case %zu: %s", i, cases[i].items);
		if (cases[i].answer != NFT_PASSES)
			assert_string_equal(culprit.chain, "out");
		json_decref(ruleset);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_are_judged_by_what_is_understood),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
