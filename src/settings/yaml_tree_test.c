// SPDX-License-Identifier: Apache-2.0
#include "settings/yaml_tree.h"

#include "base/refusal.h"
#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static int read_text(struct yaml_tree *tree, const char *text, struct refusal *why)
{
	return yaml_read(tree, "f", text, strlen(text), why);
}

/* "key=word key=[…] key={…}" */
static void tree_write(const struct yaml_node *node, struct text *text)
{
	if (node->key)
		text_printf(text, "%s=", node->key);
	if (node->kind == YAML_WORD)
		text_append(text, node->word);
	else
		text_append(text, node->kind == YAML_LIST ? "[" : "{");
	for (const struct yaml_node *child = node->first; child; child = child->next) {
		tree_write(child, text);
		text_append(text, child->next ? " " : "");
	}
	if (node->kind != YAML_WORD)
		text_append(text, node->kind == YAML_LIST ? "]" : "}");
}

static void assert_reads(const char *yaml, const char *expected)
{
	_cleanup_yaml_ struct yaml_tree tree = {};
	_cleanup_text_ struct text text = {};
	struct refusal why = {};

	if (read_text(&tree, yaml, &why) != 0)
		fail_msg("%s", why.text);
	for (const struct yaml_node *node = tree.first; node; node = node->next) {
		tree_write(node, &text);
		text_append(&text, node->next ? "; " : "");
	}
	assert_string_equal(text.data ? text.data : "", expected);
}

static void assert_refused(const char *yaml, const char *expected)
{
	_cleanup_yaml_ struct yaml_tree tree = {};
	struct refusal why = {};

	assert_int_equal(read_text(&tree, yaml, &why), REFUSED);
	if (!strstr(why.text, expected))
		fail_msg("'%s' is not in '%s'", expected, why.text);
}

static void trees_are_as_written(void **state)
{
	(void)state;
	assert_reads("", "");
	assert_reads("# nothing\n", "");
	assert_reads("a: 1\nb: [x, 'y z']\nc:\n  d: \"\\u00e4\"\n", "{a=1 b=[x y z] c={d=ä}}");
	assert_reads("a: 1\n---\nb: 2\n", "{a=1}; {b=2}");
	assert_reads("a:\n", "{a=}");
}

static void aliases_are_copies(void **state)
{
	(void)state;
	assert_reads("a: &x {k: v}\nb: *x\nc: [*x, *x]\n", "{a={k=v} b={k=v} c=[{k=v} {k=v}]}");
	assert_reads("a: &x 1\nb: &x 2\nc: *x\n", "{a=1 b=2 c=2}");
	assert_refused("a: *x\n", "f:1: nothing before this is called '&x'");
	assert_refused("a: &x 1\n---\nb: *x\n", "f:3: nothing before");
	assert_refused("a: &x\n  b: *x\n", "f:2: '*x' stands in itself");
	assert_refused("a: &x b\n*x : c\n", "a key is not a word");
}

static void mappings_are_merged(void **state)
{
	(void)state;
	assert_reads("a: &x {k: 1, l: 2}\nb:\n  <<: *x\n  l: 3\n", "{a={k=1 l=2} b={l=3 k=1}}");
	/* What was merged from can be named again. */
	assert_reads("b: {<<: &x {k: &y 1, l: 2}, l: 3}\nc: *x\nd: *y\n",
		     "{b={l=3 k=1} c={k=1 l=2} d=1}");
	assert_reads("b: {<<: {k: 1}}\n", "{b={k=1}}");
	assert_refused("b:\n  <<: [1]\n", "f:2: '<<' wants a mapping");
}

static void what_is_no_hand_written_yaml_is_refused(void **state)
{
	(void)state;
	assert_refused("a: [\n", "f:2: is not YAML: ");
	assert_refused("a: 1\na: 2\n", "f:2: 'a' is said twice");
	assert_refused("? [a]\n: 1\n", "f:1: a key is not a word");
	assert_refused("a: !!binary aGk=\n", "f:1: tags, such as 'tag:yaml.org,2002:binary'");
	assert_refused("a: !!map {}\n", "f:1: tags");
	assert_refused("a: \"x\\0y\"\n", "f:1: a text has a NUL character");
	assert_refused("a: \xff\n", "is not UTF-8 text");
}

static void bounds_hold(void **state)
{
	_cleanup_text_ struct text laughs = {}, keys = {};

	(void)state;
	assert_refused("[[[[[[[[[[[[[1]]]]]]]]]]]]]", "f:1: is nested deeper than 12 levels");
	assert_reads("[[[[[[[[[[[[1]]]]]]]]]]]]", "[[[[[[[[[[[[1]]]]]]]]]]]]");
	/* An alias takes its own depth along. */
	assert_refused("a: &a [[[[[[[1]]]]]]]\nb: [[[[[*a]]]]]\n", "nested deeper");
	text_append(&laughs, "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n");
	for (int i = 1; i < 9; i++)
		text_printf(&laughs,
			    "a%d: &a%d [*a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d]\n", i,
			    i, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1);
	assert_refused(laughs.data, "there are more than 500000 values, aliases resolved");
	for (int i = 0; i <= YAML_KEYS_MAX; i++)
		text_printf(&keys, "k%d: 1\n", i);
	assert_refused(keys.data, "f:65: a mapping has more than 64 keys");
}

static void nodes_know_their_place(void **state)
{
	_cleanup_yaml_ struct yaml_tree tree = {};
	struct refusal why = {};

	(void)state;
	assert_int_equal(read_text(&tree, "a: 1\n\nb:\n  - c\n  - 'd'\n", &why), 0);
	assert_int_equal(yaml_get(tree.first, "a")->line, 1);
	assert_int_equal(yaml_get(tree.first, "b")->last->line, 5);
	assert_true(yaml_get(tree.first, "b")->first->plain);
	assert_false(yaml_get(tree.first, "b")->last->plain);
	assert_null(yaml_get(tree.first, "c"));
	(void)yaml_refuse(&why, yaml_get(tree.first, "b")->last, "no %s", "d");
	assert_string_equal(why.text, "f:5: no d");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(trees_are_as_written),
		cmocka_unit_test(aliases_are_copies),
		cmocka_unit_test(mappings_are_merged),
		cmocka_unit_test(what_is_no_hand_written_yaml_is_refused),
		cmocka_unit_test(bounds_hold),
		cmocka_unit_test(nodes_know_their_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
