/* Giving up what the controller does not need, before it opens anything and before there are threads.
 *
 * It serves strangers, so it is to hold no privilege at all: started as root it becomes whoever owns its state directory,
 * which packages give to a user of its own.  There is nothing to configure that could be forgotten. */
#pragma once

#include <stdbool.h>

struct refusal;

/* 'low_port' keeps CAP_NET_BIND_SERVICE, if it is there: the server is opened anew with each certificate.  Returns 0, or REFUSED. */
int privilege_drop(const char *state, bool low_port, struct refusal *why);

/* For what changes the store without serving: files shall belong to whoever serves. */
int privilege_become_owner(const char *state, struct refusal *why);
