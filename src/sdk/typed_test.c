// SPDX-License-Identifier: Apache-2.0
#include "base/count.h"
#include "sdk/request.h"
#include "sdk/response.h"
#include "sdk/script.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <tmirror_actions.h>

#include <cmocka.h>

#define ANSWER(text)                            \
	{                                       \
		.status = 200, .document = text \
	}

static void inputs_become_parameters(void **state _unused_)
{
	const struct tmirror_tag_input tags[] = {{.key = "team", .value = ""}, {.key = "a"}};
	const struct tmirror_tag_specification specifications[] = {
		{.resource_type = "traffic-mirror-session", .tags = {tags, ARRAY_SIZE(tags)}}};
	const struct tmirror_create_traffic_mirror_session_input input = {
		.network_interface_id = "eni-1",
		.session_number = tmirror_given(7),
		.virtual_network_id = tmirror_given(0),
		.extension = {.show = TMIRROR_TRUE, .paused = TMIRROR_FALSE},
		.tag_specifications = {specifications, 1},
	};
	_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;
	_cleanup_text_ struct text body = {};

	assert_int_equal(tmirror_request_new_typed(&tmirror_create_traffic_mirror_session_action,
						   &input, &request),
			 0);
	assert_int_equal(request_encode(request, NULL, &body), 0);
	assert_string_equal(body.data,
			    "Action=CreateTrafficMirrorSession&Version=2016-11-15"
			    "&NetworkInterfaceId=eni-1&SessionNumber=7&VirtualNetworkId=0"
			    "&Extension.Show=true&Extension.Paused=false"
			    "&TagSpecification.1.ResourceType=traffic-mirror-session"
			    "&TagSpecification.1.Tag.1.Key=team&TagSpecification.1.Tag.1.Value="
			    "&TagSpecification.1.Tag.2.Key=a");
}

static void lists_of_load_balancing_have_a_word_more(void **state _unused_)
{
	const struct tmirror_elb_register_targets_targets_input targets[] = {
		{.id = "10.0.0.1", .port = tmirror_given(4789)},
		{.id = "10.0.0.2", .extension = {.weight = tmirror_given(3)}},
	};
	const struct tmirror_elb_register_targets_input input = {
		.target_group_arn = "arn", .targets = {targets, ARRAY_SIZE(targets)}};
	_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;
	_cleanup_text_ struct text body = {};

	assert_int_equal(
		tmirror_request_new_typed(&tmirror_elb_register_targets_action, &input, &request),
		0);
	assert_int_equal(request_encode(request, NULL, &body), 0);
	assert_string_equal(body.data,
			    "Action=RegisterTargets&Version=2015-12-01&TargetGroupArn=arn"
			    "&Targets.member.1.Id=10.0.0.1&Targets.member.1.Port=4789"
			    "&Targets.member.2.Id=10.0.0.2&Targets.member.2.Extension.Weight=3");
}

static void answers_become_outputs(void **state _unused_)
{
	static const struct script_line lines[] = {ANSWER(
		"<R><trafficMirrorFilterSet>"
		"<item><trafficMirrorFilterId>tmf-1</trafficMirrorFilterId><ingressFilterRuleSet>"
		"<item><ruleNumber>-9223372036854775808</ruleNumber>"
		"<sourcePortRange><fromPort>0</fromPort></sourcePortRange></item>"
		"</ingressFilterRuleSet><networkServiceSet><item>amazon-dns</item>"
		"</networkServiceSet><colour>blue</colour></item>"
		"<item/></trafficMirrorFilterSet><nextToken>x</nextToken></R>")};
	_cleanup_(tmirror_client_freep) struct tmirror_client *client = NULL;
	struct tmirror_describe_traffic_mirror_filters_output *output = NULL;
	const struct tmirror_traffic_mirror_filter *filter;
	const struct tmirror_traffic_mirror_filter_rule *rule;
	struct script script;

	assert_int_equal(script_open(&script, lines, ARRAY_SIZE(lines), &client), 0);
	assert_int_equal(tmirror_describe_traffic_mirror_filters(client, NULL, &output, NULL), 0);
	assert_int_equal(output->traffic_mirror_filter_set.count, 2);
	assert_string_equal(output->next_token, "x");
	filter = &output->traffic_mirror_filter_set.items[0];
	assert_string_equal(filter->traffic_mirror_filter_id, "tmf-1");
	assert_null(filter->description);
	assert_int_equal(filter->egress_filter_rule_set.count, 0);
	assert_int_equal(filter->network_service_set.count, 1);
	assert_string_equal(filter->network_service_set.items[0], "amazon-dns");
	rule = &filter->ingress_filter_rule_set.items[0];
	assert_true(rule->rule_number.given && rule->rule_number.value == INT64_MIN);
	assert_true(rule->source_port_range.from_port.given);
	assert_false(rule->source_port_range.to_port.given);
	assert_null(filter[1].traffic_mirror_filter_id);
	assert_string_equal(tmirror_node_text(tmirror_output_tree(output),
					      "trafficMirrorFilterSet/item/colour"),
			    "blue");
	tmirror_output_free(output);
	tmirror_output_free(NULL);
	script_fini(&script);
}

static void what_has_another_type_is_refused(void **state _unused_)
{
	static const char *const documents[] = {
		"<R><trafficMirrorSession><sessionNumber>one</sessionNumber>"
		"</trafficMirrorSession></R>",
		"<R><trafficMirrorSession><sessionNumber></sessionNumber></trafficMirrorSession></"
		"R>",
		"<R><trafficMirrorSession><sessionNumber>9223372036854775808</sessionNumber>"
		"</trafficMirrorSession></R>",
		"<R><trafficMirrorSession><extension><paused>yes</paused></extension>"
		"</trafficMirrorSession></R>",
	};

	for (size_t i = 0; i < ARRAY_SIZE(documents); i++) {
		const struct script_line line = ANSWER(documents[i]);
		_cleanup_(tmirror_client_freep) struct tmirror_client *client = NULL;
		struct tmirror_create_traffic_mirror_session_output *output = NULL;
		struct tmirror_error error;
		struct script script;

		assert_int_equal(script_open(&script, &line, 1, &client), 0);
		assert_int_equal(
			tmirror_create_traffic_mirror_session(client, NULL, &output, &error),
			TMIRROR_UNUSABLE);
		assert_string_equal(error.code, "MalformedAnswer");
		assert_null(output);
		script_fini(&script);
	}
}

static void all_pages_are_one_output(void **state _unused_)
{
	static const struct script_line lines[] = {
		ANSWER("<R><startTime>1</startTime><trafficMirrorUsageSet/><nextToken>a</nextToken>"
		       "</R>"),
		ANSWER("<R><startTime>2</startTime><trafficMirrorUsageSet>"
		       "<item><cost>1</cost></item><item><cost>2</cost></item>"
		       "</trafficMirrorUsageSet><nextToken>b</nextToken></R>"),
		ANSWER("<R><startTime>3</startTime><trafficMirrorUsageSet/><nextToken>c</nextToken>"
		       "</R>"),
		ANSWER("<R><startTime>4</startTime><trafficMirrorUsageSet>"
		       "<item><cost>3</cost></item></trafficMirrorUsageSet></R>"),
	};
	const struct tmirror_describe_traffic_mirror_usage_input input = {.account_id = "1"};
	_cleanup_(tmirror_client_freep) struct tmirror_client *client = NULL;
	struct tmirror_describe_traffic_mirror_usage_output *output = NULL;
	struct tmirror_error error;
	struct script script;

	assert_int_equal(script_open(&script, lines, ARRAY_SIZE(lines), &client), 0);
	assert_int_equal(tmirror_describe_traffic_mirror_usage_all(client, &input, &output, &error),
			 0);
	assert_int_equal(output->traffic_mirror_usage_set.count, 3);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(output->traffic_mirror_usage_set.items[i].cost[0], '1' + i);
	assert_string_equal(output->start_time, "4");
	assert_null(output->next_token);
	assert_non_null(strstr(script.bodies[3], "AccountId=1&NextToken=c"));
	tmirror_output_free(output);
	script_fini(&script);
}

static void wrapped_results_and_their_pages(void **state _unused_)
{
	static const struct script_line lines[] = {
		ANSWER("<R><ListUsersResult><Users><member><UserName>a</UserName></member></Users>"
		       "<IsTruncated>true</IsTruncated><Marker>m</Marker></ListUsersResult></R>"),
		ANSWER("<R><ListUsersResult><Users><member><UserName>b</UserName></member></Users>"
		       "<IsTruncated>false</IsTruncated></ListUsersResult></R>"),
	};
	_cleanup_(tmirror_client_freep) struct tmirror_client *client = NULL;
	struct tmirror_iam_list_users_output *output = NULL;
	struct script script;

	assert_int_equal(script_open(&script, lines, ARRAY_SIZE(lines), &client), 0);
	assert_int_equal(tmirror_iam_list_users_all(client, NULL, &output, NULL), 0);
	assert_int_equal(output->users.count, 2);
	assert_string_equal(output->users.items[1].user_name, "b");
	assert_int_equal(output->is_truncated, TMIRROR_FALSE);
	assert_null(output->marker);
	tmirror_output_free(output);
	script_fini(&script);
}

static void a_later_page_that_fails_fails_the_whole(void **state _unused_)
{
	static const struct script_line lines[] = {
		ANSWER("<R><vpcEndpointSet><item/></vpcEndpointSet><nextToken>a</nextToken></R>"),
		{.status = 400,
		 .document =
			 "<Response><Errors><Error><Code>No</Code></Error></Errors></Response>"},
	};
	_cleanup_(tmirror_client_freep) struct tmirror_client *client = NULL;
	struct tmirror_describe_vpc_endpoints_output *output = NULL;
	struct tmirror_error error;
	struct script script;

	assert_int_equal(script_open(&script, lines, ARRAY_SIZE(lines), &client), 0);
	assert_int_equal(tmirror_describe_vpc_endpoints_all(client, NULL, &output, &error),
			 TMIRROR_REFUSED);
	assert_string_equal(error.code, "No");
	assert_null(output);
	script_fini(&script);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(inputs_become_parameters),
		cmocka_unit_test(lists_of_load_balancing_have_a_word_more),
		cmocka_unit_test(answers_become_outputs),
		cmocka_unit_test(what_has_another_type_is_refused),
		cmocka_unit_test(all_pages_are_one_output),
		cmocka_unit_test(wrapped_results_and_their_pages),
		cmocka_unit_test(a_later_page_that_fails_fails_the_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
