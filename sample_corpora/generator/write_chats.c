/* Dialogues as chat files: messages JSON Lines, ShareGPT JSON and labelled text. Plants repeated, almost repeated and
 * broken dialogues. */
#include <string.h>

#include "base/json.h"
#include "damage.h"
#include "formats.h"
#include "talk.h"

#define CHATS_TEXT ((uint64_t)1300 << 10)
#define SHAREGPT_TEXT ((uint64_t)200 << 10)

enum { TRANSCRIPT_TALKS = 12 };

static void append_messages(const struct talk *talk, struct bytes *out) {
    for (size_t i = 0; i < talk->count; i++) {
        bytes_append_text(out, i ? ",{\"role\":" : "{\"role\":");
        json_append_string(out, span_of(i % 2 ? "assistant" : "user"));
        bytes_append_text(out, ",\"content\":");
        json_append_string(out, span_of_bytes(&talk->turns[i]));
        bytes_append_byte(out, '}');
    }
}

static void append_chat(size_t number, const struct talk *talk, struct bytes *out) {
    bytes_append_format(out, "{\"id\":\"chat-%05zu\",\"messages\":[", number);
    append_messages(talk, out);
    bytes_append_format(out, "],\"lang\":\"%s\"}\n", LANGUAGES[talk->language]);
}

/* What goes wrong in chats: a turn that was deleted, that says nothing, or that is long past what anybody types. */
static void spoil(struct sample *sample, struct talk *talk) {
    struct bytes *turn = &talk->turns[random_below(&sample->random, talk->count)];
    switch (random_below(&sample->random, 4)) {
    case 0:
        bytes_clear(turn);
        bytes_append_text(turn, "[deleted]");
        break;
    case 1:
        bytes_clear(turn);
        bytes_append_text(turn, "ok");
        break;
    case 2:
        bytes_clear(turn);
        bytes_append_text(turn, "!!!!!!!!!!!! ???");
        break;
    default:
        for (size_t i = 0, size = turn->size; i < 12; i++) {
            bytes_append_byte(turn, ' ');
            bytes_append(turn, bytes_reserve(turn, size) - turn->size, size);
        }
    }
}

int write_chats(struct sample *sample, size_t language, struct bytes *out, struct error *error) {
    struct talk talk = {0};
    (void)language;
    (void)error;
    for (size_t number = 1; sample_total(sample) < CHATS_TEXT; number++) {
        if (number == 1 || !sample_chance(sample, 1)) /* else the one before once more, under another id */
            talk_compose_any(sample, sample_language(sample), &talk);
        if (sample_chance(sample, 1))
            spoil(sample, &talk);
        for (size_t i = 0; i < talk.count; i++)
            damage_some(sample, 10, &talk.turns[i]);
        append_chat(number, &talk, out);
        if (sample_chance(sample, 1)) { /* almost the same: the last answer ends otherwise */
            bytes_append_text(&talk.turns[talk.count - 1], strcmp(LANGUAGES[talk.language], "zh") ? " :-)" : "！");
            append_chat(++number, &talk, out);
        }
    }
    talk_release(&talk);
    return 0;
}

int write_sharegpt(struct sample *sample, size_t language, struct bytes *out, struct error *error) {
    struct talk talk = {0};
    (void)language;
    (void)error;
    bytes_append_text(out, "[\n");
    for (size_t number = 1; sample_total(sample) < SHAREGPT_TEXT; number++) {
        talk_compose_any(sample, sample_language(sample), &talk);
        bytes_append_format(out, "%s{\"id\":\"share_%04zu\",\"conversations\":[", number > 1 ? ",\n" : "", number);
        for (size_t i = 0; i < talk.count; i++) {
            bytes_append_format(out, "%s{\"from\":\"%s\",\"value\":", i ? "," : "", i % 2 ? "gpt" : "human");
            json_append_string(out, span_of_bytes(&talk.turns[i]));
            bytes_append_byte(out, '}');
        }
        bytes_append_text(out, "]}");
    }
    bytes_append_text(out, "\n]\n");
    talk_release(&talk);
    return 0;
}

static struct span word(const struct sample *sample, size_t language, const char *section) {
    return material_words(&sample->materials[language], section)->entries[0].text;
}

int write_transcript(struct sample *sample, size_t language, struct bytes *out, struct error *error) {
    struct talk talk = {0};
    struct bytes text = {0};
    (void)error;
    for (size_t number = 0; number < TRANSCRIPT_TALKS; number++) {
        talk_compose(sample, language, 2, &talk);
        for (size_t i = 0; i < talk.count; i++) {
            bytes_append_span(&text, word(sample, language, i % 2 ? "agent_label" : "customer_label"));
            bytes_append_span(&text, word(sample, language, "colon"));
            sample_space(language, &text);
            bytes_append_span(&text, span_of_bytes(&talk.turns[i]));
            bytes_append_byte(&text, '\n');
        }
        bytes_append_byte(&text, '\n');
    }
    if (language % 2) /* every other file comes from a machine with other line ends */
        damage_text(DAMAGE_CRLF, span_of_bytes(&text), out);
    else
        bytes_append_span(out, span_of_bytes(&text));
    bytes_release(&text);
    talk_release(&talk);
    return 0;
}

int write_faq(struct sample *sample, size_t language, struct bytes *out, struct error *error) {
    struct talk talk = {0};
    (void)error;
    for (size_t number = 0; number < sample->intents[language].count; number++) {
        const struct section *intent = sample_intent(sample, language);
        struct values values;
        values_draw(&values, &sample->materials[language], &sample->random);
        size_t start = out->size;
        bytes_append_span(out, word(sample, language, "question_label"));
        sample_space(language, out);
        sample_ask(sample, language, intent, &values, out);
        bytes_append_byte(out, '\n');
        bytes_append_span(out, word(sample, language, "answer_label"));
        sample_space(language, out);
        phrase_draw(&sample->materials[language], &sample->random, &values, intent, '=', out);
        bytes_append_text(out, "\n\n");
        sample->text[language] += out->size - start;
    }
    talk_release(&talk);
    return 0;
}
