// SPDX-License-Identifier: Apache-2.0
/* Tags of load balancers, listeners and target groups, as the API shows them. */
#include "api/elb.h"
#include "control/arn_tag.h"

#define ARNS_MAX 20 /* As AWS has it. */

/* clang-format off */
#define RESOURCES_PARAMETER \
	{"ResourceArns.member.N", PARAMETER_TEXT, .required = true, .elements = ARNS_MAX, \
	 .names = &arn_resource}
/* clang-format on */

static const struct parameter add_parameters[] = {
	RESOURCES_PARAMETER,
	{"Tags.member.N.Key", PARAMETER_TEXT, .required = true},
	{"Tags.member.N.Value", PARAMETER_TEXT},
};

static const struct parameter remove_parameters[] = {
	RESOURCES_PARAMETER,
	{"TagKeys.member.N", PARAMETER_TEXT, .required = true, .key = "aws:TagKeys"},
};

static const struct parameter describe_parameters[] = {
	{"ResourceArns.member.N", PARAMETER_TEXT, .required = true, .elements = ARNS_MAX},
};

static int add_tags(struct call *call, struct refusal *why);
static int remove_tags(struct call *call, struct refusal *why);
static int describe_tags(struct call *call, struct refusal *why);

static const struct action actions[] = {
	ACTION("AddTags", add_parameters, add_tags),
	ACTION("RemoveTags", remove_parameters, remove_tags),
	ACTION("DescribeTags", describe_parameters, describe_tags),
};

const struct action_table balancer_tag_actions = {actions, ARRAY_SIZE(actions)};

static int add_tags(struct call *call, struct refusal *why)
{
	const char *const *arns;
	const struct tag *tags;
	size_t arn_count, tag_count;
	int r;

	arns = arguments_get_texts(&call->arguments, "ResourceArns.member.N", &arn_count);
	r = elb_get_tags(call, &tags, &tag_count, why);
	if (r != 0)
		return r;
	return control_tag_arns(call->control, call->caller, arns, arn_count, tags, tag_count, why);
}

static int remove_tags(struct call *call, struct refusal *why)
{
	const char *const *arns, *const *keys;
	size_t arn_count, key_count;

	arns = arguments_get_texts(&call->arguments, "ResourceArns.member.N", &arn_count);
	keys = arguments_get_texts(&call->arguments, "TagKeys.member.N", &key_count);
	return control_untag_arns(call->control, call->caller, arns, arn_count, keys, key_count,
				  why);
}

static int describe_tags(struct call *call, struct refusal *why)
{
	const char *const *arns;
	size_t count;
	int r = 0;

	arns = arguments_get_texts(&call->arguments, "ResourceArns.member.N", &count);
	xml_open(call->xml, "TagDescriptions");
	for (size_t i = 0; r == 0 && i < count; i++) {
		_cleanup_(tags_fini) struct tags tags = {};

		r = control_get_arn_tags(call->control, call->caller, arns[i], &tags, why);
		if (r != 0)
			return r;
		xml_open(call->xml, "member");
		xml_text(call->xml, "ResourceArn", arns[i]);
		elb_write_tags(call, &tags);
		xml_close(call->xml, "member");
	}
	xml_close(call->xml, "TagDescriptions");
	return 0;
}
