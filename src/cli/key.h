/* Access keys, as a shell reads them. */
#pragma once

struct tmirror_node;

/* Prints a new key as lines of a credentials file.  Returns 0, or -EPROTO for one that is not whole. */
int key_print(const struct tmirror_node *key);
