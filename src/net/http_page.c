// SPDX-License-Identifier: Apache-2.0
#include "net/http_page.h"

#include "base/refusal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define CONNECTIONS_MAX 16

struct http_page {
	struct http_page_options options;
	struct http_server *server;
};

static size_t limit_body(void *context, const struct http_request *request);
static int handle(void *context, const struct http_request *request, struct http_reply *reply);

int http_page_open(const struct http_page_options *options, struct http_page **ret_page,
		   struct refusal *why)
{
	_cleanup_(http_page_closep) struct http_page *page = calloc(1, sizeof(*page));
	const struct http_server_options server = {
		.address = options->address,
		.port = options->port,
		.threads = 1,
		.connections = CONNECTIONS_MAX,
		.connections_per_address = CONNECTIONS_MAX / 2,
		.handler = {page, limit_body, handle},
	};
	int r;

	if (!page)
		return -ENOMEM;
	page->options = *options;
	r = http_server_open(&server, &page->server, why);
	if (r == 0)
		r = http_server_start(page->server);
	if (r != 0)
		return r;
	*ret_page = TAKE_PTR(page);
	return 0;
}

void http_page_close(struct http_page *page)
{
	if (!page)
		return;
	if (page->server)
		http_server_close(page->server);
	free(page);
}

uint16_t http_page_port(const struct http_page *page)
{
	return http_server_port(page->server);
}

static size_t limit_body(void *context, const struct http_request *request)
{
	(void)context;
	(void)request;
	return 0;
}

static int handle(void *context, const struct http_request *request, struct http_reply *reply)
{
	struct http_page *page = context;
	int r;

	reply->status = 404;
	if (strcmp(request->path, page->options.path) != 0)
		return 0;
	reply->status = 405;
	if (strcmp(request->method, "GET") != 0)
		return 0;
	r = page->options.write(page->options.context, &reply->body);
	reply->status = r == -EAGAIN ? 503 : 200;
	if (r < 0 && r != -EAGAIN)
		return r;
	if (reply->body.failed)
		return -ENOMEM;
	if (r == 0)
		http_reply_add_header(reply, "Content-Type", page->options.type);
	return 0;
}
