/* Access keys, as a shell reads them. */
#pragma once

/* Prints a new key as lines of a credentials file.  Returns 0, or -EPROTO for one that is not whole. */
int key_print(const char *id, const char *secret);
