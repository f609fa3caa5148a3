// SPDX-License-Identifier: Apache-2.0
/* One request from its first line to its reply.  libmicrohttpd calls: begin when the request line is there; continue
 * once with the headers, once for each piece of the body, and once or, with waits, several times at the end; end when
 * the reply is sent or the connection lost. */
#include "base/clock.h"
#include "net/http_server_internal.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define FORGOTTEN_SIZE_MAX (16ULL << 20)

static void exchange_free(struct http_exchange *exchange);
static enum MHD_Result take_headers(struct http_exchange *exchange, const char *method);
static enum MHD_Result add_header(void *context, enum MHD_ValueKind kind, const char *name,
				  const char *value);
static bool says_two_sizes(const struct http_request *request);
static unsigned long long announced_size(const struct http_exchange *exchange);
static enum MHD_Result take_body(struct http_exchange *exchange, const char *data, size_t size);
static enum MHD_Result forget_body(struct http_exchange *exchange, size_t size);
static bool reserve_body(struct http_server *server, size_t size);
static enum MHD_Result run_handler(struct http_exchange *exchange);
static enum MHD_Result send_reply(struct http_exchange *exchange);
static struct MHD_Response *make_response(struct http_reply *reply);
static enum MHD_Result send_status(struct http_exchange *exchange, unsigned int status);

void *http_exchange_begin(void *context, const char *target, struct MHD_Connection *mhd)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	struct http_connection *connection = info ? info->socket_context : NULL;
	struct http_server *server = context;
	struct http_exchange *exchange;

	if (!connection)
		return NULL;
	http_exchange_abandon(connection);
	exchange = calloc(1, sizeof(*exchange));
	if (!exchange)
		return NULL;
	exchange->target = strdup(target);
	if (!exchange->target) {
		free(exchange);
		return NULL;
	}
	exchange->server = server;
	exchange->mhd = mhd;
	exchange->connection = connection;
	connection->exchange = exchange;
	pthread_mutex_lock(&server->stage_lock);
	server->exchange_count++;
	pthread_mutex_unlock(&server->stage_lock);
	return exchange;
}

enum MHD_Result http_exchange_continue(void *context, struct MHD_Connection *mhd, const char *url,
				       const char *method, const char *version, const char *data,
				       size_t *data_size, void **handle)
{
	struct http_exchange *exchange = *handle;

	(void)context;
	(void)mhd;
	(void)url;
	(void)version;
	if (!exchange)
		return MHD_NO;
	if (!exchange->request.method)
		return take_headers(exchange, method);
	if (*data_size > 0) {
		size_t size = *data_size;

		*data_size = 0;
		return take_body(exchange, data, size);
	}
	if (exchange->refused != 0)
		return send_status(exchange, exchange->refused);
	return run_handler(exchange);
}

void http_exchange_end(void *context, struct MHD_Connection *mhd, void **handle,
		       enum MHD_RequestTerminationCode code)
{
	struct http_exchange *exchange = *handle;

	(void)mhd;
	(void)code;
	if (!exchange)
		return;
	http_connection_advance(context, exchange->connection);
	exchange->connection->exchange = NULL;
	exchange_free(exchange);
	*handle = NULL;
}

void http_exchange_abandon(struct http_connection *connection)
{
	if (connection->exchange)
		exchange_free(TAKE_PTR(connection->exchange));
}

static void exchange_free(struct http_exchange *exchange)
{
	struct http_server *server = exchange->server;

	pthread_mutex_lock(&server->stage_lock);
	server->bodies_size -= exchange->body.length;
	if (--server->exchange_count == 0)
		pthread_cond_broadcast(&server->stage_idle);
	pthread_mutex_unlock(&server->stage_lock);
	text_fini(&exchange->body);
	text_fini(&exchange->reply.body);
	free(exchange->target);
	free(exchange);
}

static enum MHD_Result take_headers(struct http_exchange *exchange, const char *method)
{
	const struct http_handler *handler = &exchange->server->options.handler;
	struct http_request *request = &exchange->request;
	const union MHD_ConnectionInfo *info;
	char *query = strchr(exchange->target, '?');
	unsigned long long announced;

	if (query)
		*query++ = '\0';
	request->method = method;
	request->path = exchange->target;
	request->query = query ? query : "";
	request->headers = exchange->headers;
	(void)MHD_get_connection_values(exchange->mhd, MHD_HEADER_KIND, add_header, exchange);
	if (exchange->refused == 0 && says_two_sizes(request))
		exchange->refused = MHD_HTTP_BAD_REQUEST;
	if (exchange->refused != 0)
		return send_status(exchange, exchange->refused);
	info = MHD_get_connection_info(exchange->mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	if (info && info->client_addr)
		(void)address_from_socket(info->client_addr, &request->peer);
	exchange->body_limit = handler->body_limit(handler->context, request);
	announced = announced_size(exchange);
	if (announced > exchange->body_limit)
		exchange->refused = MHD_HTTP_CONTENT_TOO_LARGE;
	/* A reply in the middle of a body is lost on most clients, which go on writing and see the connection break.  So
	 * what is a little too much is read and forgotten; what is far too much is not worth it. */
	if (announced > exchange->body_limit &&
	    announced - exchange->body_limit > FORGOTTEN_SIZE_MAX)
		return send_status(exchange, MHD_HTTP_CONTENT_TOO_LARGE);
	return MHD_YES;
}

static enum MHD_Result add_header(void *context, enum MHD_ValueKind kind, const char *name,
				  const char *value)
{
	struct http_exchange *exchange = context;
	struct http_request *request = &exchange->request;

	(void)kind;
	if (request->header_count == HTTP_HEADERS_MAX) {
		exchange->refused = MHD_HTTP_REQUEST_HEADER_FIELDS_TOO_LARGE;
		return MHD_NO;
	}
	exchange->headers[request->header_count++] = (struct http_header){name, value ? value : ""};
	return MHD_YES;
}

/* Two readers of one request could find different ends of its body (RFC 9112, section 6.3). */
static bool says_two_sizes(const struct http_request *request)
{
	unsigned int sizes = 0;

	for (size_t i = 0; i < request->header_count; i++)
		sizes += strcasecmp(request->headers[i].name, "content-length") == 0 ||
			 strcasecmp(request->headers[i].name, "transfer-encoding") == 0;
	return sizes > 1;
}

/* The body's size by the request's headers; 0 when they do not say. */
static unsigned long long announced_size(const struct http_exchange *exchange)
{
	const char *length = http_request_get_header(&exchange->request, "content-length");
	unsigned long long size = 0;

	if (length && !string_to_unsigned(length, ULLONG_MAX, &size))
		return ULLONG_MAX;
	return size;
}

static enum MHD_Result take_body(struct http_exchange *exchange, const char *data, size_t size)
{
	struct http_server *server = exchange->server;

	if (exchange->refused != 0)
		return forget_body(exchange, size);
	if (size > exchange->body_limit - exchange->body.length) {
		exchange->refused = MHD_HTTP_CONTENT_TOO_LARGE;
		return forget_body(exchange, size);
	}
	if (!reserve_body(server, size)) {
		exchange->refused = MHD_HTTP_SERVICE_UNAVAILABLE;
		return forget_body(exchange, size);
	}
	text_append_bytes(&exchange->body, data, size);
	if (!exchange->body.failed)
		return MHD_YES;
	pthread_mutex_lock(&server->stage_lock);
	server->bodies_size -= size;
	pthread_mutex_unlock(&server->stage_lock);
	exchange->refused = MHD_HTTP_SERVICE_UNAVAILABLE;
	return MHD_YES;
}

/* What comes after a refusal is read and forgotten, so that the client gets to read the reply; but not without end. */
static enum MHD_Result forget_body(struct http_exchange *exchange, size_t size)
{
	exchange->forgotten_size += size;
	return exchange->forgotten_size <= FORGOTTEN_SIZE_MAX ? MHD_YES : MHD_NO;
}

static bool reserve_body(struct http_server *server, size_t size)
{
	bool room;

	pthread_mutex_lock(&server->stage_lock);
	room = size <= server->options.bodies_size_max - server->bodies_size;
	if (room)
		server->bodies_size += size;
	pthread_mutex_unlock(&server->stage_lock);
	return room;
}

static enum MHD_Result run_handler(struct http_exchange *exchange)
{
	const struct http_handler *handler = &exchange->server->options.handler;
	struct http_request *request = &exchange->request;

	if (request->arrived == 0)
		request->arrived = clock_monotonic();
	request->body = exchange->body.data ? exchange->body.data : "";
	request->body_size = exchange->body.length;
	for (;;) {
		uint64_t wakes = http_wakes(exchange->server, &request->last_turn);
		int r;

		/* Its answer might not leave any more, and then nobody would know that it was done.  Whoever was here
		 * before the end began is waited for (http_server_close()). */
		if (request->last_turn && request->turn == 0)
			return MHD_NO;
		request->last_turn |= exchange->crowded_out;
		text_fini(&exchange->reply.body);
		exchange->reply = (struct http_reply){};
		r = handler->handle(handler->context, request, &exchange->reply);
		request->turn++;
		if (r == 0)
			return send_reply(exchange);
		if (r != HTTP_WAIT || request->last_turn)
			return send_status(exchange, r < 0 ? MHD_HTTP_INTERNAL_SERVER_ERROR
							   : MHD_HTTP_SERVICE_UNAVAILABLE);
		if (http_exchange_wait(exchange, wakes))
			return MHD_YES;
	}
}

static enum MHD_Result send_reply(struct http_exchange *exchange)
{
	struct http_reply *reply = &exchange->reply;
	struct MHD_Response *response;
	enum MHD_Result r;

	if (reply->body.failed)
		return send_status(exchange, MHD_HTTP_INTERNAL_SERVER_ERROR);
	response = make_response(reply);
	if (!response)
		return MHD_NO;
	for (size_t i = 0; i < reply->header_count; i++)
		(void)MHD_add_response_header(response, reply->headers[i].name,
					      reply->headers[i].value);
	http_connection_advance(exchange->server, exchange->connection);
	r = MHD_queue_response(exchange->mhd, reply->status, response);
	MHD_destroy_response(response);
	return r;
}

/* NULL: there is no memory. */
static struct MHD_Response *make_response(struct http_reply *reply)
{
	const size_t size = reply->body.length;
	struct MHD_Response *response;
	char *body;

	if (reply->constant)
		return MHD_create_response_from_buffer(reply->constant_size,
						       (void *)(uintptr_t)reply->constant,
						       MHD_RESPMEM_PERSISTENT);
	body = text_steal(&reply->body);
	if (!body)
		return NULL;
	response = MHD_create_response_from_buffer(size, body, MHD_RESPMEM_MUST_FREE);
	if (!response)
		free(body);
	return response;
}

static enum MHD_Result send_status(struct http_exchange *exchange, unsigned int status)
{
	text_fini(&exchange->reply.body);
	exchange->reply = (struct http_reply){.status = status};
	return send_reply(exchange);
}
