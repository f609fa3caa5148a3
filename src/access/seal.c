// SPDX-License-Identifier: Apache-2.0
/* base64( nonce | ciphertext | tag ).  The nonce is random: with 96 bits, a key may seal 2^32 times before two are
 * likely to meet (SP 800-38D, section 8.3). */
#include "access/seal.h"

#include "base/cleanup.h"
#include "base/random.h"
#include "base/text.h"

#include <errno.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <string.h>

#define NONCE_SIZE 12
#define TAG_SIZE   16

static inline void cipher_freep(gnutls_aead_cipher_hd_t *cipher)
{
	if (*cipher)
		gnutls_aead_cipher_deinit(*cipher);
}

static inline void datum_freep(gnutls_datum_t *datum)
{
	gnutls_free(datum->data);
}

static int cipher_begin(const struct seal_key *key, gnutls_aead_cipher_hd_t *ret_cipher);
static int fault_of(int result);

bool seal_key_parse(const char *text, struct seal_key *ret_key)
{
	static const char digits[] = "0123456789abcdef";
	struct seal_key key = {};

	for (size_t i = 0; i < (size_t)2 * SEAL_KEY_SIZE; i++) {
		const char *digit = text[i] != '\0' ? strchr(digits, text[i]) : NULL;

		if (!digit)
			return false;
		key.bytes[i / 2] = (uint8_t)(key.bytes[i / 2] << 4 | (digit - digits));
	}
	text += (size_t)2 * SEAL_KEY_SIZE;
	if (text[strspn(text, "\r\n")] != '\0')
		return false;
	*ret_key = key;
	explicit_bzero(&key, sizeof(key));
	return true;
}

void seal_key_format(const struct seal_key *key, char ret_text[SEAL_KEY_TEXT_SIZE])
{
	hex_encode(key->bytes, SEAL_KEY_SIZE, ret_text);
}

int seal_close(const struct seal_key *key, const char *purpose, const void *bytes, size_t size,
	       char **ret_text)
{
	_cleanup_(cipher_freep) gnutls_aead_cipher_hd_t cipher = NULL;
	_cleanup_(datum_freep) gnutls_datum_t text = {};
	size_t sealed_size = size + TAG_SIZE;
	_cleanup_free_ uint8_t *sealed = malloc(NONCE_SIZE + sealed_size);
	int r;

	if (!sealed)
		return -ENOMEM;
	r = cipher_begin(key, &cipher);
	if (r < 0)
		return r;
	random_bytes(sealed, NONCE_SIZE);
	r = gnutls_aead_cipher_encrypt(cipher, sealed, NONCE_SIZE, purpose, strlen(purpose),
				       TAG_SIZE, bytes, size, sealed + NONCE_SIZE, &sealed_size);
	if (r < 0)
		return fault_of(r);
	r = gnutls_base64_encode2(
		&(gnutls_datum_t){sealed, (unsigned int)(NONCE_SIZE + sealed_size)}, &text);
	if (r < 0)
		return fault_of(r);
	*ret_text = strndup((const char *)text.data, text.size);
	return *ret_text ? 0 : -ENOMEM;
}

int seal_open(const struct seal_key *key, const char *purpose, const char *text, char **ret_bytes,
	      size_t *ret_size)
{
	_cleanup_(cipher_freep) gnutls_aead_cipher_hd_t cipher = NULL;
	_cleanup_(datum_freep) gnutls_datum_t sealed = {};
	const gnutls_datum_t encoded = {(uint8_t *)(uintptr_t)text, (unsigned int)strlen(text)};
	_cleanup_free_ char *bytes = NULL;
	size_t size;
	int r;

	if (gnutls_base64_decode2(&encoded, &sealed) < 0 || sealed.size < NONCE_SIZE + TAG_SIZE)
		return SEAL_BROKEN;
	size = sealed.size - NONCE_SIZE;
	bytes = malloc(size + 1);
	if (!bytes)
		return -ENOMEM;
	r = cipher_begin(key, &cipher);
	if (r < 0)
		return r;
	if (gnutls_aead_cipher_decrypt(cipher, sealed.data, NONCE_SIZE, purpose, strlen(purpose),
				       TAG_SIZE, sealed.data + NONCE_SIZE, size, bytes, &size) < 0)
		return SEAL_BROKEN;
	bytes[size] = '\0';
	*ret_bytes = TAKE_PTR(bytes);
	*ret_size = size;
	return 0;
}

static int cipher_begin(const struct seal_key *key, gnutls_aead_cipher_hd_t *ret_cipher)
{
	const gnutls_datum_t bytes = {(uint8_t *)(uintptr_t)key->bytes, SEAL_KEY_SIZE};

	return fault_of(gnutls_aead_cipher_init(ret_cipher, GNUTLS_CIPHER_AES_256_GCM, &bytes));
}

static int fault_of(int result)
{
	if (result >= 0)
		return 0;
	return result == GNUTLS_E_MEMORY_ERROR ? -ENOMEM : -EIO;
}
