/* Finds dialogues in labelled text. It owns what makes a text a transcript; roles and turns are dialogue.c's. */
#include "pair/transcript.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "pair/speaker.h"

#define LABELS_COUNTED 64 /* different labels are counted up to here */

/* What a first look at the text shows. */
struct layout {
    size_t lines;                     /* not blank */
    size_t labelled;                  /* lines with a label */
    size_t alone;                     /* labelled lines with nothing behind the colon: the text follows */
    size_t kinds[SPEAKER_ANSWER + 1]; /* labelled lines by enum speaker_kind */
    size_t labels;                    /* different labels, up to LABELS_COUNTED */
    size_t block_turns_max;           /* most labelled lines between two blank lines */
    struct span seen[LABELS_COUNTED];
};

static struct span next_line(struct span text, size_t *at) {
    const char *begin = text.data + *at;
    const char *end = memchr(begin, '\n', text.size - *at);
    size_t size = end ? (size_t)(end - begin) : text.size - *at;
    *at += size + (end != NULL);
    return (struct span){begin, size};
}

static void count_label(struct layout *layout, struct span label) {
    for (size_t i = 0; i < layout->labels; i++)
        if (span_equal(layout->seen[i], label))
            return;
    if (layout->labels < LABELS_COUNTED)
        layout->seen[layout->labels++] = label;
}

static void look(struct span text, struct layout *layout) {
    size_t block = 0;
    *layout = (struct layout){0};
    for (size_t at = 0; at < text.size;) {
        struct span line = next_line(text, &at), label, said;
        if (line.size == 0) {
            block = 0;
            continue;
        }
        layout->lines++;
        if (!speaker_split(line, &label, &said))
            continue;
        layout->labelled++;
        layout->alone += said.size == 0;
        layout->kinds[speaker_classify(label)]++;
        count_label(layout, label);
        if (++block > layout->block_turns_max)
            layout->block_turns_max = block;
    }
}

static bool has_questions(const struct layout *layout) {
    return layout->kinds[SPEAKER_QUESTION] && layout->kinds[SPEAKER_ANSWER];
}

static bool is_transcript(const struct layout *layout) {
    if (layout->labelled < 2 || layout->labels < 2)
        return false;
    size_t role_words = layout->kinds[SPEAKER_USER] + layout->kinds[SPEAKER_ASSISTANT];
    if (has_questions(layout))
        role_words += layout->kinds[SPEAKER_QUESTION] + layout->kinds[SPEAKER_ANSWER];
    if (2 * role_words >= layout->labelled && role_words >= 2)
        return true;
    /* Names that recur: "Romeo:" alone on its line, or most lines labelled. A list of "Key: value" has each label once.
     */
    bool recurring = layout->labelled >= 4 && layout->labelled >= 2 * layout->labels;
    return recurring && (2 * layout->alone >= layout->labelled || 2 * layout->labelled >= layout->lines);
}

/* Where the dialogues of one text go, with the scratch they are built in. */
struct parse {
    struct dialogue *dialogue;
    size_t max_turns;
    dialogue_emit *emit;
    void *context;
    size_t found;
};

static int finish_dialogue(struct parse *parse, struct error *error) {
    struct dialogue *dialogue = parse->dialogue;
    dialogue_assign_roles(dialogue);
    /* Pieces begin at user turns: an even length keeps it so, since roles alternate. */
    size_t length = parse->max_turns < 2 ? 2 : parse->max_turns & ~(size_t)1;
    size_t begin = 0, end = dialogue->count;
    if (dialogue_trim(dialogue, &begin, &end))
        for (size_t from = begin; from + 2 <= end; from += length) {
            size_t to = end - from < length ? end : from + length;
            if (parse->emit(parse->context, dialogue, from, to, error))
                return -1;
            parse->found++;
        }
    dialogue_clear(dialogue);
    return 0;
}

int transcript_parse(struct span text, size_t max_turns, struct dialogue *dialogue, dialogue_emit *emit, void *context,
                     size_t *found, struct error *error) {
    struct layout *layout = memory_zeroed(1, sizeof *layout);
    look(text, layout);
    bool transcript = is_transcript(layout), blocks = layout->block_turns_max >= 2, questions = has_questions(layout);
    free(layout);
    *found = 0;
    if (!transcript)
        return 0;
    struct parse parse = {dialogue, max_turns, emit, context, 0};
    dialogue_clear(dialogue);
    bool after_blank = false;
    for (size_t at = 0; at < text.size;) {
        struct span line = next_line(text, &at), label, said;
        if (line.size > 0 && speaker_split(line, &label, &said)) {
            bool new_dialogue = (questions && speaker_classify(label) == SPEAKER_QUESTION) || (blocks && after_blank);
            if (new_dialogue && finish_dialogue(&parse, error))
                return -1;
            dialogue_add(dialogue, label, said, "\n");
        } else if (line.size > 0 || !blocks) {
            dialogue_continue(dialogue, line);
        }
        after_blank = line.size == 0;
    }
    if (finish_dialogue(&parse, error))
        return -1;
    *found = parse.found;
    return 0;
}
