/* The console's door for browsers: its files by GET, without keys.
 *
 * It stands in front of another handler and answers only what is the console's: everything from /console on, and "/" of
 * somebody who comes with a browser and not with a request.  All else is the next handler's, unseen. */
#pragma once

#include "net/http_server.h"
#include "web/file.h"

struct web {
	const struct web_files *files; /* Borrowed. */
	bool encrypted;                /* Requests come by TLS. */
	struct http_handler next;
};

/* 'web' stays where it is while the handler is used. */
struct http_handler web_get_handler(struct web *web);
