/*
 * MinHash: shingles to band keys. It owns the hash family; it knows nothing of records or of what has been seen.
 */
#include "dedup/minhash.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "base/random.h"

/*
 * Row i's hash of a shingle with 64-bit hash h is the upper half of multiplier[i] * h + addend[i] (multiply-shift,
 * Dietzfelbinger 1996): 32 bits, no division, and the rows of a signature are independent lanes of the same loop.
 */
struct minhash {
    struct minhash_parameters parameters;
    size_t size; /* bands x rows */
    uint64_t *multiplier, *addend;
};

struct minhash *minhash_new(const struct minhash_parameters *parameters) {
    struct minhash *minhash = memory_zeroed(1, sizeof *minhash);
    minhash->parameters = *parameters;
    minhash->size = parameters->bands * parameters->rows;
    minhash->multiplier = memory_zeroed(minhash->size, sizeof *minhash->multiplier);
    minhash->addend = memory_zeroed(minhash->size, sizeof *minhash->addend);
    struct random random;
    random_seed(&random, parameters->seed);
    for (size_t i = 0; i < minhash->size; i++) {
        minhash->multiplier[i] = random_next(&random) | 1;
        minhash->addend[i] = random_next(&random);
    }
    return minhash;
}

void minhash_free(struct minhash *minhash) {
    if (!minhash)
        return;
    free(minhash->multiplier);
    free(minhash->addend);
    free(minhash);
}

/* The one hot loop of gpt-dedup: compiled for wider vectors too, chosen when the program starts. The
 * choice runs before the thread sanitizer is ready, so there is none under it. */
#if defined(__x86_64__) && !defined(__SANITIZE_THREAD__)
__attribute__((target_clones("arch=skylake-avx512", "avx2", "default")))
#endif
static void
lower_minima(const struct minhash *minhash, uint64_t shingle, uint32_t *minima) {
    const uint64_t *multiplier = minhash->multiplier, *addend = minhash->addend;
    for (size_t i = 0; i < minhash->size; i++) {
        uint32_t value = (uint32_t)((multiplier[i] * shingle + addend[i]) >> 32);
        minima[i] = value < minima[i] ? value : minima[i];
    }
}

int minhash_keys(const struct minhash *minhash, const struct fold *fold, uint32_t *scratch, uint64_t *keys) {
    if (fold->count == 0)
        return 0;
    memset(scratch, 0xFF, minhash->size * sizeof *scratch);
    size_t width = minhash->parameters.ngram < fold->count ? minhash->parameters.ngram : fold->count;
    for (size_t first = 0; first + width <= fold->count; first++) {
        const struct fold_word *begin = &fold->words[first], *end = &fold->words[first + width - 1];
        struct span shingle = {fold->text.data + begin->start, end->start + end->size - begin->start};
        lower_minima(minhash, hash64(shingle, 0), scratch);
    }
    size_t rows = minhash->parameters.rows;
    for (size_t band = 0; band < minhash->parameters.bands; band++)
        keys[band] = hash64((struct span){(const char *)(scratch + band * rows), rows * sizeof *scratch}, band);
    return 1;
}
