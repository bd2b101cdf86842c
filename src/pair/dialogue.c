/* Dialogues under construction. It owns turns and their text; it knows nothing of where they come from. */
#include "pair/dialogue.h"

#include <stdlib.h>

#include "base/memory.h"
#include "pair/speaker.h"

void dialogue_clear(struct dialogue *dialogue) {
    bytes_clear(&dialogue->text);
    dialogue->count = 0;
}

void dialogue_release(struct dialogue *dialogue) {
    bytes_release(&dialogue->text);
    free(dialogue->turns);
    *dialogue = (struct dialogue){0};
}

static bool is_blank(struct span text) {
    for (size_t i = 0; i < text.size; i++)
        if (text.data[i] != ' ' && text.data[i] != '\n' && text.data[i] != '\t')
            return false;
    return true;
}

static struct turn *turn_append(struct dialogue *dialogue, struct span speaker) {
    if (dialogue->count == dialogue->capacity) {
        dialogue->capacity = dialogue->capacity ? 2 * dialogue->capacity : 16;
        dialogue->turns = memory_resize(dialogue->turns, dialogue->capacity, sizeof *dialogue->turns);
    }
    struct turn *turn = &dialogue->turns[dialogue->count++];
    *turn = (struct turn){.role = ROLE_USER, .speaker = speaker, .start = dialogue->text.size};
    return turn;
}

void dialogue_add(struct dialogue *dialogue, struct span speaker, struct span text, const char *separator) {
    struct turn *last = dialogue->count ? &dialogue->turns[dialogue->count - 1] : NULL;
    if (is_blank(text) && (last == NULL || !span_equal(last->speaker, speaker))) {
        turn_append(dialogue, speaker); /* text may follow on the next lines; empty turns fall away with the roles */
        return;
    }
    if (last && speaker.data && span_equal(last->speaker, speaker)) {
        if (last->size)
            bytes_append_text(&dialogue->text, separator);
    } else {
        last = turn_append(dialogue, speaker);
    }
    bytes_append_span(&dialogue->text, text);
    last->size = dialogue->text.size - last->start;
}

void dialogue_continue(struct dialogue *dialogue, struct span line) {
    if (dialogue->count == 0)
        return;
    struct turn *last = &dialogue->turns[dialogue->count - 1];
    if (last->size == 0 && is_blank(line))
        return;
    if (last->size)
        bytes_append_byte(&dialogue->text, '\n');
    bytes_append_span(&dialogue->text, line);
    last->size = dialogue->text.size - last->start;
}

static void drop_blank_turns(struct dialogue *dialogue) {
    size_t kept = 0;
    for (size_t i = 0; i < dialogue->count; i++) {
        struct turn *turn = &dialogue->turns[i];
        while (turn->size > 0 && dialogue->text.data[turn->start + turn->size - 1] == '\n')
            turn->size--;
        if (turn->size)
            dialogue->turns[kept++] = *turn;
    }
    dialogue->count = kept;
}

/* Turns lie one behind the other in the text, so two neighbours join by moving the second one's text up behind a line
 * end. */
static void join_equal_roles(struct dialogue *dialogue) {
    struct bytes text = {0};
    size_t kept = 0;
    for (size_t i = 0; i < dialogue->count; i++) {
        struct turn turn = dialogue->turns[i];
        struct span said = dialogue_text(dialogue, i);
        if (kept && dialogue->turns[kept - 1].role == turn.role) {
            bytes_append_byte(&text, '\n');
        } else {
            dialogue->turns[kept] = turn;
            dialogue->turns[kept++].start = text.size;
        }
        bytes_append_span(&text, said);
        dialogue->turns[kept - 1].source = turn.source;
        dialogue->turns[kept - 1].size = text.size - dialogue->turns[kept - 1].start;
    }
    dialogue->count = kept;
    bytes_release(&dialogue->text);
    dialogue->text = text;
}

/* Which kinds of labels speak in a dialogue. "A" is an answer and "F" a question only where the other one is there too.
 */
struct kinds {
    bool user, assistant, questions;
};

static struct kinds find_kinds(const struct dialogue *dialogue) {
    bool seen[SPEAKER_KINDS] = {false};
    for (size_t i = 0; i < dialogue->count; i++)
        if (dialogue->turns[i].speaker.data)
            seen[speaker_classify(dialogue->turns[i].speaker)] = true;
    return (struct kinds){seen[SPEAKER_USER], seen[SPEAKER_ASSISTANT], seen[SPEAKER_QUESTION] && seen[SPEAKER_ANSWER]};
}

static bool known_role(struct kinds kinds, struct span speaker, enum role *role) {
    enum speaker_kind kind = speaker.data ? speaker_classify(speaker) : SPEAKER_OTHER;
    bool question = kinds.questions && kind == SPEAKER_QUESTION, answer = kinds.questions && kind == SPEAKER_ANSWER;
    *role = kind == SPEAKER_ASSISTANT || answer ? ROLE_ASSISTANT : ROLE_USER;
    return kind == SPEAKER_USER || kind == SPEAKER_ASSISTANT || question || answer;
}

void dialogue_assign_roles(struct dialogue *dialogue) {
    drop_blank_turns(dialogue);
    struct kinds kinds = find_kinds(dialogue);
    for (size_t i = 0; i < dialogue->count; i++) {
        struct turn *turn = &dialogue->turns[i];
        enum role role;
        if (known_role(kinds, turn->speaker, &role))
            turn->role = role;
        else if (kinds.user && !kinds.assistant) /* "Anna: ..." beside "Customer: ..." */
            turn->role = ROLE_ASSISTANT;
        else if (i == 0 || kinds.assistant || kinds.questions) /* "Anna: ..." beside "Agent: ..." */
            turn->role = ROLE_USER;
        else if (turn->speaker.data && span_equal(turn->speaker, dialogue->turns[i - 1].speaker))
            turn->role = dialogue->turns[i - 1].role;
        else
            turn->role = dialogue->turns[i - 1].role == ROLE_USER ? ROLE_ASSISTANT : ROLE_USER;
    }
    join_equal_roles(dialogue);
}

bool dialogue_trim(const struct dialogue *dialogue, size_t *from, size_t *to) {
    while (*from < *to && dialogue->turns[*from].role == ROLE_ASSISTANT)
        ++*from;
    while (*to > *from && dialogue->turns[*to - 1].role != ROLE_ASSISTANT)
        --*to;
    return *to - *from >= 2;
}

struct span dialogue_text(const struct dialogue *dialogue, size_t turn) {
    return (struct span){dialogue->text.data + dialogue->turns[turn].start, dialogue->turns[turn].size};
}
