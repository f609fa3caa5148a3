// SPDX-License-Identifier: Apache-2.0
/* A file of tmirror apply is refused by its place, or read whole: within the bounds, and with every value in its one
 * spelling. */
#include "base/refusal.h"
#include "cli/apply_check.h"
#include "cli/apply_file.h"
#include "fuzz.h"

#include <string.h>

static size_t tree_check(const struct yaml_node *node, size_t depth)
{
	size_t count = 1;

	require(depth <= YAML_DEPTH_MAX);
	require((node->kind == YAML_WORD) == (node->word != NULL));
	for (const struct yaml_node *child = node->first; child; child = child->next) {
		require(!child->key == (node->kind == YAML_LIST));
		require(child->next || child == node->last);
		count += tree_check(child, depth + 1);
	}
	return count;
}

static void object_check(const struct object *object)
{
	const struct kind *kind = object_kind(object);

	for (size_t i = 0; i < kind->count; i++) {
		const struct field *field = &kind->fields[i];
		const char *value = object->values[i];
		_cleanup_free_ char *again = NULL;
		bool failed;

		require(value || !(field->required || field->usual));
		if (!value || (field->usual && strcmp(value, field->usual) == 0))
			continue;
		again = field_spell(field, value, &failed);
		require(again && strcmp(again, value) == 0);
	}
	require(!kind->named || object->name);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_yaml_ struct yaml_tree tree = {};
	_cleanup_world_ struct world wishes = {};
	struct refusal why = {};
	const char *set = NULL;
	size_t count = 0;
	int r;

	r = yaml_read(&tree, "input", (const char *)data, size, &why);
	require(r == 0 || (r == REFUSED && strncmp(why.text, "input:", 6) == 0));
	if (r != 0)
		return 0;
	for (const struct yaml_node *node = tree.first; node; node = node->next)
		count += tree_check(node, 0);
	require(count <= tree.nodes && tree.nodes <= YAML_NODES_MAX);
	r = apply_file_read(&tree, &wishes, &set, &why);
	require(r == 0 || (r == REFUSED && why.text[0] != '\0'));
	if (r != 0)
		return 0;
	require(set[0] != '\0');
	for (enum apply_kind kind = 0; kind < APPLY_KIND_COUNT; kind++)
		for (size_t i = 0; i < wishes.kinds[kind].count; i++)
			object_check(wishes.kinds[kind].items[i]);
	apply_drop_expired(&wishes, 1893456000000);
	return 0;
}
