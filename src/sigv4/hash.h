/* SHA-256 and HMAC-SHA-256, by GnuTLS.  Neither can fail but for a broken library, which aborts: a server that
 * cannot hash must not go on comparing. */
#pragma once

#include <stddef.h>

#define HASH_SIZE      32
#define HASH_TEXT_SIZE (2 * HASH_SIZE + 1)

/* Lower-case hexadecimal. */
void hash_text(const void *data, size_t size, char ret_text[HASH_TEXT_SIZE]);

void hash_keyed(const void *key, size_t key_size, const void *data, size_t size,
		unsigned char ret_hash[HASH_SIZE]);
