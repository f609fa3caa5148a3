/* Addresses with ports, as people write them. */
#pragma once

#include "base/address.h"

#include <stdbool.h>

#define ENDPOINT_ADDRESS_SIZE ADDRESS_TEXT_SIZE
#define ENDPOINT_PORT_SIZE    6

/* "10.0.0.1", "10.0.0.1:80", "::1", "[::1]", "[::1]:80"; 'ret_port' is empty where none was given.  Only takes apart:
 * whether it is an address is for the API to say.  Returns false where that cannot be done without doubt. */
bool endpoint_split(const char *text, char ret_address[ENDPOINT_ADDRESS_SIZE],
		    char ret_port[ENDPOINT_PORT_SIZE]);
