/* The transport that reaches out: HTTPS to the endpoint of the credentials. */
#pragma once

#include "sdk/client.h"

struct credentials;

/* Returns 0 or a fault. */
int transport_open(const struct credentials *credentials, const char *user_agent,
		   struct transport *ret_transport);
