// SPDX-License-Identifier: Apache-2.0
/* Rows in sets, as caches of processors have them: a question's hash chooses the set, and within it the row that nobody
 * asked for longest makes room.  With a single row for each hash a few in a hundred questions would drive each other out
 * forever, and a page that is made costs as much as ten that are kept. */
#include "api/answers.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define HASH_SIZE 65
#define SET_COUNT (ANSWERS_ROWS / ANSWERS_ROWS_PER_SET)

struct row {
	struct account_id account; /* Empty: the row is. */
	char hash[HASH_SIZE];
	bool extended;
	int64_t version;
	uint64_t asked; /* When, as the count of questions. */
	struct text answer;
};

struct answers {
	struct row sets[SET_COUNT][ANSWERS_ROWS_PER_SET];
	uint64_t asked;
};

static struct row *find_set(struct answers *answers, const struct question *question);
static struct row *find_row(struct row *set, const struct question *question);
static struct row *find_oldest(struct row *set);

int answers_new(struct answers **ret_answers)
{
	struct answers *answers = calloc(1, sizeof(*answers));

	if (!answers)
		return -ENOMEM;
	*ret_answers = answers;
	return 0;
}

void answers_free(struct answers *answers)
{
	for (size_t i = 0; i < SET_COUNT; i++)
		for (size_t j = 0; j < ANSWERS_ROWS_PER_SET; j++)
			text_fini(&answers->sets[i][j].answer);
	free(answers);
}

bool answers_get(struct answers *answers, const struct question *question, struct text *text)
{
	struct row *row = find_row(find_set(answers, question), question);

	if (!row || row->version != question->version)
		return false;
	row->asked = ++answers->asked;
	text_append_bytes(text, row->answer.data, row->answer.length);
	return true;
}

/* What the same question was answered with before is no longer true, so its row goes first. */
void answers_put(struct answers *answers, const struct question *question, const char *answer,
		 size_t length)
{
	struct row *set = find_set(answers, question), *row = find_row(set, question);

	if (!row && length > ANSWERS_SIZE_MAX)
		return;
	if (!row)
		row = find_oldest(set);
	row->account.text[0] = '\0';
	row->asked = 0;
	text_clear(&row->answer);
	if (length > ANSWERS_SIZE_MAX)
		return;
	text_append_bytes(&row->answer, answer, length);
	if (row->answer.failed || !string_copy(row->hash, sizeof(row->hash), question->hash) ||
	    !string_copy(row->account.text, sizeof(row->account.text), question->account)) {
		text_fini(&row->answer);
		return;
	}
	row->extended = question->extended;
	row->version = question->version;
	row->asked = ++answers->asked;
}

/* The hash is SHA-256, so any part of it will do; accounts are spread by their digits. */
static struct row *find_set(struct answers *answers, const struct question *question)
{
	uint64_t number = strtoull(question->account, NULL, 10) + question->extended;

	for (size_t i = 0; i < 8; i++)
		number = number * 31 + (unsigned char)question->hash[i];
	return answers->sets[number % SET_COUNT];
}

static struct row *find_row(struct row *set, const struct question *question)
{
	for (size_t i = 0; i < ANSWERS_ROWS_PER_SET; i++)
		if (strcmp(set[i].hash, question->hash) == 0 &&
		    strcmp(set[i].account.text, question->account) == 0 &&
		    set[i].extended == question->extended)
			return &set[i];
	return NULL;
}

static struct row *find_oldest(struct row *set)
{
	struct row *oldest = set;

	for (size_t i = 1; i < ANSWERS_ROWS_PER_SET; i++)
		if (set[i].asked < oldest->asked)
			oldest = &set[i];
	return oldest;
}
