/*
 * Samples: lines, or cuts of them, of chance length, as the codes of their letters; some without their accents, as they
 * are often typed.
 */
#include <math.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>

#include "text/utf8.h"
#include "trainer.h"

#define STRIPPED 0.04

static size_t pick(struct trainer *trainer, size_t count) {
    return (size_t)random_below(&trainer->random, count);
}

/* How long a sample is, in bytes: a third about 30, most under 200. */
static size_t sample_size(struct trainer *trainer) {
    double which = random_uniform(&trainer->random);
    if (which < 0.4)
        return 16 + pick(trainer, 30);
    return which < 0.8 ? 40 + pick(trainer, 90) : 120 + pick(trainer, 200);
}

static bool is_continuation(char c) {
    return ((unsigned char)c & 0xC0) == 0x80;
}

/* A cut of the line from the beginning of a word on. */
struct span sample_cut(struct trainer *trainer, struct span line, size_t size) {
    if (line.size <= size)
        return line;
    size_t start = random_uniform(&trainer->random) < 0.3 ? 0 : pick(trainer, line.size - size + 1);
    while (start > 0 && line.data[start - 1] != ' ')
        start--;
    size_t end = start + size < line.size ? start + size : line.size;
    if (random_uniform(&trainer->random) < 0.7)
        while (end < line.size && line.data[end] != ' ')
            end++;
    while (end < line.size && is_continuation(line.data[end]))
        end++;
    return (struct span){line.data + start, end - start};
}

static const struct lines *choose_lines(struct trainer *trainer, const struct class *class) {
    double sum = 0, at;
    for (size_t kind = 0; kind < KINDS; kind++)
        sum += class->learn[kind].count ? kind_weights[kind] * fmin(1, (double)class->learn[kind].count / 500) : 0;
    at = random_uniform(&trainer->random) * sum;
    for (size_t kind = 0; kind < KINDS; kind++) {
        if (!class->learn[kind].count)
            continue;
        at -= kind_weights[kind] * fmin(1, (double)class->learn[kind].count / 500);
        if (at <= 0)
            return &class->learn[kind];
    }
    size_t kind = 0; /* by a rounding error */
    while (class->learn[kind].count == 0)
        kind++;
    return &class->learn[kind];
}

void sample_read(struct trainer *trainer, struct span text, const struct class *class, bool strip) {
    language_letters_read(&trainer->model.letters, text, &trainer->codes);
    if (strip && class->script == SCRIPT_LATIN)
        for (size_t i = 0; i < trainer->codes.size[SCRIPT_LATIN]; i++)
            trainer->codes.codes[SCRIPT_LATIN][i] = trainer->base[trainer->codes.codes[SCRIPT_LATIN][i]];
}

void sample_draw(struct trainer *trainer, const struct class *class) {
    const struct lines *lines = choose_lines(trainer, class);
    struct span text = lines->items[pick(trainer, lines->count)];
    text = sample_cut(trainer, text, sample_size(trainer));
    sample_read(trainer, text, class, random_uniform(&trainer->random) < STRIPPED);
}

struct span sample_beginning(struct span line, size_t size) {
    while (size < line.size && is_continuation(line.data[size]))
        size--;
    return (struct span){line.data, size < line.size ? size : line.size};
}

void samples_init(struct trainer *trainer) {
    UErrorCode status = U_ZERO_ERROR;
    const UNormalizer2 *normalizer = unorm2_getNFDInstance(&status);
    for (size_t i = 0; i < 256; i++)
        trainer->base[i] = (uint8_t)i;
    for (UChar32 c = 0xDF; c < 0x1F00; c++) {
        UChar parts[8];
        if (trainer->model.letters.script[c] == SCRIPT_LATIN && u_islower(c) &&
            unorm2_getDecomposition(normalizer, c, parts, 8, &status) > 1 && parts[0] < 0x80)
            trainer->base[trainer->model.letters.code[c]] = trainer->model.letters.code[parts[0]];
    }
}
