/* 'tmirror-agent enrol': a new host's way to a key of its own. */
#pragma once

#include <stdio.h>

struct configuration;
struct refusal;

/* Reads the invitation, redeems its code and writes the file of credentials.  Says on 'output' what it did.  Returns 0, REFUSED or a
 * fault. */
int enrol(const struct configuration *configuration, FILE *input, FILE *output,
	  struct refusal *why);
