// SPDX-License-Identifier: Apache-2.0
/* Settings from a file: one YAML mapping of keys to words, or, where a setting may be repeated, to lists of words.
 *
 * A mapping stands for a list of what its entries say as NAME=VALUE, so that "limit: {sessions: 5}" is as good as
 * "limit: [sessions=5]". */
#include "base/file.h"
#include "base/refusal.h"
#include "base/text.h"
#include "settings/gather.h"
#include "settings/yaml_tree.h"

#include <errno.h>
#include <string.h>

#define FILE_SIZE_MAX ((size_t)1 << 20)

static int take_document(struct settings *settings, const struct yaml_tree *tree,
			 struct refusal *why);
static int take_key(struct settings *settings, const struct yaml_node *node, struct refusal *why);
static int take_item(struct settings *settings, const struct setting_row *row,
		     const struct yaml_node *node, bool named, struct refusal *why);

int settings_read_file(struct settings *settings, const char *path, bool required,
		       struct refusal *why)
{
	_cleanup_free_ char *text = NULL;
	size_t size;
	int r = file_read(path, FILE_SIZE_MAX, &text, &size);

	if (r == -ENOENT && !required)
		return 0;
	if (r < 0)
		return refuse(why, 0, "cannot read the settings in '%.300s': %s", path,
			      strerrordesc_np(-r));
	return settings_read_text(settings, path, text, size, why);
}

int settings_read_text(struct settings *settings, const char *path, const char *text, size_t size,
		       struct refusal *why)
{
	_cleanup_yaml_ struct yaml_tree tree = {};
	int r;

	settings->file = strdup(path);
	if (!settings->file)
		return -ENOMEM;
	r = yaml_read(&tree, settings->file, text, size, why);
	return r == 0 ? take_document(settings, &tree, why) : r;
}

/* A file of comments has no document, and says nothing. */
static int take_document(struct settings *settings, const struct yaml_tree *tree,
			 struct refusal *why)
{
	const struct yaml_node *document = tree->first;
	int r = 0;

	if (!document ||
	    (document->kind == YAML_WORD && *document->word == '\0' && !document->next))
		return 0;
	if (document->next)
		return yaml_refuse(why, document->next, "settings are one document, not several");
	if (document->kind != YAML_MAPPING)
		return yaml_refuse(why, document, "settings are lines of the form KEY: VALUE");
	for (const struct yaml_node *node = document->first; r == 0 && node; node = node->next)
		r = take_key(settings, node, why);
	return r;
}

static int take_key(struct settings *settings, const struct yaml_node *node, struct refusal *why)
{
	const struct setting_row *row =
		settings_find_row(settings->about, node->key, strlen(node->key));
	int r = 0;

	if (!row || row->action || row->place)
		return yaml_refuse(why, node, "there is no setting '%s'", node->key);
	if (node->kind == YAML_WORD)
		return take_item(settings, row, node, false, why);
	if (!row->repeated)
		return yaml_refuse(why, node, "'%s' is one value", row->name);
	for (const struct yaml_node *item = node->first; r == 0 && item; item = item->next)
		r = take_item(settings, row, item, node->kind == YAML_MAPPING, why);
	return r;
}

static int take_item(struct settings *settings, const struct setting_row *row,
		     const struct yaml_node *node, bool named, struct refusal *why)
{
	_cleanup_text_ struct text text = {};

	if (node->kind != YAML_WORD)
		return yaml_refuse(why, node, "a value of '%s' is a word", row->name);
	if (*node->word == '\0' && node->plain)
		return yaml_refuse(why, node, "'%s' has no value", named ? node->key : row->name);
	if (named)
		text_printf(&text, "%s=", node->key);
	text_append(&text, node->word);
	if (text.failed)
		return -ENOMEM;
	return settings_add(settings, row, SETTING_FILE, node->line, text.data ? text.data : "");
}
