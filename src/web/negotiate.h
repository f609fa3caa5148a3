/* What a browser says it can take, and what it has already (RFC 9110, sections 12.5.3 and 13.1.2). */
#pragma once

#include "web/file.h"

/* The best coding that the file has and 'accepted' allows (Accept-Encoding; NULL: not sent). */
enum web_coding web_choose_coding(const struct web_file *file, const char *accepted);

/* The word for Content-Encoding; NULL: the file as it is. */
const char *web_coding_name(enum web_coding coding);

#define WEB_TAG_SIZE 80

/* The entity tag of a file in a coding, with its quotes. */
void web_format_tag(const struct web_file *file, enum web_coding coding,
		    char ret_tag[WEB_TAG_SIZE]);

/* Whether 'known' (If-None-Match; NULL: not sent) lists the tag, or is '*'. */
bool web_tag_is_known(const char *known, const char *tag);
