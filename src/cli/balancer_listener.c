// SPDX-License-Identifier: Apache-2.0
/* Listeners of load balancers.  People know one by its load balancer and port, as in "sensors:4789". */
#include "base/count.h"
#include "cli/balancer.h"
#include "cli/group.h"
#include "cli/noun.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define SERVICE       "elasticloadbalancing:"
#define LISTENER_WORD "LISTENER"
#define IDLE_KEY      "tcp.idle_timeout.seconds"
#define PORT_DEFAULT  "4789" /* Where copies go. */
#define WORD_SIZE     32

static command_function listener_list, listener_show, listener_create, listener_modify,
	listener_delete;
static int listener_find(struct invocation *invocation, const char *name, char **ret_arn);
static int find_on(struct invocation *invocation, const char *balancer, const char *port,
		   char **ret_arn);
static bool is_gateway(const char *arn);
static int setting_fill(struct invocation *invocation, struct tmirror_request *request);
static int call(struct invocation *invocation, const char *action, const char *arn);
static int idle_change(struct invocation *invocation, const char *arn);
static int show(struct invocation *invocation, const char *arn);
static void upper(const char *word, char ret_word[WORD_SIZE]);
static void write_group(const struct tmirror_node *node, struct text *cell);

static const struct column columns[] = {
	{.title = "PROTOCOL", .path = "Protocol"},
	{.title = "PORT", .path = "Port", .numeric = true},
	{.title = "GROUP", .write = write_group},
	{.title = "ARN", .path = "ListenerArn"},
	{.title = "LOAD BALANCER", .path = "LoadBalancerArn", .detail = true},
};

const struct columns listener_columns = ROWS(columns);

/* clang-format off */
#define LISTENER_ROW \
	{.name = LISTENER_WORD, .help = "BALANCER:PORT, a gateway's BALANCER, or an ARN", \
	 .word = true, .required = true, .form = FORM_OWN}
#define SETTING_ROWS \
	{.name = "port", .value = "PORT", .help = "Where copies go; 4789 if not given at first", \
	 .form = FORM_OWN}, \
	{.name = "protocol", .value = "PROTOCOL", .form = FORM_OWN, \
	 .help = "udp (which it is if not given at first) or tcp_udp"}
#define IDLE_ROW \
	{.name = "tcp-idle", .value = "SECONDS", .form = FORM_OWN, \
	 .help = "When a TCP connection that is idle may go to another appliance, 60 to 6000"}
/* clang-format on */

static const struct argument_row list_rows[] = {
	{.name = BALANCER_WORD,
	 .help = "The load balancer, by its name or ARN",
	 .word = true,
	 .required = true,
	 .form = FORM_OWN},
};

static const struct argument_row show_rows[] = {LISTENER_ROW};

static const struct argument_row create_rows[] = {
	{.name = BALANCER_WORD,
	 .help = "The load balancer, by its name or ARN",
	 .word = true,
	 .required = true,
	 .form = FORM_OWN},
	{.name = GROUP_WORD,
	 .help = "The target group to forward to, by its name or ARN",
	 .word = true,
	 .required = true,
	 .form = FORM_OWN},
	SETTING_ROWS,
	IDLE_ROW,
	SET_TAG_ROW,
};

static const struct argument_row modify_rows[] = {
	LISTENER_ROW,
	{.name = "group",
	 .value = GROUP_WORD,
	 .help = "Forward to this target group",
	 .form = FORM_OWN},
	SETTING_ROWS,
	IDLE_ROW,
	SET_TAG_ROW,
	REMOVE_TAG_ROW,
};

static const struct argument_row delete_rows[] = {
	{.name = LISTENER_WORD,
	 .help = "BALANCER:PORT, gateways' BALANCER, or ARNs",
	 .word = true,
	 .required = true,
	 .form = FORM_OWN,
	 .repeated = true},
};

static const struct command rows[] = {
	{"listener", "list", "List the listeners of a load balancer", NULL, ROWS(list_rows),
	 listener_list},
	{"listener", "show", "Show a listener", NULL, ROWS(show_rows), listener_show},
	{"listener", "create", "Let a load balancer forward to a target group; prints the ARN",
	 "Copies go to the listener on their port: 4789, unless a session says otherwise.  A "
	 "gateway's listener is for all ports.",
	 ROWS(create_rows), listener_create},
	{"listener", "modify", "Change a listener", NULL, ROWS(modify_rows), listener_modify},
	{"listener", "delete", "Delete listeners", NULL, ROWS(delete_rows), listener_delete},
};

const struct commands listener_commands = ROWS(rows);

int listeners_describe(struct invocation *invocation, const char *balancer,
		       struct tmirror_pages **ret_pages)
{
	_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;
	int r = tmirror_request_new(SERVICE "DescribeListeners", &request);

	if (r == 0)
		r = tmirror_request_set(request, "LoadBalancerArn", balancer);
	return r != 0 ? r
		      : tmirror_pages_new(invocation->client, request,
					  "DescribeListenersResult/Listeners", ret_pages);
}

static int listener_list(struct invocation *invocation)
{
	_cleanup_(tmirror_pages_freep) struct tmirror_pages *pages = NULL;
	_cleanup_free_ char *balancer = NULL;
	int r = balancer_find(invocation, &balancer);

	if (r == 0)
		r = listeners_describe(invocation, balancer, &pages);
	return r != 0 ? r : output_items(invocation, pages, &listener_columns);
}

static int listener_show(struct invocation *invocation)
{
	_cleanup_free_ char *arn = NULL;
	int r = listener_find(invocation, invocation_get(invocation, LISTENER_WORD), &arn);

	return r != 0 ? r : show(invocation, arn);
}

static int listener_create(struct invocation *invocation)
{
	_cleanup_(tmirror_response_freep) struct tmirror_response *response = NULL;
	_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;
	_cleanup_free_ char *balancer = NULL, *group = NULL;
	const char *arn;
	int r;

	r = balancer_find(invocation, &balancer);
	if (r == 0)
		r = group_find(invocation, &group);
	if (r == 0)
		r = tmirror_request_new(SERVICE "CreateListener", &request);
	if (r == 0)
		r = tmirror_request_set(request, "LoadBalancerArn", balancer);
	if (r == 0 && !is_gateway(balancer))
		r = tmirror_request_set(request, "Port", PORT_DEFAULT);
	if (r == 0 && !is_gateway(balancer))
		r = tmirror_request_set(request, "Protocol", "UDP");
	if (r == 0)
		r = setting_fill(invocation, request);
	if (r == 0)
		r = tmirror_request_set(request, "DefaultActions.member.1.Type", "forward");
	if (r == 0)
		r = tmirror_request_set(request, "DefaultActions.member.1.TargetGroupArn", group);
	if (r == 0)
		r = arn_fill_pairs(invocation, "tag", "Tags", request);
	if (r == 0)
		r = invocation_call(invocation, request, &response);
	if (r != 0)
		return r;
	arn = tmirror_node_text(tmirror_response_root(response),
				"CreateListenerResult/Listeners/member/ListenerArn");
	if (!arn)
		return -EPROTO;
	r = idle_change(invocation, arn);
	if (r != 0)
		return r;
	if (invocation->json)
		return show(invocation, arn);
	return puts(arn) < 0 ? -EIO : 0;
}

static int listener_modify(struct invocation *invocation)
{
	static const char *const settings[] = {"group", "port", "protocol"};
	static const char *const others[] = {"tcp-idle", "tag", "untag"};
	_cleanup_free_ char *arn = NULL;
	bool set = false, other = false;
	int r;

	for (size_t i = 0; i < ARRAY_SIZE(settings); i++)
		set = set || arguments_has(&invocation->arguments, settings[i]);
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		other = other || arguments_has(&invocation->arguments, others[i]);
	if (!set && !other)
		return invocation_misused(invocation, "nothing is to be changed");
	r = listener_find(invocation, invocation_get(invocation, LISTENER_WORD), &arn);
	if (r == 0 && set)
		r = call(invocation, SERVICE "ModifyListener", arn);
	if (r == 0)
		r = idle_change(invocation, arn);
	if (r == 0)
		r = arn_change_tags(invocation, arn);
	return r == 0 && invocation->json ? show(invocation, arn) : r;
}

static int listener_delete(struct invocation *invocation)
{
	const struct argument *name = NULL;
	int r = 0;

	while (r == 0 && (name = arguments_next(&invocation->arguments, LISTENER_WORD, name))) {
		_cleanup_free_ char *arn = NULL;

		r = listener_find(invocation, name->value, &arn);
		if (r == 0)
			r = call(invocation, SERVICE "DeleteListener", arn);
	}
	return r;
}

/* By ARN, by load balancer and port, or by the load balancer alone, if that has one listener only. */
static int listener_find(struct invocation *invocation, const char *name, char **ret_arn)
{
	_cleanup_free_ char *balancer = NULL, *named = NULL;
	const char *port;
	int r;

	if (strncmp(name, "arn:", strlen("arn:")) == 0) {
		*ret_arn = strdup(name);
		return *ret_arn ? 0 : -ENOMEM;
	}
	port = strrchr(name, ':');
	named = port ? strndup(name, (size_t)(port - name)) : strdup(name);
	if (!named)
		return -ENOMEM;
	r = arn_find(invocation, &balancer_kind, named, &balancer);
	return r != 0 ? r : find_on(invocation, balancer, port ? port + 1 : NULL, ret_arn);
}

static int find_on(struct invocation *invocation, const char *balancer, const char *port,
		   char **ret_arn)
{
	_cleanup_(tmirror_pages_freep) struct tmirror_pages *pages = NULL;
	_cleanup_free_ char *found = NULL;
	const struct tmirror_node *item;
	size_t count = 0;
	int r = listeners_describe(invocation, balancer, &pages);

	while (r == 0 && (r = tmirror_pages_next(pages, &item, &invocation->error)) == 0) {
		const char *own = tmirror_node_text(item, "Port");
		const char *arn = tmirror_node_text(item, "ListenerArn");

		if (port && (!own || strcmp(own, port) != 0))
			continue;
		count++;
		free(found);
		found = arn ? strdup(arn) : NULL;
		if (!found)
			return arn ? -ENOMEM : -EPROTO;
	}
	if (r != TMIRROR_END)
		return r;
	if (count == 0)
		return invocation_refused(invocation, "ListenerNotFound", "%s has no listener%s%s",
					  balancer, port ? " on port " : "", port ? port : "");
	if (count > 1)
		return invocation_misused(invocation, "%s has %zu listeners: say BALANCER:PORT",
					  balancer, count);
	*ret_arn = TAKE_PTR(found);
	return 0;
}

static bool is_gateway(const char *arn)
{
	return strstr(arn, ":loadbalancer/gwy/") != NULL;
}

static int setting_fill(struct invocation *invocation, struct tmirror_request *request)
{
	const char *port = invocation_get(invocation, "port");
	const char *protocol = invocation_get(invocation, "protocol");
	char word[WORD_SIZE];
	int r = 0;

	if (port)
		r = tmirror_request_set(request, "Port", port);
	if (r != 0 || !protocol)
		return r;
	upper(protocol, word);
	return tmirror_request_set(request, "Protocol", word);
}

/* With what the command's options say of the listener. */
static int call(struct invocation *invocation, const char *action, const char *arn)
{
	_cleanup_(tmirror_response_freep) struct tmirror_response *response = NULL;
	_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;
	const char *name = invocation_get(invocation, "group");
	_cleanup_free_ char *group = NULL;
	int r = tmirror_request_new(action, &request);

	if (r == 0)
		r = tmirror_request_set(request, "ListenerArn", arn);
	if (r == 0)
		r = setting_fill(invocation, request);
	if (r == 0 && name) {
		r = arn_find(invocation, &group_kind, name, &group);
		if (r == 0)
			r = tmirror_request_set(request, "DefaultActions.member.1.Type", "forward");
		if (r == 0)
			r = tmirror_request_set(request, "DefaultActions.member.1.TargetGroupArn",
						group);
	}
	return r != 0 ? r : invocation_call(invocation, request, &response);
}

static int idle_change(struct invocation *invocation, const char *arn)
{
	_cleanup_(tmirror_response_freep) struct tmirror_response *response = NULL;
	_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;
	const char *seconds = invocation_get(invocation, "tcp-idle");
	int r;

	if (!seconds)
		return 0;
	r = tmirror_request_new(SERVICE "ModifyListenerAttributes", &request);
	if (r == 0)
		r = tmirror_request_set(request, "ListenerArn", arn);
	if (r == 0)
		r = tmirror_request_set(request, "Attributes.member.1.Key", IDLE_KEY);
	if (r == 0)
		r = tmirror_request_set(request, "Attributes.member.1.Value", seconds);
	return r != 0 ? r : invocation_call(invocation, request, &response);
}

static int show(struct invocation *invocation, const char *arn)
{
	_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;
	_cleanup_(tmirror_pages_freep) struct tmirror_pages *pages = NULL;
	const struct tmirror_node *item;
	int r;

	r = tmirror_request_new(SERVICE "DescribeListeners", &request);
	if (r == 0)
		r = tmirror_request_append(request, "ListenerArns.member", arn);
	if (r == 0)
		r = tmirror_pages_new(invocation->client, request,
				      "DescribeListenersResult/Listeners", &pages);
	if (r == 0)
		r = tmirror_pages_next(pages, &item, &invocation->error);
	if (r != 0)
		return r == TMIRROR_END ? -EPROTO : r;
	return output_object(invocation, item, &listener_columns);
}

/* As AWS writes protocols; what does not fit is for the API to refuse. */
static void upper(const char *word, char ret_word[WORD_SIZE])
{
	size_t length = strnlen(word, WORD_SIZE - 1);

	for (size_t i = 0; i < length; i++)
		ret_word[i] = (char)toupper((unsigned char)word[i]);
	ret_word[length] = '\0';
}

/* The name out of "…:targetgroup/NAME/DIGITS". */
static void write_group(const struct tmirror_node *node, struct text *cell)
{
	const char *arn = tmirror_node_text(node, "DefaultActions/member/TargetGroupArn");
	const char *name = arn ? strchr(arn, '/') : NULL;

	if (name)
		text_append_bytes(cell, name + 1, strcspn(name + 1, "/"));
}
