// SPDX-License-Identifier: Apache-2.0
/* Whatever a server answers: a tree that is taken can be walked, asked and printed. */
#include "cli/json.h"
#include "fuzz.h"
#include "sdk/response.h"

static size_t node_count(const struct tmirror_node *node, unsigned int depth)
{
	size_t count = 0;

	require(depth <= RESPONSE_DEPTH_MAX);
	for (; node; node = tmirror_node_next(node)) {
		require(tmirror_node_name(node)[0] != '\0');
		require(tmirror_node_text(node, ""));
		count += 1 + node_count(tmirror_node_first(node), depth + 1);
	}
	return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(tmirror_response_freep) struct tmirror_response *response = NULL;
	json_t *json;

	if (response_parse((const char *)data, size, &response, NULL) != 0)
		return 0;
	require(node_count(tmirror_response_root(response), 1) <= size);
	(void)tmirror_node_text(tmirror_response_root(response), "Errors/Error/Code");
	json = json_from_node(tmirror_response_root(response));
	require(json);
	json_decref(json);
	return 0;
}
