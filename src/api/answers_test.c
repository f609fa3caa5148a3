// SPDX-License-Identifier: Apache-2.0
#include "api/answers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define HASH "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void put(struct answers *answers, const struct question *question, const char *answer)
{
	_cleanup_text_ struct text text = {};

	text_append(&text, answer);
	answers_put(answers, question, &text);
}

static void assert_answer(struct answers *answers, const struct question *question,
			  const char *expected)
{
	_cleanup_text_ struct text text = {};

	text_append(&text, "");
	assert_int_equal(answers_get(answers, question, &text), expected != NULL);
	assert_string_equal(text.data, expected ? expected : "");
}

static void test_only_the_same_question_is_answered(void **state)
{
	_cleanup_(answers_freep) struct answers *answers = NULL;
	const struct question question = {"123456789012", HASH, false, 7};
	struct question other;
	char hash[65] = HASH;

	(void)state;
	assert_int_equal(answers_new(&answers), 0);
	assert_answer(answers, &question, NULL);
	put(answers, &question, "<a/>");
	assert_answer(answers, &question, "<a/>");
	other = question;
	other.version++;
	assert_answer(answers, &other, NULL);
	other = question;
	other.extended = true;
	assert_answer(answers, &other, NULL);
	other = question;
	other.account = "210987654321";
	assert_answer(answers, &other, NULL);
	/* The last digit does not choose the row, so this one asks the same row. */
	other = question;
	hash[63] = '0';
	other.hash = hash;
	assert_answer(answers, &other, NULL);
	put(answers, &other, "<b/>");
	assert_answer(answers, &other, "<b/>");
	assert_answer(answers, &question, NULL);
}

static void test_what_is_too_large_is_not_kept(void **state)
{
	_cleanup_(answers_freep) struct answers *answers = NULL;
	const struct question question = {"123456789012", HASH, false, 1};
	_cleanup_free_ char *large = calloc(1, ANSWERS_SIZE_MAX + 2);

	(void)state;
	assert_non_null(large);
	assert_int_equal(answers_new(&answers), 0);
	memset(large, 'x', ANSWERS_SIZE_MAX);
	put(answers, &question, large);
	assert_answer(answers, &question, large);
	large[ANSWERS_SIZE_MAX] = 'x';
	put(answers, &question, large);
	assert_answer(answers, &question, NULL);
}

static void test_many_questions(void **state)
{
	_cleanup_(answers_freep) struct answers *answers = NULL;
	unsigned int kept = 0;
	char hash[65], answer[24];

	(void)state;
	assert_int_equal(answers_new(&answers), 0);
	for (int turn = 0; turn < 2; turn++)
		for (unsigned int i = 0; i < 2 * ANSWERS_ROWS; i++) {
			const struct question question = {"123456789012", hash, false, 1};
			_cleanup_text_ struct text text = {};

			(void)snprintf(hash, sizeof(hash), "%08x%s", i * 2654435761U, &HASH[8]);
			(void)snprintf(answer, sizeof(answer), "<a>%u</a>", i);
			if (turn == 0) {
				put(answers, &question, answer);
			} else if (answers_get(answers, &question, &text)) {
				kept++;
				assert_string_equal(text.data, answer);
			}
		}
	assert_in_range(kept, ANSWERS_ROWS / 2, ANSWERS_ROWS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_only_the_same_question_is_answered),
		cmocka_unit_test(test_what_is_too_large_is_not_kept),
		cmocka_unit_test(test_many_questions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
