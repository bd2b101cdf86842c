/* Answers in both forms of output. It owns what is written for an answer; answering is the model library's. */
#include "chat/answers.h"

#include <stdio.h>

#include "base/output.h"
#include "base/progress.h"
#include "model/answering.h"

struct run {
    const struct answers *answers;
    struct output *output;
    struct progress *progress;
    struct bytes out, text;
    struct record fresh;
    uint64_t questions, tokens, cut, outcomes[ANSWER_OUTCOMES];
};

/* The turn that was answered. */
static struct span question_of(const struct answer *answer) {
    if (!answer->record)
        return answer->line;
    if (answer->record->kind == RECORD_DOCUMENT)
        return answer->record->field[FIELD_TEXT];
    return answer->record->messages[answer->context - 1].content;
}

static void append_text(struct run *run, const struct answer *answer) {
    bytes_append_span(&run->out, question_of(answer));
    bytes_append_text(&run->out, answer->record && answer->record->kind == RECORD_DOCUMENT ? "" : "\n-> ");
    bytes_append_span(&run->out, answer->reply);
    bytes_append_byte(&run->out, '\n');
}

static int append_line_record(struct run *run, const struct answer *answer, struct error *error) {
    char id[24];
    snprintf(id, sizeof id, "%llu", (unsigned long long)answer->number);
    record_begin(&run->fresh, RECORD_DIALOGUE);
    record_set_text(&run->fresh, FIELD_ID, span_of(id));
    if (run->answers->system)
        record_append_message(&run->fresh, ROLE_SYSTEM, span_of(run->answers->system));
    record_append_message(&run->fresh, ROLE_USER, answer->line);
    record_append_message(&run->fresh, ROLE_ASSISTANT, answer->reply);
    record_set_text(&run->fresh, FIELD_SOURCE, span_of("gpt-chat"));
    return record_write(&run->fresh, &run->out, error);
}

static int append_record(struct run *run, const struct answer *answer, struct error *error) {
    if (!answer->record)
        return append_line_record(run, answer, error);
    struct record record = *answer->record;
    if (record.kind == RECORD_DOCUMENT) {
        bytes_clear(&run->text);
        bytes_append_span(&run->text, record.field[FIELD_TEXT]);
        bytes_append_span(&run->text, answer->reply);
        record_set_text(&record, FIELD_TEXT, span_of_bytes(&run->text));
    } else {
        record_keep_messages(&record, 0, answer->context);
        record_append_message(&record, ROLE_ASSISTANT, answer->reply);
    }
    return record_write(&record, &run->out, error);
}

static int take_answer(void *context, const struct answer *answer, struct error *error) {
    struct run *run = context;
    char what[48];
    run->questions++;
    run->outcomes[answer->outcome]++;
    snprintf(what, sizeof what, "%llu answers", (unsigned long long)run->questions);
    progress_show(run->progress, 0, 0, what);
    if (answer->outcome != ANSWERED)
        return 0;
    run->tokens += answer->tokens;
    run->cut += answer->end == REPLY_LENGTH;
    bytes_clear(&run->out);
    if (run->answers->text)
        append_text(run, answer);
    else if (append_record(run, answer, error))
        return error_prefix(error, "%s:%llu: ", answer->file, (unsigned long long)answer->number);
    return output_write(run->output, run->out.data, run->out.size, error);
}

static void say_summary(const struct run *run, double seconds) {
    const uint64_t *outcomes = run->outcomes;
    program_say(run->answers->options,
                "%llu in, %llu out, %llu dropped (no-question %llu, too-long %llu), %llu cut at their length, "
                "%llu tokens, %.1f s",
                (unsigned long long)run->questions, (unsigned long long)outcomes[ANSWERED],
                (unsigned long long)(outcomes[ANSWER_NO_QUESTION] + outcomes[ANSWER_TOO_LONG]),
                (unsigned long long)outcomes[ANSWER_NO_QUESTION], (unsigned long long)outcomes[ANSWER_TOO_LONG],
                (unsigned long long)run->cut, (unsigned long long)run->tokens, seconds);
}

int answers_run(const struct answers *answers, struct error *error) {
    struct run run = {.answers = answers};
    if (output_open(&run.output, answers->options->output, error))
        return -1;
    run.progress = progress_new(answers->options);
    const struct answering answering = {.bundle = answers->bundle,
                                        .options = answers->conversation,
                                        .system = answers->system,
                                        .cut = ANSWER_LAST_QUESTION,
                                        .paths = answers->paths,
                                        .path_count = answers->path_count,
                                        .take = take_answer,
                                        .context = &run};
    int status = answering_run(&answering, error);
    double seconds = progress_seconds(run.progress);
    progress_free(run.progress);
    if (status) { /* what was answered before a bad line goes to standard output all the same */
        output_flush(run.output, NULL);
        output_abort(run.output);
    } else {
        status = output_close(run.output, error);
    }
    if (status == 0)
        say_summary(&run, seconds);
    record_release(&run.fresh);
    bytes_release(&run.out);
    bytes_release(&run.text);
    return status;
}
