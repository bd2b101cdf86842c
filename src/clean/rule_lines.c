/*
 * Rules that drop lines: telling from the whole text, or a glance at a line, that nothing can be dropped, and what is
 * left of a text whose lines go.
 */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "clean/rule_run_state.h"

/* ---- what stays for sure ---- */

static bool is_blank(char c) {
    return c == ' ' || c == '\n' || c == '\t';
}

/* True where more than `most` bytes in a row are not blank. Looks at few of them: where a blank is near the end of a
 * stretch, what lies before it is of no interest. */
static bool has_long_run(struct span text, double most) {
    if (!(most >= 1))
        return true;
    if (most >= (double)text.size)
        return false;
    size_t stretch = (size_t)most, start = 0; /* behind a blank */
    while (start + stretch < text.size) {
        size_t at = start + stretch;
        while (at > start && !is_blank(text.data[at]))
            at--;
        if (at == start && !is_blank(text.data[at]))
            return true;
        start = at + 1;
    }
    return false;
}

/* False where the whole text tells that no line can be dropped. */
static bool may_drop_lines(struct rule_run *run, const struct condition *condition) {
    double value;
    if (condition->kind == CONDITION_PATTERN && condition->part == PART_TEXT && condition->measure == MEASURE_ANY)
        return matcher_may_find(run->matcher, condition->pattern);
    if (condition->kind != CONDITION_SIGNAL || !signal_is_maximum(condition->signal))
        return true;
    bool above = condition->comparison == GREATER || condition->comparison == GREATER_EQUAL;
    if (above && condition->signal != SIGNAL_MAX_WORD_RUN && !has_long_run(run->text, condition->threshold - 1))
        return false;
    value = signals_get(run->signals, condition->signal);
    return !above || isnan(value) || rule_compare(value, condition->comparison, condition->threshold);
}

/* True where a condition that drops short lines cannot drop this one: it begins with so many words. */
static bool is_long_enough(const struct condition *condition, struct span line) {
    bool below = condition->comparison == LESS || condition->comparison == LESS_EQUAL;
    return condition->kind == CONDITION_SIGNAL && condition->signal == SIGNAL_UNITS && below &&
           signal_has_units(line, condition->threshold);
}

/* ---- what is left ---- */

/* Keeps a line, with the piece before it where they join. Blank lines that come to stand in a row, or first, are left
 * out where white space is to be put in order; `blank_before` says that the line kept last is one, or that none is. */
static void keep_line(struct rule_run *run, size_t start, size_t size, bool *blank_before) {
    struct text_piece *last = run->piece_count ? &run->pieces[run->piece_count - 1] : NULL;
    bool blank = run->text.data[start] == '\n';
    bool joins = last && last->start + last->size == start;
    if (run->tidy && blank && *blank_before && !joins)
        return;
    *blank_before = blank;
    if (joins) {
        last->size += size;
        return;
    }
    if (run->piece_count == run->piece_capacity) {
        run->piece_capacity = run->piece_capacity ? 2 * run->piece_capacity : 64;
        run->pieces = memory_resize(run->pieces, run->piece_capacity, sizeof *run->pieces);
    }
    run->pieces[run->piece_count++] = (struct text_piece){start, size, 0};
}

/* Makes what was kept the text. */
static void keep_pieces(struct rule_run *run, const struct rule *rule, uint64_t dropped) {
    struct bytes *out = rule_edit_begin(run);
    for (size_t i = 0; i < run->piece_count; i++) {
        struct text_piece *piece = &run->pieces[i];
        piece->new_start = out->size;
        bytes_append(out, run->text.data + piece->start, piece->size);
    }
    while (run->tidy && out->size > 0 && out->data[out->size - 1] == '\n')
        out->size--;
    if (rule_edit_end(run, rule, dropped)) {
        rule_run_look_at_text(run);
        return;
    }
    signals_keep_words(run->signals, run->pieces, run->piece_count, run->text);
    rule_run_set_given(run);
    matcher_begin_rest(run->matcher, run->text);
}

/* ---- line by line ---- */

/* Whether the condition drops a line. */
static enum answer line_answer(struct rule_run *run, struct span line, const struct condition *condition) {
    struct finding finding;
    bool pattern = condition->kind == CONDITION_PATTERN && condition->part == PART_TEXT;
    if (line.size == 0 || is_long_enough(condition, line))
        return ANSWER_NO;
    if (pattern && !matcher_begin_line(run->matcher, line) && condition->measure == MEASURE_ANY)
        return ANSWER_NO;
    signals_begin_line(run->line_signals, line);
    return rule_answer(run, line, condition, &finding);
}

bool rule_lines_run(struct rule_run *run, const struct rule *rule) {
    const struct condition *condition = &rule->condition;
    struct span text = run->text;
    uint64_t dropped = 0;
    enum answer answer = ANSWER_NO;
    bool blank_before = true;
    if (!may_drop_lines(run, condition))
        return true;
    run->piece_count = 0;
    run->looked_at = run->line_signals;
    signals_begin_lines(run->line_signals);
    if (condition->kind == CONDITION_PATTERN)
        matcher_begin_lines(run->matcher, condition->pattern);
    for (size_t start = 0; start < text.size && answer != ANSWER_LIMIT;) {
        const char *newline = memchr(text.data + start, '\n', text.size - start);
        struct span line = {text.data + start, newline ? (size_t)(newline - text.data) - start : text.size - start};
        answer = line_answer(run, line, condition);
        if (answer != ANSWER_YES)
            keep_line(run, start, line.size + (newline != NULL), &blank_before);
        dropped += answer == ANSWER_YES;
        start += line.size + 1;
    }
    run->looked_at = run->signals;
    matcher_begin_rest(run->matcher, text);
    if (answer != ANSWER_LIMIT && dropped > 0)
        keep_pieces(run, rule, dropped);
    return answer != ANSWER_LIMIT;
}
