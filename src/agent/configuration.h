/* What the command line says. */
#pragma once

#include "agent/mirroring.h"
#include "base/log.h"

struct configuration {
	const char *credentials; /* File. */
	const char *controller;  /* URL; NULL: as the credentials say. */
	const char *state;       /* Directory. */
	char host[HOST_NAME_SIZE];
	struct address metrics; /* Where Prometheus is answered; family 0: nowhere. */
	uint16_t metrics_port;
	enum log_level log_level;
	bool detach, help, version;
	struct mirroring_options mirroring;
};

/* Fills in the defaults, then reads the command line, whose strings are borrowed.  Returns 0 or REFUSED. */
int configuration_parse(int argc, char **argv, struct configuration *ret_configuration,
			struct refusal *why);

void configuration_help(void);
