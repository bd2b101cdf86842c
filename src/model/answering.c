/*
 * Questions through the worker pool. It owns what of a record is a question; the conversation is conversation.c's, what
 * becomes of the answer its caller's.
 */
#include "model/answering.h"

#include <stdlib.h>

#include "base/hash.h"
#include "base/lines.h"
#include "base/memory.h"
#include "base/pipeline.h"
#include "text/utf8.h"

/* Questions a batch: few, since answering one takes long. */
#define BATCH_QUESTIONS 8

struct question {
    const char *file;
    uint64_t number, ordinal; /* within its file; among all */
    size_t start, size;       /* in the batch's lines */
    size_t reply_start, reply_size;
    enum answer_outcome outcome;
    enum reply_end end;
    size_t tokens;
};

struct batch {
    struct bytes lines, replies;
    struct question questions[BATCH_QUESTIONS];
    size_t count;
    bool failed; /* at question count */
    struct error error;
};

struct run {
    const struct answering *answering;
    struct line_reader *reader;
    struct line_batch lines;
    size_t next;
    uint64_t ordinal;
    bool records, failed;
    struct record_parser *parser; /* of the consumer */
};

struct worker {
    struct conversation *conversation;
    struct record_parser *parser;
    struct error error; /* of its making */
};

/* ---- reading ---- */

static void *batch_new(void *context) {
    (void)context;
    return memory_zeroed(1, sizeof(struct batch));
}

static void batch_free(void *context, void *pointer) {
    struct batch *batch = pointer;
    (void)context;
    bytes_release(&batch->lines);
    bytes_release(&batch->replies);
    free(batch);
}

static int produce(void *context, void *pointer, struct error *error) {
    struct run *run = context;
    struct batch *batch = pointer;
    bytes_clear(&batch->lines);
    bytes_clear(&batch->replies);
    batch->count = 0;
    batch->failed = false;
    if (run->next == run->lines.count) {
        int made = line_reader_next(run->reader, &run->lines, error);
        if (made <= 0)
            return made;
        run->next = 0;
    }
    while (batch->count < BATCH_QUESTIONS && run->next < run->lines.count) {
        const struct line *line = &run->lines.lines[run->next++];
        const char *data = run->lines.data.data + line->start;
        if (run->ordinal == 0)
            run->records = run->answering->records_only || data[0] == '{';
        batch->questions[batch->count++] = (struct question){.file = run->lines.file,
                                                             .number = line->number,
                                                             .ordinal = run->ordinal++,
                                                             .start = batch->lines.size,
                                                             .size = line->size};
        bytes_append(&batch->lines, data, line->size);
    }
    return 1;
}

/* ---- answering ---- */

static void *worker_new(void *context, unsigned number) {
    const struct run *run = context;
    (void)number;
    struct worker *worker = memory_zeroed(1, sizeof *worker);
    struct conversation_options options = run->answering->options;
    options.threads = 1;
    worker->parser = record_parser_new();
    conversation_new(&worker->conversation, run->answering->bundle->model, run->answering->bundle->tokenizer, &options,
                     &worker->error);
    return worker;
}

static void worker_free(void *context, void *pointer) {
    struct worker *worker = pointer;
    (void)context;
    conversation_free(worker->conversation);
    record_parser_free(worker->parser);
    free(worker);
}

/* How many messages the question has; 0 where there is none. */
static size_t count_context(const struct record *record, enum answering_cut cut) {
    enum role last = cut == ANSWER_LAST_REPLY ? ROLE_ASSISTANT : ROLE_USER;
    size_t count = record->message_count;
    while (count > 0 && record->messages[count - 1].role != last)
        count--;
    return cut == ANSWER_LAST_REPLY && count > 0 ? count - 1 : count;
}

static void add_system(const struct run *run, struct conversation *conversation) {
    if (run->answering->system)
        conversation_add(conversation, ROLE_SYSTEM, span_of(run->answering->system));
}

/* All that can fail in a conversation is that the question does not fit. */
static void note(struct question *question, int status) {
    question->outcome = status ? ANSWER_TOO_LONG : ANSWERED;
}

static void reply(struct worker *worker, struct batch *batch, struct question *question) {
    struct error ignored;
    note(question, conversation_reply(worker->conversation, &batch->replies, NULL, NULL, &question->end, &ignored));
}

static void answer_record(const struct run *run, struct worker *worker, struct batch *batch, struct question *question,
                          const struct record *record) {
    struct conversation *conversation = worker->conversation;
    enum answering_cut cut = run->answering->cut;
    struct error ignored;
    if (record->kind == RECORD_DOCUMENT && cut == ANSWER_LAST_QUESTION) {
        note(question,
             conversation_continue(conversation, record->field[FIELD_TEXT], &batch->replies, &question->end, &ignored));
        return;
    }
    size_t context = record->kind == RECORD_DIALOGUE ? count_context(record, cut) : 0;
    if (context == 0) {
        question->outcome = ANSWER_NO_QUESTION;
        return;
    }
    if (record->messages[0].role != ROLE_SYSTEM)
        add_system(run, conversation);
    for (size_t i = 0; i < context; i++)
        conversation_add(conversation, record->messages[i].role, record->messages[i].content);
    reply(worker, batch, question);
}

static int answer_line(const struct run *run, struct worker *worker, struct batch *batch, struct question *question,
                       struct span line, struct error *error) {
    size_t valid = utf8_valid_prefix(line);
    if (valid < line.size)
        return error_set(error, ERROR_DATA, valid, "not UTF-8");
    add_system(run, worker->conversation);
    conversation_add(worker->conversation, ROLE_USER, line);
    reply(worker, batch, question);
    return 0;
}

/* 0, or -1 for a line that cannot be read. A question that does not fit is an outcome. */
static int answer_question(const struct run *run, struct worker *worker, struct batch *batch, struct question *question,
                           struct error *error) {
    struct span line = {batch->lines.data + question->start, question->size};
    struct record record;
    conversation_reset(worker->conversation, hash_mix(run->answering->options.seed ^ hash_mix(question->ordinal + 1)));
    question->reply_start = batch->replies.size;
    if (run->records ? record_parse(worker->parser, line, &record, error)
                     : answer_line(run, worker, batch, question, line, error))
        return -1;
    if (run->records)
        answer_record(run, worker, batch, question, &record);
    question->reply_size = batch->replies.size - question->reply_start;
    question->tokens = conversation_reply_tokens(worker->conversation);
    return 0;
}

static void work(void *context, void *worker_pointer, void *batch_pointer) {
    const struct run *run = context;
    struct worker *worker = worker_pointer;
    struct batch *batch = batch_pointer;
    for (size_t i = 0; i < batch->count; i++) {
        struct question *question = &batch->questions[i];
        struct error error = {.position = ERROR_NO_POSITION};
        if (worker->conversation && answer_question(run, worker, batch, question, &error) == 0)
            continue;
        batch->failed = true;
        batch->count = i;
        batch->error = worker->conversation ? error : worker->error;
        if (batch->error.position != ERROR_NO_POSITION)
            error_prefix(&batch->error, "byte %llu: ", (unsigned long long)batch->error.position + 1);
        if (worker->conversation)
            error_prefix(&batch->error, "%s:%llu: ", question->file, (unsigned long long)question->number);
    }
}

/* ---- handing over ---- */

static int hand_over(const struct run *run, const struct batch *batch, const struct question *question,
                     struct error *error) {
    struct record record;
    struct answer answer = {.file = question->file,
                            .number = question->number,
                            .line = {batch->lines.data + question->start, question->size},
                            .outcome = question->outcome,
                            .reply = {batch->replies.data + question->reply_start, question->reply_size},
                            .end = question->end,
                            .tokens = question->tokens};
    if (question->reply_size == 0)
        answer.reply = span_of("");
    if (run->records) {
        if (record_parse(run->parser, answer.line, &record, error))
            return -1;
        answer.record = &record;
        answer.context = record.kind == RECORD_DIALOGUE ? count_context(&record, run->answering->cut) : 0;
    }
    return run->answering->take(run->answering->context, &answer, error);
}

static int consume(void *context, void *pointer, struct error *error) {
    const struct run *run = context;
    const struct batch *batch = pointer;
    for (size_t i = 0; i < batch->count; i++)
        if (hand_over(run, batch, &batch->questions[i], error))
            return -1;
    if (!batch->failed)
        return 0;
    *error = batch->error;
    return -1;
}

int answering_run(const struct answering *answering, struct error *error) {
    struct run run = {.answering = answering, .parser = record_parser_new()};
    unsigned threads = answering->options.threads ? (unsigned)answering->options.threads : 1;
    run.reader = line_reader_new(answering->paths, answering->path_count, RECORD_LINE_MAX);
    struct pipeline pipeline = {.workers = threads,
                                .context = &run,
                                .batch_new = batch_new,
                                .batch_free = batch_free,
                                .worker_new = worker_new,
                                .worker_free = worker_free,
                                .produce = produce,
                                .work = work,
                                .consume = consume};
    int status = pipeline_run(&pipeline, error);
    record_parser_free(run.parser);
    line_batch_release(&run.lines);
    line_reader_free(run.reader);
    return status;
}
