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
	answers_put(answers, question, answer, strlen(answer));
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
	other = question;
	hash[63] = '0';
	other.hash = hash;
	assert_answer(answers, &other, NULL);
	put(answers, &other, "<b/>");
	assert_answer(answers, &other, "<b/>");
	assert_answer(answers, &question, "<a/>");
}

static void test_a_new_version_takes_the_row_of_the_old(void **state)
{
	_cleanup_(answers_freep) struct answers *answers = NULL;
	struct question question = {"123456789012", HASH, false, 1};

	(void)state;
	assert_int_equal(answers_new(&answers), 0);
	for (unsigned int i = 0; i <= ANSWERS_ROWS_PER_SET; i++) {
		question.version++;
		assert_answer(answers, &question, NULL);
		put(answers, &question, "<a/>");
	}
	assert_answer(answers, &question, "<a/>");
	question.version--;
	assert_answer(answers, &question, NULL);
}

/* The last digits do not choose the set, so all of these are in one. */
static void test_what_was_not_asked_for_longest_makes_room(void **state)
{
	_cleanup_(answers_freep) struct answers *answers = NULL;
	char hashes[ANSWERS_ROWS_PER_SET + 1][65];

	(void)state;
	assert_int_equal(answers_new(&answers), 0);
	for (unsigned int i = 0; i <= ANSWERS_ROWS_PER_SET; i++) {
		const struct question question = {"123456789012", hashes[i], false, 1};
		const struct question first = {"123456789012", hashes[0], false, 1};

		(void)snprintf(hashes[i], sizeof(hashes[i]), "%.62s%02x", HASH, i);
		put(answers, &question, hashes[i]);
		assert_answer(answers, &first, hashes[0]);
	}
	for (unsigned int i = 0; i <= ANSWERS_ROWS_PER_SET; i++)
		assert_answer(answers, &(struct question){"123456789012", hashes[i], false, 1},
			      i == 1 ? NULL : hashes[i]);
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

static void test_what_is_too_large_takes_nobodys_place(void **state)
{
	_cleanup_(answers_freep) struct answers *answers = NULL;
	_cleanup_free_ char *large = calloc(1, ANSWERS_SIZE_MAX + 2);
	char hashes[ANSWERS_ROWS_PER_SET + 1][65];

	(void)state;
	assert_non_null(large);
	memset(large, 'x', ANSWERS_SIZE_MAX + 1);
	assert_int_equal(answers_new(&answers), 0);
	for (unsigned int i = 0; i <= ANSWERS_ROWS_PER_SET; i++) {
		(void)snprintf(hashes[i], sizeof(hashes[i]), "%.62s%02x", HASH, i);
		put(answers, &(struct question){"123456789012", hashes[i], false, 1},
		    i < ANSWERS_ROWS_PER_SET ? hashes[i] : large);
	}
	for (unsigned int i = 0; i < ANSWERS_ROWS_PER_SET; i++)
		assert_answer(answers, &(struct question){"123456789012", hashes[i], false, 1},
			      hashes[i]);
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
	assert_in_range(kept, ANSWERS_ROWS * 3 / 4, ANSWERS_ROWS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_only_the_same_question_is_answered),
		cmocka_unit_test(test_a_new_version_takes_the_row_of_the_old),
		cmocka_unit_test(test_what_was_not_asked_for_longest_makes_room),
		cmocka_unit_test(test_what_is_too_large_is_not_kept),
		cmocka_unit_test(test_what_is_too_large_takes_nobodys_place),
		cmocka_unit_test(test_many_questions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
