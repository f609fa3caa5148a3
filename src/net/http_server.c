// SPDX-License-Identifier: Apache-2.0
#include "net/http_server.h"

#include "base/refusal.h"
#include "base/text.h"
#include "net/http_server_internal.h"

#include <errno.h>
#include <gnutls/gnutls.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>

#define THREADS_DEFAULT     2
#define CONNECTIONS_DEFAULT 4096
#define PER_ADDRESS_DEFAULT 512
#define BODIES_DEFAULT      ((size_t)256 << 20)
#define STAGE_DEFAULT       120
#define IDLE_DEFAULT        60
#define HEADERS_SIZE_MAX    ((size_t)64 << 10)
#define CLOSE_SECONDS       2
/* Keys are agreed upon anew for each connection, and ciphers authenticate what they hide; none of the older ones. */
#define TLS_PRIORITIES                                                                \
	"NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-KX-ALL:+ECDHE-ECDSA:+ECDHE-RSA:" \
	"-CIPHER-ALL:+AES-256-GCM:+AES-128-GCM:+CHACHA20-POLY1305:-MAC-ALL:+AEAD:"    \
	"-SIGN-RSA-SHA1:-SIGN-ECDSA-SHA1"

static void apply_defaults(struct http_server_options *options);
static int check_tls(const struct http_server_options *options, struct refusal *why);
static int listen_open(const struct address *address, uint16_t port, int *ret_descriptor,
		       uint16_t *ret_port, struct refusal *why);
static int daemon_start(struct http_server *server);
static void await_idle(struct http_server *server);
static void server_free(struct http_server *server);
DEFINE_CLEANUP(struct http_server *, server_free)

int http_server_open(const struct http_server_options *options, struct http_server **ret_server,
		     struct refusal *why)
{
	_cleanup_(server_freep) struct http_server *server = NULL;
	pthread_condattr_t monotonic;
	int r;

	server = calloc(1, sizeof(*server));
	if (!server)
		return -ENOMEM;
	server->options = *options;
	server->descriptor = -1;
	apply_defaults(&server->options);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_mutex_init(&server->wait_lock, NULL);
	pthread_mutex_init(&server->stage_lock, NULL);
	pthread_cond_init(&server->wait_changed, &monotonic);
	pthread_cond_init(&server->stage_idle, &monotonic);
	pthread_condattr_destroy(&monotonic);
	r = check_tls(options, why);
	if (r != 0)
		return r;
	r = listen_open(&options->address, options->port, &server->descriptor, &server->port, why);
	if (r != 0)
		return r;
	*ret_server = TAKE_PTR(server);
	return 0;
}

int http_server_start(struct http_server *server)
{
	int r;

	r = http_watch_start(server);
	if (r < 0)
		return r;
	return daemon_start(server);
}

void http_server_close(struct http_server *server)
{
	pthread_mutex_lock(&server->wait_lock);
	server->last_turn = true;
	server->wakes++;
	http_waits_end(server);
	pthread_mutex_unlock(&server->wait_lock);
	await_idle(server);
	server_free(server);
}

uint16_t http_server_port(const struct http_server *server)
{
	return server->port;
}

const char *http_request_get_header(const struct http_request *request, const char *name)
{
	for (size_t i = 0; i < request->header_count; i++)
		if (strcasecmp(request->headers[i].name, name) == 0)
			return request->headers[i].value;
	return NULL;
}

void http_reply_add_header(struct http_reply *reply, const char *name, const char *value)
{
	size_t i = reply->header_count++;

	if (i >= HTTP_REPLY_HEADERS_MAX ||
	    !string_copy(reply->headers[i].name, sizeof(reply->headers[i].name), name) ||
	    !string_copy(reply->headers[i].value, sizeof(reply->headers[i].value), value))
		abort();
}

static void apply_defaults(struct http_server_options *options)
{
	if (options->threads == 0)
		options->threads = THREADS_DEFAULT;
	if (options->connections == 0)
		options->connections = CONNECTIONS_DEFAULT;
	if (options->connections_per_address == 0)
		options->connections_per_address = PER_ADDRESS_DEFAULT;
	if (options->bodies_size_max == 0)
		options->bodies_size_max = BODIES_DEFAULT;
	if (options->stage_seconds == 0)
		options->stage_seconds = STAGE_DEFAULT;
	if (options->idle_seconds == 0)
		options->idle_seconds = IDLE_DEFAULT;
}

/* libmicrohttpd would only say that it did not start. */
static int check_tls(const struct http_server_options *options, struct refusal *why)
{
	gnutls_certificate_credentials_t credentials;
	gnutls_datum_t certificate, key;
	int r;

	if (!options->certificate_pem)
		return 0;
	if (gnutls_certificate_allocate_credentials(&credentials) < 0)
		return -ENOMEM;
	certificate = (gnutls_datum_t){(unsigned char *)(uintptr_t)options->certificate_pem,
				       (unsigned int)strlen(options->certificate_pem)};
	key = (gnutls_datum_t){(unsigned char *)(uintptr_t)options->key_pem,
			       (unsigned int)strlen(options->key_pem)};
	r = gnutls_certificate_set_x509_key_mem(credentials, &certificate, &key,
						GNUTLS_X509_FMT_PEM);
	gnutls_certificate_free_credentials(credentials);
	if (r < 0)
		return refuse(why, 0, "the server's certificate and key cannot be used: %s",
			      gnutls_strerror(r));
	return 0;
}

static int listen_open(const struct address *address, uint16_t port, int *ret_descriptor,
		       uint16_t *ret_port, struct refusal *why)
{
	_cleanup_close_ int descriptor = -1;
	struct sockaddr_storage name;
	socklen_t size = address_to_socket(address, port, &name);
	char text[ADDRESS_TEXT_SIZE];
	const int on = 1;

	descriptor = socket(name.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (descriptor < 0)
		return -errno;
	(void)setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(descriptor, (struct sockaddr *)&name, size) < 0 ||
	    listen(descriptor, SOMAXCONN) < 0) {
		int error = errno;

		address_format(address, text);
		return refuse(why, 0, "cannot listen on %s port %u: %s", text, port,
			      strerrordesc_np(error));
	}
	size = sizeof(name);
	if (getsockname(descriptor, (struct sockaddr *)&name, &size) < 0)
		return -errno;
	*ret_port = ntohs(address->family == 4 ? ((struct sockaddr_in *)&name)->sin_port
					       : ((struct sockaddr_in6 *)&name)->sin6_port);
	*ret_descriptor = TAKE_FD(descriptor);
	return 0;
}

static int daemon_start(struct http_server *server)
{
	const struct http_server_options *options = &server->options;
	const bool tls = options->certificate_pem != NULL;
	const unsigned int flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME |
				   (tls ? MHD_USE_TLS : 0);
	const struct MHD_OptionItem items[] = {
		{MHD_OPTION_LISTEN_SOCKET, server->descriptor, NULL},
		{MHD_OPTION_THREAD_POOL_SIZE, options->threads, NULL},
		{MHD_OPTION_CONNECTION_LIMIT, options->connections, NULL},
		{MHD_OPTION_PER_IP_CONNECTION_LIMIT, options->connections_per_address, NULL},
		{MHD_OPTION_CONNECTION_MEMORY_LIMIT, HEADERS_SIZE_MAX, NULL},
		{MHD_OPTION_CONNECTION_TIMEOUT, options->idle_seconds, NULL},
		{MHD_OPTION_URI_LOG_CALLBACK, (intptr_t)http_exchange_begin, server},
		{MHD_OPTION_NOTIFY_COMPLETED, (intptr_t)http_exchange_end, server},
		{MHD_OPTION_NOTIFY_CONNECTION, (intptr_t)http_connection_notify, server},
		/* An end without TLS. */
		{tls ? MHD_OPTION_HTTPS_MEM_CERT : MHD_OPTION_END, 0,
		 (void *)(uintptr_t)options->certificate_pem},
		{MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)(uintptr_t)options->key_pem},
		{MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)(uintptr_t)TLS_PRIORITIES},
		{MHD_OPTION_END, 0, NULL},
	};

	server->daemon = MHD_start_daemon(flags, 0, NULL, NULL, http_exchange_continue, server,
					  MHD_OPTION_ARRAY, items, MHD_OPTION_END);
	if (!server->daemon)
		return -EIO;
	server->descriptor = -1; /* The daemon closes it. */
	return 0;
}

/* Gives the last replies a moment to leave; a client that does not take its own does not hold up the end. */
static void await_idle(struct http_server *server)
{
	struct timespec deadline;

	clock_gettime(CLOCK_MONOTONIC, &deadline);
	deadline.tv_sec += CLOSE_SECONDS;
	pthread_mutex_lock(&server->stage_lock);
	while (server->exchange_count > 0 &&
	       pthread_cond_timedwait(&server->stage_idle, &server->stage_lock, &deadline) == 0)
		;
	pthread_mutex_unlock(&server->stage_lock);
}

static void server_free(struct http_server *server)
{
	if (server->daemon)
		MHD_stop_daemon(server->daemon);
	http_watch_stop(server);
	closep(&server->descriptor);
	pthread_cond_destroy(&server->wait_changed);
	pthread_cond_destroy(&server->stage_idle);
	pthread_mutex_destroy(&server->wait_lock);
	pthread_mutex_destroy(&server->stage_lock);
	free(server);
}
