/*
 * Input of a conversation. It owns libedit and the handler of SIGINT; what a line means it does not know. libedit takes
 * characters in the locale's encoding, so the calling thread gets a UTF-8 locale; the process's own is not touched.
 */
#include "chat/prompt.h"

#include <errno.h>
#include <histedit.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/input.h"
#include "base/interrupt.h"
#include "base/memory.h"
#include "text/utf8.h"

#define HISTORY_LINES 1000
#define LINE_MAX_SIZE ((size_t)1 << 20)

struct prompt {
    EditLine *editor; /* NULL: not interactive */
    History *history;
    locale_t locale, former;
    FILE *terminal; /* the prompt goes here, stdout has only replies */
    struct input *input;
    struct bytes line;
};

static volatile sig_atomic_t interrupted;

static void note_interrupt(int number) {
    (void)number;
    interrupted = 1;
}

bool prompt_was_interrupted(void) {
    bool was = interrupted;
    interrupted = 0;
    return was;
}

static char *prompt_text(EditLine *editor) {
    static char text[] = "> ";
    (void)editor;
    return text;
}

static int open_editor(struct prompt *prompt, struct error *error) {
    HistEvent event;
    prompt->locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    if (prompt->locale)
        prompt->former = uselocale(prompt->locale);
    prompt->editor = el_init("gpt-chat", stdin, stdout, stderr);
    prompt->history = history_init();
    if (!prompt->editor || !prompt->history)
        return error_set(error, ERROR_SYSTEM, ERROR_NO_POSITION, "line editing is not possible on this terminal");
    history(prompt->history, &event, H_SETSIZE, HISTORY_LINES);
    history(prompt->history, &event, H_SETUNIQUE, 1);
    el_set(prompt->editor, EL_PROMPT, prompt_text);
    el_set(prompt->editor, EL_EDITOR, "emacs");
    el_set(prompt->editor, EL_HIST, history, prompt->history);
    el_source(prompt->editor, NULL);            /* ~/.editrc */
    interrupt_catch(SIGINT, note_interrupt, 0); /* no SA_RESTART: ^C ends the read */
    return 0;
}

int prompt_new(struct prompt **prompt, bool interactive, struct error *error) {
    struct prompt *made = memory_zeroed(1, sizeof *made);
    int status = interactive ? open_editor(made, error) : input_open_raw(&made->input, "-", error);
    if (status) {
        prompt_free(made);
        made = NULL;
    }
    *prompt = made;
    return status;
}

void prompt_free(struct prompt *prompt) {
    if (!prompt)
        return;
    if (prompt->editor)
        el_end(prompt->editor);
    if (prompt->history)
        history_end(prompt->history);
    if (prompt->locale) {
        uselocale(prompt->former);
        freelocale(prompt->locale);
    }
    input_close(prompt->input);
    bytes_release(&prompt->line);
    free(prompt);
}

static void keep_line(struct prompt *prompt, struct span line) {
    bytes_clear(&prompt->line);
    utf8_repair(line, &prompt->line);
}

static enum prompt_result next_edited(struct prompt *prompt, struct span *line) {
    int size = 0;
    interrupted = 0;
    errno = 0;
    const char *typed = el_gets(prompt->editor, &size);
    if (!typed || size <= 0) {
        if (size < 0 && prompt_was_interrupted())
            return PROMPT_INTERRUPTED;
        return PROMPT_END;
    }
    size_t length = (size_t)size;
    while (length && (typed[length - 1] == '\n' || typed[length - 1] == '\r'))
        length--;
    keep_line(prompt, (struct span){typed, length});
    if (length) {
        HistEvent event;
        history(prompt->history, &event, H_ENTER, bytes_text(&prompt->line));
    }
    *line = span_of_bytes(&prompt->line);
    return PROMPT_LINE;
}

static enum prompt_result next_piped(struct prompt *prompt, struct span *line, struct error *error) {
    struct bytes raw = {0};
    ssize_t got;
    char byte;
    bool any = false;
    while ((got = input_read(prompt->input, &byte, 1, error)) == 1 && byte != '\n' && raw.size < LINE_MAX_SIZE) {
        bytes_append_byte(&raw, byte);
        any = true;
    }
    if (got == 1 && byte == '\n')
        any = true;
    if (raw.size && raw.data[raw.size - 1] == '\r')
        raw.size--;
    keep_line(prompt, span_of_bytes(&raw));
    bytes_release(&raw);
    if (got < 0)
        return PROMPT_FAILED;
    *line = span_of_bytes(&prompt->line);
    return any ? PROMPT_LINE : PROMPT_END;
}

enum prompt_result prompt_next(struct prompt *prompt, struct span *line, struct error *error) {
    return prompt->editor ? next_edited(prompt, line) : next_piped(prompt, line, error);
}
