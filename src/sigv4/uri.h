/* Percent-encoding, as SigV4 wants it and forms use it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct text;

/* Appends the bytes; all but RFC 3986's unreserved characters (and those in 'keep') become "%XX", upper-case. */
void uri_append_encoded(struct text *text, const char *bytes, size_t size, const char *keep);

/* Appends what a form or query component stands for: "%XX" is a byte, '+' a blank.
 * Returns false on a '%' without two hexadecimal digits. */
bool uri_append_decoded(struct text *text, const char *component, size_t size);
