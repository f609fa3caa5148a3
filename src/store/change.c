// SPDX-License-Identifier: Apache-2.0
#include "store/change.h"

#include "base/clock.h"
#include "base/count.h"
#include "base/random.h"
#include "store/statement.h"

/* Old ones go in bulk, now and then: who asks for his own does so within seconds. */
#define KEPT_MILLISECONDS ((int64_t)60 * 60 * 1000)
#define CLEANED_EVERY     128

int change_get_last(struct store *store, int64_t *ret_number)
{
	return store_query_integer(store, "SELECT COALESCE(MAX(number), 0) FROM changes", NULL, 0,
				   ret_number);
}

struct change change_make(int64_t last)
{
	return (struct change){
		.number = MAX(last + 1, clock_realtime()),
		.token = (int64_t)(random_number() >> 1),
	};
}

int change_add(struct store *store, const struct change *change)
{
	int r;

	r = store_run(store, "INSERT INTO changes (number, token) VALUES ($1, $2)",
		      VALUES(INTEGER(change->number), INTEGER(change->token)));
	if (r < 0 || change->token % CLEANED_EVERY != 0)
		return r;
	return store_run(store, "DELETE FROM changes WHERE number < $1",
			 VALUES(INTEGER(change->number - KEPT_MILLISECONDS)));
}

int change_find(struct store *store, const struct change *change, bool *ret_found)
{
	int64_t count;
	int r;

	r = store_query_integer(store,
				"SELECT COUNT(*) FROM changes WHERE number = $1 AND token = $2",
				VALUES(INTEGER(change->number), INTEGER(change->token)), &count);
	if (r == 0)
		*ret_found = count > 0;
	return r;
}
