/* The alternate stack of the main thread. */
#include "base/interrupt.h"

#include <signal.h>
#include <stddef.h>

/* The registers alone take some 11 KB where there is AMX. */
#define STACK_SIZE ((size_t)64 << 10)

void interrupt_catch(int number, void (*handler)(int), int flags) {
    static char stack[STACK_SIZE];
    const stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack};
    const struct sigaction action = {.sa_handler = handler, .sa_flags = flags | SA_ONSTACK};
    sigaltstack(&alternate, NULL);
    sigaction(number, &action, NULL);
}
