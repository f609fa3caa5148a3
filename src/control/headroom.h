/* Quotas without counting at every create.
 *
 * Counting thousands of rows to learn that one more fits costs more than making it.  But who has counted once knows how many
 * more fit for sure, while nobody else writes to the store, one create takes one place at most, and deleting only gives
 * places back.  So a count is remembered as the room that it left, every create takes from it, and when it is used up the
 * rows are counted anew.  A create that is taken back leaves the room too small, which costs a count and nothing else.
 * Who changes a quota clears all of it, and so does who learns that another controller has written.
 *
 * Private to control/. */
#pragma once

#include "mirror/id.h"

#include <stdbool.h>
#include <stdint.h>

#define HEADROOM_ROWS     512
#define HEADROOM_KEY_SIZE 256

enum headroom_kind {
	HEADROOM_NONE,
	HEADROOM_SESSIONS_OF_OWNER,
	HEADROOM_SESSIONS_OF_HOST,
	HEADROOM_SOURCES_OF_TARGET
};

struct headroom {
	struct headroom_row {
		enum headroom_kind kind;
		char key[HEADROOM_KEY_SIZE];
		int64_t room;
	} rows[HEADROOM_ROWS];
};

/* Takes a place.  False: none is known of, and rows must be counted. */
bool headroom_take(struct headroom *headroom, enum headroom_kind kind, const char *key);

/* Remembers how many more fit. */
void headroom_note(struct headroom *headroom, enum headroom_kind kind, const char *key,
		   int64_t room);

/* Forgets everything: quotas have changed. */
void headroom_clear(struct headroom *headroom);
