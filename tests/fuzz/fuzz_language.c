/* The judge of languages on any text, and any cut of it into turns: no crash, probabilities that are some. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/bytes.h"
#include "text/language.h"
#include "text/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct language_model *model;
    static struct language_judge *judge;
    struct error error;
    if (!model) {
        if (language_model_open(&model, NULL, &error))
            abort();
        judge = language_judge_new(model);
    }
    struct bytes text = {0};
    utf8_repair((struct span){(const char *)data, size}, &text);
    struct span texts[3] = {{text.data ? text.data : "", text.size}};
    size_t count = 1;
    if (text.size > 2 && text.data[0] & 1) {
        const char *middle = text.data + utf8_previous(text.data, text.size / 2 + 1);
        texts[0].size = (size_t)(middle - text.data);
        texts[1] = (struct span){middle, text.size - texts[0].size};
        texts[2] = texts[0];
        count = 3;
    }
    struct language_verdict verdict;
    language_judge_texts(judge, texts, count, NULL, 0, &verdict);
    if (!(verdict.score >= 0 && verdict.score < 1.001) || (verdict.letters == 0 && verdict.language != LANGUAGE_NONE))
        abort();
    bytes_release(&text);
    return 0;
}
