/* What the controller is told by its command line, its environment and its file. */
#pragma once

#include "api/throttle.h"
#include "base/address.h"
#include "base/log.h"
#include "mirror/id.h"
#include "mirror/limits.h"
#include "mirror/usage.h"
#include "net/certificate.h"
#include "settings/settings.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

struct refusal;

#define CONFIGURATION_RESOLVERS_MAX   16
#define CONFIGURATION_RATES_MAX       64
#define CONFIGURATION_CONNECTIONS_MIN 64
#define CONFIGURATION_CONNECTIONS_MAX 60000
#define CONFIGURATION_NAMES_MAX       (CERTIFICATE_NAMES_MAX - 8) /* Leaves room for our own. */

/* What the program is run for; all but serving take words, and end. */
enum job {
	JOB_SERVE,
	JOB_BACKUP,
	JOB_RESTORE,
	JOB_MIGRATE,
};

#define CONFIGURATION_WORDS_MAX 2

struct configuration {
	struct settings settings; /* Owns the strings, but for 'words'. */
	enum job job;
	const char *words
		[CONFIGURATION_WORDS_MAX]; /* What the job takes: the backup's file; or the stores from and to. */
	size_t word_count;
	const char *state;       /* Directory. */
	const char *store;       /* NULL: in the state directory. */
	const char *seal_key;    /* File; NULL: in the state directory. */
	const char *audit_log;   /* File, or "syslog"; NULL: none. */
	const char *certificate; /* File of a chain that is not ours; NULL: our own authority's. */
	const char *certificate_key; /* File; goes with it. */
	const char *authority; /* File that clients trust then; NULL: what they trust anyway. */
	struct address listen;
	uint16_t port;
	unsigned int connections, connections_per_address;
	struct address metrics; /* Family 0: nowhere. */
	uint16_t metrics_port;
	const char *names[CONFIGURATION_NAMES_MAX]; /* More of them, for the certificate. */
	size_t name_count;
	const char *region;
	struct account_id account; /* Empty: the store's. */
	struct address resolvers[CONFIGURATION_RESOLVERS_MAX];
	size_t resolver_count;
	struct limits limits;
	struct price_list prices;
	struct throttle_rate rates[CONFIGURATION_RATES_MAX];
	size_t rate_count;
	enum log_level log_level;
	bool plain_http;
};

/* Returns 0, REFUSED or a fault; 'ret_configuration' is finished by the caller in every case. */
int configuration_parse(int argc, char **argv, struct configuration *ret_configuration,
			struct refusal *why);
void configuration_fini(struct configuration *configuration);
#define _cleanup_configuration_ _cleanup_(configuration_fini)

/* Reads everything again and takes over what may change while the controller runs; of the rest the log says that it may
 * not.  What was borrowed of the configuration before is spent, but the port that is served stays.  On REFUSED everything
 * stays as it was. */
int configuration_renew(struct configuration *configuration, struct refusal *why);

/* Whether the command line asks for an action, as "check-config". */
bool configuration_says(const struct configuration *configuration, const char *action);

/* Prints what the command line asks for: the version, help, a manual page, the settings.  Returns 0, REFUSED or a fault. */
int configuration_print(const struct configuration *configuration, struct refusal *why);

/* Whether there is anything for configuration_print(), and nothing else to do. */
bool configuration_is_printed(const struct configuration *configuration);

#define STORE_LOCATION_SIZE (PATH_MAX + 32)

/* Where the store is, as store_open() takes it. */
void configuration_get_store(const struct configuration *configuration,
			     char ret_location[STORE_LOCATION_SIZE]);

/* 127.0.0.0/8 or ::1. */
bool address_is_loopback(const struct address *address);
/* 0.0.0.0 or ::. */
bool address_is_any(const struct address *address);
