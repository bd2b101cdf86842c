/*
 * Runs the repair steps over a text until it stays as it is. Knows their order and what they may hand to each other,
 * not what they do.
 */
#include "clean/repair.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "clean/controls.h"
#include "clean/entities.h"
#include "clean/mojibake.h"
#include "clean/space.h"
#include "clean/survey.h"
#include "clean/typography.h"
#include "text/utf8.h"

/* A step may make what an earlier one repairs (a zero-width space gone from inside an entity). Real text is done after
 * two rounds. */
#define ROUNDS_MAX 8

static const char *const step_names[REPAIR_STEP_COUNT] = {"utf8", "entities", "mojibake", "normalize",
                                                          "fold", "controls", "space"};

const char *repair_step_name(enum repair_step step) {
    return step_names[step];
}

struct repair_tables {
    struct normalizer *normalizer;
    struct normalizer *compose; /* NFKC, where typography needs it */
    struct codepages *codepages;
    struct survey *survey;
    struct typography typography;
};

/* What has to be found in a text for each step to do anything. */
static const unsigned step_findings[REPAIR_STEP_COUNT] = {
    [REPAIR_UTF8] = FINDING_REPLACEMENT,       [REPAIR_ENTITIES] = FINDING_AMPERSAND,
    [REPAIR_MOJIBAKE] = FINDING_MOJIBAKE,      [REPAIR_CONTROLS] = FINDING_CONTROL,
    [REPAIR_NORMALIZE] = FINDING_UNNORMALIZED, [REPAIR_SPACE] = FINDING_SPACE,
};

int repair_tables_new(struct repair_tables **made, const struct repair_options *options, struct error *error) {
    struct repair_tables *tables = memory_zeroed(1, sizeof *tables);
    bool compose = options->typography.folds & FOLD_WIDTH;
    unsigned wanted = 0;
    *made = NULL;
    if (normalizer_new(&tables->normalizer, options->form, error) || codepages_new(&tables->codepages, error) ||
        (compose && normalizer_new(&tables->compose, NORMAL_FORM_KC, error))) {
        repair_tables_free(tables);
        return -1;
    }
    for (enum repair_step step = 0; step < REPAIR_STEP_COUNT; step++)
        wanted |= options->steps & REPAIR_BIT(step) ? step_findings[step] : 0;
    tables->survey = survey_new(tables->normalizer, tables->codepages, wanted);
    tables->typography = options->typography;
    tables->typography.compose = tables->compose;
    *made = tables;
    return 0;
}

void repair_tables_free(struct repair_tables *tables) {
    if (!tables)
        return;
    survey_free(tables->survey);
    codepages_free(tables->codepages);
    normalizer_free(tables->compose);
    normalizer_free(tables->normalizer);
    free(tables);
}

void repair_release(struct repair *repair) {
    bytes_release(&repair->buffers[0]);
    bytes_release(&repair->buffers[1]);
}

/* Those of the steps that a text can need. */
static unsigned steps_wanted(const struct repair *repair, struct span text) {
    unsigned found = survey_text(repair->tables->survey, text);
    unsigned wanted = typography_is_wanted(&repair->tables->typography) ? REPAIR_BIT(REPAIR_FOLD) : 0;
    for (enum repair_step step = 0; step < REPAIR_STEP_COUNT && found; step++)
        wanted |= found & step_findings[step] ? REPAIR_BIT(step) : 0;
    return wanted & repair->steps;
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
        return mojibake_repair(repair->tables->codepages, text, out);
    case REPAIR_NORMALIZE:
        return normalizer_apply(repair->tables->normalizer, text, out, error);
    case REPAIR_FOLD:
        return typography_apply(&repair->tables->typography, text, out);
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
        unsigned wanted = steps_wanted(repair, text), changed = 0;
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
                wanted = steps_wanted(repair, text);
        }
        repair->changed |= changed;
        if (changed == 0)
            break;
    }
    *result = text;
    return 0;
}
