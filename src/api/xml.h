/* A writer of XML: elements with text, nothing between them.
 *
 * Whatever is handed in, the result is well formed: markup is escaped, and what XML 1.0 cannot carry (control
 * characters, broken UTF-8) becomes U+FFFD.  Names are the program's own and go out as they are. */
#pragma once

#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>

#define XML_DECLARATION "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"

void xml_open(struct text *xml, const char *name);
void xml_close(struct text *xml, const char *name);

/* An element with text. */
void xml_text(struct text *xml, const char *name, const char *value);
void xml_number(struct text *xml, const char *name, int64_t value);
void xml_count(struct text *xml, const char *name, uint64_t value);
void xml_boolean(struct text *xml, const char *name, bool value);
void xml_time(struct text *xml, const char *name, int64_t milliseconds);

/* Leaves out what is NULL or empty: EC2 omits unset scalars. */
void xml_text_if_set(struct text *xml, const char *name, const char *value);

/* A set of one item, or of none if 'value' is NULL: EC2 writes empty sets. */
void xml_set(struct text *xml, const char *name, const char *value);

void xml_escape(struct text *xml, const char *value);
