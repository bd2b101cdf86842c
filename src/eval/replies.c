/* Generated replies into scores. It owns the lines of --replies; answering is the model library's. */
#include "eval/replies.h"

#include <stdio.h>

#include "base/json.h"
#include "base/output.h"
#include "base/progress.h"
#include "model/answering.h"

struct run {
    struct replies *replies;
    struct output *output; /* NULL: replies are not written */
    struct progress *progress;
    struct bytes line, judgement;
};

static int write_reply(struct run *run, const struct answer *answer, struct span reference,
                       const struct score_sums *sums, struct error *error) {
    const struct score_options *options = &run->replies->score->options;
    struct record record = *answer->record;
    struct bytes *json = &run->judgement;
    bytes_clear(&run->line);
    bytes_clear(json);
    bytes_append_text(json, "{\"reference\":");
    json_append_string(json, reference);
    bytes_append_text(json, ",\"bleu\":");
    json_append_number(json, bleu_compute(&sums->bleu, options->smoothing, true).score);
    bytes_append_text(json, ",\"chrf\":");
    json_append_number(json, chrf_compute(&sums->chrf, (size_t)options->word_order));
    bytes_append_byte(json, '}');
    record_keep_messages(&record, 0, answer->context + 1);
    record_set_content(&record, answer->context, answer->reply);
    if (record_write_with(&record, "eval", span_of_bytes(json), &run->line, error))
        return error_prefix(error, "%s:%llu: ", answer->file, (unsigned long long)answer->number);
    return output_write(run->output, run->line.data, run->line.size, error);
}

static int take_answer(void *context, const struct answer *answer, struct error *error) {
    struct run *run = context;
    struct replies *replies = run->replies;
    char what[48];
    replies->questions++;
    snprintf(what, sizeof what, "%llu replies", (unsigned long long)replies->questions);
    progress_show(run->progress, 0, 0, what);
    replies->no_reply += answer->outcome == ANSWER_NO_QUESTION;
    replies->too_long += answer->outcome == ANSWER_TOO_LONG;
    if (answer->outcome != ANSWERED)
        return 0;
    struct span reference = answer->record->messages[answer->context].content;
    struct score_sums sums;
    if (score_add(replies->score, answer->record->field[FIELD_LANG], answer->reply, &reference, 1, &sums, error))
        return -1;
    return run->output ? write_reply(run, answer, reference, &sums, error) : 0;
}

int replies_run(struct replies *replies, struct error *error) {
    struct run run = {.replies = replies};
    if (replies->output && output_open(&run.output, replies->output, error))
        return -1;
    run.progress = progress_new(replies->options);
    const struct answering answering = {.bundle = replies->bundle,
                                        .options = replies->conversation,
                                        .cut = ANSWER_LAST_REPLY,
                                        .records_only = true,
                                        .paths = replies->paths,
                                        .path_count = replies->path_count,
                                        .take = take_answer,
                                        .context = &run};
    int status = answering_run(&answering, error);
    progress_free(run.progress);
    if (status && run.output) /* what was answered before a bad line goes to a device all the same */
        output_flush(run.output, NULL);
    if (status)
        output_abort(run.output);
    else if (run.output)
        status = output_close(run.output, error);
    bytes_release(&run.line);
    bytes_release(&run.judgement);
    return status;
}
