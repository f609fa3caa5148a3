// SPDX-License-Identifier: Apache-2.0
/* What a host shows, or a controller wishes for, survives being written and read again. */
#include "base/cleanup.h"
#include "base/refusal.h"
#include "fuzz.h"
#include "mirror/peek.h"

#include <string.h>

static void check_batch(const char *text, size_t size)
{
	_cleanup_(peek_batch_fini) struct peek_batch batch = {}, back = {};
	_cleanup_free_ char *first = NULL, *second = NULL;
	struct refusal why;

	if (peek_batch_decode(text, size, &batch, &why) != 0)
		return;
	require(peek_batch_encode(&batch, &first) == 0);
	require(peek_batch_decode(first, strlen(first), &back, &why) == 0);
	require(peek_batch_encode(&back, &second) == 0);
	require(strcmp(first, second) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(peek_wishes_fini) struct peek_wishes wishes = {}, back = {};
	_cleanup_free_ char *json = NULL;
	struct refusal why;

	check_batch((const char *)data, size);
	if (peek_wishes_decode((const char *)data, size, &wishes, &why) != 0)
		return 0;
	require(peek_wishes_encode(&wishes, &json) == 0);
	require(peek_wishes_decode(json, strlen(json), &back, &why) == 0);
	require(peek_wishes_equal(&wishes, &back));
	return 0;
}
