/*
 * The parallel loop under every op: an OpenMP team that takes tasks one at a time. It owns the per-thread machine state
 * (denormals, the number of threads that nested libraries see) and knows nothing of what a task does.
 */
#include "model/threads.h"

#include <omp.h>
#if defined(__SSE__)
#include <xmmintrin.h>
#endif

/* Sets flush-to-zero and denormals-are-zero; returns what was set before. */
static unsigned flush_denormals(void) {
#if defined(__SSE__)
    unsigned before = _mm_getcsr();
    _mm_setcsr(before | 0x8040u);
    return before;
#else
    return 0;
#endif
}

static void restore_denormals(unsigned before) {
#if defined(__SSE__)
    _mm_setcsr(before);
#else
    (void)before;
#endif
}

void threads_run(size_t threads, size_t count, thread_task task, void *context) {
    size_t team = threads < count ? threads : count;
#pragma omp parallel num_threads((int)(team ? team : 1))
    {
        unsigned denormals = flush_denormals();
        /* A team of one is no parallel region to OpenMP, so a library inside it would start its own. */
        omp_set_num_threads(1);
        size_t thread = (size_t)omp_get_thread_num();
#pragma omp for schedule(dynamic, 1)
        for (size_t index = 0; index < count; index++)
            task(context, index, thread);
        restore_denormals(denormals);
    }
}
