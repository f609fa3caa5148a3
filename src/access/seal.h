/* Secrets at rest and in tokens: bytes that only the holder of a key can read, and that nobody can change unseen
 * (AES-256-GCM, NIST SP 800-38D, by GnuTLS). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SEAL_KEY_SIZE 32

struct seal_key {
	uint8_t bytes[SEAL_KEY_SIZE];
};

/* As it is kept in a file: hexadecimal, and a line end or nothing behind it. */
#define SEAL_KEY_TEXT_SIZE (2 * SEAL_KEY_SIZE + 1)
bool seal_key_parse(const char *text, struct seal_key *ret_key);
void seal_key_format(const struct seal_key *key, char ret_text[SEAL_KEY_TEXT_SIZE]);

enum { SEAL_BROKEN = 1 };

/* 'purpose' must be the same when it is opened: what was sealed for one use is nothing in another.
 * The text is base64, the caller's to free.  Returns 0 or a fault. */
int seal_close(const struct seal_key *key, const char *purpose, const void *bytes, size_t size,
	       char **ret_text);

/* The bytes have a NUL behind them that is not counted; the caller wipes and frees them.
 * Returns 0, SEAL_BROKEN for a text that this key did not seal for this purpose, or a fault. */
int seal_open(const struct seal_key *key, const char *purpose, const char *text, char **ret_bytes,
	      size_t *ret_size);
