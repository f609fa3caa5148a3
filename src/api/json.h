/* A writer of JSON.  Commas come by themselves: what is already there tells whether one is due.
 *
 * Whatever is handed in, the result is valid: texts are escaped, and broken UTF-8 becomes U+FFFD.  'name' is NULL for
 * elements of arrays and for the outermost value. */
#pragma once

#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>

/* 'bracket' is '{' or '['; closed by '}' or ']'. */
void json_open(struct text *json, const char *name, char bracket);
void json_close(struct text *json, char bracket);

void json_text(struct text *json, const char *name, const char *value);
void json_number(struct text *json, const char *name, int64_t value);
void json_boolean(struct text *json, const char *name, bool value);

/* 'value' is JSON already; NULL or "" is null. */
void json_raw(struct text *json, const char *name, const char *value);
