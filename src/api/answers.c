// SPDX-License-Identifier: Apache-2.0
#include "api/answers.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define HASH_SIZE 65

struct row {
	struct account_id account; /* Empty: the row is. */
	char hash[HASH_SIZE];
	bool extended;
	int64_t version;
	struct text answer;
};

struct answers {
	struct row rows[ANSWERS_ROWS];
};

static struct row *find_row(struct answers *answers, const struct question *question);

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
	for (size_t i = 0; i < ANSWERS_ROWS; i++)
		text_fini(&answers->rows[i].answer);
	free(answers);
}

bool answers_get(struct answers *answers, const struct question *question, struct text *text)
{
	const struct row *row = find_row(answers, question);

	if (row->version != question->version || row->extended != question->extended ||
	    strcmp(row->account.text, question->account) != 0 ||
	    strcmp(row->hash, question->hash) != 0)
		return false;
	text_append_bytes(text, row->answer.data, row->answer.length);
	return true;
}

/* Two questions that share a row drive each other out. */
void answers_put(struct answers *answers, const struct question *question,
		 const struct text *answer)
{
	struct row *row = find_row(answers, question);

	row->account.text[0] = '\0';
	text_clear(&row->answer);
	if (answer->failed || answer->length > ANSWERS_SIZE_MAX)
		return;
	text_append_bytes(&row->answer, answer->data, answer->length);
	if (row->answer.failed || !string_copy(row->hash, sizeof(row->hash), question->hash) ||
	    !string_copy(row->account.text, sizeof(row->account.text), question->account)) {
		text_fini(&row->answer);
		return;
	}
	row->extended = question->extended;
	row->version = question->version;
}

/* The hash is SHA-256, so any part of it will do; accounts are spread by their digits. */
static struct row *find_row(struct answers *answers, const struct question *question)
{
	uint64_t number = strtoull(question->account, NULL, 10) + question->extended;

	for (size_t i = 0; i < 8; i++)
		number = number * 31 + (unsigned char)question->hash[i];
	return &answers->rows[number % ANSWERS_ROWS];
}
