// SPDX-License-Identifier: Apache-2.0
/* Requests to the API as fast as it answers:  requests CREDENTIALS FILE CONNECTIONS SECONDS
 *
 * FILE holds the body of a request per line.  Everything is signed before the first is sent, so that the client costs next
 * to nothing while it is measured.  One line is asked again and again until the time is over; of several, each is asked once
 * and the run ends with them.  Each connection is kept, has a thread of its own, and asks when it was answered.
 *
 * Prints one JSON object: how many were answered with 200, per second, what else came, and the times from asking to the last
 * byte of the answer in microseconds. */
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/refusal.h"
#include "base/text.h"
#include "sigv4/sigv4.h"

#include <errno.h>
#include <gnutls/gnutls.h>
#include <inttypes.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CONNECTIONS_MAX 256
#define SAMPLES_MAX     4000000
#define HEAD_SIZE_MAX   8192

static struct {
	struct credentials credentials;
	char host[300];
	bool tls;
	struct text *requests;
	size_t request_count;
	atomic_size_t next;
	uint64_t end;
	atomic_size_t good, bad;
	uint32_t *samples;
	atomic_size_t sample_count;
	atomic_uint_fast64_t bytes;
	char refusal[200];
} run;

struct connection {
	int descriptor;
	gnutls_session_t session;
	char *buffer;
	size_t size;
};

static void fail(const char *what, const char *why)
{
	(void)fprintf(stderr, "requests: %s: %s\n", what, why);
	exit(1);
}

/* --- Before the clock runs -------------------------------------------------------------------------------------- */

static void sign(struct text *request, const char *body)
{
	char time[SIGV4_TIME_SIZE];
	const struct sigv4_header headers[] = {
		{"content-type", "application/x-www-form-urlencoded"},
		{"host", run.host},
		{"x-amz-date", time},
	};
	const struct sigv4_request unsigned_request = {
		.method = "POST",
		.path = "/",
		.query = "",
		.headers = headers,
		.header_count = 3,
		.body = body,
		.body_size = strlen(body),
	};
	_cleanup_free_ char *value = NULL;

	sigv4_format_time(clock_realtime(), time);
	if (sigv4_sign(&unsigned_request, &run.credentials, "ec2", &value) != 0)
		fail("signing", "failed");
	text_printf(request,
		    "POST / HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
		    "Host: %s\r\nX-Amz-Date: %s\r\nAuthorization: %s\r\nContent-Length: %zu\r\n\r\n"
		    "%s",
		    run.host, time, value, strlen(body), body);
	if (request->failed)
		fail("signing", "no memory");
}

static void sign_all(const char *path)
{
	_cleanup_free_ char *line = NULL;
	FILE *file = fopen(path, "re");
	size_t size = 0, capacity = 0;
	ssize_t length;

	if (!file)
		fail(path, strerror(errno));
	while ((length = getline(&line, &size, file)) > 0) {
		line[strcspn(line, "\n")] = '\0';
		if (run.request_count == capacity) {
			capacity = capacity ? 2 * capacity : 16;
			run.requests = reallocarray(run.requests, capacity, sizeof(*run.requests));
			if (!run.requests)
				fail(path, "no memory");
		}
		run.requests[run.request_count] = (struct text){};
		sign(&run.requests[run.request_count++], line);
	}
	(void)fclose(file);
	if (run.request_count == 0)
		fail(path, "it has no lines");
}

/* --- One connection --------------------------------------------------------------------------------------------- */

static void open_connection(struct connection *connection)
{
	static const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
	char name[sizeof(run.host)], *port;
	struct addrinfo *found;
	int one = 1;

	(void)snprintf(name, sizeof(name), "%s", run.host);
	port = strrchr(name, ':');
	if (!port)
		fail(name, "the endpoint has no port");
	*port = '\0';
	if (getaddrinfo(name, port + 1, &hints, &found) != 0)
		fail(name, "unknown host");
	connection->descriptor = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (connection->descriptor < 0 ||
	    connect(connection->descriptor, found->ai_addr, found->ai_addrlen) < 0)
		fail(run.host, strerror(errno));
	freeaddrinfo(found);
	(void)setsockopt(connection->descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	connection->size = 1 << 20;
	connection->buffer = malloc(connection->size);
	if (!connection->buffer)
		fail("connection", "no memory");
}

/* Whose certificate it is does not matter here. */
static void greet(struct connection *connection)
{
	static gnutls_certificate_credentials_t nobody;
	int r;

	if (!run.tls)
		return;
	if (!nobody)
		(void)gnutls_certificate_allocate_credentials(&nobody);
	(void)gnutls_init(&connection->session, GNUTLS_CLIENT);
	(void)gnutls_set_default_priority(connection->session);
	(void)gnutls_credentials_set(connection->session, GNUTLS_CRD_CERTIFICATE, nobody);
	gnutls_transport_set_int(connection->session, connection->descriptor);
	do
		r = gnutls_handshake(connection->session);
	while (r < 0 && !gnutls_error_is_fatal(r));
	if (r < 0)
		fail("TLS", gnutls_strerror(r));
}

static void send_request(struct connection *connection, const struct text *request)
{
	size_t sent = 0;

	while (sent < request->length) {
		ssize_t r = connection->session
				    ? gnutls_record_send(connection->session, request->data + sent,
							 request->length - sent)
				    : send(connection->descriptor, request->data + sent,
					   request->length - sent, MSG_NOSIGNAL);

		if (r <= 0)
			fail("sending", "the connection has ended");
		sent += (size_t)r;
	}
}

static size_t receive_more(struct connection *connection, size_t have)
{
	ssize_t r;

	if (have + 1 >= connection->size) {
		connection->size *= 2;
		connection->buffer = realloc(connection->buffer, connection->size);
		if (!connection->buffer)
			fail("receiving", "no memory");
	}
	do
		r = connection->session
			    ? gnutls_record_recv(connection->session, connection->buffer + have,
						 connection->size - have - 1)
			    : recv(connection->descriptor, connection->buffer + have,
				   connection->size - have - 1, 0);
	while (r == GNUTLS_E_AGAIN && connection->session);
	if (r <= 0)
		fail("receiving", "the connection has ended");
	connection->buffer[have + (size_t)r] = '\0';
	return have + (size_t)r;
}

/* Returns the status. */
static int receive_answer(struct connection *connection)
{
	size_t have = 0, whole;
	char *end, *length;

	do
		have = receive_more(connection, have);
	while (!(end = strstr(connection->buffer, "\r\n\r\n")) && have < HEAD_SIZE_MAX);
	length = strcasestr(connection->buffer, "\r\nContent-Length:");
	if (!end || !length || length > end)
		fail("receiving", "no answer of HTTP with a length");
	whole = (size_t)(end + 4 - connection->buffer) +
		strtoull(length + strlen("\r\nContent-Length:"), NULL, 10);
	while (have < whole)
		have = receive_more(connection, have);
	run.bytes += whole;
	return atoi(connection->buffer + strlen("HTTP/1.1 "));
}

static void *ask(void *argument)
{
	struct connection *connection = argument;

	for (;;) {
		uint64_t asked = clock_monotonic();
		size_t number = run.next++, sample;
		int status;

		if (asked > run.end || (run.request_count > 1 && number >= run.request_count))
			return NULL;
		send_request(connection, &run.requests[number % run.request_count]);
		status = receive_answer(connection);
		sample = run.sample_count++;
		if (sample < SAMPLES_MAX)
			run.samples[sample] = (uint32_t)((clock_monotonic() - asked) / 1000);
		if (status == 200) {
			run.good++;
		} else if (run.bad++ == 0) {
			char *code = strstr(connection->buffer, "<Code>");

			(void)snprintf(run.refusal, sizeof(run.refusal), "%.*s",
				       code ? (int)strcspn(code + 6, "<") : 0,
				       code ? code + 6 : "");
		}
	}
}

/* --- The end ---------------------------------------------------------------------------------------------------- */

static int compare(const void *a, const void *b)
{
	const uint32_t *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

static void tell(double seconds)
{
	size_t count = run.sample_count < SAMPLES_MAX ? run.sample_count : SAMPLES_MAX;

	if (count == 0)
		fail("asking", "nothing was answered");
	qsort(run.samples, count, sizeof(*run.samples), compare);
	printf("{\"good\": %zu, \"bad\": %zu, \"refusal\": \"%s\", \"seconds\": %.4f, "
	       "\"per_second\": %.1f, \"bytes\": %" PRIuFAST64 ", \"p50_us\": %u, \"p99_us\": %u, "
	       "\"max_us\": %u}\n",
	       (size_t)run.good, (size_t)run.bad, run.refusal, seconds, (double)run.good / seconds,
	       run.bytes, run.samples[count / 2], run.samples[count - 1 - count / 100],
	       run.samples[count - 1]);
}

int main(int argc, char **argv)
{
	static struct connection connections[CONNECTIONS_MAX];
	pthread_t threads[CONNECTIONS_MAX];
	struct refusal why = {};
	size_t count;
	uint64_t begin;
	int r;

	if (argc != 5) {
		(void)fprintf(stderr, "requests CREDENTIALS FILE CONNECTIONS SECONDS\n");
		return 2;
	}
	r = credentials_read(argv[1], &run.credentials, &why);
	if (r != 0)
		fail(argv[1], r == REFUSED ? why.text : strerror(-r));
	run.tls = strncmp(run.credentials.endpoint, "https://", 8) == 0;
	(void)snprintf(run.host, sizeof(run.host), "%s",
		       strstr(run.credentials.endpoint, "//") + 2);
	count = strtoul(argv[3], NULL, 10);
	if (count == 0 || count > CONNECTIONS_MAX)
		fail(argv[3], "not a number of connections");
	run.samples = calloc(SAMPLES_MAX, sizeof(*run.samples));
	if (!run.samples)
		fail("samples", "no memory");
	sign_all(argv[2]);
	for (size_t i = 0; i < count; i++) {
		open_connection(&connections[i]);
		greet(&connections[i]);
	}
	begin = clock_monotonic();
	run.end = begin + (uint64_t)(strtod(argv[4], NULL) * (double)NSEC_PER_SEC);
	for (size_t i = 0; i < count; i++)
		if (pthread_create(&threads[i], NULL, ask, &connections[i]) != 0)
			fail("thread", "cannot be made");
	for (size_t i = 0; i < count; i++)
		(void)pthread_join(threads[i], NULL);
	tell((double)(clock_monotonic() - begin) / (double)NSEC_PER_SEC);
	return 0;
}
