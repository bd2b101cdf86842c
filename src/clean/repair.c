/*
 * Runs the repair steps over a text until it stays as it is. Knows their order and what they may hand to each other,
 * not what they do.
 */
#include "clean/repair.h"

#include <string.h>

#include "clean/controls.h"
#include "clean/entities.h"
#include "clean/mojibake.h"
#include "clean/space.h"
#include "text/utf8.h"

/* A step may make what an earlier one repairs (a zero-width space gone from inside an entity). Real text is done after
 * two rounds. */
#define ROUNDS_MAX 8

static const char *const step_names[REPAIR_STEP_COUNT] = {"utf8",      "entities", "mojibake",
                                                          "normalize", "controls", "space"};

const char *repair_step_name(enum repair_step step) {
    return step_names[step];
}

void repair_release(struct repair *repair) {
    bytes_release(&repair->buffers[0]);
    bytes_release(&repair->buffers[1]);
}

/* What the bytes of a text say about the steps that it can need. */
enum hint {
    HINT_UTF8 = REPAIR_BIT(REPAIR_UTF8),
    HINT_ENTITIES = REPAIR_BIT(REPAIR_ENTITIES),
    HINT_MOJIBAKE = REPAIR_BIT(REPAIR_MOJIBAKE),
    HINT_NORMALIZE = REPAIR_BIT(REPAIR_NORMALIZE),
    HINT_CONTROLS = REPAIR_BIT(REPAIR_CONTROLS),
};

/* Hints by byte: ASCII but '&' and controls needs no look but that at its white space. */
static const unsigned char hints[256] = {
    [0x00 ... 0x08] = HINT_CONTROLS,
    [0x0E ... 0x1F] = HINT_CONTROLS,
    ['&'] = HINT_ENTITIES,
    [0x7F] = HINT_CONTROLS,
    [0xC2] = HINT_MOJIBAKE | HINT_NORMALIZE | HINT_CONTROLS,
    [0xC3] = HINT_MOJIBAKE,
    [0xC4 ... 0xD7] = HINT_NORMALIZE,
    [0xD8] = HINT_NORMALIZE | HINT_CONTROLS,
    [0xD9 ... 0xE0] = HINT_NORMALIZE,
    [0xE1 ... 0xE2] = HINT_NORMALIZE | HINT_CONTROLS,
    [0xE3 ... 0xEE] = HINT_NORMALIZE,
    [0xEF] = HINT_NORMALIZE | HINT_CONTROLS | HINT_UTF8,
    [0xF0 ... 0xFF] = HINT_NORMALIZE | HINT_CONTROLS,
};

static unsigned text_hints(struct span text) {
    unsigned found = 0;
    size_t i = 0;
    while (i < text.size) {
        /* A block of printable ASCII can hint at entities only. */
        if (i + 8 <= text.size && utf8_block_is_plain(text.data + i)) {
            i += 8;
            continue;
        }
        size_t end = i + 8 < text.size ? i + 8 : text.size;
        for (; i < end; i++)
            found |= hints[(unsigned char)text.data[i]];
    }
    if (text.size > 0 && memchr(text.data, '&', text.size))
        found |= HINT_ENTITIES;
    return found | REPAIR_BIT(REPAIR_SPACE);
}

static bool replacements_collapse(struct span text, struct bytes *out) {
    static const char run[] = "\xEF\xBF\xBD\xEF\xBF\xBD";
    const char *at = memmem(text.data, text.size, run, 6);
    if (!at)
        return false;
    const char *from = text.data, *end = text.data + text.size;
    for (; at; at = memmem(from, (size_t)(end - from), run, 6)) {
        bytes_append(out, from, (size_t)(at + 3 - from));
        from = at + 3;
        while (end - from >= 3 && memcmp(from, run, 3) == 0)
            from += 3;
    }
    bytes_append(out, from, (size_t)(end - from));
    return true;
}

/* Runs one step: 1 changed (the text is in *out), 0 not, -1 error. */
static int step_run(const struct repair *repair, enum repair_step step, struct span text, struct bytes *out,
                    struct error *error) {
    switch (step) {
    case REPAIR_UTF8:
        return replacements_collapse(text, out);
    case REPAIR_ENTITIES:
        return entities_decode(text, out);
    case REPAIR_MOJIBAKE:
        return mojibake_repair(text, out);
    case REPAIR_NORMALIZE:
        return normalizer_apply(repair->normalizer, text, out, error);
    case REPAIR_CONTROLS:
        return controls_remove(text, out);
    default:
        return space_tidy(text, out);
    }
}

int repair_apply(struct repair *repair, struct span text, struct span *result, struct error *error) {
    size_t next = 0; /* the buffer that text is not in */
    repair->changed = 0;
    for (int round = 0; round < ROUNDS_MAX; round++) {
        unsigned wanted = repair->steps & text_hints(text), changed = 0;
        for (enum repair_step step = 0; step < REPAIR_STEP_COUNT; step++) {
            if (!(wanted & REPAIR_BIT(step)))
                continue;
            struct bytes *out = &repair->buffers[next];
            bytes_clear(out);
            int verdict = step_run(repair, step, text, out, error);
            if (verdict < 0)
                return -1;
            if (verdict == 0)
                continue;
            changed |= REPAIR_BIT(step);
            text = (struct span){out->data ? out->data : "", out->size};
            next = 1 - next;
            if (step != REPAIR_SPACE) /* what was decoded may need any of the later steps */
                wanted = repair->steps & text_hints(text);
        }
        repair->changed |= changed;
        /* White space alone makes nothing that another step repairs, but the space in voilÃ  (mojibake.c). */
        if ((changed & ~REPAIR_BIT(REPAIR_SPACE)) == 0 && !(changed && wanted & HINT_MOJIBAKE))
            break;
    }
    *result = text;
    return 0;
}
