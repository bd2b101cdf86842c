/*
 * Values as dumps write them → values as records hold them: dates, language tags, scores, text. Knows nothing of where
 * they stood.
 */
#include "crawl/format.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include <unicode/uloc.h>

#include "base/json.h"
#include "text/charset.h"

void crawl_set(struct crawl_entry *entry, enum record_field field, struct span text) {
    struct bytes *value = &entry->field[field];
    bytes_clear(value);
    if (text.size == 0)
        return;
    if (charset_is_utf8(text)) {
        bytes_append_span(value, text);
        return;
    }
    static const struct charset utf8 = {"UTF-8"};
    charset_decode(text, &utf8, value, NULL, NULL);
}

/* Reads up to `digits` decimal digits at *at; false for none. */
static bool read_digits(const char **at, int digits, int *value) {
    int count = 0;
    *value = 0;
    while (count < digits && isdigit((unsigned char)**at)) {
        *value = *value * 10 + (*(*at)++ - '0');
        count++;
    }
    return count > 0;
}

/* Days of the civil calendar since 1970-01-01 (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms"). */
static int64_t days_from_civil(int64_t year, int month, int day) {
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

struct moment {
    int year, month, day, hour, minute, second;
    char fraction[8]; /* with its point, or empty */
    int offset;       /* minutes east of UTC */
};

/* "Z", "+02:00", "+0200", "GMT", "" → minutes. Unknown names of zones are taken as UTC. */
static int read_offset(const char *at) {
    while (*at == ' ')
        at++;
    if (*at != '+' && *at != '-')
        return 0;
    int sign = *at++ == '-' ? -1 : 1, hours = 0, minutes = 0;
    if (!read_digits(&at, 2, &hours))
        return 0;
    if (*at == ':')
        at++;
    read_digits(&at, 2, &minutes);
    return hours > 23 || minutes > 59 ? 0 : sign * (hours * 60 + minutes);
}

static const char *read_clock(const char *at, struct moment *moment) {
    const char *start = at;
    if (!read_digits(&at, 2, &moment->hour) || (*at != ':' && !isdigit((unsigned char)*at)))
        return start;
    if (*at == ':')
        at++;
    read_digits(&at, 2, &moment->minute);
    if (*at == ':' || isdigit((unsigned char)*at)) {
        at += *at == ':';
        read_digits(&at, 2, &moment->second);
    }
    if ((*at == '.' || *at == ',') && isdigit((unsigned char)at[1])) {
        size_t kept = 0;
        moment->fraction[kept++] = '.';
        for (at++; isdigit((unsigned char)*at); at++) {
            if (kept < sizeof moment->fraction - 1)
                moment->fraction[kept++] = *at;
        }
        moment->fraction[kept] = '\0';
    }
    return at;
}

/* 2024-05-01, 2024/05/01, 20240501, each with an optional time: ISO 8601 as it is met. */
static bool read_iso(const char *at, struct moment *moment) {
    if (!read_digits(&at, 4, &moment->year) || moment->year < 1000)
        return false;
    bool divided = *at == '-' || *at == '/' || *at == '.';
    at += divided;
    if (!read_digits(&at, 2, &moment->month))
        return false;
    at += divided && *at != '\0' && !isdigit((unsigned char)*at);
    if (!read_digits(&at, 2, &moment->day))
        return false;
    if (*at == 'T' || *at == 't' || *at == ' ' || (!divided && isdigit((unsigned char)*at))) {
        at += !isdigit((unsigned char)*at);
        while (*at == ' ')
            at++;
        at = read_clock(at, moment);
    }
    moment->offset = read_offset(at);
    return true;
}

static int month_of(const char *name) {
    static const char months[] = "janfebmaraprmayjunjulaugsepoctnovdec";
    for (int month = 0; month < 12; month++) {
        if (strncasecmp(name, months + month * 3, 3) == 0)
            return month + 1;
    }
    return 0;
}

/* "Wed, 02 Oct 2002 15:00:00 +0200" (RFC 5322), "2 October 2002", "October 2, 2002 15:00". */
static bool read_worded(const char *at, struct moment *moment) {
    int number;
    for (; *at; at++) {
        if (isdigit((unsigned char)*at)) {
            const char *start = at;
            if (!read_digits(&at, 4, &number))
                return false;
            if (at - start == 4)
                moment->year = number;
            else if (*at == ':')
                at = read_clock(start, moment);
            else if (moment->day == 0)
                moment->day = number;
            at--;
        } else if (isalpha((unsigned char)*at)) {
            int month = month_of(at);
            if (month && moment->month == 0)
                moment->month = month;
            while (isalpha((unsigned char)at[1]))
                at++;
        } else if ((*at == '+' || *at == '-') && moment->year && isdigit((unsigned char)at[1])) {
            moment->offset = read_offset(at);
            break;
        }
    }
    return moment->year >= 1000 && moment->month && moment->day;
}

void crawl_set_date(struct crawl_entry *entry, struct span text) {
    char copy[80];
    while (text.size && isspace((unsigned char)text.data[0])) {
        text.data++;
        text.size--;
    }
    if (text.size < 8 || text.size >= sizeof copy)
        return;
    memcpy(copy, text.data, text.size);
    copy[text.size] = '\0';
    struct moment moment = {0};
    if (!read_iso(copy, &moment)) {
        moment = (struct moment){0};
        if (!read_worded(copy, &moment))
            return;
    }
    if (moment.month < 1 || moment.month > 12 || moment.day < 1 || moment.day > 31 || moment.hour > 24 ||
        moment.minute > 59 || moment.second > 60)
        return;
    int64_t seconds = days_from_civil(moment.year, moment.month, moment.day) * 86400 + moment.hour * 3600 +
                      (moment.minute - moment.offset) * 60 + (moment.second == 60 ? 59 : moment.second);
    time_t when = (time_t)seconds;
    struct tm utc;
    char date[40];
    if (!gmtime_r(&when, &utc) || !strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &utc))
        return;
    struct bytes *value = &entry->field[FIELD_DATE];
    bytes_clear(value);
    bytes_append_format(value, "%s%sZ", date, moment.fraction);
}

void crawl_set_lang(struct crawl_entry *entry, struct span text) {
    char locale[64], tag[64];
    while (text.size && isspace((unsigned char)text.data[0])) {
        text.data++;
        text.size--;
    }
    size_t size = 0;
    while (size < text.size && size < sizeof locale - 1 &&
           (isalnum((unsigned char)text.data[size]) || text.data[size] == '-' || text.data[size] == '_')) {
        locale[size] = text.data[size] == '_' ? '-' : text.data[size];
        size++;
    }
    locale[size] = '\0';
    UErrorCode status = U_ZERO_ERROR;
    char name[64];
    int32_t parsed = 0;
    uloc_forLanguageTag(locale, name, sizeof name, &parsed, &status);
    if (U_FAILURE(status) || parsed != (int32_t)size || status == U_STRING_NOT_TERMINATED_WARNING)
        return;
    /* Also makes "en" of the three-letter "eng". */
    int32_t length = uloc_toLanguageTag(name, tag, sizeof tag, true, &status);
    if (U_FAILURE(status) || status == U_STRING_NOT_TERMINATED_WARNING || strncmp(tag, "und", 3) == 0)
        return;
    crawl_set(entry, FIELD_LANG, (struct span){tag, (size_t)length});
}

void crawl_set_score(struct crawl_entry *entry, struct span text) {
    char copy[40], *end;
    if (text.size == 0 || text.size >= sizeof copy)
        return;
    memcpy(copy, text.data, text.size);
    copy[text.size] = '\0';
    double score = strtod(copy, &end);
    if (*end != '\0' || !(score > -1e300 && score < 1e300))
        return;
    bytes_clear(&entry->field[FIELD_SCORE]);
    json_append_number(&entry->field[FIELD_SCORE], score);
}
