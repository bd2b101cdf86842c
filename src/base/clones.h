/*
 * CLONED functions are compiled for any processor and again for those that can more; the loader takes the best of them.
 * They do the same. What they call is compiled with them only where it becomes a part of them. Without clones where
 * sanitizers are, which are not ready when the loader chooses, and with clang, whose clones other files cannot call.
 */
#ifndef BASE_CLONES_H
#define BASE_CLONES_H

#if defined(__x86_64__) && defined(__gnu_linux__) && defined(__GNUC__) && !defined(__clang__) && \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define CLONED __attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4")))
#else
#define CLONED
#endif

#endif
