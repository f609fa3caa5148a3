// SPDX-License-Identifier: Apache-2.0
#include "bench/channel.h"

#include "base/address.h"
#include "base/clock.h"
#include "base/count.h"
#include "base/refusal.h"
#include "sigv4/sigv4.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BUFFER_SIZE   16384 /* To begin with. */
#define HEAD_SIZE_MAX 8192

static void come_from(int descriptor, const char *source);
static void begin_greeting(struct channel *channel);
static ssize_t send_some(struct channel *channel, const char *data, size_t size);
static ssize_t receive_some(struct channel *channel);
static void find_head(struct channel *channel);

void give_up(const char *what, const char *why)
{
	(void)fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, what, why);
	exit(1);
}

void asker_read(struct asker *ret_asker, const char *credentials_path, const char *service)
{
	struct refusal why = {};
	const char *endpoint = ret_asker->credentials.endpoint;
	int r;

	*ret_asker = (struct asker){.service = service};
	r = credentials_read(credentials_path, &ret_asker->credentials, &why);
	if (r != 0)
		give_up(credentials_path, r == REFUSED ? why.text : strerror(-r));
	ret_asker->tls = strncmp(endpoint, "https://", 8) == 0;
	if (!strstr(endpoint, "//") ||
	    !string_copy(ret_asker->host, sizeof(ret_asker->host), strstr(endpoint, "//") + 2))
		give_up(credentials_path, "the endpoint is no URL");
}

void question_write(const struct question *question, const struct asker *asker,
		    struct text *request)
{
	char time[SIGV4_TIME_SIZE];
	const struct sigv4_header headers[] = {
		{"content-type", question->type},
		{"host", asker->host},
		{"x-amz-date", time},
	};
	const size_t skipped = question->type ? 0 : 1;
	const struct sigv4_request unsigned_request = {
		.method = question->method,
		.path = question->path,
		.query = "",
		.headers = headers + skipped,
		.header_count = ARRAY_SIZE(headers) - skipped,
		.body = question->type ? question->body : "",
		.body_size = question->type ? strlen(question->body) : 0,
	};
	_cleanup_free_ char *value = NULL;

	sigv4_format_time(clock_realtime(), time);
	if (sigv4_sign(&unsigned_request, &asker->credentials, asker->service, &value) != 0)
		give_up("signing", "failed");
	text_printf(request,
		    "%s %s HTTP/1.1\r\nHost: %s\r\nX-Amz-Date: %s\r\nAuthorization: %s\r\n",
		    question->method, question->path, asker->host, time, value);
	if (question->revision)
		text_printf(request, "If-None-Match: %s\r\n", question->revision);
	if (question->type)
		text_printf(request, "Content-Type: %s\r\nContent-Length: %zu\r\n", question->type,
			    strlen(question->body));
	text_append(request, "\r\n");
	if (question->type)
		text_append(request, question->body);
	if (request->failed)
		give_up("signing", "no memory");
}

void channel_open(struct channel *channel, const struct asker *asker)
{
	int flags, r = channel_begin(channel, asker, NULL);
	struct pollfd ready;

	if (r < 0)
		give_up(asker->host, strerror(-r));
	ready = (struct pollfd){channel->descriptor, POLLOUT, 0};
	(void)poll(&ready, 1, -1);
	flags = fcntl(channel->descriptor, F_GETFL);
	(void)fcntl(channel->descriptor, F_SETFL, flags & ~O_NONBLOCK);
	r = channel_greet(channel);
	if (r < 0)
		give_up(asker->host, strerror(-r));
}

int channel_begin(struct channel *channel, const struct asker *asker, const char *source)
{
	static const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
	char name[sizeof(asker->host)], *port;
	struct addrinfo *found;
	int one = 1, r;

	(void)string_copy(name, sizeof(name), asker->host);
	port = strrchr(name, ':');
	if (!port)
		give_up(name, "the endpoint has no port");
	*port = '\0';
	if (getaddrinfo(name, port + 1, &hints, &found) != 0)
		give_up(name, "unknown host");
	*channel = (struct channel){
		.size = BUFFER_SIZE,
		.buffer = malloc(BUFFER_SIZE),
		.tls = asker->tls,
		.descriptor =
			socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0),
	};
	if (!channel->buffer || channel->descriptor < 0)
		give_up("connection", "no memory, or too many are open");
	if (source)
		come_from(channel->descriptor, source);
	(void)setsockopt(channel->descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	r = connect(channel->descriptor, found->ai_addr, found->ai_addrlen) < 0 ? -errno : 0;
	freeaddrinfo(found);
	return r == -EINPROGRESS ? 0 : r;
}

int channel_greet(struct channel *channel)
{
	struct pollfd ready = {channel->descriptor, POLLOUT, 0};
	socklen_t size = sizeof(int);
	int r;

	if (!channel->session) {
		if (getsockopt(channel->descriptor, SOL_SOCKET, SO_ERROR, &r, &size) < 0 || r != 0)
			return r > 0 ? -r : -ENOTCONN;
		if (poll(&ready, 1, 0) == 0)
			return -EAGAIN;
		if (!channel->tls)
			return 0;
		begin_greeting(channel);
	}
	do
		r = gnutls_handshake(channel->session);
	while (r < 0 && r != GNUTLS_E_AGAIN && !gnutls_error_is_fatal(r));
	if (r == GNUTLS_E_AGAIN)
		return -EAGAIN;
	return r < 0 ? -ECONNRESET : 0;
}

void channel_close(struct channel *channel)
{
	if (!channel->buffer)
		return;
	if (channel->session)
		gnutls_deinit(channel->session);
	closep(&channel->descriptor);
	free(channel->buffer);
	*channel = (struct channel){.descriptor = -1};
}

int channel_send(struct channel *channel, const struct text *request)
{
	struct pollfd room = {channel->descriptor, POLLOUT, 0};
	size_t sent = 0;

	channel->have = channel->head = channel->whole = 0;
	while (sent < request->length) {
		ssize_t r = send_some(channel, request->data + sent, request->length - sent);

		if (r == -EAGAIN)
			(void)poll(&room, 1, -1);
		else if (r <= 0)
			return -ECONNRESET;
		else
			sent += (size_t)r;
	}
	return 0;
}

int channel_receive(struct channel *channel)
{
	do {
		ssize_t r = receive_some(channel);

		if (r == -EAGAIN)
			return 0;
		if (r <= 0)
			return -ECONNRESET;
		channel->have += (size_t)r;
		channel->buffer[channel->have] = '\0';
		if (channel->head == 0)
			find_head(channel);
	} while (channel->head == 0 || channel->have < channel->whole);
	return atoi(channel->buffer + strlen("HTTP/1.1 "));
}

void channel_get_header(const struct channel *channel, const char *name, char *ret_value,
			size_t size)
{
	const char *line = channel->buffer, *end = channel->buffer + channel->head;
	size_t length = strlen(name);

	ret_value[0] = '\0';
	while ((line = strstr(line, "\r\n")) && line + 4 < end) {
		line += 2;
		if (strncasecmp(line, name, length) != 0 || line[length] != ':')
			continue;
		line += length + 1;
		line += strspn(line, " ");
		if (strcspn(line, "\r") < size)
			(void)snprintf(ret_value, size, "%.*s", (int)strcspn(line, "\r"), line);
		return;
	}
}

static void come_from(int descriptor, const char *source)
{
	struct sockaddr_storage name;
	struct address address;
	int one = 1;

	if (!address_parse(source, &address))
		give_up(source, "no address");
	/* The port is then chosen with the way to the controller known, so that they do not run out. */
	(void)setsockopt(descriptor, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof(one));
	if (bind(descriptor, (struct sockaddr *)&name, address_to_socket(&address, 0, &name)) < 0)
		give_up(source, strerror(errno));
}

/* Whose certificate it is does not matter here. */
static void begin_greeting(struct channel *channel)
{
	static gnutls_certificate_credentials_t nobody;

	if (!nobody)
		(void)gnutls_certificate_allocate_credentials(&nobody);
	(void)gnutls_init(&channel->session, GNUTLS_CLIENT);
	(void)gnutls_set_default_priority(channel->session);
	(void)gnutls_credentials_set(channel->session, GNUTLS_CRD_CERTIFICATE, nobody);
	gnutls_transport_set_int(channel->session, channel->descriptor);
}

/* Both return what was moved, 0 at the end of the connection, -EAGAIN or another fault. */

static ssize_t send_some(struct channel *channel, const char *data, size_t size)
{
	ssize_t r;

	if (!channel->session) {
		r = send(channel->descriptor, data, size, MSG_NOSIGNAL);
		return r < 0 ? -errno : r;
	}
	r = gnutls_record_send(channel->session, data, size);
	return r == GNUTLS_E_AGAIN || r == GNUTLS_E_INTERRUPTED ? -EAGAIN : r;
}

static ssize_t receive_some(struct channel *channel)
{
	ssize_t r;

	if (channel->have + 1 >= channel->size) {
		channel->size *= 2;
		channel->buffer = realloc(channel->buffer, channel->size);
		if (!channel->buffer)
			give_up("receiving", "no memory");
	}
	if (!channel->session) {
		r = recv(channel->descriptor, channel->buffer + channel->have,
			 channel->size - channel->have - 1, 0);
		return r < 0 ? -errno : r;
	}
	/* Tickets of the session come as records without content. */
	r = gnutls_record_recv(channel->session, channel->buffer + channel->have,
			       channel->size - channel->have - 1);
	return r == GNUTLS_E_AGAIN || r == GNUTLS_E_INTERRUPTED ? -EAGAIN : r;
}

static void find_head(struct channel *channel)
{
	char *end = strstr(channel->buffer, "\r\n\r\n"), length[24];

	if (!end) {
		if (channel->have >= HEAD_SIZE_MAX)
			give_up("receiving", "no answer of HTTP");
		return;
	}
	channel->head = (size_t)(end + 4 - channel->buffer);
	channel_get_header(channel, "Content-Length", length, sizeof(length));
	channel->whole = channel->head + strtoull(length, NULL, 10);
}
