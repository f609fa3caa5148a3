// SPDX-License-Identifier: Apache-2.0
/* Requests that wait, and the thread that ends every wait and every stage in time. */
#include "base/clock.h"
#include "base/count.h"
#include "net/http_server_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#define LOOK_NANOSECONDS NSEC_PER_SEC /* How often the stages are looked at. */
#define BOUNDED_SHARE    4 /* One connection in so many may wait where waiting is bounded. */

static void *watch_run(void *context);
static uint64_t resume_expired(struct http_server *server, uint64_t now);
static struct http_exchange **find_bucket(struct http_server *server, const char *key);
static bool has_room(struct http_server *server, struct http_exchange *exchange);
static void cut_off_late(struct http_server *server, uint64_t now);
static void unlink_waiting(struct http_server *server, struct http_exchange *exchange);
static void begin_stage(struct http_server *server, struct http_connection *connection);
static void end_stage(struct http_server *server, struct http_connection *connection);
static void cut_off(struct http_server *server, struct http_connection *connection);
static void make_room(struct http_server *server, const struct http_connection *newest);

int http_watch_start(struct http_server *server)
{
	int error = pthread_create(&server->watch, NULL, watch_run, server);

	server->watching = error == 0;
	return -error;
}

void http_watch_stop(struct http_server *server)
{
	if (!server->watching)
		return;
	pthread_mutex_lock(&server->wait_lock);
	server->watch_stops = true;
	pthread_cond_signal(&server->wait_changed);
	pthread_mutex_unlock(&server->wait_lock);
	pthread_join(server->watch, NULL);
	server->watching = false;
}

void http_server_wake(struct http_server *server, const char *key)
{
	struct http_exchange *next;

	pthread_mutex_lock(&server->wait_lock);
	server->wakes++;
	for (struct http_exchange *waiting = *find_bucket(server, key); waiting; waiting = next) {
		next = waiting->next;
		if (strcmp(waiting->reply.wait_key, key) == 0)
			unlink_waiting(server, waiting);
	}
	pthread_mutex_unlock(&server->wait_lock);
}

uint64_t http_wakes(struct http_server *server, bool *ret_last_turn)
{
	uint64_t wakes;

	pthread_mutex_lock(&server->wait_lock);
	wakes = server->wakes;
	*ret_last_turn = server->last_turn;
	pthread_mutex_unlock(&server->wait_lock);
	return wakes;
}

bool http_exchange_wait(struct http_exchange *exchange, uint64_t wakes)
{
	struct http_server *server = exchange->server;
	struct http_exchange **bucket;
	bool quiet;

	pthread_mutex_lock(&server->stage_lock);
	end_stage(server, exchange->connection);
	pthread_mutex_unlock(&server->stage_lock);
	pthread_mutex_lock(&server->wait_lock);
	quiet = server->wakes == wakes && has_room(server, exchange);
	if (quiet) {
		bucket = find_bucket(server, exchange->reply.wait_key);
		exchange->previous = NULL;
		exchange->next = *bucket;
		if (exchange->next)
			exchange->next->previous = exchange;
		*bucket = exchange;
		server->bounded_waits += exchange->reply.wait_room > 0;
		MHD_suspend_connection(exchange->mhd);
		if (exchange->reply.wait_until < server->watch_due)
			pthread_cond_signal(&server->wait_changed);
	}
	pthread_mutex_unlock(&server->wait_lock);
	return quiet;
}

void http_waits_end(struct http_server *server)
{
	for (size_t i = 0; i < HTTP_WAIT_BUCKETS; i++)
		while (server->waiting[i])
			unlink_waiting(server, server->waiting[i]);
}

void http_connection_notify(void *context, struct MHD_Connection *mhd, void **handle,
			    enum MHD_ConnectionNotificationCode code)
{
	struct http_server *server = context;
	struct http_connection *connection = *handle;
	const union MHD_ConnectionInfo *info;

	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		info = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD);
		connection = calloc(1, sizeof(*connection));
		if (!connection || !info) {
			free(connection);
			return; /* Its requests will find nobody. */
		}
		connection->descriptor = info->connect_fd;
		pthread_mutex_lock(&server->stage_lock);
		server->connection_count++;
		begin_stage(server, connection);
		make_room(server, connection);
		pthread_mutex_unlock(&server->stage_lock);
		*handle = connection;
		return;
	}
	if (!connection)
		return;
	http_exchange_abandon(connection);
	pthread_mutex_lock(&server->stage_lock);
	end_stage(server, connection);
	server->connection_count--;
	pthread_mutex_unlock(&server->stage_lock);
	free(connection);
	*handle = NULL;
}

void http_connection_advance(struct http_server *server, struct http_connection *connection)
{
	pthread_mutex_lock(&server->stage_lock);
	end_stage(server, connection);
	begin_stage(server, connection);
	pthread_mutex_unlock(&server->stage_lock);
}

static void *watch_run(void *context)
{
	struct http_server *server = context;

	pthread_mutex_lock(&server->wait_lock);
	while (!server->watch_stops) {
		uint64_t now = clock_monotonic(), next;
		struct timespec until;

		next = MIN(resume_expired(server, now), now + LOOK_NANOSECONDS);
		server->watch_due = next;
		pthread_mutex_unlock(&server->wait_lock);
		cut_off_late(server, now);
		pthread_mutex_lock(&server->wait_lock);
		if (server->watch_stops)
			break;
		until.tv_sec = (time_t)(next / NSEC_PER_SEC);
		until.tv_nsec = (long)(next % NSEC_PER_SEC);
		(void)pthread_cond_timedwait(&server->wait_changed, &server->wait_lock, &until);
	}
	pthread_mutex_unlock(&server->wait_lock);
	return NULL;
}

/* Returns when the next wait ends. */
static uint64_t resume_expired(struct http_server *server, uint64_t now)
{
	uint64_t earliest = UINT64_MAX;
	struct http_exchange *next;

	for (size_t i = 0; i < HTTP_WAIT_BUCKETS; i++)
		for (struct http_exchange *waiting = server->waiting[i]; waiting; waiting = next) {
			next = waiting->next;
			if (waiting->reply.wait_until <= now)
				unlink_waiting(server, waiting);
			else
				earliest = MIN(earliest, waiting->reply.wait_until);
		}
	return earliest;
}

static void cut_off_late(struct http_server *server, uint64_t now)
{
	pthread_mutex_lock(&server->stage_lock);
	while (server->oldest && server->oldest->deadline <= now)
		cut_off(server, server->oldest);
	pthread_mutex_unlock(&server->stage_lock);
}

/* Counting ends with the bound, for beyond it nobody is let in. */
static bool has_room(struct http_server *server, struct http_exchange *exchange)
{
	const struct http_reply *reply = &exchange->reply;
	size_t count = 0;

	if (reply->wait_room == 0)
		return true;
	for (struct http_exchange *waiting = *find_bucket(server, reply->wait_key); waiting;
	     waiting = waiting->next)
		count += strcmp(waiting->reply.wait_key, reply->wait_key) == 0;
	exchange->crowded_out = count >= reply->wait_room ||
				server->bounded_waits >=
					server->options.connections / BOUNDED_SHARE;
	return !exchange->crowded_out;
}

/* A change may wake a thousand hosts of as many that wait: each finds its own by the hash of its name (FNV-1a). */
static struct http_exchange **find_bucket(struct http_server *server, const char *key)
{
	uint32_t hash = 2166136261;

	for (; *key != '\0'; key++)
		hash = (hash ^ (uint8_t)*key) * 16777619;
	return &server->waiting[hash % HTTP_WAIT_BUCKETS];
}

static void unlink_waiting(struct http_server *server, struct http_exchange *exchange)
{
	if (exchange->previous)
		exchange->previous->next = exchange->next;
	else
		*find_bucket(server, exchange->reply.wait_key) = exchange->next;
	if (exchange->next)
		exchange->next->previous = exchange->previous;
	exchange->next = exchange->previous = NULL;
	server->bounded_waits -= exchange->reply.wait_room > 0;
	MHD_resume_connection(exchange->mhd);
}

/* The functions below are called under 'stage_lock'. */

static void begin_stage(struct http_server *server, struct http_connection *connection)
{
	connection->deadline = clock_monotonic() + server->options.stage_seconds * NSEC_PER_SEC;
	connection->in_stage = true;
	connection->next = NULL;
	connection->previous = server->newest;
	if (server->newest)
		server->newest->next = connection;
	else
		server->oldest = connection;
	server->newest = connection;
}

static void end_stage(struct http_server *server, struct http_connection *connection)
{
	if (!connection->in_stage)
		return;
	if (connection->previous)
		connection->previous->next = connection->next;
	else
		server->oldest = connection->next;
	if (connection->next)
		connection->next->previous = connection->previous;
	else
		server->newest = connection->previous;
	connection->in_stage = false;
}

/* Closing would take the descriptor from under libmicrohttpd's feet; shut down, it notices by itself. */
static void cut_off(struct http_server *server, struct http_connection *connection)
{
	(void)shutdown(connection->descriptor, SHUT_RDWR);
	end_stage(server, connection);
}

/* Who has been at the same stage for longest goes before nobody is let in any more: those who really want something are
 * quick, and who waits for an answer of ours is left alone. */
static void make_room(struct http_server *server, const struct http_connection *newest)
{
	size_t all = server->options.connections;

	if (server->connection_count > all - all / 8 && server->oldest != newest)
		cut_off(server, server->oldest);
}
