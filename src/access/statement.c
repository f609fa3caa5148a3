// SPDX-License-Identifier: Apache-2.0
#include "access/statement.h"

#include "access/pattern.h"
#include "base/count.h"
#include "base/text.h"

#include <errno.h>
#include <string.h>

static bool actions_match(const struct string_list *actions, const char *action);
static int resources_match(const struct string_list *resources,
			   const struct access_question *question);
static bool principals_match(const struct string_list *principals,
			     const struct access_question *question);

void statement_fini(struct statement *statement)
{
	struct string_list *lists[] = {&statement->actions, &statement->resources,
				       &statement->principals};

	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		for (size_t j = 0; j < lists[i]->count; j++)
			free(lists[i]->items[j]);
		free(lists[i]->items);
	}
	for (size_t i = 0; i < statement->condition_count; i++)
		condition_fini(&statement->conditions[i]);
	free(statement->conditions);
	*statement = (struct statement){};
}

int statement_applies(const struct statement *statement, enum policy_kind kind,
		      const struct access_question *question)
{
	int r;

	if (actions_match(&statement->actions, question->action) == statement->not_actions)
		return 0;
	if (kind == POLICY_OF_TRUST) {
		if (principals_match(&statement->principals, question) == statement->not_principals)
			return 0;
	} else {
		r = resources_match(&statement->resources, question);
		if (r < 0 || r == statement->not_resources)
			return r < 0 && r != -ENODATA ? r : 0;
	}
	for (size_t i = 0; i < statement->condition_count; i++) {
		r = condition_holds(&statement->conditions[i], question->context);
		if (r <= 0)
			return r;
	}
	return 1;
}

/* Services and actions have no case. */
static bool actions_match(const struct string_list *actions, const char *action)
{
	for (size_t i = 0; i < actions->count; i++)
		if (string_matches_caseless(actions->items[i], action))
			return true;
	return false;
}

/* Returns -ENODATA when a variable has no value, which makes the statement void. */
static int resources_match(const struct string_list *resources,
			   const struct access_question *question)
{
	for (size_t i = 0; i < resources->count; i++) {
		_cleanup_text_ struct text pattern = {};

		if (!pattern_expand(resources->items[i], true, question->context, &pattern))
			return -ENODATA;
		if (pattern.failed)
			return -ENOMEM;
		if (string_matches(pattern.data, question->resource))
			return 1;
	}
	return 0;
}

static bool principals_match(const struct string_list *principals,
			     const struct access_question *question)
{
	for (size_t i = 0; i < principals->count; i++) {
		const char *principal = principals->items[i];
		char root[64];

		snprintf(root, sizeof(root), "arn:aws:iam::%s:root", question->account);
		if (!strcmp(principal, "*") || !strcmp(principal, question->account) ||
		    !strcmp(principal, root) || !strcmp(principal, question->principal) ||
		    (question->role && !strcmp(principal, question->role)))
			return true;
	}
	return false;
}
