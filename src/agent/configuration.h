/* What the agent is told by its command line, its environment and its file. */
#pragma once

#include "agent/mirroring.h"
#include "base/log.h"
#include "settings/settings.h"

struct configuration {
	struct settings settings;  /* Owns the strings. */
	const char *credentials;   /* File. */
	const char *controller;    /* URLs with commas; NULL: as the credentials say. */
	const char *state;         /* Directory. */
	char host[HOST_NAME_SIZE]; /* "": nobody said. */
	struct address metrics;    /* Where Prometheus is answered; family 0: nowhere. */
	uint16_t metrics_port;
	uint64_t key_seconds; /* No key of the host's own gets older; 0: as old as it likes. */
	unsigned int report_seconds; /* From one report to the next. */
	enum log_level log_level;
	bool enrol;
	struct mirroring_options mirroring;
};

/* Returns 0, REFUSED or a fault; 'ret_configuration' is finished by the caller in every case. */
int configuration_parse(int argc, char **argv, struct configuration *ret_configuration,
			struct refusal *why);
void configuration_fini(struct configuration *configuration);
#define _cleanup_configuration_ _cleanup_(configuration_fini)

/* Reads everything again and takes over what may change while the agent runs; of the rest the log says that it may not.
 * What was borrowed of the configuration before is spent.  On REFUSED everything stays as it was. */
int configuration_renew(struct configuration *configuration, struct refusal *why);

/* Whether the command line asks for an action, as "check-config". */
bool configuration_says(const struct configuration *configuration, const char *action);

/* The kernel's name for this host as the API shows it: of its characters the letters, digits, '-', '.' and '_'. */
void configuration_name_host(char ret_name[HOST_NAME_SIZE]);

/* Prints what the command line asks for: the version, help, a manual page, the settings.  Returns 0, REFUSED or a fault. */
int configuration_print(const struct configuration *configuration, struct refusal *why);

/* Whether there is anything for configuration_print(), and nothing else to do. */
bool configuration_is_printed(const struct configuration *configuration);
