/*
 * Time stamps of wiki signatures: "12:34, 5 January 2010 (UTC)", "5 januari 2010 kl. 12.34 (CET)", "5 janvier 2010 à
 * 12:34 (CET)", "12h34min de 5 de janeiro de 2010 (UTC)", "2010年1月5日 (二) 12:34 (UTC)". Numbers tell by their form
 * what they are, so no order is asked for.
 */
#include <ctype.h>
#include <string.h>

#include <unicode/uchar.h>

#include "crawl/signature.h"
#include "text/utf8.h"

/* As far as a time stamp reaches. */
#define TIME_MAX 160
/* Thai years are counted from the Buddha's death. */
#define BUDDHIST_ERA 543

/* How months begin in some fifty languages, in lower case. Of several that fit the longest is meant: "lip" is July in
 * Polish, "lipn" June in Croatian. */
static const struct {
    const char *start;
    int month;
} MONTHS[] = {{"jan", 1},    {"ene", 1},    {"gen", 1},    {"sty", 1},   {"янв", 1},        {"січ", 1},   {"яну", 1},
              {"јан", 1},    {"led", 1},    {"tammi", 1},  {"ian", 1},   {"ιαν", 1},        {"urtar", 1}, {"jaan", 1},
              {"sau", 1},    {"يناير", 1},  {"ژانو", 1},   {"ינואר", 1}, {"जनव", 1},        {"มกรา", 1},  {"siječ", 1},
              {"oca", 1},    {"janv", 1},   {"feb", 2},    {"fev", 2},   {"fév", 2},        {"lut", 2},   {"фев", 2},
              {"лют", 2},    {"febr", 2},   {"úno", 2},    {"helmi", 2}, {"φεβ", 2},        {"otsa", 2},  {"veeb", 2},
              {"vas", 2},    {"فبرا", 2},   {"فوری", 2},   {"פברו", 2},  {"फ़र", 2},         {"फर", 2},    {"กุมภ", 2},
              {"şub", 2},    {"veljač", 2}, {"mar", 3},    {"mrt", 3},   {"maart", 3},      {"mär", 3},   {"мар", 3},
              {"бер", 3},    {"már", 3},    {"maalis", 3}, {"μαρ", 3},   {"martx", 3},      {"märts", 3}, {"kov", 3},
              {"مارس", 3},   {"מרץ", 3},    {"מרס", 3},    {"मार्च", 3},  {"มีนา", 3},        {"ožuj", 3},  {"břez", 3},
              {"març", 3},   {"apr", 4},    {"avr", 4},    {"abr", 4},   {"kwi", 4},        {"апр", 4},   {"кві", 4},
              {"ápr", 4},    {"huhti", 4},  {"απρ", 4},    {"apir", 4},  {"bal", 4},        {"أبر", 4},   {"إبر", 4},
              {"آور", 4},    {"אפרי", 4},   {"अप्रै", 4},    {"เมษา", 4},  {"nis", 4},        {"travn", 4}, {"dub", 4},
              {"may", 5},    {"maj", 5},    {"mei", 5},    {"mai", 5},   {"mag", 5},        {"мая", 5},   {"май", 5},
              {"тра", 5},    {"máj", 5},    {"мај", 5},    {"touko", 5}, {"μαΐ", 5},        {"μαϊ", 5},   {"μάι", 5},
              {"maia", 5},   {"geg", 5},    {"مايو", 5},   {"مه", 5},    {"می", 5},         {"מאי", 5},   {"मई", 5},
              {"พฤษภ", 5},   {"mayıs", 5},  {"svib", 5},   {"květ", 5},  {"maig", 5},       {"jun", 6},   {"juin", 6},
              {"giu", 6},    {"cze", 6},    {"июн", 6},    {"чер", 6},   {"юни", 6},        {"јун", 6},   {"jún", 6},
              {"kesä", 6},   {"iun", 6},    {"ιουν", 6},   {"ekain", 6}, {"juun", 6},       {"bir", 6},   {"يوني", 6},
              {"ژوئن", 6},   {"יוני", 6},   {"जून", 6},     {"มิถุ", 6},    {"haz", 6},        {"lipn", 6},  {"jul", 7},
              {"juil", 7},   {"lug", 7},    {"lip", 7},    {"июл", 7},   {"лип", 7},        {"юли", 7},   {"јул", 7},
              {"júl", 7},    {"heinä", 7},  {"iul", 7},    {"ιουλ", 7},  {"uzta", 7},       {"juul", 7},  {"lie", 7},
              {"يولي", 7},   {"ژوئی", 7},   {"יולי", 7},   {"जुला", 7},   {"กรกฎ", 7},       {"tem", 7},   {"srpn", 7},
              {"aug", 8},    {"aoû", 8},    {"aout", 8},   {"ago", 8},   {"sie", 8},        {"авг", 8},   {"сер", 8},
              {"elo", 8},    {"αυγ", 8},    {"abuz", 8},   {"rugp", 8},  {"أغس", 8},        {"اوت", 8},   {"אוגו", 8},
              {"अगस", 8},    {"สิงห", 8},    {"ağu", 8},    {"kolov", 8}, {"srp", 8},        {"agu", 8},   {"aŭg", 8},
              {"avg", 8},    {"sep", 9},    {"set", 9},    {"wrz", 9},   {"сен", 9},        {"вер", 9},   {"сеп", 9},
              {"syys", 9},   {"σεπ", 9},    {"irai", 9},   {"rugs", 9},  {"سبت", 9},        {"سپت", 9},   {"ספט", 9},
              {"सितम", 9},   {"सितं", 9},    {"กันย", 9},    {"eyl", 9},   {"rujn", 9},       {"září", 9},  {"sze", 9},
              {"oct", 10},   {"okt", 10},   {"ott", 10},   {"out", 10},  {"paź", 10},       {"окт", 10},  {"жов", 10},
              {"loka", 10},  {"οκτ", 10},   {"urri", 10},  {"spa", 10},  {"أكتو", 10},      {"اکت", 10},  {"אוקט", 10},
              {"अक्ट", 10},   {"अक्तू", 10},   {"ตุลา", 10},   {"ekim", 10}, {"listopada", 10}, {"říj", 10},  {"nov", 11},
              {"lis", 11},   {"ноя", 11},   {"ное", 11},   {"нов", 11},  {"marras", 11},    {"νοε", 11},  {"azar", 11},
              {"lap", 11},   {"noi", 11},   {"نوفم", 11},  {"نوام", 11}, {"נובמ", 11},      {"नवम", 11},  {"नवं", 11},
              {"พฤศจ", 11},  {"kası", 11},  {"stud", 11},  {"dec", 12},  {"dez", 12},       {"des", 12},  {"déc", 12},
              {"dic", 12},   {"gru", 12},   {"дек", 12},   {"дец", 12},  {"joulu", 12},     {"δεκ", 12},  {"aben", 12},
              {"dets", 12},  {"ديسم", 12},  {"دسام", 12},  {"דצמ", 12},  {"दिसम", 12},      {"दिसं", 12},  {"ธันว", 12},
              {"aralı", 12}, {"prosin", 12}};

static const struct {
    const char *name;
    int offset;
} ZONES[] = {
    {"UTC", 0},   {"GMT", 0},    {"Z", 0},      {"WET", 0},    {"BST", 60},   {"WEST", 60},  {"CET", 60},
    {"MEZ", 60},  {"CEST", 120}, {"MESZ", 120}, {"EET", 120},  {"EEST", 180}, {"MSK", 180},  {"JST", 540},
    {"KST", 540}, {"HKT", 480},  {"EST", -300}, {"EDT", -240}, {"PST", -480}, {"PDT", -420}, {"IDT", 180},
    {"TRT", 180}, {"ICT", 420},  {"WIB", 420},  {"AEST", 600}, {"AEDT", 660}, {"ت ع م", 0},
};

static bool starts(struct span text, size_t at, const char *word) {
    size_t size = strlen(word);
    return text.size - at >= size && memcmp(text.data + at, word, size) == 0;
}

static bool is_letter(char byte) {
    return isalpha((unsigned char)byte) || (unsigned char)byte >= 0x80;
}

/* As many letters of a word tell which month it is. */
#define MONTH_MAX 48

static int month_of(struct span word) {
    char folded[MONTH_MAX];
    size_t size = 0, longest = 0;
    int month = 0;
    /* The Hebrew "in" is part of the word. */
    if (word.size > 2 && memcmp(word.data, "ב", 2) == 0) {
        word.data += 2;
        word.size -= 2;
    }
    for (size_t i = 0; i < word.size && size + 4 <= sizeof folded;) {
        uint32_t code;
        i += utf8_decode(word.data + i, word.size - i, &code);
        if (code == UTF8_INVALID)
            return 0;
        size += utf8_encode((uint32_t)u_tolower((UChar32)code), folded + size);
    }
    for (size_t i = 0; i < sizeof MONTHS / sizeof MONTHS[0]; i++) {
        size_t length = strlen(MONTHS[i].start);
        if (length > longest && size >= length && memcmp(folded, MONTHS[i].start, length) == 0) {
            longest = length;
            month = MONTHS[i].month;
        }
    }
    return month;
}

/* "(UTC)": past it, or 0. */
static size_t read_zone(struct span text, size_t at, struct wiki_time *time) {
    const char *close = memchr(text.data + at, ')', text.size - at);
    if (!close)
        return 0;
    struct span name = {text.data + at + 1, (size_t)(close - text.data) - at - 1};
    for (size_t i = 0; i < sizeof ZONES / sizeof ZONES[0]; i++) {
        if (span_is(name, ZONES[i].name)) {
            time->offset = ZONES[i].offset;
            time->zoned = true;
            return at + name.size + 2;
        }
    }
    return 0;
}

/* The digit at `at` in any script, and how many bytes it takes; -1 where there is none. */
static int read_digit(struct span text, size_t at, size_t *size) {
    uint32_t code;
    if (at >= text.size)
        return -1;
    *size = utf8_decode(text.data + at, text.size - at, &code);
    return code == UTF8_INVALID ? -1 : u_charDigitValue((UChar32)code);
}

struct number {
    int value;
    size_t digits, end;
};

static struct number read_digits(struct span text, size_t at, size_t most) {
    struct number number = {0, 0, at};
    size_t size;
    for (int digit; number.digits < most && (digit = read_digit(text, number.end, &size)) >= 0;) {
        number.value = number.value * 10 + digit;
        number.digits++;
        number.end += size;
    }
    return number;
}

/* A time of day, of which the hour was read: "12:34:56", "12.34", "12h34min". Past it, or 0. */
static size_t read_minutes(struct span text, struct number hour, struct wiki_time *time) {
    bool divided = hour.end < text.size && strchr(":.h", text.data[hour.end]) && text.data[hour.end];
    struct number minute = read_digits(text, hour.end + 1, 3);
    if (!divided || hour.digits > 2 || hour.value > 23 || minute.digits != 2 || time->hour >= 0)
        return 0;
    time->hour = hour.value;
    time->minute = minute.value;
    if (starts(text, minute.end, "min"))
        return minute.end + 3;
    struct number second = read_digits(text, minute.end + 1, 2);
    return minute.end < text.size && text.data[minute.end] == ':' && second.digits == 2 ? second.end : minute.end;
}

/* A number and what tells its meaning; returns where to go on. after_month: "tháng" stands before it. */
static size_t read_number(struct span text, size_t at, bool after_month, struct wiki_time *time) {
    struct number number = read_digits(text, at, 5);
    size_t past;
    bool may_be_month = number.digits <= 2 && number.value >= 1 && number.value <= 12;
    if (may_be_month && (after_month || starts(text, number.end, "月") || starts(text, number.end, "월"))) {
        time->month = number.value;
    } else if (starts(text, number.end, "日") || starts(text, number.end, "일")) {
        time->day = number.value;
    } else if (number.digits == 4 && number.value > 1990 && number.value < 2200) {
        time->year = number.value;
    } else if (number.digits == 4 && number.value > 1990 + BUDDHIST_ERA && number.value < 2200 + BUDDHIST_ERA) {
        time->year = number.value - BUDDHIST_ERA;
    } else if ((past = read_minutes(text, number, time)) > 0) {
        return past;
    } else if (may_be_month && time->day && !time->month && starts(text, number.end, ".")) {
        /* "5. 1. 2010" */
        time->month = number.value;
    } else if (number.digits <= 2 && time->day == 0 && number.value >= 1 && number.value <= 31) {
        time->day = number.value;
    }
    return number.end;
}

static size_t word_end(struct span text, size_t at) {
    size_t end = at, size;
    while (end < text.size && is_letter(text.data[end]) && read_digit(text, end, &size) < 0)
        end++;
    return end;
}

bool wiki_time_read(struct span text, struct wiki_time *time) {
    *time = (struct wiki_time){.hour = -1, .minute = -1, .start = SIZE_MAX};
    bool after_month = false;
    if (text.size > TIME_MAX)
        text.size = TIME_MAX;
    for (size_t at = 0, end, size; at < text.size && !time->zoned; at = end) {
        char byte = text.data[at];
        bool counts = true;
        if (byte == '<') {
            const char *close = memchr(text.data + at, '>', text.size - at);
            end = close ? (size_t)(close - text.data) + 1 : text.size;
            counts = false;
        } else if (read_digit(text, at, &size) >= 0) {
            end = read_number(text, at, after_month, time);
            after_month = false;
        } else if (byte == '(' && time->year && (end = read_zone(text, at, time)) > 0) {
            counts = true;
        } else if (is_letter(byte)) {
            end = word_end(text, at);
            int month = time->month ? 0 : month_of((struct span){text.data + at, end - at});
            time->month = month ? month : time->month;
            after_month = span_is((struct span){text.data + at, end - at}, "tháng");
            counts = month > 0;
        } else {
            end = at + 1;
            counts = false;
        }
        if (counts) {
            time->start = at < time->start ? at : time->start;
            time->end = end;
        }
    }
    return time->year && time->hour >= 0;
}
