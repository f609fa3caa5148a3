// SPDX-License-Identifier: Apache-2.0
#include "sdk/response.h"

#include "base/refusal.h"
#include "base/text.h"
#include "sdk/request.h"

#include <errno.h>
#include <expat.h>
#include <limits.h>
#include <string.h>

struct tmirror_response {
	struct tmirror_node *root;
};

/* What the parser's callbacks share. */
struct parsing {
	XML_Parser parser;
	struct tmirror_response *response;
	struct tmirror_node *open; /* The innermost element that has not ended. */
	struct text text;          /* Its characters so far. */
	size_t depth, count;
	const char *objection; /* Ours, when expat has none; NULL: no memory. */
};

static void parsing_fini(struct parsing *parsing);
static int parsing_start(struct parsing *parsing);
static int parsing_judge(const struct parsing *parsing, struct refusal *why);
static void node_free(struct tmirror_node *node);
static void node_absorb(struct tmirror_node *node, struct tmirror_node *later);
static void node_append_children(struct tmirror_node *node, struct tmirror_node *from);
static const struct tmirror_node *node_child(const struct tmirror_node *node, const char *name,
					     size_t name_length);

int response_parse(const char *document, size_t size, struct tmirror_response **ret_response,
		   struct refusal *why)
{
	_cleanup_(tmirror_response_freep) struct tmirror_response *response = NULL;
	_cleanup_(parsing_fini) struct parsing parsing = {};
	int r;

	if (size > INT_MAX)
		return refuse(why, 0, "a document of %zu bytes is too long", size);
	response = calloc(1, sizeof(*response));
	if (!response)
		return -ENOMEM;
	parsing.response = response;
	r = parsing_start(&parsing);
	if (r < 0)
		return r;
	if (XML_Parse(parsing.parser, document, (int)size, XML_TRUE) != XML_STATUS_OK)
		return parsing_judge(&parsing, why);
	*ret_response = TAKE_PTR(response);
	return 0;
}

void tmirror_response_free(struct tmirror_response *response)
{
	if (!response)
		return;
	node_free(response->root);
	free(response);
}

const struct tmirror_node *tmirror_response_root(const struct tmirror_response *response)
{
	return response->root;
}

const char *tmirror_node_name(const struct tmirror_node *node)
{
	return node->name;
}

const struct tmirror_node *tmirror_node_find(const struct tmirror_node *node, const char *path)
{
	while (node && *path) {
		size_t length = strcspn(path, "/");

		node = node_child(node, path, length);
		path += length;
		path += *path == '/';
	}
	return node;
}

const char *tmirror_node_text(const struct tmirror_node *node, const char *path)
{
	node = tmirror_node_find(node, path);
	return node ? node->text : NULL;
}

const struct tmirror_node *tmirror_node_first(const struct tmirror_node *node)
{
	return node ? node->first : NULL;
}

const struct tmirror_node *tmirror_node_next(const struct tmirror_node *node)
{
	return node ? node->next : NULL;
}

const struct tmirror_node *response_result(const struct tmirror_node *root,
					   const struct request_service *service)
{
	return service->wraps_result ? tmirror_node_first(root) : root;
}

void response_absorb(struct tmirror_response *response, struct tmirror_response *later,
		     const struct request_service *service)
{
	struct tmirror_node *into = response->root, *from = later->root;

	if (service->wraps_result) {
		into = into->first;
		from = from->first;
	}
	if (into && from)
		node_absorb(into, from);
}

static void parsing_fini(struct parsing *parsing)
{
	if (parsing->parser)
		XML_ParserFree(parsing->parser);
	text_fini(&parsing->text);
}

static void parsing_stop(struct parsing *parsing, const char *objection)
{
	parsing->objection = objection;
	(void)XML_StopParser(parsing->parser, XML_FALSE);
}

/* Hangs the node into the tree, which from then on owns it. */
static void node_attach(struct parsing *parsing, struct tmirror_node *node)
{
	struct tmirror_node *parent = parsing->open;

	node->parent = parent;
	if (!parent)
		parsing->response->root = node;
	else if (parent->last)
		parent->last->next = node;
	else
		parent->first = node;
	if (parent)
		parent->last = node;
	parsing->open = node;
}

static void on_start(void *context, const char *name, const char **attributes _unused_)
{
	struct parsing *parsing = context;
	struct tmirror_node *node;

	if (++parsing->depth > RESPONSE_DEPTH_MAX) {
		parsing_stop(parsing, "elements are nested too deeply");
		return;
	}
	if (++parsing->count > RESPONSE_NODES_MAX) {
		parsing_stop(parsing, "there are too many elements");
		return;
	}
	node = calloc(1, sizeof(*node));
	if (!node) {
		parsing_stop(parsing, NULL);
		return;
	}
	node_attach(parsing, node);
	node->name = strdup(name);
	if (!node->name)
		parsing_stop(parsing, NULL);
	text_clear(&parsing->text);
}

static void on_end(void *context, const char *name _unused_)
{
	struct parsing *parsing = context;
	struct tmirror_node *node = parsing->open;

	/* Blanks between elements are nobody's text. */
	if (node->first)
		text_clear(&parsing->text);
	text_append(&parsing->text, "");
	node->text = parsing->text.failed ? NULL : strdup(parsing->text.data);
	if (!node->text)
		parsing_stop(parsing, NULL);
	text_clear(&parsing->text);
	parsing->open = node->parent;
	parsing->depth--;
}

static void on_characters(void *context, const char *characters, int length)
{
	struct parsing *parsing = context;

	text_append_bytes(&parsing->text, characters, (size_t)length);
}

static void on_doctype(void *context, const char *name _unused_, const char *system _unused_,
		       const char *public _unused_, int has_subset _unused_)
{
	parsing_stop(context, "it declares a document type");
}

static int parsing_start(struct parsing *parsing)
{
	parsing->parser = XML_ParserCreate(NULL);
	if (!parsing->parser)
		return -ENOMEM;
	XML_SetUserData(parsing->parser, parsing);
	XML_SetElementHandler(parsing->parser, on_start, on_end);
	XML_SetCharacterDataHandler(parsing->parser, on_characters);
	XML_SetStartDoctypeDeclHandler(parsing->parser, on_doctype);
	return 0;
}

static int parsing_judge(const struct parsing *parsing, struct refusal *why)
{
	enum XML_Error error = XML_GetErrorCode(parsing->parser);
	const char *reason = parsing->objection;

	if (error != XML_ERROR_ABORTED)
		reason = XML_ErrorString(error);
	if (!reason || error == XML_ERROR_NO_MEMORY)
		return -ENOMEM;
	return refuse(why, 0, "%s, at byte %ld", reason,
		      (long)XML_GetCurrentByteIndex(parsing->parser));
}

/* Recursion is bounded by RESPONSE_DEPTH_MAX. */
static void node_free(struct tmirror_node *node)
{
	while (node) {
		struct tmirror_node *next = node->next;

		node_free(node->first);
		free(node->name);
		free(node->text);
		free(node);
		node = next;
	}
}

/* Of a single page, an element without children may be a text or an empty list; so a list of any page makes it one. */
static void node_absorb(struct tmirror_node *node, struct tmirror_node *later)
{
	struct tmirror_node **link = &node->first;

	node->last = NULL;
	while (*link) {
		struct tmirror_node *child = *link, *other = later->first;

		while (other && strcmp(other->name, child->name) != 0)
			other = other->next;
		if (!other && !child->first) {
			*link = child->next;
			child->next = NULL;
			node_free(child);
			continue;
		}
		if (other && other->first) {
			node_append_children(child, other);
		} else if (other && !child->first) {
			char *text = child->text;

			child->text = other->text;
			other->text = text;
		}
		node->last = child;
		link = &child->next;
	}
}

static void node_append_children(struct tmirror_node *node, struct tmirror_node *from)
{
	for (struct tmirror_node *child = from->first; child; child = child->next)
		child->parent = node;
	if (node->last)
		node->last->next = from->first;
	else
		node->first = from->first;
	node->last = from->last;
	from->first = NULL;
	from->last = NULL;
}

static const struct tmirror_node *node_child(const struct tmirror_node *node, const char *name,
					     size_t name_length)
{
	for (node = node->first; node; node = node->next) {
		if (strlen(node->name) == name_length && memcmp(node->name, name, name_length) == 0)
			return node;
	}
	return NULL;
}
