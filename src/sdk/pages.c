// SPDX-License-Identifier: Apache-2.0
/* Describe actions answer page by page; this makes one sequence of it.  All pages are kept, so that items can be
 * gathered and compared. */
#include "sdk/pages.h"

#include "sdk/client.h"
#include "sdk/request.h"
#include "sdk/response.h"

#include "base/array.h"

#include <errno.h>
#include <string.h>

struct tmirror_pages {
	struct tmirror_client *client; /* Borrowed. */
	struct tmirror_request *request;
	char *set;
	struct tmirror_response **responses;
	size_t response_count, response_capacity;
	const struct tmirror_node *item; /* The last one handed out of the last page. */
	bool complete;                   /* No further page exists. */
};

static int pages_turn(struct tmirror_pages *pages, struct tmirror_error *ret_error);

DEFINE_CLEANUP(struct tmirror_pages *, tmirror_pages_free)

int tmirror_pages_new(struct tmirror_client *client, const struct tmirror_request *request,
		      const char *set, struct tmirror_pages **ret_pages)
{
	_cleanup_(tmirror_pages_freep) struct tmirror_pages *pages = NULL;
	int r;

	pages = calloc(1, sizeof(*pages));
	if (!pages)
		return -ENOMEM;
	pages->client = client;
	pages->set = strdup(set);
	if (!pages->set)
		return -ENOMEM;
	r = request_copy(request, &pages->request);
	if (r < 0)
		return r;
	*ret_pages = TAKE_PTR(pages);
	return 0;
}

void tmirror_pages_free(struct tmirror_pages *pages)
{
	if (!pages)
		return;
	for (size_t i = 0; i < pages->response_count; i++)
		tmirror_response_free(pages->responses[i]);
	free(pages->responses);
	tmirror_request_free(pages->request);
	free(pages->set);
	free(pages);
}

int tmirror_pages_next(struct tmirror_pages *pages, const struct tmirror_node **ret_item,
		       struct tmirror_error *ret_error)
{
	const struct tmirror_node *item = tmirror_node_next(pages->item);

	/* A page may be empty although others follow. */
	while (!item && !pages->complete) {
		int r = pages_turn(pages, ret_error);

		if (r != 0)
			return r;
		item = pages->item;
	}
	pages->item = item;
	if (!item)
		return TMIRROR_END;
	*ret_item = item;
	return 0;
}

/* A server that hands out the same token twice would never end. */
int pages_ask_next(struct tmirror_request *request, const struct tmirror_node *result,
		   bool *ret_complete, struct tmirror_error *ret_error)
{
	const struct request_service *service = request->service;
	const char *token = NULL, *last;

	if (service->page_element)
		token = tmirror_node_text(result, service->page_element);
	if (!token || !token[0]) {
		*ret_complete = true;
		return 0;
	}
	last = request_get(request, service->page_parameter);
	if (last && strcmp(last, token) == 0)
		return error_set(ret_error, TMIRROR_UNUSABLE, "MalformedAnswer",
				 "the page after '%s' is that page again", token);
	return tmirror_request_set(request, service->page_parameter, token);
}

/* Fetches a page and points 'item' at its first, or NULL. */
static int pages_turn(struct tmirror_pages *pages, struct tmirror_error *ret_error)
{
	_cleanup_(tmirror_response_freep) struct tmirror_response *response = NULL;
	const struct tmirror_node *root;
	int r;

	r = tmirror_call(pages->client, pages->request, &response, ret_error);
	if (r != 0)
		return r;
	root = tmirror_response_root(response);
	r = pages_ask_next(pages->request, response_result(root, pages->request->service),
			   &pages->complete, ret_error);
	if (r != 0)
		return r;
	r = array_append(pages, responses, response_count, response_capacity, response);
	if (r < 0)
		return r;
	response = NULL;
	pages->item = tmirror_node_first(tmirror_node_find(root, pages->set));
	return 0;
}
