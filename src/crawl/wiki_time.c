/*
 * Time stamps of wiki signatures: "12:34, 5 January 2010 (UTC)", "5 januari 2010 kl. 12.34 (CET)", "5 janvier 2010 à
 * 12:34 (CET)", "12:34, 5. Jan. 2010 (CEST)", "2010年1月5日 (二) 12:34 (UTC)". Numbers tell by their form what they
 * are, so no order is asked for.
 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "crawl/signature.h"

/* As far as a time stamp reaches. */
#define TIME_MAX 160

/* First letters of months in English, Swedish, Danish, Norwegian, Dutch, French, German, Spanish, Italian, Portuguese,
 * Polish, Russian and Ukrainian. None of them means different months. */
static const struct {
    const char *start;
    int month;
} MONTHS[] = {{"jan", 1},  {"ene", 1},  {"gen", 1},  {"sty", 1},  {"янв", 1},  {"Янв", 1},  {"січ", 1},  {"feb", 2},
              {"fev", 2},  {"fév", 2},  {"lut", 2},  {"фев", 2},  {"лют", 2},  {"mar", 3},  {"mrt", 3},  {"maart", 3},
              {"mär", 3},  {"мар", 3},  {"бер", 3},  {"apr", 4},  {"avr", 4},  {"abr", 4},  {"kwi", 4},  {"апр", 4},
              {"кві", 4},  {"may", 5},  {"maj", 5},  {"mei", 5},  {"mai", 5},  {"mag", 5},  {"мая", 5},  {"май", 5},
              {"тра", 5},  {"jun", 6},  {"juin", 6}, {"giu", 6},  {"cze", 6},  {"июн", 6},  {"чер", 6},  {"jul", 7},
              {"juil", 7}, {"lug", 7},  {"lip", 7},  {"июл", 7},  {"лип", 7},  {"aug", 8},  {"aoû", 8},  {"aout", 8},
              {"ago", 8},  {"sie", 8},  {"авг", 8},  {"сер", 8},  {"sep", 9},  {"set", 9},  {"wrz", 9},  {"сен", 9},
              {"вер", 9},  {"oct", 10}, {"okt", 10}, {"ott", 10}, {"out", 10}, {"paź", 10}, {"окт", 10}, {"жов", 10},
              {"nov", 11}, {"lis", 11}, {"ноя", 11}, {"dec", 12}, {"dez", 12}, {"des", 12}, {"déc", 12}, {"dic", 12},
              {"gru", 12}, {"дек", 12}, {"гру", 12}};

static const struct {
    const char *name;
    int offset;
} ZONES[] = {{"UTC", 0},   {"GMT", 0},    {"Z", 0},      {"WET", 0},    {"BST", 60},   {"WEST", 60}, {"CET", 60},
             {"MEZ", 60},  {"CEST", 120}, {"MESZ", 120}, {"EET", 120},  {"EEST", 180}, {"MSK", 180}, {"JST", 540},
             {"KST", 540}, {"HKT", 480},  {"EST", -300}, {"EDT", -240}, {"PST", -480}, {"PDT", -420}};

static bool starts(struct span text, size_t at, const char *word) {
    size_t size = strlen(word);
    return text.size - at >= size && memcmp(text.data + at, word, size) == 0;
}

static bool is_letter(char byte) {
    return isalpha((unsigned char)byte) || (unsigned char)byte >= 0x80;
}

static int month_of(struct span word) {
    for (size_t i = 0; i < sizeof MONTHS / sizeof MONTHS[0]; i++) {
        size_t size = strlen(MONTHS[i].start);
        if (word.size >= size && strncasecmp(word.data, MONTHS[i].start, size) == 0)
            return MONTHS[i].month;
    }
    return 0;
}

/* "(UTC)": past it, or 0. */
static size_t read_zone(struct span text, size_t at, struct wiki_time *time) {
    size_t end = at + 1;
    while (end < text.size && isalpha((unsigned char)text.data[end]))
        end++;
    if (end == text.size || text.data[end] != ')')
        return 0;
    struct span name = {text.data + at + 1, end - at - 1};
    for (size_t i = 0; i < sizeof ZONES / sizeof ZONES[0]; i++) {
        if (span_is(name, ZONES[i].name)) {
            time->offset = ZONES[i].offset;
            time->zoned = true;
            return end + 1;
        }
    }
    return 0;
}

/* A number and what tells its meaning; returns where to go on. */
static size_t read_number(struct span text, size_t at, struct wiki_time *time) {
    size_t end = at;
    int value = 0;
    while (end < text.size && isdigit((unsigned char)text.data[end]) && end - at < 5)
        value = value * 10 + (text.data[end++] - '0');
    size_t digits = end - at;
    bool minutes = end + 2 < text.size && (text.data[end] == ':' || text.data[end] == '.') &&
                   isdigit((unsigned char)text.data[end + 1]) && isdigit((unsigned char)text.data[end + 2]) &&
                   (end + 3 == text.size || !isdigit((unsigned char)text.data[end + 3]));
    if (starts(text, end, "月") || starts(text, end, "월")) {
        time->month = value;
    } else if (starts(text, end, "日") || starts(text, end, "일")) {
        time->day = value;
    } else if (digits == 4 && value > 1990 && value < 2200) {
        time->year = value;
    } else if (digits <= 2 && minutes && time->hour < 0 && value < 24) {
        time->hour = value;
        time->minute = (text.data[end + 1] - '0') * 10 + text.data[end + 2] - '0';
        end += 3;
        if (end + 2 < text.size && text.data[end] == ':' && isdigit((unsigned char)text.data[end + 1]))
            end += 3;
    } else if (digits <= 2 && time->day == 0 && value >= 1 && value <= 31) {
        time->day = value;
    }
    return end;
}

bool wiki_time_read(struct span text, struct wiki_time *time) {
    *time = (struct wiki_time){.hour = -1, .minute = -1, .start = SIZE_MAX};
    if (text.size > TIME_MAX)
        text.size = TIME_MAX;
    for (size_t at = 0; at < text.size && !time->zoned;) {
        char byte = text.data[at];
        size_t end = at + 1;
        if (byte == '<') {
            while (end < text.size && text.data[end - 1] != '>')
                end++;
        } else if (isdigit((unsigned char)byte)) {
            end = read_number(text, at, time);
            time->start = at < time->start ? at : time->start;
            time->end = end;
        } else if (byte == '(' && time->year && (end = read_zone(text, at, time)) > 0) {
            time->end = end;
        } else if (is_letter(byte)) {
            end = at + 1;
            while (end < text.size && is_letter(text.data[end]))
                end++;
            int month = time->month ? 0 : month_of((struct span){text.data + at, end - at});
            if (month) {
                time->month = month;
                time->start = at < time->start ? at : time->start;
                time->end = end;
            }
        } else {
            end = at + 1;
        }
        at = end;
    }
    return time->year && time->hour >= 0;
}
