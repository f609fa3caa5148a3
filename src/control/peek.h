/* Peeks: the packets that somebody is looking at.
 *
 * A peek is one principal's at one session of his account; he may have several.  It lives in memory only, and not long: a minute after he last asked, a
 * quarter of an hour after it was started, and no longer than the session.  So nobody sees what he did not start to look at, and every
 * start is an event that is kept.  The session's host learns of it from control_announce_peeks() and control_take_packets(); where
 * several controllers serve one store, both have to come to the one that it was started at. */
#pragma once

#include "control/control.h"
#include "mirror/peek.h"

#define PEEK_IDLE_MILLISECONDS 60000
#define PEEK_LIFE_MILLISECONDS 900000
#define PEEKS_MAX              32
#define PEEKS_PER_ACCOUNT_MAX  8
#define PEEK_KEPT_MAX          1000      /* Packets of one peek, the last ones, */
#define PEEK_KEPT_SIZE_MAX     (1 << 20) /* and their bytes. */
#define PEEK_PAGE_SIZE_MAX     (256 << 10)

#define PEEK_ID_SIZE 22

struct peek_state {
	char id[PEEK_ID_SIZE]; /* As in "peek-0123456789abcdef". */
	struct resource_id session;
	uint16_t snap_length;
	int64_t expires; /* Unless it is asked for before, and when it ends in any case; milliseconds since 1970. */
	int64_t ends;
	uint64_t last_number; /* Of the newest packet; 0: none has come yet. */
};

/* What a request calls one: with its session, of which permission is asked. */
struct peek_name {
	const char *session, *id;
};

/* Some of the packets, in the order in which they came, which borrow from the peek until the next call. */
struct peek_page {
	struct peek_state state;
	uint64_t first_number; /* Of the first one here; the others count on. */
	const struct peek_packet *packets;
	size_t packet_count;
};

/* Begins to look.  'snap_length' not set: PEEK_SNAP_DEFAULT. */
int control_start_peek(struct control *control, const struct caller *caller, const char *session,
		       struct optional_number snap_length, struct peek_state *ret_state,
		       struct refusal *why);

/* Packets after the number 'after', at most 'count' and as many as fit into a page, but one at least if there is one; and lets the
 * peek live for another minute. */
int control_get_peek(struct control *control, const struct caller *caller,
		     const struct peek_name *name, uint64_t after, size_t count,
		     struct peek_page *ret_page, struct refusal *why);

int control_stop_peek(struct control *control, const struct caller *caller,
		      const struct peek_name *name, struct refusal *why);

/* Ends those whose time is over, or whose session; to be called every second.  Cheap while there is none. */
int control_expire_peeks(struct control *control);

/* Whether somebody looks at sessions of the host: 'once' for each start only. */
bool control_announce_peeks(struct control *control, const struct caller *caller, const char *host,
			    bool once);

/* Takes what the host has to show, and tells what it is to show from now on.  What nobody looks at is passed over. */
int control_take_packets(struct control *control, const struct caller *caller, const char *host,
			 const struct peek_batch *batch, struct peek_wishes *ret_wishes,
			 struct refusal *why);

struct peek;

/* All there are.  Private to control/, as is the rest. */
struct peeks {
	struct peek *items[PEEKS_MAX];
	size_t count;
};

void peeks_fini(struct peeks *peeks);
