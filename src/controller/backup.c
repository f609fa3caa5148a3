// SPDX-License-Identifier: Apache-2.0
#include "controller/backup.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/refusal.h"
#include "controller/keeping.h"
#include "controller/privilege.h"
#include "store/backup.h"
#include "store/move.h"

#include <stdio.h>
#include <string.h>

static int make(const struct configuration *configuration, const char *location,
		struct refusal *why);
static int restore(const struct configuration *configuration, const char *location,
		   struct refusal *why);
static int migrate(const struct configuration *configuration, struct refusal *why);
static void tell_key(const struct configuration *configuration, const char *where);

int backup_run(const struct configuration *configuration, struct refusal *why)
{
	char location[STORE_LOCATION_SIZE];
	int r;

	if (configuration->job == JOB_MIGRATE)
		return migrate(configuration, why);
	configuration_get_store(configuration, location);
	r = configuration->job == JOB_BACKUP ? make(configuration, location, why)
					     : restore(configuration, location, why);
	if (r < 0)
		return refuse(why, 0, "cannot %s '%.300s': %s",
			      configuration->job == JOB_BACKUP ? "write the backup"
							       : "restore the backup",
			      configuration->words[0], strerrordesc_np(-r));
	return r;
}

static int make(const struct configuration *configuration, const char *location,
		struct refusal *why)
{
	struct backup made;
	int r = store_backup(location, configuration->words[0], &made, why);

	if (r != 0)
		return r;
	printf("wrote '%s': %lld bytes, schema version %d\n", configuration->words[0],
	       (long long)made.size, made.schema);
	tell_key(configuration, "not in it: keep a copy of that apart");
	return 0;
}

/* Under the lock that a running controller holds, and as the user that it runs as. */
static int restore(const struct configuration *configuration, const char *location,
		   struct refusal *why)
{
	_cleanup_close_ int lock = -1;
	struct backup restored;
	int r;

	r = privilege_become_owner(configuration->state, why);
	if (r == 0)
		r = keep_directory(configuration, &lock, why);
	if (r == 0)
		r = store_restore(location, configuration->words[0], clock_realtime(), &restored,
				  why);
	if (r != 0)
		return r;
	printf("restored '%s': %lld bytes, schema version %d\n", configuration->words[0],
	       (long long)restored.size, restored.schema);
	if (restored.aside[0] != '\0')
		printf("the store that was there is kept as '%s'\n", restored.aside);
	return 0;
}

/* As restore(); a connection that breaks while it commits leaves nobody who knows. */
static int migrate(const struct configuration *configuration, struct refusal *why)
{
	_cleanup_close_ int lock = -1;
	struct move moved;
	int r;

	r = privilege_become_owner(configuration->state, why);
	if (r == 0)
		r = keep_directory(configuration, &lock, why);
	if (r == 0)
		r = store_move(configuration->words[0], configuration->words[1], &moved, why);
	if (r < 0)
		return refuse(why, 0,
			      "cannot migrate the store: %s; what the second store holds is all "
			      "or nothing",
			      strerrordesc_np(-r));
	if (r != 0)
		return r;
	printf("migrated %lld rows of %zu tables, schema version %d; each was read back and "
	       "compared\n",
	       (long long)moved.rows, moved.tables, moved.schema);
	tell_key(configuration, "in neither: whoever serves the new store needs it, too");
	return 0;
}

static void tell_key(const struct configuration *configuration, const char *where)
{
	printf("the key to its secrets, '%s%s', is %s\n",
	       configuration->seal_key ? configuration->seal_key : configuration->state,
	       configuration->seal_key ? "" : "/seal.key", where);
}
