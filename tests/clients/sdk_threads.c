// SPDX-License-Identifier: Apache-2.0
/* Eight threads with a client each call and wait at once; a ninth is aborted by the first thread while it waits for what
 * does not come. */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <time.h>
#include <tmirror_actions.h>

#define THREADS 8
#define CALLS   40

static void *call_often(void *context)
{
	int *answers = context;
	struct tmirror_client *client = NULL;
	struct tmirror_error error;

	if (tmirror_client_new(NULL, &client, &error) != 0)
		return NULL;
	for (int i = 0; i < CALLS; i++) {
		struct tmirror_describe_traffic_mirror_filters_output *output = NULL;

		if (tmirror_describe_traffic_mirror_filters_all(client, NULL, &output, &error) == 0)
			*answers += output->traffic_mirror_filter_set.count == 1;
		else
			fprintf(stderr, "%s: %s\n", error.code, error.message);
		tmirror_output_free(output);
	}
	tmirror_client_free(client);
	return NULL;
}

/* There is a filter, and it will never have that description. */
static void *wait_in_vain(void *context)
{
	const struct tmirror_condition condition = {
		.set = "trafficMirrorFilterSet", .path = "description", .value = "none"};
	struct tmirror_request *request = NULL;
	struct tmirror_error error;
	static int result;

	result = tmirror_request_new("DescribeTrafficMirrorFilters", &request);
	if (result == 0)
		result = tmirror_wait(context, request, &condition, &error);
	tmirror_request_free(request);
	return &result;
}

int main(void)
{
	const struct timespec moment = {.tv_nsec = 300000000};
	pthread_t threads[THREADS], waiter;
	struct tmirror_client *client = NULL;
	struct tmirror_error error = {0};
	int answers[THREADS] = {0}, sum = 0;
	void *result = NULL;

	if (tmirror_client_new(NULL, &client, &error) != 0) {
		fprintf(stderr, "%s: %s\n", error.code, error.message);
		return 1;
	}
	pthread_create(&waiter, NULL, wait_in_vain, client);
	for (int i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, call_often, &answers[i]);
	for (int i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		sum += answers[i];
	}
	/* It waits at whatever point it is now. */
	nanosleep(&moment, NULL);
	tmirror_client_abort(client);
	pthread_join(waiter, &result);
	tmirror_client_free(client);
	printf("%d threads, %d answers, %d aborted\n", THREADS, sum, *(int *)result == -ECANCELED);
	return 0;
}
