/*
 * Names of rows and columns. Knows nothing of how they are counted or written.
 */
#include "clean/clean_stats.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LANGUAGE_MAX 35 /* bytes; what RFC 5646 says buffers should hold */

size_t clean_stats_size(const struct record *record) {
    size_t size = 0;
    if (record->kind == RECORD_DOCUMENT)
        return record->field[FIELD_TEXT].size;
    for (size_t i = 0; i < record->message_count; i++)
        size += record->messages[i].content.size;
    return size;
}

/* The row of a language: its tag, where it is one. */
static struct span language_row(struct span language) {
    if (!language.data || language.size == 0)
        return SPAN_LITERAL("unknown");
    if (language.size > LANGUAGE_MAX)
        return SPAN_LITERAL("other");
    for (size_t i = 0; i < language.size; i++)
        if (!isalnum((unsigned char)language.data[i]) && language.data[i] != '-' && language.data[i] != '_')
            return SPAN_LITERAL("other");
    return language;
}

void clean_stats_record(struct stage_sink *sink, struct span language, size_t size_before, size_t size_after,
                        const char *rule) {
    struct span row = language_row(language);
    stage_tally(sink, "languages", row, "in", 1);
    stage_tally(sink, "languages", row, "bytes_in", size_before);
    stage_tally(sink, "languages", row, "out", rule == NULL);
    stage_tally(sink, "languages", row, "bytes_out", rule ? 0 : size_after);
    if (rule)
        stage_tally(sink, "dropped", row, rule, 1);
}

/* Writes the lower bound of a value's bin: the value cut to its first digit. Below a thousandth it is 0. */
static void write_bin(double value, char bin[32]) {
    char digits[32];
    double size = fabs(value);
    if (size < 0.001) {
        strcpy(bin, "0");
        return;
    }
    /* Rounded to 14 digits first, so that what is computed as 0.29999999999999999 is in the bin of 0.3. */
    snprintf(digits, sizeof digits, "%.13e", size);
    int exponent = atoi(strchr(digits, 'e') + 1);
    double bound = (digits[0] - '0') * pow(10, exponent);
    snprintf(bin, 32, "%s%.*f", value < 0 ? "-" : "", exponent < 0 ? -exponent : 0, bound);
}

void clean_stats_observations(struct stage_sink *sink, const struct rule_run *run) {
    size_t count;
    const struct observation *observations = rule_run_observations(run, &count);
    char bin[32];
    for (size_t i = 0; i < count; i++) {
        double value = observations[i].value;
        if (!isfinite(value) || fabs(value) >= 1e15)
            continue;
        write_bin(value, bin);
        stage_tally(sink, "histograms", span_of(observations[i].rule->name), bin, 1);
    }
}
