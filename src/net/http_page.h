/* A server of one page, as Prometheus reads: GET, no TLS, no keys, nothing else. */
#pragma once

#include "net/http_server.h"

struct http_page_options {
	struct address address;
	uint16_t port;
	const char *path; /* As in "/metrics". */
	const char *type; /* Content-Type. */
	void *context;

	/* Writes the page; by one thread.  Returns 0, or a fault: -EAGAIN: there is no page yet (503), else 500. */
	int (*write)(void *context, struct text *ret_body);
};

struct http_page;

/* Serves from here on; strings of the options are borrowed.  Returns 0, REFUSED as http_server_open(), or a fault. */
int http_page_open(const struct http_page_options *options, struct http_page **ret_page,
		   struct refusal *why);
void http_page_close(struct http_page *page);
DEFINE_CLEANUP(struct http_page *, http_page_close)

uint16_t http_page_port(const struct http_page *page);
