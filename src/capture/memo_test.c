// SPDX-License-Identifier: Apache-2.0
/* Memos: what is found is what was noted, of the same filter, about the same question, and whole.  Whole rule sets with
 * memos before them are in tests/classifier. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "capture/classifier_host.h"

#include "base/count.h"

#include <string.h>

#define STATE  MAP_FILTER_OF(2, 77)
#define ANSWER (5u << INFO_RANK | INFO_ACCEPT)
#define MANY   100000u

static struct memos memos;

static int memos_clear(void **state)
{
	(void)state;
	memset(&memos, 0, sizeof(memos));
	return 0;
}

static const struct classifier_key asked4 = {
	.source = {0x0a0000010a000002}, .lanes = 1ULL << LANE_SOURCE_PORT, .family = 4, .more = 7};
static const struct classifier_key asked6 = {.source = {1, 2},
					     .destination = {3, 4},
					     .lanes = 1ULL << LANE_DESTINATION_PORT,
					     .family = 6,
					     .more = 7};

/* At one place for all questions, which so are told apart by nothing but themselves. */
static __u32 find(__u64 state, const struct classifier_key *key)
{
	return memo_find(&memos, 0, state, key->family == 4, key);
}

static void note(__u64 state, const struct classifier_key *key)
{
	memo_write(&memos, 0, state, key->family == 4, key, ANSWER);
}

static void test_finds_what_was_noted(void **state)
{
	(void)state;
	assert_int_equal(find(STATE, &asked4), INFO_GO_ON);
	note(STATE, &asked4);
	assert_int_equal(find(STATE, &asked4), ANSWER);
	note(STATE, &asked6);
	assert_int_equal(find(STATE, &asked6), ANSWER);
	assert_int_equal(find(STATE, &asked4), INFO_GO_ON);
}

/* A bit of any word makes another question. */
static void test_tells_questions_apart(void **state)
{
	static const size_t words[] = {
		offsetof(struct classifier_key, source),
		offsetof(struct classifier_key, source) + sizeof(__u64),
		offsetof(struct classifier_key, destination),
		offsetof(struct classifier_key, destination) + sizeof(__u64),
		offsetof(struct classifier_key, lanes),
	};

	(void)state;
	note(STATE, &asked6);
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		for (unsigned int bit = 0; bit < 64; bit++) {
			struct classifier_key other = asked6;
			__u64 *word = (__u64 *)(void *)((char *)&other + words[i]);

			if (words[i] == offsetof(struct classifier_key, lanes) &&
			    LANES_INFO >> bit & 1)
				continue;
			*word ^= 1ULL << bit;
			assert_int_equal(find(STATE, &other), INFO_GO_ON);
			assert_int_not_equal(memo_hash(STATE, false, &other),
					     memo_hash(STATE, false, &asked6));
		}
	assert_int_equal(find(STATE, &asked6), ANSWER);
}

/* IPv4 addresses that are the beginning of IPv6 ones, and nothing but the family between them. */
static void test_tells_families_apart(void **state)
{
	struct classifier_key short6 = asked4;

	(void)state;
	short6.family = 6;
	note(STATE, &short6);
	assert_int_equal(find(STATE, &asked4), INFO_GO_ON);
	assert_int_equal(find(STATE, &short6), ANSWER);
}

static void test_replaced_filter_is_forgotten(void **state)
{
	(void)state;
	note(STATE, &asked4);
	assert_int_equal(find(MAP_FILTER_OF(2, 78), &asked4), INFO_GO_ON);
	assert_int_equal(find(MAP_FILTER_OF(1, 77), &asked4), INFO_GO_ON);
	assert_int_equal(find(0, &(struct classifier_key){.family = 4}), INFO_GO_ON);
}

/* Flags change from packet to packet: they part a flow only where a rule asks for them. */
static void test_more_counts_where_rules_ask(void **state)
{
	struct classifier_key marked = asked4;

	(void)state;
	marked.more ^= 1;
	note(STATE, &asked4);
	assert_int_equal(find(STATE, &marked), ANSWER);
	note(STATE | MAP_FILTER_MORE, &asked4);
	assert_int_equal(find(STATE | MAP_FILTER_MORE, &marked), INFO_GO_ON);
	assert_int_equal(find(STATE | MAP_FILTER_MORE, &asked4), ANSWER);
}

/* A run that was interrupted while it wrote: nobody reads the memo, or writes it, until that run goes on. */
static void test_unfinished_memo_is_nobodys(void **state)
{
	(void)state;
	note(STATE, &asked4);
	memos.list[0].version |= MEMO_BUSY;
	assert_int_equal(find(STATE, &asked4), INFO_GO_ON);
	note(STATE, &asked6);
	assert_int_equal(memos.list[0].filter, STATE);
	assert_int_equal(memos.list[0].source[0], asked4.source[0]);
	assert_int_equal(memos.list[0].version & MEMO_BUSY, MEMO_BUSY);
}

static void test_version_tells_of_writing(void **state)
{
	__u64 before = memos.list[0].version;

	(void)state;
	note(STATE, &asked4);
	assert_int_not_equal(memos.list[0].version, before);
	assert_int_equal(memos.list[0].version & MEMO_BUSY, 0);
}

/* How many of the packets of 'flows' flows, in turn, were looked for. */
static unsigned int serve(unsigned int flows)
{
	unsigned int served = 0;

	for (unsigned int i = 0; i < MANY; i++) {
		struct classifier_key key = asked4;
		__u64 hash;

		key.source[0] += (__u64)(i % flows) << 32;
		hash = memo_hash(STATE, true, &key);
		if (!memos_serve(&memos, hash))
			continue;
		served++;
		if (memo_find(&memos, hash, STATE, true, &key) == INFO_GO_ON)
			memo_write(&memos, hash, STATE, true, &key, ANSWER);
	}
	return served;
}

/* Packets that are all different are soon left alone, but for one in thirty-two; flows are noticed again. */
static void test_looks_where_it_pays(void **state)
{
	(void)state;
	assert_true(serve(500) > MANY * 9 / 10);
	assert_int_equal(memos.trust / TRUST_GAIN, TRUST_MOST / TRUST_GAIN);
	assert_in_range(serve(MANY), MANY / 40, MANY / 20);
	assert_int_equal(memos.trust, 0);
	assert_true(serve(500) > MANY * 9 / 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_finds_what_was_noted, memos_clear),
		cmocka_unit_test_setup(test_tells_questions_apart, memos_clear),
		cmocka_unit_test_setup(test_tells_families_apart, memos_clear),
		cmocka_unit_test_setup(test_replaced_filter_is_forgotten, memos_clear),
		cmocka_unit_test_setup(test_more_counts_where_rules_ask, memos_clear),
		cmocka_unit_test_setup(test_unfinished_memo_is_nobodys, memos_clear),
		cmocka_unit_test_setup(test_version_tells_of_writing, memos_clear),
		cmocka_unit_test_setup(test_looks_where_it_pays, memos_clear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
