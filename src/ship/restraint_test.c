// SPDX-License-Identifier: Apache-2.0
/* A machine in memory: production that wants so many bytes a nanosecond, and cores that serve it and the thread. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/count.h"
#include "ship/restraint.h"

#include <cmocka.h>

#define COST 0.8 /* Nanoseconds of a core for each byte shipped. */

struct machine {
	double wanted;    /* Bytes a nanosecond that production would send undisturbed. */
	double disturbed; /* And while the thread ships all. */
	double burst;     /* So much more when a pause for an answer begins; 0: steady. */
	double begun; /* So much of the first window there was something to send; 0: all of it. */
	double dear;  /* So many times the cost in the first window; 0: as ever. */
	double cores; /* Left over by production, of which the thread uses one at most. */
	struct pulse pulse;
	struct restraint restraint;
	uint64_t in_phase[3]; /* Nanoseconds. */
};

static double least(double a, double b)
{
	return a < b ? a : b;
}

/* Lets the present window pass. */
static void machine_step(struct machine *machine)
{
	enum restraint_phase phase = machine->restraint.phase;
	uint64_t length = machine->restraint.due - machine->pulse.now;
	double offered = phase == RESTRAINT_ALL ? machine->disturbed : machine->wanted, need, run;
	double cost = machine->dear > 0 ? COST * machine->dear : COST;

	if (phase == RESTRAINT_ASKING && machine->restraint.answers == 0 && machine->burst > 0)
		offered *= machine->burst;
	if (machine->begun > 0)
		offered *= machine->begun;
	machine->dear = machine->begun = 0;
	need = offered * cost;
	run = least(least(need, machine->cores), 0.97);
	if (phase == RESTRAINT_ASKING)
		run = 0;
	else if (phase == RESTRAINT_SOME)
		run = least(run, 0.03);
	machine->pulse.now += length;
	machine->pulse.run += (uint64_t)((double)length * run);
	/* Whoever has no core for himself is made to wait. */
	if (machine->cores < 1 && phase == RESTRAINT_ALL)
		machine->pulse.wait += (uint64_t)((double)length * least(need / 2, 0.98 - run));
	machine->pulse.idle += (uint64_t)((double)length * (machine->cores - run));
	machine->pulse.offered += (uint64_t)((double)length * offered);
	machine->pulse.taken += (uint64_t)((double)length * run / cost);
	machine->in_phase[phase] += length;
	restraint_update(&machine->restraint, &machine->pulse);
}

static void machine_run(struct machine *machine, uint64_t nanoseconds)
{
	uint64_t end = machine->pulse.now + nanoseconds;

	for (size_t i = 0; i < ARRAY_SIZE(machine->in_phase); i++)
		machine->in_phase[i] = 0;
	while (machine->pulse.now < end)
		machine_step(machine);
}

static void machine_begin(struct machine *machine)
{
	machine->pulse = (struct pulse){.now = 5 * NSEC_PER_SEC};
	restraint_init(&machine->restraint, &machine->pulse);
}

static void test_saturating_transfer_is_left_alone(void **state)
{
	struct machine machine = {.wanted = 3, .disturbed = 1.1, .cores = 0.5};

	(void)state;
	machine_begin(&machine);
	machine_run(&machine, 20 * NSEC_PER_MSEC);
	assert_int_equal(machine.restraint.phase, RESTRAINT_SOME);
	machine_run(&machine, NSEC_PER_SEC);
	assert_int_equal(machine.in_phase[RESTRAINT_ALL] + machine.in_phase[RESTRAINT_ASKING], 0);
}

/* Something disturbs production for a moment, which looks like an end of the transfer. */
static void test_what_was_held_back_lately_is_soon_again(void **state)
{
	struct machine machine = {.wanted = 3, .disturbed = 1.1, .cores = 0.5};

	(void)state;
	machine_begin(&machine);
	machine_run(&machine, NSEC_PER_SEC / 2);
	machine.wanted = 1;
	while (machine.restraint.phase == RESTRAINT_SOME)
		machine_step(&machine);
	machine.wanted = 3;
	machine_run(&machine, 20 * NSEC_PER_MSEC);
	assert_int_equal(machine.restraint.phase, RESTRAINT_SOME);
}

/* An ebb of one window, during which not all would find time either. */
static void test_an_ebb_is_no_end(void **state)
{
	struct machine machine = {.wanted = 3, .disturbed = 1.1, .cores = 0.5};

	(void)state;
	machine_begin(&machine);
	machine_run(&machine, NSEC_PER_SEC / 2);
	machine.wanted = 1;
	machine_step(&machine);
	machine.wanted = 3;
	machine_run(&machine, NSEC_PER_SEC);
	assert_int_equal(machine.in_phase[RESTRAINT_SOME], NSEC_PER_SEC);
}

/* More than a core can ship is lost however hard one tries. */
static void test_what_is_hopeless_needs_less_reason(void **state)
{
	struct machine possible = {.wanted = 1.2, .disturbed = 1, .cores = 0.75};
	struct machine hopeless = {.wanted = 2.4, .disturbed = 2, .cores = 0.75};

	(void)state;
	machine_begin(&possible);
	machine_run(&possible, NSEC_PER_SEC);
	assert_int_equal(possible.in_phase[RESTRAINT_SOME], 0);
	machine_begin(&hopeless);
	machine_run(&hopeless, NSEC_PER_SEC);
	assert_true(hopeless.in_phase[RESTRAINT_SOME] > NSEC_PER_SEC * 9 / 10);
	hopeless.disturbed = hopeless.wanted;
	machine_begin(&hopeless);
	machine_run(&hopeless, NSEC_PER_SEC);
	assert_true(hopeless.in_phase[RESTRAINT_SOME] > NSEC_PER_SEC * 9 / 10);
}

static void test_busy_is_no_reason_where_production_has_what_it_wants(void **state)
{
	struct machine machine = {.wanted = 0.9, .disturbed = 0.85, .cores = 0.75};

	(void)state;
	machine_begin(&machine);
	machine_run(&machine, 10 * NSEC_PER_SEC);
	assert_int_equal(machine.in_phase[RESTRAINT_SOME], 0);
	assert_true(machine.in_phase[RESTRAINT_ASKING] > 0);
	assert_true(machine.in_phase[RESTRAINT_ASKING] < NSEC_PER_SEC / 5);
}

/* Production gains a quarter: reason enough where copies are lost all the same, and none where they are not. */
static void test_losing_copies_needs_less_reason(void **state)
{
	struct machine keeping = {.wanted = 1, .disturbed = 0.8, .cores = 0.7};
	struct machine losing = {.wanted = 1, .disturbed = 0.8, .cores = 0.5};

	(void)state;
	machine_begin(&keeping);
	machine_run(&keeping, NSEC_PER_SEC);
	assert_int_equal(keeping.in_phase[RESTRAINT_SOME], 0);
	machine_begin(&losing);
	machine_run(&losing, NSEC_PER_SEC);
	assert_true(losing.in_phase[RESTRAINT_SOME] > NSEC_PER_SEC * 9 / 10);
}

/* The first copies of a transfer cost three times as much, so that it seems hopeless. */
static void test_a_cold_start_is_no_reason(void **state)
{
	struct machine machine = {.wanted = 0.9, .disturbed = 0.88, .cores = 0.75, .dear = 3};

	(void)state;
	machine_begin(&machine);
	machine_run(&machine, NSEC_PER_SEC);
	assert_true(machine.in_phase[RESTRAINT_ASKING] > 0);
	assert_int_equal(machine.in_phase[RESTRAINT_SOME], 0);
}

/* A paced transfer begins in the middle of a window, and seems to want twice as much as it had there. */
static void test_half_a_window_is_no_reason(void **state)
{
	struct machine machine = {
		.wanted = 0.8, .disturbed = 0.78, .begun = 0.5, .dear = 2, .cores = 0.45};

	(void)state;
	machine_begin(&machine);
	machine_step(&machine);
	assert_int_equal(machine.restraint.phase, RESTRAINT_ASKING);
	machine.restraint.cost = COST; /* As it is known from before. */
	machine.cores = 0.75;
	machine_run(&machine, NSEC_PER_SEC);
	assert_int_equal(machine.in_phase[RESTRAINT_SOME], 0);
}

/* Many vain questions, after which one is not asked soon again; but what comes after silence is another matter. */
static void test_silence_ends_reluctance(void **state)
{
	struct machine machine = {.wanted = 0.9, .disturbed = 0.85, .cores = 0.75};

	(void)state;
	machine_begin(&machine);
	machine_run(&machine, NSEC_PER_SEC);
	while (machine.restraint.phase != RESTRAINT_ASKING)
		machine_step(&machine);
	machine_step(&machine);
	machine.wanted = machine.disturbed = 0;
	machine_run(&machine, 5 * NSEC_PER_MSEC);
	machine.wanted = 3;
	machine.disturbed = 1.1;
	machine.cores = 0.5;
	machine_run(&machine, 20 * NSEC_PER_MSEC);
	assert_int_equal(machine.restraint.phase, RESTRAINT_SOME);
}

/* A paced transfer comes in bursts, of which a short pause may see one.  What comes afterwards tells, and nothing is lost. */
static void test_bursts_are_no_reason(void **state)
{
	struct machine machine = {.wanted = 0.9, .disturbed = 0.85, .burst = 2, .cores = 0.75};

	(void)state;
	machine_begin(&machine);
	machine_run(&machine, 10 * NSEC_PER_SEC);
	assert_true(machine.in_phase[RESTRAINT_ASKING] > 0);
	assert_true(machine.in_phase[RESTRAINT_ASKING] < 300 * NSEC_PER_MSEC);
	assert_int_equal(machine.in_phase[RESTRAINT_SOME], 0);
}

/* Whatever the pauses showed: where a hold brings production nothing, it ends. */
static void test_a_hold_in_vain_is_short(void **state)
{
	struct machine machine = {.wanted = 3, .disturbed = 1.1, .cores = 0.5};

	(void)state;
	machine_begin(&machine);
	machine_run(&machine, NSEC_PER_SEC / 2);
	assert_int_equal(machine.restraint.phase, RESTRAINT_SOME);
	machine.wanted = machine.disturbed = 1.1;
	machine_run(&machine, NSEC_PER_SEC / 5);
	assert_int_equal(machine.restraint.phase, RESTRAINT_ALL);
	machine_run(&machine, 10 * NSEC_PER_SEC);
	assert_int_equal(machine.in_phase[RESTRAINT_SOME], 0);
}

static void test_a_core_for_itself_is_no_reason(void **state)
{
	struct machine machine = {.wanted = 9, .disturbed = 3, .cores = 1.5};

	(void)state;
	machine_begin(&machine);
	machine_run(&machine, 5 * NSEC_PER_SEC);
	assert_int_equal(machine.in_phase[RESTRAINT_ALL], 5 * NSEC_PER_SEC);
}

static void test_little_to_ship_is_no_reason(void **state)
{
	struct machine machine = {.wanted = 0.25, .disturbed = 0.05, .cores = 0.02};

	(void)state;
	machine_begin(&machine);
	machine_run(&machine, 5 * NSEC_PER_SEC);
	assert_int_equal(machine.in_phase[RESTRAINT_SOME], 0);
}

static void test_all_is_shipped_again_when_there_is_time(void **state)
{
	struct machine machine = {.wanted = 3, .disturbed = 1.1, .cores = 0.5};

	(void)state;
	machine_begin(&machine);
	machine_run(&machine, NSEC_PER_SEC);
	machine.wanted = machine.disturbed = 0.5;
	machine.cores = 1.5;
	machine_run(&machine, NSEC_PER_SEC / 4);
	assert_int_equal(machine.restraint.phase, RESTRAINT_ALL);
	machine_run(&machine, 2 * NSEC_PER_SEC);
	assert_int_equal(machine.in_phase[RESTRAINT_SOME], 0);
}

static void test_all_is_shipped_again_when_nothing_comes(void **state)
{
	struct machine machine = {.wanted = 3, .disturbed = 1.1, .cores = 0.5};

	(void)state;
	machine_begin(&machine);
	machine_run(&machine, NSEC_PER_SEC);
	machine.wanted = machine.disturbed = 0;
	machine_run(&machine, NSEC_PER_SEC / 4);
	assert_int_equal(machine.restraint.phase, RESTRAINT_ALL);
}

/* There seems to be time for all while it holds back, and there is none when it does not. */
static void test_vain_hope_is_given_up(void **state)
{
	struct machine machine = {.wanted = 0.92, .disturbed = 0.6, .cores = 0.99};

	(void)state;
	machine_begin(&machine);
	machine_run(&machine, 2 * NSEC_PER_SEC);
	machine_run(&machine, 20 * NSEC_PER_SEC);
	assert_true(machine.in_phase[RESTRAINT_ALL] < 4 * NSEC_PER_SEC);
}

/* Something else on the machine held a paced transfer up, which then made up for it.  Less idles than shipping it takes. */
static void test_a_stumble_is_not_held_against(void **state)
{
	struct machine machine = {.wanted = 1.2, .disturbed = 0.7, .cores = 0.9};

	(void)state;
	machine_begin(&machine);
	machine_run(&machine, 25 * NSEC_PER_MSEC);
	assert_int_equal(machine.restraint.phase, RESTRAINT_SOME);
	machine.disturbed = machine.wanted;
	machine_run(&machine, 2 * NSEC_PER_SEC);
	assert_true(machine.in_phase[RESTRAINT_SOME] < NSEC_PER_SEC / 5);
}

/* The same in the midst of a steady load, of which it is known what it offers. */
static void test_a_stumble_of_a_steady_load_is_no_reason(void **state)
{
	struct machine machine = {.wanted = 1.2, .disturbed = 1.2, .cores = 0.9};

	(void)state;
	machine_begin(&machine);
	machine_run(&machine, NSEC_PER_SEC);
	assert_int_equal(machine.in_phase[RESTRAINT_SOME], 0);
	for (int i = 0; i < 50; i++) {
		machine.disturbed = 0.7;
		machine_run(&machine, 15 * NSEC_PER_MSEC);
		machine.disturbed = 1.2;
		machine_run(&machine, 300 * NSEC_PER_MSEC);
		assert_int_equal(machine.in_phase[RESTRAINT_SOME], 0);
	}
}

static void test_pauses_leave_the_core_to_others(void **state)
{
	(void)state;
	assert_int_equal(restraint_pause(0), 800 * NSEC_PER_USEC);
	assert_int_equal(restraint_pause(80000), 80000 * 12);
	assert_int_equal(restraint_pause(NSEC_PER_SEC), 3 * NSEC_PER_MSEC);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_saturating_transfer_is_left_alone),
		cmocka_unit_test(test_what_was_held_back_lately_is_soon_again),
		cmocka_unit_test(test_an_ebb_is_no_end),
		cmocka_unit_test(test_what_is_hopeless_needs_less_reason),
		cmocka_unit_test(test_busy_is_no_reason_where_production_has_what_it_wants),
		cmocka_unit_test(test_losing_copies_needs_less_reason),
		cmocka_unit_test(test_a_cold_start_is_no_reason),
		cmocka_unit_test(test_half_a_window_is_no_reason),
		cmocka_unit_test(test_silence_ends_reluctance),
		cmocka_unit_test(test_bursts_are_no_reason),
		cmocka_unit_test(test_a_hold_in_vain_is_short),
		cmocka_unit_test(test_a_core_for_itself_is_no_reason),
		cmocka_unit_test(test_little_to_ship_is_no_reason),
		cmocka_unit_test(test_all_is_shipped_again_when_there_is_time),
		cmocka_unit_test(test_all_is_shipped_again_when_nothing_comes),
		cmocka_unit_test(test_vain_hope_is_given_up),
		cmocka_unit_test(test_a_stumble_is_not_held_against),
		cmocka_unit_test(test_a_stumble_of_a_steady_load_is_no_reason),
		cmocka_unit_test(test_pauses_leave_the_core_to_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
