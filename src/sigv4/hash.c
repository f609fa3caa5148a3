// SPDX-License-Identifier: Apache-2.0
#include "sigv4/hash.h"

#include "base/text.h"

#include <gnutls/crypto.h>
#include <stdlib.h>

void hash_text(const void *data, size_t size, char ret_text[HASH_TEXT_SIZE])
{
	unsigned char hash[HASH_SIZE];

	if (gnutls_hash_fast(GNUTLS_DIG_SHA256, data ? data : "", size, hash) < 0)
		abort();
	hex_encode(hash, sizeof(hash), ret_text);
}

void hash_keyed(const void *key, size_t key_size, const void *data, size_t size,
		unsigned char ret_hash[HASH_SIZE])
{
	if (gnutls_hmac_fast(GNUTLS_MAC_SHA256, key, key_size, data ? data : "", size, ret_hash) <
	    0)
		abort();
}
