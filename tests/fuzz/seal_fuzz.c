// SPDX-License-Identifier: Apache-2.0
/* A sealed text that nobody sealed is broken; what was sealed opens for its purpose, unchanged, and for no other. */
#include "access/seal.h"

#include "base/cleanup.h"
#include "fuzz.h"

#include <string.h>

static const struct seal_key key = {{1, 2, 3}};

static void open_as_it_is(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *text = strndup((const char *)data, size), *opened = NULL;
	size_t opened_size;

	require(text);
	require(seal_open(&key, "fuzz", text, &opened, &opened_size) == SEAL_BROKEN);
}

static void open_our_own(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *text = NULL, *opened = NULL, *stolen = NULL;
	size_t opened_size;

	require(seal_close(&key, "fuzz", data, size, &text) == 0);
	require(seal_open(&key, "another", text, &stolen, &opened_size) == SEAL_BROKEN);
	require(seal_open(&key, "fuzz", text, &opened, &opened_size) == 0);
	require(opened_size == size && (size == 0 || memcmp(opened, data, size) == 0));
	require(opened[size] == '\0');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	open_as_it_is(data, size);
	open_our_own(data, size);
	return 0;
}
