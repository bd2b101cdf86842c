/* The turns of a conversation. It owns commands and the order of talking; lines are prompt.c's, replies the model's. */
#include "chat/talk.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/options.h"
#include "base/output.h"
#include "chat/prompt.h"
#include "text/utf8.h"

struct state {
    const struct talk *talk;
    struct conversation *conversation;
    struct output *output;
    struct bytes system; /* the system turn; empty: none */
    struct bytes shown;  /* the piece of a reply that is being written */
    bool interactive;
    bool failed; /* writing */
    struct error error;
};

/* Notes of the program, on stderr, so that stdout has nothing but replies. */
static void note(const struct state *state, const char *text) {
    if (state->interactive)
        fprintf(stderr, "%s\n", text);
    else
        program_say(state->talk->options, "%s", text);
}

static void begin(struct state *state) {
    conversation_reset(state->conversation, state->talk->conversation.seed);
    if (state->system.size)
        conversation_add(state->conversation, ROLE_SYSTEM, span_of_bytes(&state->system));
}

/* What a model says must not command the terminal: control characters but line feed and tab become U+FFFD. */
static void append_printable(struct bytes *out, struct span text) {
    uint32_t code;
    for (size_t i = 0, size; i < text.size; i += size) {
        size = utf8_decode_valid(text.data + i, &code);
        bool control = (code < 0x20 && code != '\n' && code != '\t') || (code >= 0x7F && code < 0xA0);
        utf8_append(out, control ? UTF8_REPLACEMENT : code);
    }
}

static bool show_piece(void *context, struct span piece) {
    struct state *state = context;
    if (state->interactive) {
        bytes_clear(&state->shown);
        append_printable(&state->shown, piece);
        piece = span_of_bytes(&state->shown);
    }
    if (output_write(state->output, piece.data, piece.size, &state->error) ||
        output_flush(state->output, &state->error))
        state->failed = true;
    return !state->failed && !(state->interactive && prompt_was_interrupted());
}

static int say_reply(struct state *state, struct span line, struct error *error) {
    struct bytes reply = {0};
    enum reply_end end = REPLY_END;
    conversation_add(state->conversation, ROLE_USER, line);
    int status = conversation_reply(state->conversation, &reply, show_piece, state, &end, error);
    if (status) { /* an empty reply, so that who waits for one gets it */
        fprintf(stderr, "%s: %s\n", program_name(), error->message);
        status = 0;
    }
    if (state->failed) {
        *error = state->error;
        status = -1;
    } else if (output_write(state->output, "\n", 1, error) || output_flush(state->output, error)) {
        status = -1;
    } else if (end == REPLY_LENGTH) {
        note(state, "(the reply was cut at its length)");
    }
    bytes_release(&reply);
    return status;
}

static bool is_command(struct span line, const char *name) {
    size_t size = strlen(name);
    return line.size >= size && memcmp(line.data, name, size) == 0 && (line.size == size || line.data[size] == ' ');
}

/* True where the conversation ends. */
static bool obey(struct state *state, struct span line) {
    if (is_command(line, "/quit"))
        return true;
    if (is_command(line, "/reset")) {
        begin(state);
        note(state, "(a new conversation)");
    } else if (is_command(line, "/system")) {
        size_t skip = line.size > strlen("/system ") ? strlen("/system ") : line.size;
        bytes_clear(&state->system);
        bytes_append(&state->system, line.data + skip, line.size - skip);
        begin(state);
        note(state, state->system.size ? "(a new conversation with this system turn)"
                                       : "(a new conversation without a system turn)");
    } else {
        note(state, "/reset begins a new conversation, /system TEXT one with a system turn, /quit or ^D ends; "
                    "^C stops a reply");
    }
    return false;
}

static int converse(struct state *state, struct prompt *prompt, struct error *error) {
    struct span line;
    for (;;) {
        switch (prompt_next(prompt, &line, error)) {
        case PROMPT_FAILED:
            return -1;
        case PROMPT_END:
            if (state->interactive)
                fputc('\n', stderr);
            return 0;
        case PROMPT_INTERRUPTED:
            fputc('\n', stderr);
            continue;
        case PROMPT_LINE:
            break;
        }
        if (line.size == 0)
            continue;
        if (line.data[0] == '/') {
            if (obey(state, line))
                return 0;
        } else if (say_reply(state, line, error)) {
            return -1;
        }
    }
}

int talk_run(const struct talk *talk, struct error *error) {
    struct state state = {.talk = talk, .interactive = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO)};
    struct prompt *prompt = NULL;
    if (conversation_new(&state.conversation, talk->bundle->model, talk->bundle->tokenizer, &talk->conversation, error))
        return -1;
    if (talk->system)
        bytes_append_text(&state.system, talk->system);
    begin(&state);
    int status = output_open(&state.output, NULL, error);
    if (status == 0)
        status = prompt_new(&prompt, state.interactive, error);
    if (status == 0)
        status = converse(&state, prompt, error);
    prompt_free(prompt);
    if (status)
        output_abort(state.output);
    else
        status = output_close(state.output, error);
    conversation_free(state.conversation);
    bytes_release(&state.system);
    bytes_release(&state.shown);
    return status;
}
