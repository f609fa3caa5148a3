// SPDX-License-Identifier: Apache-2.0
#include "api/action.h"

#include "base/text.h"

#include <string.h>

static const struct action_table *const ec2_tables[] = {
	&change_actions,    &endpoint_actions, &endpoint_service_actions,
	&enrolment_actions, &explain_actions,  &host_key_actions,
	&filter_actions,    &instance_actions, &quota_actions,
	&usage_actions,     &peek_actions,     &rule_actions,
	&selector_actions,  &session_actions,  &share_actions,
	&site_actions,      &source_actions,   &status_actions,
	&tag_actions,       &target_actions,
};

static const struct action_table *const sts_tables[] = {&sts_actions};

static const struct action_table *const iam_tables[] = {
	&user_actions, &role_actions, &access_key_actions, &policy_actions, &account_actions};

static const struct action_table *const elb_tables[] = {
	&balancer_actions, &balancer_limit_actions, &balancer_tag_actions,
	&group_actions,    &listener_actions,       &member_actions,
};

static const struct action_table *const monitoring_tables[] = {&monitoring_actions,
							       &monitoring_data_actions};

static const struct tag_words ec2_tag_words = {
	.key = "Tag.N.Key",
	.value = "Tag.N.Value",
	.new_key = "TagSpecification.N.Tag.N.Key",
	.new_value = "TagSpecification.N.Tag.N.Value",
	.permission = "ec2:CreateTags",
	.create_key = "ec2:CreateAction",
};

static const struct tag_words elb_tag_words = {
	.key = "Tags.member.N.Key",
	.value = "Tags.member.N.Value",
	.new_key = "Tags.member.N.Key",
	.new_value = "Tags.member.N.Value",
	.permission = "elasticloadbalancing:AddTags",
	.create_key = "elasticloadbalancing:CreateAction",
};
static const struct action_table *const cloudtrail_tables[] = {&event_actions};

static const struct service services[] = {
	{
		.name = "ec2",
		.source = "ec2.amazonaws.com",
		.version = "2016-11-15",
		.namespace = "http://ec2.amazonaws.com/doc/2016-11-15/",
		.regional = true,
		.tag_words = &ec2_tag_words,
		.tables = ec2_tables,
		.table_count = ARRAY_SIZE(ec2_tables),
	},
	{
		.name = "sts",
		.source = "sts.amazonaws.com",
		.version = "2011-06-15",
		.namespace = "https://sts.amazonaws.com/doc/2011-06-15/",
		.open_to_hosts = true,
		.wraps_result = true,
		.errors = ERRORS_OF_STS,
		.tables = sts_tables,
		.table_count = ARRAY_SIZE(sts_tables),
	},
	{
		.name = "iam",
		.source = "iam.amazonaws.com",
		.version = "2010-05-08",
		.namespace = "https://iam.amazonaws.com/doc/2010-05-08/",
		.closed_to_sessions = true,
		.wraps_result = true,
		.errors = ERRORS_OF_STS,
		.tables = iam_tables,
		.table_count = ARRAY_SIZE(iam_tables),
	},
	{
		.name = "elasticloadbalancing",
		.source = "elasticloadbalancing.amazonaws.com",
		.version = "2015-12-01",
		.namespace = "http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/",
		.regional = true,
		.wraps_result = true,
		.errors = ERRORS_OF_ELB,
		.tag_words = &elb_tag_words,
		.tables = elb_tables,
		.table_count = ARRAY_SIZE(elb_tables),
	},
	{
		.name = "monitoring", /* CloudWatch; its permissions begin with "cloudwatch:". */
		.source = "monitoring.amazonaws.com",
		.version = "2010-08-01",
		.namespace = "http://monitoring.amazonaws.com/doc/2010-08-01/",
		.regional = true,
		.wraps_result = true,
		.errors = ERRORS_OF_MONITORING,
		.tables = monitoring_tables,
		.table_count = ARRAY_SIZE(monitoring_tables),
	},
	{
		.name = "cloudtrail",
		.source = "cloudtrail.amazonaws.com",
		.version = "2013-11-01",
		.namespace = "https://cloudtrail.amazonaws.com/doc/2013-11-01/",
		.regional = true,
		.wraps_result = true,
		.errors = ERRORS_OF_JSON,
		.target = "CloudTrail_20131101",
		.tables = cloudtrail_tables,
		.table_count = ARRAY_SIZE(cloudtrail_tables),
	},
};

static void append_service(struct text *text, const struct service *service);

const struct service *service_get(size_t index)
{
	return index < ARRAY_SIZE(services) ? &services[index] : NULL;
}

const struct service *service_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(services); i++)
		if (strcmp(services[i].name, name) == 0)
			return &services[i];
	return NULL;
}

const struct service *service_find_version(const char *version)
{
	for (size_t i = 0; i < ARRAY_SIZE(services); i++)
		if (strcmp(services[i].version, version) == 0)
			return &services[i];
	return NULL;
}

const struct service *service_find_target(const char *target, size_t length)
{
	for (size_t i = 0; i < ARRAY_SIZE(services); i++) {
		const char *name = services[i].target;
		size_t size = name ? strlen(name) : 0;

		if (name && length >= size && memcmp(target + length - size, name, size) == 0 &&
		    (length == size || target[length - size - 1] == '.'))
			return &services[i];
	}
	return NULL;
}

const struct action *service_find_action(const struct service *service, const char *name)
{
	for (size_t i = 0; i < service->table_count; i++) {
		const struct action_table *table = service->tables[i];

		for (size_t j = 0; j < table->count; j++)
			if (strcmp(table->rows[j].name, name) == 0)
				return &table->rows[j];
	}
	return NULL;
}

void actions_append_list(struct text *text)
{
	for (size_t i = 0; i < ARRAY_SIZE(services); i++)
		append_service(text, &services[i]);
}

static void append_service(struct text *text, const struct service *service)
{
	for (size_t i = 0; i < service->table_count; i++) {
		const struct action_table *table = service->tables[i];

		for (size_t j = 0; j < table->count; j++) {
			const struct action *action = &table->rows[j];

			text_printf(text, "%s %s", service->name, action->name);
			for (size_t k = 0; k < action->parameter_count; k++)
				text_printf(text, " %s%s", action->parameters[k].name,
					    action->parameters[k].required ? "*" : "");
			text_append_char(text, '\n');
		}
	}
}
