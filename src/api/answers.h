/* Answers that are still true.
 *
 * Clients ask the same things again and again, and mostly nothing has changed meanwhile.  An answer that depends on the
 * account and the store alone is kept with the store's version, a number that grows with every row that is written but
 * for those of hosts' reports, and given again while the store is still of that version.  So it is never old, not by one
 * change; who may ask is decided anew each time.  That no such answer reads what hosts report, steady_test.c makes sure.
 *
 * Not thread-safe: under the door's lock, like the store whose version it goes by. */
#pragma once

#include "base/cleanup.h"
#include "base/text.h"
#include "mirror/id.h"

#include <stdbool.h>
#include <stdint.h>

#define ANSWERS_ROWS         512
#define ANSWERS_ROWS_PER_SET 8                  /* Among which a question has its place. */
#define ANSWERS_SIZE_MAX     ((size_t)64 << 10) /* Of one answer; a larger one is not kept. */

/* What was asked, by whom, and of which version of the store. */
struct question {
	const char *account;
	const char *hash; /* Of action and parameters, all that make a difference; 64 digits. */
	bool extended;    /* Extension.Show, which the hash leaves out. */
	int64_t version;
};

struct answers;

int answers_new(struct answers **ret_answers);
void answers_free(struct answers *answers);
DEFINE_CLEANUP(struct answers *, answers_free)

/* Appends the kept answer to 'text'.  False: there is none. */
bool answers_get(struct answers *answers, const struct question *question, struct text *text);

/* Keeps an answer, if it is not too large and there is memory for it. */
void answers_put(struct answers *answers, const struct question *question, const char *answer,
		 size_t length);
