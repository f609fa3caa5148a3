// SPDX-License-Identifier: Apache-2.0
/* Copies what an interface receives to a sensor, waits until copies flow, and lists all sessions.
 *
 *	cc example.c $(pkg-config --cflags --libs tmirror) -o example
 *	. /var/lib/tmirror/credentials.env
 *	./example eni-OF-THE-SOURCE eni-OF-THE-SENSOR */
#include <stdio.h>
#include <tmirror_actions.h>

static int make_target(struct tmirror_client *client, const char *sensor,
		       struct tmirror_create_traffic_mirror_target_output **ret_output,
		       struct tmirror_error *ret_error)
{
	const struct tmirror_create_traffic_mirror_target_input input = {
		.network_interface_id = sensor,
	};

	return tmirror_create_traffic_mirror_target(client, &input, ret_output, ret_error);
}

/* A filter that accepts all that comes in. */
static int make_filter(struct tmirror_client *client,
		       struct tmirror_create_traffic_mirror_filter_output **ret_output,
		       struct tmirror_error *ret_error)
{
	struct tmirror_create_traffic_mirror_filter_rule_input input = {
		.traffic_direction = "ingress",
		.rule_number = tmirror_given(1),
		.rule_action = "accept",
		.destination_cidr_block = "0.0.0.0/0",
		.source_cidr_block = "0.0.0.0/0",
	};
	struct tmirror_create_traffic_mirror_filter_rule_output *rule = NULL;
	int r;

	r = tmirror_create_traffic_mirror_filter(client, NULL, ret_output, ret_error);
	if (r != 0)
		return r;
	input.traffic_mirror_filter_id =
		(*ret_output)->traffic_mirror_filter.traffic_mirror_filter_id;
	r = tmirror_create_traffic_mirror_filter_rule(client, &input, &rule, ret_error);
	tmirror_output_free(rule);
	return r;
}

static int make_session(struct tmirror_client *client, const char *source, const char *target,
			const char *filter, struct tmirror_error *ret_error)
{
	const struct tmirror_tag_input tag = {.key = "made-by", .value = "example"};
	const struct tmirror_tag_specification tags = {
		.resource_type = "traffic-mirror-session",
		.tags = {&tag, 1},
	};
	const struct tmirror_create_traffic_mirror_session_input input = {
		.network_interface_id = source,
		.traffic_mirror_target_id = target,
		.traffic_mirror_filter_id = filter,
		.session_number = tmirror_given(1),
		.tag_specifications = {&tags, 1},
	};
	struct tmirror_create_traffic_mirror_session_output *output = NULL;
	const char *session;
	int r;

	r = tmirror_create_traffic_mirror_session(client, &input, &output, ret_error);
	if (r != 0)
		return r;
	session = output->traffic_mirror_session.traffic_mirror_session_id;
	printf("made %s\n", session);
	r = tmirror_wait_for(client, TMIRROR_SESSION_ACTIVE, session, 3000, ret_error);
	if (r == TMIRROR_UNFULFILLED) {
		printf("not yet: %s\n", ret_error->message);
		r = 0;
	}
	tmirror_output_free(output);
	return r;
}

static int list_sessions(struct tmirror_client *client, struct tmirror_error *ret_error)
{
	struct tmirror_describe_traffic_mirror_sessions_output *output = NULL;
	int r;

	r = tmirror_describe_traffic_mirror_sessions_all(client, NULL, &output, ret_error);
	for (size_t i = 0; r == 0 && i < output->traffic_mirror_session_set.count; i++) {
		const struct tmirror_traffic_mirror_session *session =
			&output->traffic_mirror_session_set.items[i];

		printf("%s number %lld of %s\n", session->traffic_mirror_session_id,
		       (long long)session->session_number.value, session->network_interface_id);
	}
	tmirror_output_free(output);
	return r;
}

int main(int argc, char **argv)
{
	struct tmirror_create_traffic_mirror_target_output *target = NULL;
	struct tmirror_create_traffic_mirror_filter_output *filter = NULL;
	struct tmirror_client *client = NULL;
	struct tmirror_error error = {0};
	int r;

	if (argc != 3) {
		fprintf(stderr, "usage: %s SOURCE SENSOR\n", argv[0]);
		return 2;
	}
	r = tmirror_client_new(NULL, &client, &error);
	if (r == 0)
		r = make_target(client, argv[2], &target, &error);
	if (r == 0)
		r = make_filter(client, &filter, &error);
	if (r == 0)
		r = make_session(client, argv[1],
				 target->traffic_mirror_target.traffic_mirror_target_id,
				 filter->traffic_mirror_filter.traffic_mirror_filter_id, &error);
	if (r == 0)
		r = list_sessions(client, &error);
	if (r != 0)
		fprintf(stderr, "%d %s: %s\n", r, error.code, error.message);
	tmirror_output_free(filter);
	tmirror_output_free(target);
	tmirror_client_free(client);
	return r == 0 ? 0 : 1;
}
