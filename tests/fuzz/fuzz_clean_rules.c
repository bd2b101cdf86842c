/* Fuzzes clean/rules.h: any bytes as a rule file, which is then applied to its own text. What it leaves of the text is
 * valid UTF-8. */
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "clean/rule_run.h"
#include "text/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct text_classes *classes; /* too dear to make for every input */
    struct error error;
    struct bytes text = {0};
    struct rules rules = {0};
    if (!classes && text_classes_new(&classes, &error))
        abort();
    utf8_repair((struct span){(const char *)data, size}, &text);
    /* Other files are no part of this: a quote opens their names. */
    if (!memmem(text.data ? text.data : "", text.size, "include", 7) &&
        !memmem(text.data ? text.data : "", text.size, "stop_words", 10) &&
        !memmem(text.data ? text.data : "", text.size, "list", 4) &&
        rules_parse(&rules, "fuzz", span_of_bytes(&text), &error) == 0) {
        struct rule_run *run;
        rules_finish(&rules);
        if (rule_run_new(&run, &rules, classes, true, &error))
            abort();
        for (enum scope scope = SCOPE_PAGE; scope <= SCOPE_ANSWER; scope = (enum scope)(2 * (int)scope)) {
            struct span result_url = {text.data, text.size < 64 ? text.size : 0};
            struct rule_subject subject = {
                .scope = scope, .language = span_of("sv"), .url = result_url, .score = 1, .turns = NAN};
            struct span result;
            size_t count;
            rule_run_explain(run, span_of_bytes(&text), &subject, &result, &count);
            if (utf8_valid_prefix(result) != result.size)
                abort();
        }
        rule_run_free(run);
    }
    rules_release(&rules);
    bytes_release(&text);
    return 0;
}
