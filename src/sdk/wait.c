// SPDX-License-Identifier: Apache-2.0
/* Asking until the answer is the one that was wished for.
 *
 * The world is looked at as a whole each time, so nothing is remembered between two looks but how long to pause. */
#include "base/clock.h"
#include "base/count.h"
#include "base/random.h"
#include "sdk/client.h"
#include "sdk/request.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define WAIT_TIMEOUT_DEFAULT 300000 /* Milliseconds. */
#define WAIT_PAUSE_FIRST     200    /* Milliseconds; grows by a half with each look. */
#define WAIT_PAUSE_MAX       5000   /* Milliseconds. */
#define WAIT_AGAIN           (TMIRROR_UNFULFILLED + 1) /* Not seen by callers. */

/* A milestone is a question and the answer that it waits for. */
struct milestone {
	const char *action;
	const char *parameter;
	struct tmirror_condition condition;
};

/* What one look showed. */
struct sight {
	size_t count;
	bool missed, failed;
	char last[128]; /* The value that is not, or not any more, as wished. */
};

static int look(struct tmirror_client *client, const struct tmirror_request *request,
		const struct tmirror_condition *condition, struct sight *ret_sight,
		struct tmirror_error *ret_error);
static void sight_add(struct sight *sight, const struct tmirror_condition *condition,
		      const struct tmirror_node *item);
static bool is_not_found(const struct tmirror_error *error);
static int judge(const struct tmirror_condition *condition, const struct sight *sight,
		 struct tmirror_error *ret_error);

DEFINE_CLEANUP(struct tmirror_pages *, tmirror_pages_free)

static const struct milestone milestones[] = {
	[TMIRROR_SESSION_ACTIVE] = {"DescribeTrafficMirrorSessionStatus",
				    "TrafficMirrorSessionId.1",
				    {.set = "trafficMirrorSessionStatusSet",
				     .path = "state",
				     .value = "active"}},
	[TMIRROR_HOST_CONNECTED] = {"DescribeTrafficMirrorHosts",
				    "HostName.1",
				    {.set = "trafficMirrorHostSet",
				     .path = "connected",
				     .value = "true"}},
	[TMIRROR_TARGETS_IN_SERVICE] = {"elasticloadbalancing:DescribeTargetHealth",
					"TargetGroupArn",
					{.set = "DescribeTargetHealthResult/"
						"TargetHealthDescriptions",
					 .path = "TargetHealth/State",
					 .value = "healthy"}},
	[TMIRROR_LOAD_BALANCER_AVAILABLE] = {"elasticloadbalancing:DescribeLoadBalancers",
					     "LoadBalancerArns.member.1",
					     {.set = "DescribeLoadBalancersResult/LoadBalancers",
					      .path = "State/Code",
					      .value = "active",
					      .failure = "failed"}},
	[TMIRROR_LOAD_BALANCER_DELETED] = {"elasticloadbalancing:DescribeLoadBalancers",
					   "LoadBalancerArns.member.1",
					   {.set = "DescribeLoadBalancersResult/LoadBalancers"}},
	[TMIRROR_ENDPOINT_AVAILABLE] = {"DescribeVpcEndpoints",
					"VpcEndpointId.1",
					{.set = "vpcEndpointSet",
					 .path = "state",
					 .value = "available",
					 .failure = "rejected"}},
	[TMIRROR_ENDPOINT_DELETED] = {"DescribeVpcEndpoints",
				      "VpcEndpointId.1",
				      {.set = "vpcEndpointSet"}},
};

int tmirror_wait(struct tmirror_client *client, const struct tmirror_request *request,
		 const struct tmirror_condition *condition, struct tmirror_error *ret_error)
{
	unsigned int timeout = condition->timeout_milliseconds ? condition->timeout_milliseconds
							       : WAIT_TIMEOUT_DEFAULT;
	uint64_t deadline = clock_monotonic() + timeout * NSEC_PER_MSEC;

	for (unsigned int pause = WAIT_PAUSE_FIRST;;
	     pause = MIN(pause + pause / 2, (unsigned int)WAIT_PAUSE_MAX)) {
		struct sight sight = {};
		unsigned int rest;
		int r;

		r = look(client, request, condition, &sight, ret_error);
		if (r == 0)
			r = judge(condition, &sight, ret_error);
		if (r != WAIT_AGAIN)
			return r;
		/* Those who wait for the same thing should not all ask at the same moment. */
		rest = pause / 2 + (unsigned int)(random_number() % (pause / 2 + 1));
		if (clock_monotonic() + rest * NSEC_PER_MSEC >= deadline)
			return error_set(ret_error, TMIRROR_UNFULFILLED, "TimedOut",
					 "after %u ms %s", timeout,
					 sight.count > 0 ? sight.last : "there is nothing");
		client_pause(client, rest);
	}
}

int tmirror_wait_for(struct tmirror_client *client, enum tmirror_milestone milestone,
		     const char *name, unsigned int timeout_milliseconds,
		     struct tmirror_error *ret_error)
{
	_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;
	struct tmirror_condition condition;
	int r;

	if ((size_t)milestone >= ARRAY_SIZE(milestones))
		return -EINVAL;
	r = tmirror_request_new(milestones[milestone].action, &request);
	if (r == 0)
		r = tmirror_request_set(request, milestones[milestone].parameter, name);
	if (r < 0)
		return r;
	condition = milestones[milestone].condition;
	condition.timeout_milliseconds = timeout_milliseconds;
	return tmirror_wait(client, request, &condition, ret_error);
}

static int look(struct tmirror_client *client, const struct tmirror_request *request,
		const struct tmirror_condition *condition, struct sight *ret_sight,
		struct tmirror_error *ret_error)
{
	_cleanup_(tmirror_pages_freep) struct tmirror_pages *pages = NULL;
	const struct tmirror_node *item;
	struct tmirror_error error = {};
	int r;

	r = tmirror_pages_new(client, request, condition->set, &pages);
	while (r == 0 && (r = tmirror_pages_next(pages, &item, &error)) == 0)
		sight_add(ret_sight, condition, item);
	if (r == TMIRROR_END || (r == TMIRROR_REFUSED && !condition->value && is_not_found(&error)))
		return 0;
	if (ret_error)
		*ret_error = error;
	return r;
}

static void sight_add(struct sight *sight, const struct tmirror_condition *condition,
		      const struct tmirror_node *item)
{
	const char *value = condition->value ? tmirror_node_text(item, condition->path) : NULL;

	sight->count++;
	if (condition->value && value && strcmp(value, condition->value) == 0)
		return;
	if (sight->failed)
		return;
	sight->missed = true;
	sight->failed = value && condition->failure && strcmp(value, condition->failure) == 0;
	if (condition->value)
		(void)snprintf(sight->last, sizeof(sight->last), "'%s' is '%s'", condition->path,
			       value ? value : "");
	else
		(void)strcpy(sight->last, "it is still there");
}

/* EC2 says "InvalidVpcEndpointId.NotFound", load balancing "LoadBalancerNotFound". */
static bool is_not_found(const struct tmirror_error *error)
{
	static const char end[] = "NotFound";
	size_t length = strlen(error->code);

	return length >= strlen(end) && strcmp(error->code + length - strlen(end), end) == 0;
}

static int judge(const struct tmirror_condition *condition, const struct sight *sight,
		 struct tmirror_error *ret_error)
{
	if (sight->failed)
		return error_set(ret_error, TMIRROR_UNFULFILLED, "Failed", "%s", sight->last);
	if (!condition->value)
		return sight->count == 0 ? 0 : WAIT_AGAIN;
	return sight->count > 0 && !sight->missed ? 0 : WAIT_AGAIN;
}
