/* Finds dialogues in labelled text. It owns what makes a text a transcript; roles and turns are dialogue.c's. */
#include "pair/transcript.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "pair/speaker.h"

/* What a first look at the text shows. A label counts where it is a role word or stands there at least twice. */
struct layout {
    size_t lines;                /* not blank */
    size_t labelled;             /* lines with a label that counts */
    size_t alone;                /* of these, with nothing behind the colon: the text follows */
    size_t inside;               /* of these, not behind a blank line */
    size_t spoken;               /* of these, with words that somebody may say */
    size_t returns;              /* of these, of the label before the one before, with another between */
    size_t kinds[SPEAKER_KINDS]; /* of these, by enum speaker_kind */
    size_t labels;               /* different ones that count */
    uint64_t *recurring;         /* sorted hashes of the labels that stand there twice or more */
    size_t recurring_count;
};

static struct span next_line(struct span text, size_t *at) {
    const char *begin = text.data + *at;
    const char *end = memchr(begin, '\n', text.size - *at);
    size_t size = end ? (size_t)(end - begin) : text.size - *at;
    *at += size + (end != NULL);
    return (struct span){begin, size};
}

static int compare_hashes(const void *a, const void *b) {
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
    return (left > right) - (left < right);
}

/* Collects the hash of every label and keeps, once each, those that stand there more than once. */
static void find_recurring(struct span text, struct layout *layout) {
    size_t capacity = 0, count = 0, kept = 0;
    uint64_t *hashes = NULL;
    for (size_t at = 0; at < text.size;) {
        struct span line = next_line(text, &at), label, said;
        if (!speaker_split(line, &label, &said))
            continue;
        if (count == capacity) {
            capacity = capacity ? 2 * capacity : 64;
            hashes = memory_resize(hashes, capacity, sizeof *hashes);
        }
        hashes[count++] = hash64(label, 0);
    }
    if (count)
        qsort(hashes, count, sizeof *hashes, compare_hashes);
    for (size_t i = 0; i + 1 < count; i++)
        if (hashes[i] == hashes[i + 1] && (kept == 0 || hashes[kept - 1] != hashes[i]))
            hashes[kept++] = hashes[i];
    layout->recurring = hashes;
    layout->recurring_count = kept;
}

/* Splits a line whose label counts. */
static bool split_turn(const struct layout *layout, struct span line, struct span *label, struct span *said) {
    if (line.size == 0 || !speaker_split(line, label, said))
        return false;
    enum speaker_kind kind = speaker_classify(*label);
    if (kind != SPEAKER_OTHER)
        return kind != SPEAKER_NOTE;
    uint64_t hash = hash64(*label, 0);
    return layout->recurring_count &&
           bsearch(&hash, layout->recurring, layout->recurring_count, sizeof hash, compare_hashes);
}

/*
 * Whether a line reads as something said and not as the value of a key: it ends a sentence or a verse, or has four
 * words or as much as nine characters of a script without spaces.
 */
static bool is_speech(struct span line) {
    static const char *const items[] = {"- ", "* ", " ", "\t", "+ ", "• ", "· ", "– ", "▪ ", "✓ "};
    static const char *const ends[] = {".", "?", "!", ",", ";", "\"", "…", "。", "？", "！", "”", "»", "～", "，"};
    size_t words = 1, wide = 0;
    for (size_t i = 0; i < sizeof items / sizeof *items; i++)
        if (line.size >= strlen(items[i]) && memcmp(line.data, items[i], strlen(items[i])) == 0)
            return false;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        size_t size = strlen(ends[i]);
        if (line.size > size && memcmp(line.data + line.size - size, ends[i], size) == 0)
            return true;
    }
    for (size_t i = 0; i < line.size; i++) {
        words += line.data[i] == ' ';
        wide += ((unsigned char)line.data[i] & 0xF0) == 0xE0; /* first byte of three, as from U+0800 on */
    }
    return words >= 4 || wide >= 9;
}

/* Counts a labelled line. before holds the hashes of the two labels before it. */
static void count_label(struct layout *layout, struct span label, struct span said, uint64_t before[2]) {
    uint64_t hash = hash64(label, 0);
    layout->labelled++;
    layout->alone += said.size == 0;
    layout->spoken += is_speech(said);
    layout->kinds[speaker_classify(label)]++;
    layout->returns += layout->labelled > 2 && hash == before[0] && hash != before[1];
    before[0] = before[1];
    before[1] = hash;
}

static void look(struct span text, struct layout *layout) {
    bool after_blank = true, label_alone = false;
    uint64_t before[2] = {0};
    *layout = (struct layout){0};
    find_recurring(text, layout);
    layout->labels = layout->recurring_count;
    for (size_t at = 0; at < text.size;) {
        struct span line = next_line(text, &at), label, said;
        if (speaker_is_time(line))
            continue;
        layout->lines += line.size > 0;
        if (split_turn(layout, line, &label, &said)) {
            count_label(layout, label, said, before);
            layout->inside += !after_blank;
            label_alone = said.size == 0;
        } else if (label_alone && line.size > 0) {
            layout->spoken += is_speech(line);
            label_alone = false;
        }
        after_blank = line.size == 0;
    }
    /* A role word that stands there once is a label too. */
    size_t different = 0;
    for (size_t kind = SPEAKER_USER; kind <= SPEAKER_ANSWER; kind++)
        different += layout->kinds[kind] > 0;
    if (layout->labels < different)
        layout->labels = different;
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
        return layout->labelled > 2 || layout->spoken; /* "Client: Windows 10", "Support: yes" is no conversation */
    /* Names that recur: "Romeo:" alone on its line, or most lines labelled. A list of "Key: value" has each label once,
     * or the same ones in the same order again and again, with values that are no sentences. */
    bool recurring = layout->labelled >= 4 && layout->labelled >= 2 * layout->labels;
    bool most = 2 * layout->alone >= layout->labelled || 2 * layout->labelled >= layout->lines;
    bool in_turns = layout->labels == 2 || 8 * layout->returns >= layout->labelled;
    return recurring && most && in_turns && 2 * layout->spoken >= layout->labelled;
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

static int parse_turns(struct span text, const struct layout *layout, struct parse *parse, struct error *error) {
    /* Turns that stand together between blank lines are a dialogue; where each stands alone, blank lines divide turns.
     */
    bool blocks = 3 * layout->inside >= layout->labelled, questions = has_questions(layout);
    struct dialogue *dialogue = parse->dialogue;
    bool after_blank = false;
    for (size_t at = 0; at < text.size;) {
        struct span line = next_line(text, &at), label, said;
        if (speaker_is_time(line))
            continue;
        if (split_turn(layout, line, &label, &said)) {
            bool new_dialogue = (questions && speaker_classify(label) == SPEAKER_QUESTION) || (blocks && after_blank);
            if (new_dialogue && finish_dialogue(parse, error))
                return -1;
            dialogue_add(dialogue, label, said, "\n");
        } else if (line.size > 0 || !blocks) {
            dialogue_continue(dialogue, line);
        }
        after_blank = line.size == 0;
    }
    return finish_dialogue(parse, error);
}

int transcript_parse(struct span text, size_t max_turns, struct dialogue *dialogue, dialogue_emit *emit, void *context,
                     size_t *found, struct error *error) {
    struct layout layout;
    look(text, &layout);
    struct parse parse = {dialogue, max_turns, emit, context, 0};
    dialogue_clear(dialogue);
    int result = is_transcript(&layout) ? parse_turns(text, &layout, &parse, error) : 0;
    free(layout.recurring);
    *found = parse.found;
    return result;
}
