// SPDX-License-Identifier: Apache-2.0
/* Listeners of load balancers, as the API shows them. */
#include "control/listener.h"

#include "api/elb.h"

#include <stdio.h>
#include <string.h>

#define FORWARD "DefaultActions.member.N.ForwardConfig."

/* clang-format off */
#define LISTENER_PARAMETER \
	{"ListenerArn", PARAMETER_TEXT, .required = true, .names = &listener_resource}
/* What only listeners have that speak TLS is refused by 'tls_check'. */
#define SETTING_PARAMETERS \
	{"Protocol", PARAMETER_TEXT, .key = "elasticloadbalancing:ListenerProtocol"}, \
	{"Port", PARAMETER_NUMBER, .minimum = 1, .maximum = UINT16_MAX}, \
	{"DefaultActions.member.N.Type", PARAMETER_TEXT, .words = "forward"}, \
	{"DefaultActions.member.N.TargetGroupArn", PARAMETER_TEXT}, \
	{"DefaultActions.member.N.Order", PARAMETER_NUMBER, .minimum = 1, .maximum = 50000}, \
	{FORWARD "TargetGroups.member.N.TargetGroupArn", PARAMETER_TEXT}, \
	{FORWARD "TargetGroups.member.N.Weight", PARAMETER_NUMBER, .minimum = 1, .maximum = 999}, \
	{FORWARD "TargetGroupStickinessConfig.Enabled", PARAMETER_TEXT, .words = "false"}, \
	{"SslPolicy", PARAMETER_TEXT}, \
	{"Certificates.member.N.CertificateArn", PARAMETER_TEXT}, \
	{"AlpnPolicy.member.N", PARAMETER_TEXT}, \
	{"MutualAuthentication.Mode", PARAMETER_TEXT, .words = "off"}
/* clang-format on */

static const struct parameter create_parameters[] = {
	{"LoadBalancerArn", PARAMETER_TEXT, .required = true, .names = &balancer_resource},
	SETTING_PARAMETERS,
	ELB_TAG_PARAMETERS,
};

static const struct parameter describe_parameters[] = {
	{"LoadBalancerArn", PARAMETER_TEXT},
	{"ListenerArns.member.N", PARAMETER_TEXT},
	ELB_PAGE_PARAMETERS,
};

static const struct parameter modify_parameters[] = {LISTENER_PARAMETER, SETTING_PARAMETERS};

static const struct parameter delete_parameters[] = {LISTENER_PARAMETER};

static const struct parameter attribute_parameters[] = {
	{"ListenerArn", PARAMETER_TEXT, .required = true},
};

static const struct parameter modify_attribute_parameters[] = {
	LISTENER_PARAMETER,
	ELB_ATTRIBUTE_PARAMETERS,
};

static int create_listener(struct call *call, struct refusal *why);
static int describe_listeners(struct call *call, struct refusal *why);
static int modify_listener(struct call *call, struct refusal *why);
static int delete_listener(struct call *call, struct refusal *why);
static int describe_attributes(struct call *call, struct refusal *why);
static int modify_attributes(struct call *call, struct refusal *why);
static int get_wish(const struct call *call, struct listener_wish *ret_wish, struct refusal *why);
static int tls_check(const struct call *call, struct refusal *why);
static int get_group(const struct call *call, const char **ret_group, struct refusal *why);
static void write_listeners(struct call *call, const struct listener *items, size_t count);
static void write_listener(struct call *call, const struct listener *listener);
static void write_attributes(struct call *call, const struct listener *listener);

static const struct action actions[] = {
	ACTION("CreateListener", create_parameters, create_listener, .creates = &listener_resource),
	ACTION("DescribeListeners", describe_parameters, describe_listeners, .steady = true),
	ACTION("ModifyListener", modify_parameters, modify_listener),
	ACTION("DeleteListener", delete_parameters, delete_listener),
	ACTION("DescribeListenerAttributes", attribute_parameters, describe_attributes),
	ACTION("ModifyListenerAttributes", modify_attribute_parameters, modify_attributes),
};

const struct action_table listener_actions = {actions, ARRAY_SIZE(actions)};

static int create_listener(struct call *call, struct refusal *why)
{
	struct listener_wish wish = {};
	struct listener listener = {};
	int r;

	r = get_wish(call, &wish, why);
	if (r == 0)
		r = elb_get_tags(call, &wish.tags, &wish.tag_count, why);
	wish.balancer = call_get_text(call, "LoadBalancerArn");
	if (r == 0)
		r = control_create_listener(call->control, call->caller, &wish, &listener, why);
	if (r == 0)
		write_listeners(call, &listener, 1);
	return r;
}

static int describe_listeners(struct call *call, struct refusal *why)
{
	_cleanup_(listener_page_fini) struct listener_page page = {};
	const char *balancer = call_get_text(call, "LoadBalancerArn");
	struct query query = {};
	int r;

	r = elb_get_query(call, "ListenerArns.member.N", &query, why);
	if (r == 0 && !balancer == (query.id_count == 0))
		return refuse(why,
			      balancer ? REFUSE_PARAMETER_COMBINATION : REFUSE_PARAMETER_MISSING,
			      "You must specify either listener ARNs or a load balancer ARN");
	if (r == 0)
		r = control_describe_listeners(call->control, call->caller, balancer, &query, &page,
					       why);
	if (r != 0)
		return r;
	write_listeners(call, page.items, page.count);
	elb_write_next(call, page.next_token);
	return 0;
}

static int modify_listener(struct call *call, struct refusal *why)
{
	struct listener_wish wish = {};
	struct listener listener = {};
	int r;

	r = get_wish(call, &wish, why);
	if (r == 0)
		r = control_modify_listener(call->control, call->caller,
					    call_get_text(call, "ListenerArn"), &wish, &listener,
					    why);
	if (r == 0)
		write_listeners(call, &listener, 1);
	return r;
}

static int delete_listener(struct call *call, struct refusal *why)
{
	return control_delete_listener(call->control, call->caller,
				       call_get_text(call, "ListenerArn"), why);
}

static int describe_attributes(struct call *call, struct refusal *why)
{
	struct listener listener = {};
	int r = control_modify_listener_attributes(call->control, call->caller,
						   call_get_text(call, "ListenerArn"), NULL, 0,
						   &listener, why);

	if (r == 0)
		write_attributes(call, &listener);
	return r;
}

static int modify_attributes(struct call *call, struct refusal *why)
{
	const struct tag *attributes;
	struct listener listener = {};
	size_t count;
	int r;

	r = elb_get_attributes(call, &attributes, &count, why);
	if (r == 0)
		r = control_modify_listener_attributes(call->control, call->caller,
						       call_get_text(call, "ListenerArn"),
						       attributes, count, &listener, why);
	if (r == 0)
		write_attributes(call, &listener);
	return r;
}

static int get_wish(const struct call *call, struct listener_wish *ret_wish, struct refusal *why)
{
	struct listener_wish wish = {
		.protocol = call_get_text(call, "Protocol"),
		.port = call_get_number(call, "Port"),
	};
	int r;

	r = tls_check(call, why);
	if (r == 0)
		r = get_group(call, &wish.group, why);
	if (r == 0)
		*ret_wish = wish;
	return r;
}

static int tls_check(const struct call *call, struct refusal *why)
{
	static const char *const names[] = {"SslPolicy", "Certificates.member.N.CertificateArn",
					    "AlpnPolicy.member.N"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (call_get_text(call, names[i]))
			return refuse(why, REFUSE_CONFIGURATION,
				      "%.*s is for listeners that speak TLS, and copies come by "
				      "UDP",
				      (int)strcspn(names[i], "."), names[i]);
	return 0;
}

/* The group of the one action, which may be named in either of two places, or in both. */
static int get_group(const struct call *call, const char **ret_group, struct refusal *why)
{
	const char *const *direct, *const *forwarded;
	size_t type_count, direct_count, forwarded_count;

	(void)arguments_get_list(&call->arguments, "DefaultActions.member.N.Type", &type_count);
	direct = arguments_get_texts(&call->arguments, "DefaultActions.member.N.TargetGroupArn",
				     &direct_count);
	forwarded = arguments_get_texts(
		&call->arguments, FORWARD "TargetGroups.member.N.TargetGroupArn", &forwarded_count);
	if (direct_count + forwarded_count > 0 && type_count == 0)
		return refuse(why, REFUSE_PARAMETER_MISSING,
			      "The request must contain the parameter "
			      "DefaultActions.member.1.Type");
	if (type_count > 1 || direct_count > 1 || forwarded_count > 1)
		return refuse(why, REFUSE_CONFIGURATION,
			      "A listener has one default action, which forwards to one target "
			      "group");
	if (direct_count + forwarded_count == 2 && strcmp(direct[0], forwarded[0]) != 0)
		return refuse(why, REFUSE_PARAMETER_COMBINATION,
			      "TargetGroupArn and ForwardConfig name different target groups");
	if (direct_count + forwarded_count > 0)
		*ret_group = direct_count > 0 ? direct[0] : forwarded[0];
	return 0;
}

static void write_listeners(struct call *call, const struct listener *items, size_t count)
{
	xml_open(call->xml, "Listeners");
	for (size_t i = 0; i < count; i++)
		write_listener(call, &items[i]);
	xml_close(call->xml, "Listeners");
}

static void write_listener(struct call *call, const struct listener *listener)
{
	xml_open(call->xml, "member");
	xml_text(call->xml, "ListenerArn", listener->arn.text);
	xml_text(call->xml, "LoadBalancerArn", listener->balancer.text);
	if (listener->protocol != LISTENER_EVERYTHING) {
		xml_number(call->xml, "Port", listener->port);
		xml_text(call->xml, "Protocol", listener_protocol_name(listener->protocol));
	}
	xml_open(call->xml, "DefaultActions");
	xml_open(call->xml, "member");
	xml_text(call->xml, "Type", "forward");
	xml_text(call->xml, "TargetGroupArn", listener->group.text);
	xml_open(call->xml, "ForwardConfig");
	xml_open(call->xml, "TargetGroups");
	xml_open(call->xml, "member");
	xml_text(call->xml, "TargetGroupArn", listener->group.text);
	xml_close(call->xml, "member");
	xml_close(call->xml, "TargetGroups");
	xml_close(call->xml, "ForwardConfig");
	xml_close(call->xml, "member");
	xml_close(call->xml, "DefaultActions");
	xml_close(call->xml, "member");
}

static void write_attributes(struct call *call, const struct listener *listener)
{
	char seconds[16];

	(void)snprintf(seconds, sizeof(seconds), "%u", listener->tcp_idle);
	xml_open(call->xml, "Attributes");
	elb_write_pair(call, LISTENER_IDLE_KEY, seconds);
	xml_close(call->xml, "Attributes");
}
