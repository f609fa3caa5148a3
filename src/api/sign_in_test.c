// SPDX-License-Identifier: Apache-2.0
#include "api/sign_in.h"

#include "base/address.h"
#include "base/clock.h"
#include "base/refusal.h"
#include "control/temporary.h"
#include "mirror/refusals.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#define NOW (1000 * NSEC_PER_SEC)

static const struct address peer = {.family = 4, .bytes = {192, 0, 2, 1}};

static int offer(struct sign_ins *sign_ins, const char *account, const char *id, uint64_t now,
		 char ret_code[SIGN_IN_CODE_SIZE])
{
	struct temporary_key key = {.token = strdup("token")};
	struct refusal why = {};
	int r;

	(void)snprintf(key.key.id, sizeof(key.key.id), "%s", id);
	(void)snprintf(key.key.caller.account.text, sizeof(key.key.caller.account.text), "%s",
		       account);
	r = sign_in_offer(sign_ins, &key, now, ret_code, &why);
	assert_int_equal(r, why.code == REFUSE_NONE ? 0 : REFUSED);
	temporary_key_fini(&key);
	return why.code;
}

/* Why not, or REFUSE_NONE with the key's id. */
static int redeem(struct sign_ins *sign_ins, const struct address *from, const char *code,
		  uint64_t now, char ret_id[ACCESS_KEY_ID_SIZE])
{
	struct temporary_key key = {};
	struct refusal why = {};

	ret_id[0] = '\0';
	if (sign_in_redeem(sign_ins, from, code, now, &key, &why) == 0) {
		(void)snprintf(ret_id, ACCESS_KEY_ID_SIZE, "%s", key.key.id);
		assert_string_equal(key.token, "token");
		temporary_key_fini(&key);
	}
	return why.code;
}

static void test_a_code_is_good_once(void **state)
{
	_cleanup_(sign_ins_freep) struct sign_ins *sign_ins = NULL;
	char first[SIGN_IN_CODE_SIZE], second[SIGN_IN_CODE_SIZE], id[ACCESS_KEY_ID_SIZE];

	(void)state;
	assert_int_equal(sign_ins_new(&sign_ins), 0);
	assert_int_equal(offer(sign_ins, "1", "A", NOW, first), 0);
	assert_int_equal(offer(sign_ins, "1", "B", NOW, second), 0);
	assert_int_equal(strlen(first), SIGN_IN_CODE_SIZE - 1);
	assert_string_not_equal(first, second);
	assert_int_equal(redeem(sign_ins, &peer, second, NOW, id), 0);
	assert_string_equal(id, "B");
	assert_int_equal(redeem(sign_ins, &peer, second, NOW, id), REFUSE_CREDENTIALS_INVALID);
	assert_int_equal(redeem(sign_ins, &peer, first, NOW, id), 0);
	assert_string_equal(id, "A");
}

static void test_a_code_is_good_for_a_minute(void **state)
{
	_cleanup_(sign_ins_freep) struct sign_ins *sign_ins = NULL;
	char code[SIGN_IN_CODE_SIZE], id[ACCESS_KEY_ID_SIZE];
	const uint64_t end = NOW + SIGN_IN_SECONDS * NSEC_PER_SEC;

	(void)state;
	assert_int_equal(sign_ins_new(&sign_ins), 0);
	assert_int_equal(offer(sign_ins, "1", "A", NOW, code), 0);
	assert_int_equal(redeem(sign_ins, &peer, code, end, id), REFUSE_CREDENTIALS_INVALID);
	assert_int_equal(redeem(sign_ins, &peer, code, end - 1, id), 0);
}

static void test_nothing_else_opens(void **state)
{
	_cleanup_(sign_ins_freep) struct sign_ins *sign_ins = NULL;
	char code[SIGN_IN_CODE_SIZE], id[ACCESS_KEY_ID_SIZE];

	(void)state;
	assert_int_equal(sign_ins_new(&sign_ins), 0);
	assert_int_equal(redeem(sign_ins, &peer, "", NOW, id), REFUSE_CREDENTIALS_INVALID);
	assert_int_equal(offer(sign_ins, "1", "A", NOW, code), 0);
	code[0] = code[0] == 'a' ? 'b' : 'a';
	assert_int_equal(redeem(sign_ins, &peer, code, NOW, id), REFUSE_CREDENTIALS_INVALID);
	code[SIGN_IN_CODE_SIZE - 2] = '\0';
	assert_int_equal(redeem(sign_ins, &peer, code, NOW, id), REFUSE_CREDENTIALS_INVALID);
}

/* One account fills its own share only; what all accounts fill empties by itself. */
static void test_room_is_shared(void **state)
{
	_cleanup_(sign_ins_freep) struct sign_ins *sign_ins = NULL;
	char other[SIGN_IN_CODE_SIZE], first[SIGN_IN_CODE_SIZE], code[SIGN_IN_CODE_SIZE];
	char account[16], id[ACCESS_KEY_ID_SIZE];

	(void)state;
	assert_int_equal(sign_ins_new(&sign_ins), 0);
	assert_int_equal(offer(sign_ins, "other", "O", NOW, other), 0);
	assert_int_equal(offer(sign_ins, "1", "A", NOW, first), 0);
	for (unsigned int i = 0; i < 200; i++)
		assert_int_equal(offer(sign_ins, "1", "B", NOW + 1 + i, code), 0);
	assert_int_equal(redeem(sign_ins, &peer, other, NOW + 300, id), 0);
	assert_int_equal(redeem(sign_ins, &peer, first, NOW + 300, id), REFUSE_CREDENTIALS_INVALID);
	assert_int_equal(redeem(sign_ins, &peer, code, NOW + 300, id), 0);
	for (unsigned int i = 0; i < 121; i++) {
		(void)snprintf(account, sizeof(account), "a%u", i);
		assert_int_equal(offer(sign_ins, account, "C", NOW + 300, code), 0);
	}
	assert_int_equal(offer(sign_ins, "late", "D", NOW + 300, code), REFUSE_UNAVAILABLE);
	assert_int_equal(offer(sign_ins, "late", "D", NOW + 61 * NSEC_PER_SEC, code), 0);
}

static void test_who_guesses_is_slowed_down(void **state)
{
	static const struct address elsewhere = {.family = 4, .bytes = {198, 51, 100, 77}};
	_cleanup_(sign_ins_freep) struct sign_ins *sign_ins = NULL;
	char code[SIGN_IN_CODE_SIZE], id[ACCESS_KEY_ID_SIZE];
	unsigned int tries = 0;

	(void)state;
	assert_int_equal(sign_ins_new(&sign_ins), 0);
	assert_int_equal(offer(sign_ins, "1", "A", NOW, code), 0);
	while (redeem(sign_ins, &peer, "guess", NOW, id) == REFUSE_CREDENTIALS_INVALID)
		tries++;
	assert_int_equal(tries, 10);
	assert_int_equal(redeem(sign_ins, &peer, code, NOW, id), REFUSE_TOO_MANY_REQUESTS);
	assert_int_equal(redeem(sign_ins, &peer, "guess", NOW + 2 * NSEC_PER_SEC, id),
			 REFUSE_CREDENTIALS_INVALID);
	/* Two addresses share a scale once in 256 starts. */
	if (redeem(sign_ins, &elsewhere, "guess", NOW, id) == REFUSE_CREDENTIALS_INVALID)
		assert_int_equal(redeem(sign_ins, &elsewhere, code, NOW, id), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_code_is_good_once),
		cmocka_unit_test(test_a_code_is_good_for_a_minute),
		cmocka_unit_test(test_nothing_else_opens),
		cmocka_unit_test(test_room_is_shared),
		cmocka_unit_test(test_who_guesses_is_slowed_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
