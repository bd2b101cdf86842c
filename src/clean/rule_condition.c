/*
 * The grammar of what stands behind a rule's name.
 */
#include "clean/rule_condition.h"

#include <string.h>

static int parse_pattern(struct rule_lexer *lexer, struct pattern **pattern) {
    struct span source, flags;
    struct error inner;
    if (rule_lexer_pattern(lexer, &source, &flags))
        return -1;
    if (pattern_new(pattern, source, flags, &inner) == 0)
        return 0;
    size_t start = (size_t)(source.data - lexer->text.data);
    return rule_lexer_fail(lexer, start + (size_t)inner.position, "%s", inner.message);
}

static int parse_comparison(struct rule_lexer *lexer, struct condition *condition) {
    static const struct {
        const char *sign;
        enum comparison comparison;
    } signs[] = {{"<=", LESS_EQUAL}, {">=", GREATER_EQUAL}, {"==", EQUAL},
                 {"!=", NOT_EQUAL},  {"<", LESS},           {">", GREATER}};
    rule_lexer_at_end(lexer);
    for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++) {
        size_t size = strlen(signs[i].sign);
        if (lexer->text.size - lexer->at >= size && memcmp(lexer->text.data + lexer->at, signs[i].sign, size) == 0) {
            lexer->at += size;
            condition->comparison = signs[i].comparison;
            return rule_lexer_number(lexer, &condition->threshold);
        }
    }
    return rule_lexer_fail(lexer, lexer->at, "a comparison should stand here: < <= > >= == !=");
}

/* url TEST, title TEST: what is looked at instead of the text. */
static enum rule_part parse_part(struct rule_lexer *lexer) {
    return rule_lexer_take_word(lexer, "url")     ? PART_URL
           : rule_lexer_take_word(lexer, "title") ? PART_TITLE
                                                  : PART_TEXT;
}

/* words in LIST; of a URL also domain, address and letters */
static int parse_list_test(struct rule_lexer *lexer, struct rules *rules, struct condition *condition, size_t at) {
    static const char *const uses[] = {"words", "domain", "address", "letters"};
    struct span word, name;
    size_t use = 0;
    if (rule_lexer_word(lexer, "words, domain, address or letters", &word))
        return -1;
    while (use < sizeof uses / sizeof uses[0] && !span_is(word, uses[use]))
        use++;
    if (use == sizeof uses / sizeof uses[0])
        return rule_lexer_fail(lexer, at, "unknown test '%.*s': there are words, domain, address and letters",
                               (int)word.size, word.data);
    condition->kind = CONDITION_LIST;
    condition->use = (enum list_use)use;
    if (condition->part == PART_TITLE || (condition->part == PART_TEXT && use != LIST_WORDS))
        return rule_lexer_fail(lexer, at, "%s in a list are looked for in %s", uses[use],
                               use == LIST_WORDS ? "texts and URLs" : "URLs");
    if (condition->measure != MEASURE_ANY && use != LIST_WORDS)
        return rule_lexer_fail(lexer, at, "only words are counted");
    if (!rule_lexer_take_word(lexer, "in"))
        return rule_lexer_fail(lexer, lexer->at, "'in' and the name of a list should stand here");
    rule_lexer_at_end(lexer);
    size_t name_at = lexer->at;
    if (rule_lexer_word(lexer, "the name of a list", &name))
        return -1;
    condition->list = rule_lists_find(&rules->lists, name);
    if (condition->list == rules->lists.count)
        return rule_lexer_fail(lexer, name_at, "there is no list '%.*s' yet", (int)name.size, name.data);
    return 0;
}

/* SIGNAL < N; [url] /pattern/; [url] words in LIST; count, kinds or share of those < N */
int rule_condition_parse(struct rule_lexer *lexer, struct rules *rules, struct condition *condition) {
    rule_lexer_at_end(lexer);
    size_t at = lexer->at;
    if (rule_lexer_take_word(lexer, "count"))
        condition->measure = MEASURE_COUNT;
    else if (rule_lexer_take_word(lexer, "kinds"))
        condition->measure = MEASURE_KINDS;
    else if (rule_lexer_take_word(lexer, "share"))
        condition->measure = MEASURE_SHARE;
    condition->part = parse_part(lexer);
    rule_lexer_at_end(lexer);
    size_t test_at = lexer->at;
    if (rule_lexer_peek(lexer) == '/') {
        condition->kind = CONDITION_PATTERN;
        if (condition->measure != MEASURE_ANY && condition->measure != MEASURE_COUNT)
            return rule_lexer_fail(lexer, test_at, "matches of a pattern are counted, kinds and shares are of words");
        if (parse_pattern(lexer, &condition->pattern))
            return -1;
        return condition->measure == MEASURE_ANY ? 0 : parse_comparison(lexer, condition);
    }
    struct span word = rule_lexer_peek_word(lexer);
    if (condition->part != PART_TEXT || condition->measure != MEASURE_ANY || rule_lexer_is_followed_by(lexer, "in")) {
        if (parse_list_test(lexer, rules, condition, test_at))
            return -1;
        return condition->measure == MEASURE_ANY ? 0 : parse_comparison(lexer, condition);
    }
    if (rule_lexer_word(lexer, "a signal, a pattern or a look-up in a list", &word))
        return -1;
    condition->signal = signal_find(word);
    if (condition->signal == SIGNAL_COUNT)
        return rule_lexer_fail(lexer, at, "unknown signal '%.*s': gpt-clean --list-signals names them", (int)word.size,
                               word.data);
    return parse_comparison(lexer, condition);
}

static int fail_check(struct rule_lexer *lexer, size_t at, struct span word) {
    struct bytes names = {0};
    verifier_list(&names);
    rule_lexer_fail(lexer, at, "unknown check '%.*s': there are %s", (int)word.size, word.data, bytes_text(&names));
    bytes_release(&names);
    return -1;
}

/* /pattern/ and the verifiers behind it */
int rule_edit_parse(struct rule_lexer *lexer, struct rule *rule) {
    rule->condition.kind = CONDITION_PATTERN;
    if (parse_pattern(lexer, &rule->condition.pattern))
        return -1;
    while (!rule_lexer_at_end(lexer)) {
        size_t at = lexer->at;
        struct span word = rule_lexer_peek_word(lexer);
        if (span_is(word, "with"))
            break;
        verifier *check = verifier_find(word);
        if (!check)
            return fail_check(lexer, at, word);
        if (rule->verifier_count == VERIFIERS_MAX)
            return rule_lexer_fail(lexer, at, "a pattern has at most %d checks", VERIFIERS_MAX);
        rule->verifiers[rule->verifier_count++] = check;
        lexer->at += word.size;
    }
    if (rule->action == RULE_STRIP)
        return 0;
    if (!rule_lexer_take_word(lexer, "with"))
        return rule_lexer_fail(lexer, lexer->at, "'with' and the replacement should stand here");
    return rule_lexer_string(lexer, &rule->replacement);
}
