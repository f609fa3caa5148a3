// SPDX-License-Identifier: Apache-2.0
#include "cli/json.h"

#include "base/cleanup.h"
#include "base/count.h"
#include "sdk/response.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

/* What the AWS CLI makes of the same elements. */
static void elements_are_spelled_as_aws_does(void **state)
{
	static const struct {
		const char *elements, *json;
	} cases[] = {
		{"<trafficMirrorSessionId>tms-1</trafficMirrorSessionId><packetLength>5</"
		 "packetLength>",
		 "{\"TrafficMirrorSessionId\":\"tms-1\",\"PacketLength\":5}"},
		{"<tagSet/>", "{\"Tags\":[]}"},
		{"<tagSet><item><key>5</key><value/></item></tagSet>",
		 "{\"Tags\":[{\"Key\":\"5\",\"Value\":\"\"}]}"},
		{"<tagSet/><macAddress>x</macAddress>", "{\"TagSet\":[],\"MacAddress\":\"x\"}"},
		{"<networkServiceSet><item>amazon-dns</item></networkServiceSet>",
		 "{\"NetworkServices\":[\"amazon-dns\"]}"},
		{"<privateIpAddressesSet><item><primary>true</primary></item></"
		 "privateIpAddressesSet>",
		 "{\"PrivateIpAddresses\":[{\"Primary\":true}]}"},
		{"<ingressFilterRuleSet><item><ruleNumber>1</ruleNumber><destinationPortRange>"
		 "<fromPort>0</fromPort><toPort>65535</toPort></destinationPortRange></item>"
		 "</ingressFilterRuleSet>",
		 "{\"IngressFilterRules\":[{\"RuleNumber\":1,\"DestinationPortRange\":"
		 "{\"FromPort\":0,\"ToPort\":65535}}]}"},
		{"<sessionCount>1</sessionCount><refusalCount>0</refusalCount>",
		 "{\"SessionCount\":1,\"RefusalCount\":0}"},
		{"<requestId>1</requestId><lostSet/>", "{\"Lost\":[]}"},
		{"<packets>18446744073709551615</packets>", "{\"Packets\":9223372036854775807}"},
		{"<extension><paused>true</paused><priority>3</priority></extension>",
		 "{\"Extension\":{\"Paused\":true,\"Priority\":3}}"},
		{"<description>\xc3\xa9&quot;</description>", "{\"Description\":\"\xc3\xa9\\\"\"}"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(tmirror_response_freep) struct tmirror_response *response = NULL;
		_cleanup_free_ char *text = NULL;
		char document[512];
		json_t *json;

		(void)snprintf(document, sizeof(document), "<item>%s</item>", cases[i].elements);
		assert_int_equal(response_parse(document, strlen(document), &response, NULL), 0);
		json = json_from_node(tmirror_response_root(response));
		assert_non_null(json);
		text = json_dumps(json, JSON_COMPACT);
		json_decref(json);
		assert_string_equal(text, cases[i].json);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(elements_are_spelled_as_aws_does)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
