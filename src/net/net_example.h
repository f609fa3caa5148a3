/* What tests and measurements of the kernel's network begin with.  Everything here ends the process when it fails. */
#pragma once

#include "base/address.h"

/* Runs a shell command in the present namespace. */
void shell(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Reads an address as it is written. */
struct address address(const char *text);
