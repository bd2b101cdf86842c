/*
 * gpt-clean repairs and normalises the texts of records, and lets rules change or drop them. It knows the options and
 * which of its modes they ask for; what one record becomes is cleaner.c's affair.
 */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/options.h"
#include "base/output.h"
#include "base/stage.h"
#include "clean/broken_utf8.h"
#include "clean/cleaner.h"
#include "clean/explain.h"
#include "clean/rule_check.h"
#include "clean/stopword_removal.h"

/* The names of the steps that are none of repair.h. */
#define STEP_LANG "lang"
#define STEP_RULES "rules"

/* Which steps run. */
struct steps {
    unsigned repairs; /* REPAIR_BITs */
    bool lang, rules;
};

struct clean {
    struct common_options common;
    struct option_list rule_files, check_files;
    const char *steps, *key_file, *fold, *remove, *lang, *weights;
    uint64_t max_repeats;
    int form, bad_turn, authors;
    bool list_signals, explain, remove_stop_words;
    struct stop_words stop_words;
    struct rules rules;
    struct language_step language;
    struct pseudonyms *pseudonyms;
    struct repair_tables *tables;
    struct text_classes *classes;
    struct cleaner_options options;
};

/* ---- what the options ask for ---- */

/* Reads the comma-separated names of --steps. */
static int parse_steps(const char *list, struct steps *steps, struct error *error) {
    *steps = (struct steps){0};
    for (const char *at = list;; at++) {
        size_t size = strcspn(at, ",");
        struct span name = {at, size};
        enum repair_step step = 0;
        while (step < REPAIR_STEP_COUNT && !span_is(name, repair_step_name(step)))
            step++;
        if (step < REPAIR_STEP_COUNT)
            steps->repairs |= REPAIR_BIT(step);
        else if (span_is(name, STEP_LANG))
            steps->lang = true;
        else if (span_is(name, STEP_RULES))
            steps->rules = true;
        else
            return error_set(error, ERROR_USAGE, ERROR_NO_POSITION,
                             "--steps: no step '%.*s': there are utf8, entities, mojibake, normalize, fold, controls, "
                             "space, lang and rules",
                             (int)size, at);
        at += size;
        if (!*at)
            return 0;
    }
}

/* Reads what the step fold is to do, and makes the tables of the repairs. */
static int prepare_repairs(struct clean *clean, struct error *error) {
    static const enum normal_form forms[] = {NORMAL_FORM_C, NORMAL_FORM_KC, NORMAL_FORM_NONE};
    struct repair_options options = {.form = forms[clean->form], .steps = clean->options.steps};
    options.typography.max_repeats = clean->max_repeats;
    if ((clean->fold && typography_parse_folds(&options.typography, clean->fold, error)) ||
        (clean->remove && typography_parse_removed(&options.typography, clean->remove, error)))
        return -1;
    bool wanted = typography_is_wanted(&options.typography), given = options.steps & REPAIR_BIT(REPAIR_FOLD);
    if (wanted && !given)
        return error_set(error, ERROR_USAGE, ERROR_NO_POSITION,
                         "--fold, --remove or --max-repeats is given, but --steps lacks fold");
    if (!wanted && given && clean->steps)
        return error_set(error, ERROR_USAGE, ERROR_NO_POSITION,
                         "the step fold does what --fold, --remove and --max-repeats say, and none is given");
    return repair_tables_new(&clean->tables, &options, error);
}

/* True where some rule for turns asks for their language. */
static bool asks_language_of_turns(const struct rules *rules) {
    for (size_t i = 0; i < rules->count; i++) {
        const struct rule *rule = &rules->items[i];
        if (rule->scopes & SCOPE_TURN &&
            (rule->language || (!rule->condition.pattern && rule->condition.signal == SIGNAL_LANG_SCORE)))
            return true;
    }
    return false;
}

static bool asks_for_signal(const struct rules *rules, enum signal signal) {
    for (size_t i = 0; i < rules->count; i++)
        if (rules->items[i].condition.kind == CONDITION_SIGNAL && rules->items[i].condition.signal == signal)
            return true;
    return false;
}

static int prepare_language(struct clean *clean, struct error *error) {
    clean->options.judges_turns = clean->explain || asks_language_of_turns(&clean->rules);
    clean->options.compares_answers = clean->explain || asks_for_signal(&clean->rules, SIGNAL_LANG_CHANGE);
    clean->options.language = &clean->language;
    return language_step_init(&clean->language, clean->lang, clean->weights, error);
}

/* Loads what the options name. */
static int prepare(struct clean *clean, struct error *error) {
    struct steps steps = {REPAIR_ALL, true, true};
    if (clean->steps && parse_steps(clean->steps, &steps, error))
        return -1;
    if (!steps.rules && clean->rule_files.count > 0)
        return error_set(error, ERROR_USAGE, ERROR_NO_POSITION, "--rules is given, but --steps lacks rules");
    if (!steps.lang && (clean->lang || clean->weights))
        return error_set(error, ERROR_USAGE, ERROR_NO_POSITION, "%s is given, but --steps lacks lang",
                         clean->lang ? "--lang" : "--lang-weights");
    clean->options.steps = steps.repairs;
    for (size_t i = 0; i < clean->rule_files.count; i++)
        if (rules_load(&clean->rules, clean->rule_files.items[i], error))
            return -1;
    rules_finish(&clean->rules);
    if (clean->authors == AUTHOR_PSEUDONYM && !clean->key_file)
        return error_set(error, ERROR_USAGE, ERROR_NO_POSITION, "--authors pseudonym needs a key: --pseudonyms FILE");
    if (clean->key_file && pseudonyms_load(&clean->pseudonyms, clean->key_file, error))
        return -1;
    clean->rules.pseudonyms = clean->pseudonyms;
    if (steps.lang && prepare_language(clean, error))
        return -1;
    if (clean->remove_stop_words && stopwords_load_all(&clean->stop_words, error))
        return -1;
    if (prepare_repairs(clean, error))
        return -1;
    return text_classes_new(&clean->classes, error);
}

/* ---- the stage ---- */

/* A cleaner that cannot be made is told of when a record is processed. */
static void survey(void *context, void *worker, const struct record *record, bool first) {
    struct clean *clean = context;
    struct cleaner **cleaner = worker;
    struct error ignored;
    if (*cleaner || cleaner_new(cleaner, &clean->options, &ignored) == 0)
        cleaner_survey(*cleaner, record, first);
}

static int process(void *context, void *worker, struct record *record, struct stage_sink *sink, struct error *error) {
    struct clean *clean = context;
    struct cleaner **cleaner = worker;
    if (!*cleaner && cleaner_new(cleaner, &clean->options, error))
        return -1;
    return cleaner_process(*cleaner, record, sink, error);
}

/* Lines that are no UTF-8 are repaired where the step utf8 runs. */
static bool mend(void *context, struct span line, struct bytes *out, struct stage_sink *sink) {
    const struct clean *clean = context;
    if (!(clean->options.steps & REPAIR_BIT(REPAIR_UTF8)) || !broken_utf8_mend(line, out))
        return false;
    stage_count(sink, "broken-utf8", 1);
    return true;
}

/* A worker is made at its first record, where a failure can be told. */
static void *worker_new(void *context) {
    (void)context;
    struct cleaner **cleaner = memory_zeroed(1, sizeof *cleaner);
    return cleaner;
}

static void worker_free(void *worker) {
    struct cleaner **cleaner = worker;
    cleaner_free(*cleaner);
    free(cleaner);
}

static int run_stage(struct clean *clean, const struct program *program, const char *const *paths, size_t count) {
    struct error error;
    if (prepare(clean, &error))
        return program_fail(&error);
    clean->options.tables = clean->tables;
    clean->options.classes = clean->classes;
    clean->options.rules = &clean->rules;
    clean->options.bad_turn = (enum bad_turn)clean->bad_turn;
    clean->options.authors = (enum author_treatment)clean->authors;
    clean->options.pseudonyms = clean->pseudonyms;
    clean->options.removed_words = clean->remove_stop_words ? &clean->stop_words : NULL;
    clean->options.explain = clean->explain;
    const struct stage stage = {.program = program,
                                .options = &clean->common,
                                .paths = paths,
                                .path_count = count,
                                .context = clean,
                                .worker_new = worker_new,
                                .worker_free = worker_free,
                                .process = process,
                                .survey = clean->options.language ? survey : NULL,
                                .mend = mend};
    return stage_run(&stage);
}

/* ---- the other modes ---- */

static int print(struct bytes *text) {
    struct error error;
    struct output *output;
    int result = output_open(&output, NULL, &error);
    if (result == 0) {
        result = output_write(output, text->data, text->size, &error);
        if (result == 0)
            result = output_close(output, &error);
        else
            output_abort(output);
    }
    bytes_release(text);
    return result ? program_fail(&error) : 0;
}

static int list_signals(void) {
    struct bytes text = {0};
    explain_list_signals(&text);
    return print(&text);
}

/* Runs the examples of rule files, each file by itself: 1 where one fails, or a file has none to run. */
static int check_files(const struct clean *clean) {
    struct bytes report = {0};
    struct error error;
    size_t passed_all = 0, failed_all = 0;
    for (size_t i = 0; i < clean->check_files.count; i++) {
        struct rules rules = {0};
        size_t passed = 0, failed = 0;
        int result = rules_load(&rules, clean->check_files.items[i], &error);
        if (result == 0) {
            rules_finish(&rules);
            result = rules_check(&rules, &report, &passed, &failed, &error);
        }
        rules_release(&rules);
        if (result) {
            bytes_release(&report);
            return program_fail(&error);
        }
        passed_all += passed;
        failed_all += failed;
    }
    bytes_append_format(&report, "%zu examples passed, %zu failed%s\n", passed_all, failed_all,
                        passed_all + failed_all ? "" : ": there are none to run");
    int status = print(&report);
    return status ? status : failed_all > 0 || passed_all == 0;
}

/* ---- the command line ---- */

static void clean_release(struct clean *clean) {
    rules_release(&clean->rules);
    stop_words_release(&clean->stop_words);
    pseudonyms_free(clean->pseudonyms);
    language_step_release(&clean->language);
    repair_tables_free(clean->tables);
    text_classes_free(clean->classes);
    free(clean->rule_files.items);
    free(clean->check_files.items);
}

int main(int argc, char **argv) {
    static const char *const forms[] = {"nfc", "nfkc", "none", NULL};
    static const char *const bad_turns[] = {"cut", "drop", NULL};
    static const char *const authors[] = {"keep", "drop", "pseudonym", NULL};
    struct clean clean = {0};
    const struct option options[] = {
        {'r', "rules", OPTION_LIST, &clean.rule_files, "FILE|PRESET",
         "apply rules of a preset (gopher, c4, turn, ...) or a file; repeatable", 0, 0, NULL},
        {0, "steps", OPTION_TEXT, &clean.steps, "LIST",
         "only these: utf8,entities,mojibake,normalize,fold,controls,space,lang,rules", 0, 0, NULL},
        {0, "lang", OPTION_TEXT, &clean.lang, "LIST", "keep these languages: TAG[:THRESHOLD],...", 0, 0, NULL},
        {0, "lang-weights", OPTION_TEXT, &clean.weights, "FILE", "weights by which languages are told", 0, 0, NULL},
        {0, "form", OPTION_CHOICE, &clean.form, "FORM", "Unicode normal form", 0, 0, forms},
        {0, "fold", OPTION_TEXT, &clean.fold, "LIST", "simplify quotes,dashes,ellipsis,width,punctuation", 0, 0, NULL},
        {0, "max-repeats", OPTION_COUNT, &clean.max_repeats, "N", "cut longer runs of one mark or symbol (0: none)", 0,
         1000, NULL},
        {0, "remove", OPTION_TEXT, &clean.remove, "LIST", "remove emoji or general categories (So, Co, P)", 0, 0, NULL},
        {0, "remove-stop-words", OPTION_FLAG, &clean.remove_stop_words, NULL,
         "leave the commonest words of the record's language out", 0, 0, NULL},
        {0, "bad-turn", OPTION_CHOICE, &clean.bad_turn, "WHAT", "what becomes of a dialogue at a bad turn", 0, 0,
         bad_turns},
        {0, "pseudonyms", OPTION_TEXT, &clean.key_file, "FILE", "name replaced personal data by this key", 0, 0, NULL},
        {0, "authors", OPTION_CHOICE, &clean.authors, "WHAT", "what becomes of the field author", 0, 0, authors},
        {0, "explain", OPTION_FLAG, &clean.explain, NULL, "drop nothing; add all signals and verdicts to each record",
         0, 0, NULL},
        {0, "list-signals", OPTION_FLAG, &clean.list_signals, NULL, "list the signals that rules can name, and exit", 0,
         0, NULL},
        {0, "check", OPTION_LIST, &clean.check_files, "FILE|PRESET",
         "run the examples in a rule file, and exit; repeatable", 0, 0, NULL},
        OPTION_END,
    };
    const struct program program = {.name = "gpt-clean",
                                    .purpose = "Repair and normalise the text of records, and filter them by rules.",
                                    .usage = "[OPTIONS] [FILE...]",
                                    .options = options,
                                    .common = COMMON_STAGE,
                                    .values = &clean.common,
                                    .maximum_operands = SIZE_MAX};
    int first, status;
    options_parse(&program, argc, argv, &first);
    if (clean.list_signals)
        status = list_signals();
    else if (clean.check_files.count > 0)
        status = check_files(&clean);
    else
        status = run_stage(&clean, &program, (const char *const *)argv + first, (size_t)(argc - first));
    clean_release(&clean);
    return status;
}
