/* Bytes as text: base64 with padding (RFC 4648, section 4). */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct text;

void base64_append(struct text *text, const void *bytes, size_t size);

/* Reads what base64_append() writes and nothing else: no blanks, no line ends, no bits left over.  Returns false on anything else, and
 * when there is more than 'room' bytes of it. */
bool base64_decode(const char *text, void *ret_bytes, size_t room, size_t *ret_size);
