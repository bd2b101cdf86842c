/*
 * Conversations. It owns the turns' tokens and what of them stands in the KV cache; choosing tokens is the sampler's,
 * computing them the generator's.
 */
#include "model/conversation.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "text/utf8.h"

struct conversation {
    const struct tokenizer *tokenizer;
    struct conversation_options options;
    struct encoder *encoder;
    struct generator *generator;
    struct sampler *sampler;
    size_t positions, vocabulary;
    struct token_ids ids; /* <|bos|> and all turns */
    size_t *turns;        /* where each turn begins in ids */
    size_t turn_count, turn_capacity;
    bool system;         /* the first turn is the system's */
    size_t cached;       /* ids already in the generator */
    size_t reply_tokens; /* of the last reply */
    size_t reply_start;  /* where it begins in ids: what the repetition penalty looks at */
    bool *sayable;       /* [vocabulary]: text and <|end|>, no other special token and no hole */
    float *allowed;      /* [vocabulary]: logits of what is sayable */
    bool failed;         /* a turn could not be encoded: error says why, and the next reply hands it on */
    struct error error;
};

struct conversation_options conversation_default_options(void) {
    struct conversation_options options = {.sampler = sampler_default_options(), .max_tokens = 256, .threads = 1};
    options.sampler.temperature = 0.8;
    options.sampler.top_p = 0.95;
    return options;
}

int conversation_new(struct conversation **conversation, const struct model *model, const struct tokenizer *tokenizer,
                     const struct conversation_options *options, struct error *error) {
    *conversation = NULL;
    if (tokenizer_vocabulary_size(tokenizer) > model->config.vocabulary)
        return error_set(error, ERROR_DATA, ERROR_NO_POSITION,
                         "the tokenizer has %u tokens, the model was made for %zu",
                         (unsigned)tokenizer_vocabulary_size(tokenizer), model->config.vocabulary);
    if (tokenizer_require_specials(tokenizer, error))
        return -1;
    struct conversation *made = memory_zeroed(1, sizeof *made);
    made->tokenizer = tokenizer;
    made->options = *options;
    made->positions = model->config.positions;
    made->vocabulary = model->config.vocabulary;
    made->encoder = encoder_new(tokenizer);
    made->generator = generator_new(model, made->positions, options->threads);
    made->sampler = sampler_new(&options->sampler, made->vocabulary, options->seed);
    made->allowed = memory_zeroed(made->vocabulary, sizeof *made->allowed);
    made->sayable = memory_zeroed(made->vocabulary, sizeof *made->sayable);
    for (uint32_t id = 0; id < made->vocabulary; id++)
        made->sayable[id] = tokenizer_token(tokenizer, id).data && !tokenizer_is_special(tokenizer, id);
    made->sayable[tokenizer_special(tokenizer, SPECIAL_END)] = true;
    conversation_reset(made, options->seed);
    *conversation = made;
    return 0;
}

void conversation_free(struct conversation *conversation) {
    if (!conversation)
        return;
    encoder_free(conversation->encoder);
    generator_free(conversation->generator);
    sampler_free(conversation->sampler);
    token_ids_release(&conversation->ids);
    free(conversation->turns);
    free(conversation->allowed);
    free(conversation->sayable);
    free(conversation);
}

void conversation_reset(struct conversation *conversation, uint64_t seed) {
    conversation->ids.count = 0;
    conversation->turn_count = 0;
    conversation->system = false;
    conversation->cached = 0;
    conversation->failed = false;
    generator_truncate(conversation->generator, 0);
    sampler_seed(conversation->sampler, seed);
    token_ids_append(&conversation->ids, tokenizer_special(conversation->tokenizer, SPECIAL_BOS));
}

static void begin_turn(struct conversation *conversation, enum role role) {
    if (conversation->turn_count == conversation->turn_capacity) {
        conversation->turn_capacity = conversation->turn_capacity ? 2 * conversation->turn_capacity : 16;
        conversation->turns =
            memory_resize(conversation->turns, conversation->turn_capacity, sizeof *conversation->turns);
    }
    if (conversation->turn_count == 0)
        conversation->system = role == ROLE_SYSTEM;
    conversation->turns[conversation->turn_count++] = conversation->ids.count;
}

void conversation_add(struct conversation *conversation, enum role role, struct span content) {
    begin_turn(conversation, role);
    if (encoder_append_message(conversation->encoder, role, content, &conversation->ids, &conversation->error) != 0)
        conversation->failed = true;
}

static void forget_cache(struct conversation *conversation, size_t from) {
    if (conversation->cached > from) {
        conversation->cached = from;
        generator_truncate(conversation->generator, from);
    }
}

/* Where turn `turn` begins with a user's, and so the conversation may begin. */
static bool is_user_turn(const struct conversation *conversation, size_t turn) {
    return conversation->ids.data[conversation->turns[turn]] ==
           tokenizer_special(conversation->tokenizer, SPECIAL_USER);
}

/*
 * Forgets the oldest turns that are not the system's, up to the next that a user began, as training shortens dialogues;
 * false where only a question and the open answer are left.
 */
static bool forget_turns(struct conversation *conversation) {
    size_t first = conversation->system ? 1 : 0, next = first + 1;
    if (conversation->turn_count < first + 3)
        return false;
    while (next + 2 < conversation->turn_count && !is_user_turn(conversation, next))
        next++;
    size_t from = conversation->turns[first], to = conversation->turns[next];
    uint32_t *ids = conversation->ids.data;
    memmove(ids + from, ids + to, (conversation->ids.count - to) * sizeof *ids);
    conversation->ids.count -= to - from;
    conversation->turn_count -= next - first;
    for (size_t i = first; i < conversation->turn_count; i++)
        conversation->turns[i] = conversation->turns[i + next - first] - (to - from);
    forget_cache(conversation, from);
    return true;
}

/* Feeds what the cache lacks and returns the logits after it, or NULL where there is no room. */
static const float *feed(struct conversation *conversation) {
    size_t count = conversation->ids.count - conversation->cached;
    if (conversation->ids.count > conversation->positions)
        return NULL;
    int32_t *tokens = memory_zeroed(count, sizeof *tokens);
    for (size_t i = 0; i < count; i++)
        tokens[i] = (int32_t)conversation->ids.data[conversation->cached + i];
    const float *logits = generator_feed(conversation->generator, tokens, count);
    free(tokens);
    conversation->cached = conversation->ids.count;
    return logits;
}

/* The longest prefix of whole UTF-8 characters; a cut one at the end waits for its other bytes. */
static size_t whole_characters(struct span text) {
    for (size_t back = 1; back <= 4 && back <= text.size; back++) {
        unsigned char byte = (unsigned char)text.data[text.size - back];
        if (byte < 0x80)
            return text.size - back + 1;
        if (byte >= 0xC0) {
            size_t need = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2;
            return back >= need ? text.size : text.size - back;
        }
    }
    return text.size;
}

/* Special tokens other than the end are never said: the model may only end its turn. */
static int32_t choose(struct conversation *conversation, const float *logits) {
    for (size_t id = 0; id < conversation->vocabulary; id++)
        conversation->allowed[id] = conversation->sayable[id] ? logits[id] : -INFINITY;
    size_t history = conversation->ids.count - conversation->reply_start;
    const int32_t *said = (const int32_t *)(conversation->ids.data + conversation->reply_start);
    return sampler_next(conversation->sampler, conversation->allowed, said, history);
}

/* Generates from the fed context on. Appends the ids said, without <|end|>, and their text to *out. */
static enum reply_end generate(struct conversation *conversation, const float *logits, struct bytes *out,
                               reply_listener *listener, void *context) {
    struct bytes raw = {0};
    size_t shown = 0;
    enum reply_end end = REPLY_LENGTH;
    conversation->reply_start = conversation->ids.count;
    conversation->reply_tokens = 0;
    while (logits && conversation->reply_tokens < conversation->options.max_tokens) {
        uint32_t id = (uint32_t)choose(conversation, logits);
        if (id == tokenizer_special(conversation->tokenizer, SPECIAL_END)) {
            end = REPLY_END;
            break;
        }
        token_ids_append(&conversation->ids, id);
        conversation->reply_tokens++;
        bytes_append_span(&raw, tokenizer_token(conversation->tokenizer, id));
        size_t whole = whole_characters(span_of_bytes(&raw)), before = out->size;
        utf8_repair((struct span){raw.data + shown, whole - shown}, out);
        shown = whole;
        if (listener && out->size > before &&
            !listener(context, (struct span){out->data + before, out->size - before})) {
            end = REPLY_STOPPED;
            break;
        }
        logits = feed(conversation);
    }
    if (shown < raw.size)
        utf8_repair((struct span){raw.data + shown, raw.size - shown}, out);
    bytes_release(&raw);
    return end;
}

int conversation_reply(struct conversation *conversation, struct bytes *reply, reply_listener *listener, void *context,
                       enum reply_end *end, struct error *error) {
    if (conversation->failed) {
        *error = conversation->error;
        return -1;
    }
    begin_turn(conversation, ROLE_ASSISTANT);
    token_ids_append(&conversation->ids, tokenizer_special(conversation->tokenizer, SPECIAL_ASSISTANT));
    /* Room for an answer: a quarter of the context, or all it may take where that is less. */
    size_t room = conversation->positions / 4;
    if (conversation->options.max_tokens < room)
        room = conversation->options.max_tokens;
    while (conversation->ids.count + room > conversation->positions && forget_turns(conversation))
        ;
    const float *logits = feed(conversation);
    if (!logits) /* the next reply forgets it all */
        return error_set(error, ERROR_DATA, ERROR_NO_POSITION, "a turn of %zu tokens does not fit a context of %zu",
                         conversation->ids.count, conversation->positions);
    *end = generate(conversation, logits, reply, listener, context);
    token_ids_append(&conversation->ids, tokenizer_special(conversation->tokenizer, SPECIAL_END));
    return 0;
}

int conversation_continue(struct conversation *conversation, struct span text, struct bytes *continuation,
                          enum reply_end *end, struct error *error) {
    if (encoder_append_text(conversation->encoder, text, &conversation->ids, error) != 0)
        return -1;
    const float *logits = feed(conversation);
    if (!logits)
        return error_set(error, ERROR_DATA, ERROR_NO_POSITION, "a text of %zu tokens does not fit a context of %zu",
                         conversation->ids.count, conversation->positions);
    *end = generate(conversation, logits, continuation, NULL, NULL);
    return 0;
}

size_t conversation_reply_tokens(const struct conversation *conversation) {
    return conversation->reply_tokens;
}
