/* base/interrupt.h: handlers do not touch the stack that the signal found. */
#include "base/interrupt.h"

#include <check.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>

#include "suite.h"

static volatile sig_atomic_t caught;
static uintptr_t place;

static void note(int number) {
    volatile char here = 0;
    place = (uintptr_t)&here;
    caught = number;
}

START_TEST(handlers_have_a_stack_of_their_own) {
    volatile char here = 0;
    interrupt_catch(SIGUSR1, note, 0);
    raise(SIGUSR1);
    ck_assert_int_eq(caught, SIGUSR1);
    uintptr_t stack = (uintptr_t)&here, apart = place > stack ? place - stack : stack - place;
    ck_assert_uint_gt(apart, (uintptr_t)64 << 20);
    raise(SIGUSR1);
    interrupt_catch(SIGUSR2, note, (int)SA_RESETHAND);
    raise(SIGUSR2);
    ck_assert_int_eq(caught, SIGUSR2);
    struct sigaction action;
    ck_assert_int_eq(sigaction(SIGUSR2, NULL, &action), 0);
    ck_assert(action.sa_handler == SIG_DFL);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("interrupt");
    TCase *tests = tcase_create("interrupt");
    tcase_add_test(tests, handlers_have_a_stack_of_their_own);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
