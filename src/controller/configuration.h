/* What the command line says. */
#pragma once

#include "api/throttle.h"
#include "base/address.h"
#include "base/log.h"
#include "mirror/id.h"
#include "mirror/limits.h"
#include "mirror/usage.h"
#include "net/certificate.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

struct refusal;

#define CONFIGURATION_RESOLVERS_MAX 16
#define CONFIGURATION_RATES_MAX     64
#define CONFIGURATION_NAMES_MAX     (CERTIFICATE_NAMES_MAX - 8) /* Leaves room for our own. */

/* What the program is run for; all but serving take a FILE, and end. */
enum job {
	JOB_SERVE,
	JOB_BACKUP,
	JOB_RESTORE,
};

struct configuration {
	enum job job;
	const char *file;      /* Of the backup. */
	const char *state;     /* Directory. */
	const char *store;     /* NULL: in the state directory. */
	const char *seal_key;  /* File; NULL: in the state directory. */
	const char *audit_log; /* File, or "syslog"; NULL: none. */
	struct address listen;
	uint16_t port;
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
	bool plain_http, list_actions, version, help;
};

/* Fills in the defaults, then reads the command line, whose strings are borrowed.  Returns 0 or REFUSED. */
int configuration_parse(int argc, char **argv, struct configuration *ret_configuration,
			struct refusal *why);

void configuration_help(void);

#define STORE_LOCATION_SIZE (PATH_MAX + 32)

/* Where the store is, as store_open() takes it. */
void configuration_get_store(const struct configuration *configuration,
			     char ret_location[STORE_LOCATION_SIZE]);

/* 127.0.0.0/8 or ::1. */
bool address_is_loopback(const struct address *address);
/* 0.0.0.0 or ::. */
bool address_is_any(const struct address *address);
