/*
 * Signals of users that programs wait for.
 */
#ifndef BASE_INTERRUPT_H
#define BASE_INTERRUPT_H

/*
 * Has `handler` called when the signal comes, on a stack of its own: matrix kernels (oneDNN's, with AVX-512) point the
 * stack pointer at memory of the heap, which a handler on the usual stack would write over. flags as those of
 * sigaction. To be called by the main thread, which the kernel prefers for signals; threads that compute should block
 * them.
 */
void interrupt_catch(int number, void (*handler)(int), int flags);

#endif
