// SPDX-License-Identifier: Apache-2.0
/* What somebody writes against libtmirror: knows tmirror.h and nothing else.  Lists the ids of all filters. */
#include <stdio.h>
#include <tmirror.h>

int main(void)
{
	const struct tmirror_options options = {.attempts = 2, .timeout_milliseconds = 5000};
	struct tmirror_error error = {0};
	struct tmirror_client *client = NULL;
	struct tmirror_request *request = NULL;
	struct tmirror_pages *pages = NULL;
	const struct tmirror_node *filter;
	int r;

	r = tmirror_client_new(&options, &client, &error);
	if (r == 0)
		r = tmirror_request_new("DescribeTrafficMirrorFilters", &request);
	if (r == 0)
		r = tmirror_request_set(request, "MaxResults", "5");
	if (r == 0)
		r = tmirror_pages_new(client, request, "trafficMirrorFilterSet", &pages);
	while (r == 0 && (r = tmirror_pages_next(pages, &filter, &error)) == 0)
		puts(tmirror_node_text(filter, "trafficMirrorFilterId"));
	if (r != TMIRROR_END)
		fprintf(stderr, "%d %d %s: %s\n", r, error.status, error.code, error.message);
	tmirror_pages_free(pages);
	tmirror_request_free(request);
	tmirror_client_free(client);
	return r == TMIRROR_END ? 0 : 1;
}
