/* What the doctor found, for others than his own command. */
#pragma once

#include <jansson.h>

struct doctor;
struct invocation;

/* Looks at this host, and asks the API for its sessions if there is a client.  Returns 0 or a fault. */
int doctor_run(struct invocation *invocation, struct doctor *examined);

/* A new reference, or NULL without memory. */
json_t *doctor_to_json(const struct doctor *examined);
