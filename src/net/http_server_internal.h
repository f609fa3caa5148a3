/* What the three files of the server share: http_server.c opens and closes, http_exchange.c takes one request from its
 * first line to its reply, http_watch.c lets requests wait and cuts off what takes too long.
 *
 * Two locks, never held together.  'wait_lock' guards the waiting requests and is held over calls that suspend and
 * resume connections, which take locks of libmicrohttpd.  'stage_lock' guards the connections and may be taken within
 * any of its callbacks, so nothing of libmicrohttpd is called under it. */
#pragma once

#include "net/http_server.h"

#include <microhttpd.h>
#include <pthread.h>

#define HTTP_HEADERS_MAX  100
#define HTTP_WAIT_BUCKETS 1024

struct http_connection {
	struct http_connection *next, *previous; /* Among those in a stage. */
	int descriptor;
	bool in_stage;                  /* Not while it waits, and not once it was cut off. */
	uint64_t deadline;              /* When its stage must be over. */
	struct http_exchange *exchange; /* The request at hand, if there is one. */
};

/* One request. */
struct http_exchange {
	struct http_server *server;
	struct http_connection *connection;
	struct MHD_Connection *mhd;
	struct http_exchange *next, *previous; /* Among the waiting ones of the same bucket. */
	char *target; /* Request line's target, split into path and query. */
	struct http_header headers[HTTP_HEADERS_MAX];
	struct http_request request;
	struct text body;
	size_t body_limit, forgotten_size;
	bool crowded_out;     /* There is no room to wait. */
	unsigned int refused; /* A status that was decided before the handler's turn; 0: none. */
	struct http_reply reply;
};

struct http_server {
	struct http_server_options options;
	struct MHD_Daemon *daemon;
	int descriptor; /* Listens; -1 once the daemon has it. */
	uint16_t port;

	pthread_mutex_t wait_lock;
	pthread_cond_t wait_changed; /* For the watch: an earlier deadline, or the end. */
	struct http_exchange *waiting[HTTP_WAIT_BUCKETS]; /* By their keys. */
	size_t bounded_waits; /* Those among them that are to leave room for others. */
	uint64_t watch_due;   /* When the watch looks next. */
	uint64_t wakes;       /* How often anybody was woken; tells whether one was missed. */
	bool last_turn;       /* Nobody may wait any more. */
	bool watch_stops;     /* The watch shall end. */
	bool watching;        /* The watch's thread exists. */
	pthread_t watch;

	pthread_mutex_t stage_lock;
	pthread_cond_t stage_idle; /* No exchange is left. */
	struct http_connection *oldest,
		*newest;         /* Stages are equally long, so this is by deadline, too. */
	size_t connection_count; /* In a stage or not. */
	size_t exchange_count;
	size_t bodies_size; /* Of all exchanges. */
};

/* http_exchange.c: libmicrohttpd's callbacks, with the server as their context. */
void *http_exchange_begin(void *context, const char *target, struct MHD_Connection *mhd);
enum MHD_Result http_exchange_continue(void *context, struct MHD_Connection *mhd, const char *url,
				       const char *method, const char *version, const char *data,
				       size_t *data_size, void **exchange);
void http_exchange_end(void *context, struct MHD_Connection *mhd, void **exchange,
		       enum MHD_RequestTerminationCode code);

/* Ends what libmicrohttpd has begun and forgotten, as it does with a request whose query does not fit its memory. */
void http_exchange_abandon(struct http_connection *connection);

/* http_watch.c */
int http_watch_start(struct http_server *server);
void http_watch_stop(struct http_server *server);
void http_connection_notify(void *context, struct MHD_Connection *mhd, void **connection,
			    enum MHD_ConnectionNotificationCode code);

/* The connection enters its next stage, which has the full time again. */
void http_connection_advance(struct http_server *server, struct http_connection *connection);

/* How often anybody was woken so far, and whether the server stops. */
uint64_t http_wakes(struct http_server *server, bool *ret_last_turn);

/* Suspends the exchange's connection.  Returns false if somebody was woken since 'wakes' was read, or the server stops:
 * the handler has to look again. */
bool http_exchange_wait(struct http_exchange *exchange, uint64_t wakes);

/* Resumes all that wait.  Called under 'wait_lock'. */
void http_waits_end(struct http_server *server);
