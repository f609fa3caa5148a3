/* Interfaces by name: what people say, "eth0" or "web1/eth0", and the ids that the API takes. */
#pragma once

#include "cli/command.h"

/* The inventory's own tags. */
#define TAG_HOST        "tmirror:host"
#define TAG_DEVICE      "tmirror:device"
#define TAG_ORIENTATION "tmirror:orientation"

#define INTERFACE_ID_SIZE 32

/* 'name' is an id, "HOST/DEVICE", or a "DEVICE" that only one host has.  Returns 0, COMMAND_MISUSED where several
 * have the name, TMIRROR_REFUSED where none has, or what the call returned. */
int interface_find(struct invocation *invocation, const char *name, char ret_id[INTERFACE_ID_SIZE]);
