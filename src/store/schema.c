// SPDX-License-Identifier: Apache-2.0
#include "store/schema.h"

#include "base/count.h"
#include "mirror/refusals.h"
#include "store/statement.h"

#include <limits.h>

extern const char schema_001[], schema_002[], schema_003[], schema_004[], schema_005[],
	schema_006[], schema_007[], schema_008[], schema_009[], schema_010[], schema_011[],
	schema_012[], schema_013[], schema_014[], schema_015[], schema_016[], schema_017[],
	schema_018[], schema_019[], schema_020[], schema_021[], schema_022[],
	schema_023[]; /* schema/001.sql and so on */

static const struct schema_step steps_known[] = {
	{1, schema_001},  {2, schema_002},  {3, schema_003},  {4, schema_004},  {5, schema_005},
	{6, schema_006},  {7, schema_007},  {8, schema_008},  {9, schema_009},  {10, schema_010},
	{11, schema_011}, {12, schema_012}, {13, schema_013}, {14, schema_014}, {15, schema_015},
	{16, schema_016}, {17, schema_017}, {18, schema_018}, {19, schema_019}, {20, schema_020},
	{21, schema_021}, {22, schema_022}, {23, schema_023},
};

static int version_get(struct store *store, int *ret_version);
static int step_take(struct store *store, const struct schema_step *step);

const struct schema_step *schema_get_steps(size_t *ret_count)
{
	*ret_count = ARRAY_SIZE(steps_known);
	return steps_known;
}

int schema_migrate(struct store *store, const struct schema_step *steps, size_t count,
		   struct refusal *why)
{
	int r = store_begin(store, STORE_WRITE);

	if (r == 0)
		r = schema_take(store, steps, count, why);
	if (r == 0)
		return store_commit(store);
	store_rollback(store);
	return r;
}

int schema_take(struct store *store, const struct schema_step *steps, size_t count,
		struct refusal *why)
{
	int newest = steps[count - 1].version, version, r;

	r = version_get(store, &version);
	if (r == 0 && version > newest)
		r = refuse(why, REFUSE_UNAVAILABLE,
			   "The store has schema version %d, but this program knows only up to %d: "
			   "a newer version has written it",
			   version, newest);
	for (size_t i = 0; r == 0 && i < count; i++)
		if (steps[i].version > version)
			r = step_take(store, &steps[i]);
	return r;
}

int schema_get_version(struct store *store, const char *name, int *ret_version, struct refusal *why)
{
	const int newest = steps_known[ARRAY_SIZE(steps_known) - 1].version;
	int64_t version;
	int r;

	r = store_query_integer(store, "SELECT COALESCE(MAX(version), 0) FROM schema_version", NULL,
				0, &version);
	if (r == -EINVAL)
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "%s is a database, but no store of Traffic Mirror", name);
	if (r != 0)
		return r;
	if (version < 1 || version > newest)
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "%s has schema version %lld, and this program knows those from 1 to "
			      "%d",
			      name, (long long)version, newest);
	*ret_version = (int)version;
	return 0;
}

/* 0 for a store that is new. */
static int version_get(struct store *store, int *ret_version)
{
	int64_t version;
	int r;

	r = store_execute(store,
			  "CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)");
	if (r < 0)
		return r;
	r = store_query_integer(store, "SELECT COALESCE(MAX(version), 0) FROM schema_version", NULL,
				0, &version);
	if (r == 0)
		*ret_version = (int)(version > INT_MAX ? INT_MAX : version);
	return r;
}

static int step_take(struct store *store, const struct schema_step *step)
{
	int r;

	r = store_execute(store, step->sql);
	if (r < 0)
		return r;
	return store_run(store, "INSERT INTO schema_version (version) VALUES ($1)",
			 VALUES(INTEGER(step->version)));
}
