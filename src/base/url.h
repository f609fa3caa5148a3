/* Passwords in URLs, which nobody should write and everybody does. */
#pragma once

#include <stddef.h>

/* How long the password of "scheme://user:password@host" is that begins at 'text', which lies in 'whole'; 0: none does.  It may have what else
 * would end it in a URL, if somebody forgot to escape that, but none of 'ends', which part words. */
size_t url_password_length(const char *whole, const char *text, const char *ends);
