/* Rows of events: what the API was asked to do, by whom, and what came of it.
 *
 * They are only ever added; what is old, or beyond an account's room, goes by itself with the next one.  What was done and
 * what was refused have a room each, so nobody pushes a change out by asking for what he is refused.  Kept answers do not
 * read them, so the store's version leaves them out. */
#pragma once

#include "access/identity.h"
#include "base/random.h"
#include "store/cursor.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct store;

#define EVENT_NAME_SIZE   64
#define EVENT_SOURCE_SIZE 64
#define EVENT_KEY_SIZE    21

struct event {
	int64_t number; /* No two are alike; by time, and its microseconds since the epoch or a few more. */
	struct account_id account;
	bool refused;
	bool read_only;
	char id[UUID_TEXT_SIZE];
	char name[EVENT_NAME_SIZE];     /* Of the action. */
	char source[EVENT_SOURCE_SIZE]; /* As in "ec2.amazonaws.com". */
	char username[IDENTITY_NAME_SIZE];
	char access_key[EVENT_KEY_SIZE];
	char *resources; /* "TYPE NAME" in lines; NULL: none. */
	char *record;    /* JSON. */
};

void event_fini(struct event *event);
#define _cleanup_event_ _cleanup_(event_fini)

/* Within a transaction.  One that is there already, by its id, stays as it is.  'room' is for how many of its kind the account has; events before the number 'oldest' go. */
int store_add_event(struct store *store, const struct event *event, int64_t room, int64_t oldest);

/* Those of an account with smaller numbers than 'before', the newest first. */
int store_select_events(struct store *store, const char *account, int64_t before,
			struct cursor **ret_cursor);
int store_next_event(struct cursor *cursor, struct event *ret_event);

/* The largest number; 0: there is no event. */
int store_get_last_event(struct store *store, int64_t *ret_number);
