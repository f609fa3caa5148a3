// SPDX-License-Identifier: Apache-2.0
#include "controller/backup.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/refusal.h"
#include "controller/keeping.h"
#include "controller/privilege.h"
#include "store/backup.h"

#include <stdio.h>
#include <string.h>

static int make(const struct configuration *configuration, const char *location,
		struct refusal *why);
static int restore(const struct configuration *configuration, const char *location,
		   struct refusal *why);

int backup_run(const struct configuration *configuration, struct refusal *why)
{
	char location[STORE_LOCATION_SIZE];
	int r;

	configuration_get_store(configuration, location);
	r = configuration->job == JOB_BACKUP ? make(configuration, location, why)
					     : restore(configuration, location, why);
	if (r < 0)
		return refuse(why, 0, "cannot %s '%.300s': %s",
			      configuration->job == JOB_BACKUP ? "write the backup"
							       : "restore the backup",
			      configuration->file, strerrordesc_np(-r));
	return r;
}

static int make(const struct configuration *configuration, const char *location,
		struct refusal *why)
{
	struct backup made;
	int r = store_backup(location, configuration->file, &made, why);

	if (r != 0)
		return r;
	printf("wrote '%s': %lld bytes, schema version %d\n", configuration->file,
	       (long long)made.size, made.schema);
	printf("the key to its secrets, '%s%s', is not in it: keep a copy of that apart\n",
	       configuration->seal_key ? configuration->seal_key : configuration->state,
	       configuration->seal_key ? "" : "/seal.key");
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
		r = store_restore(location, configuration->file, clock_realtime(), &restored, why);
	if (r != 0)
		return r;
	printf("restored '%s': %lld bytes, schema version %d\n", configuration->file,
	       (long long)restored.size, restored.schema);
	if (restored.aside[0] != '\0')
		printf("the store that was there is kept as '%s'\n", restored.aside);
	return 0;
}
