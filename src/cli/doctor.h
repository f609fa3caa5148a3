/* What the doctor found, for others than his own command. */
#pragma once

#include <jansson.h>

/* How both commands are told of the agent that they look at. */
/* clang-format off */
#define DOCTOR_ARGUMENTS \
	{.name = "agent", \
	 .value = "PROGRAM", \
	 .help = "The agent's program (else beside this one, or in /usr/sbin)", \
	 .form = FORM_OWN}, \
	{.name = "config", \
	 .value = "FILE", \
	 .help = "The agent's settings (else those of the agent that runs)", \
	 .form = FORM_OWN}
/* clang-format on */

struct doctor;
struct invocation;

/* Looks at this host, and asks the API for its sessions if there is a client.  Returns 0 or a fault. */
int doctor_run(struct invocation *invocation, struct doctor *examined);

/* A new reference, or NULL without memory. */
json_t *doctor_to_json(const struct doctor *examined);
