/*
 * Rules that edit: what is stripped or replaced, and the two buffers of which one holds the text and the other what it
 * becomes.
 */
#include "clean/pseudonym.h"
#include "clean/rule_run_state.h"
#include "clean/space.h"

struct bytes *rule_edit_begin(struct rule_run *run) {
    struct bytes *out = &run->buffers[run->next];
    bytes_clear(out);
    return out;
}

static struct span edit_span(const struct bytes *out) {
    return (struct span){out->data ? out->data : "", out->size};
}

bool rule_edit_end(struct rule_run *run, const struct rule *rule, uint64_t hits) {
    run->text = edit_span(&run->buffers[run->next]);
    run->next = 1 - run->next;
    struct bytes *out = rule_edit_begin(run);
    bool tidied = run->tidy && space_tidy(run->text, out);
    if (tidied) {
        run->text = edit_span(out);
        run->next = 1 - run->next;
    }
    run->hits[rule - run->rules->items] += hits;
    run->has_hits = true;
    run->text_hits += hits;
    run->changes++;
    run->line_changes += tidied || rule->action != RULE_DROP_LINE;
    return tidied;
}

/* A hyphen and a name for what was found, where there is a key for names. */
static void append_pseudonym(const struct rule_run *run, struct span found, struct bytes *out) {
    if (!run->rules->pseudonyms)
        return;
    bytes_append_byte(out, '-');
    pseudonym_append(run->rules->pseudonyms, found, out);
}

/* Appends the replacement of what was found with its groups filled in. */
static void append_replacement(const struct rule_run *run, const struct rule *rule, struct span found,
                               struct bytes *out) {
    struct span with = span_of_bytes(&rule->replacement);
    for (size_t i = 0; i < with.size; i++) {
        char next = with.data[i] == '$' && i + 1 < with.size ? with.data[i + 1] : 0;
        if (next >= '0' && next <= '9')
            bytes_append_span(out, matcher_group(run->matcher, (size_t)(next - '0')));
        else if (next == '-')
            append_pseudonym(run, found, out);
        else
            bytes_append_byte(out, with.data[i]);
        i += next == '$' || next == '-' || (next >= '0' && next <= '9');
    }
}

/* The bytes of the match that all checks of the rule let pass; 0 where one refuses it. */
static size_t verified_size(const struct rule *rule, struct span match) {
    for (size_t i = 0; i < rule->verifier_count && match.size > 0; i++)
        match.size = rule->verifiers[i](match);
    return match.size;
}

bool rule_edit_run(struct rule_run *run, const struct rule *rule) {
    struct bytes *out = NULL;
    size_t from = 0, copied = 0;
    uint64_t hits = 0;
    enum match match;
    if (!matcher_may_find(run->matcher, rule->condition.pattern))
        return true;
    while ((match = matcher_find(run->matcher, rule->condition.pattern, from)) == MATCH_FOUND) {
        struct span whole = matcher_group(run->matcher, 0);
        size_t start = (size_t)(whole.data - run->text.data);
        size_t size = rule->verifier_count ? verified_size(rule, whole) : whole.size;
        if (size > 0 || (whole.size == 0 && rule->action == RULE_REPLACE)) {
            if (!out)
                out = rule_edit_begin(run);
            bytes_append(out, run->text.data + copied, start - copied);
            append_replacement(run, rule, (struct span){whole.data, size}, out);
            copied = start + size;
            hits++;
        }
        from = rule_search_after(run->text, start, size > 0 ? size : whole.size);
    }
    if (match == MATCH_LIMIT)
        return false;
    if (out) {
        bytes_append(out, run->text.data + copied, run->text.size - copied);
        rule_edit_end(run, rule, hits);
        rule_run_look_at_text(run);
    }
    return true;
}
