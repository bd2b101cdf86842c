/*
 * Templates of numbers whose arguments mean different things by their place: measures, fractions, coordinates. Nothing
 * is converted: what the author wrote is what is shown.
 */
#include <ctype.h>
#include <string.h>

#include "text/wikitext_composition.h"

struct positions {
    struct span items[WIKI_ARGUMENTS_MAX];
    size_t count;
};

static void read_positions(const struct wiki_composition *composition, struct positions *positions) {
    positions->count = 0;
    for (size_t i = 0; i < composition->arguments->count; i++) {
        const struct wiki_argument *argument = &composition->arguments->items[i];
        if (argument->number == positions->count + 1)
            positions->items[positions->count++] = argument->value;
    }
}

static bool is_number(struct span text) {
    size_t at = text.size > 0 && (text.data[0] == '-' || text.data[0] == '+');
    return at < text.size && isdigit((unsigned char)text.data[at]);
}

static void compose(struct wiki_composition *composition, const char *text) {
    wiki_compose_text(composition, span_of(text));
}

/* ---- measures ---- */

/* What stands between two numbers, or NULL. */
static const char *range_text(struct span word) {
    static const struct {
        const char *word, *text;
    } ranges[] = {{"to", " to "},    {"-", "–"},          {"–", "–"},
                  {"and", " and "},  {"or", " or "},      {"by", " by "},
                  {"x", " × "},      {"×", " × "},        {"xx", " × "},
                  {"*", " × "},      {"+/-", " ± "},      {"±", " ± "},
                  {"+", " + "},      {",", ", "},         {"à", " à "},
                  {"to(-)", " to "}, {"and(-)", " and "}, {"to about", " to about "},
                  {"e", " e "},      {"et", " et "},      {"bis", " bis "},
                  {"till", " till "}};
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        if (span_is(word, ranges[i].word))
            return ranges[i].text;
    }
    return NULL;
}

/* How a unit is written where its code differs. */
static struct span unit_text(struct span code) {
    static const struct {
        const char *code, *text;
    } units[] = {{"C", "°C"},           {"F", "°F"},           {"K", "K"},
                 {"km2", "km²"},        {"m2", "m²"},          {"cm2", "cm²"},
                 {"mm2", "mm²"},        {"km3", "km³"},        {"m3", "m³"},
                 {"cm3", "cm³"},        {"sqmi", "sq mi"},     {"sqft", "sq ft"},
                 {"sqkm", "km²"},       {"sqm", "m²"},         {"sqyd", "sq yd"},
                 {"sqin", "sq in"},     {"cuft", "cu ft"},     {"cuyd", "cu yd"},
                 {"cuin", "cu in"},     {"cumi", "cu mi"},     {"kmh", "km/h"},
                 {"km/h", "km/h"},      {"acre", "acres"},     {"mile", "miles"},
                 {"foot", "feet"},      {"/sqkm", "/km²"},     {"/sqmi", "/sq mi"},
                 {"PD/sqkm", "/km²"},   {"PD/sqmi", "/sq mi"}, {"USgal", "US gal"},
                 {"impgal", "imp gal"}, {"m3/s", "m³/s"},      {"cuft/s", "cu ft/s"},
                 {"kg/m3", "kg/m³"},    {"LT", "long tons"},   {"ST", "short tons"},
                 {"MT", "t"},           {"lbf.ft", "lbf⋅ft"},  {"Nm", "N⋅m"}};
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (span_is(code, units[i].code))
            return span_of(units[i].text);
    }
    return code;
}

/* "ft" of "6 ft 2 in": a number after it is a measure's second part, and not what it is rounded to. */
static bool has_part(struct span unit, struct span part) {
    static const char *const parts[][2] = {{"ft", "in"},  {"lb", "oz"}, {"st", "lb"},  {"mi", "yd"},
                                           {"mi", "ft"},  {"yd", "ft"}, {"mi", "ch"},  {"foot", "in"},
                                           {"LT", "cwt"}, {"ch", "lk"}, {"ft", "frac"}};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (span_is(unit, parts[i][0]) && span_is(part, parts[i][1]))
            return true;
    }
    return false;
}

void wiki_compose_measure(struct wiki_composition *composition) {
    struct positions given;
    read_positions(composition, &given);
    if (given.count == 0 || given.items[0].size == 0)
        return;
    wiki_compose_value(composition, given.items[0]);
    size_t at = 1;
    const char *range;
    while (at + 1 < given.count && (range = range_text(given.items[at])) != NULL) {
        compose(composition, range);
        wiki_compose_value(composition, given.items[at + 1]);
        at += 2;
    }
    while (at < given.count && given.items[at].size > 0) {
        struct span code = given.items[at], unit = unit_text(code);
        if (unit.data[0] != '/')
            compose(composition, " ");
        wiki_compose_text(composition, unit);
        if (at + 2 >= given.count || !has_part(code, given.items[at + 2]))
            break;
        compose(composition, " ");
        wiki_compose_value(composition, given.items[at + 1]);
        at += 2;
    }
}

/* ---- fractions: 1/n, a/n, w a/n ---- */

void wiki_compose_fraction(struct wiki_composition *composition) {
    struct positions given;
    read_positions(composition, &given);
    if (given.count == 0 || given.count > 3)
        return;
    if (given.count == 3) {
        wiki_compose_value(composition, given.items[0]);
        compose(composition, " ");
    }
    if (given.count == 1)
        compose(composition, "1");
    else
        wiki_compose_value(composition, given.items[given.count - 2]);
    compose(composition, "/");
    wiki_compose_value(composition, given.items[given.count - 1]);
}

/* ---- coordinates: those of the page stand at its top and not in the text ---- */

static size_t compose_angle(struct wiki_composition *composition, const struct positions *given, size_t at) {
    static const char *const marks[] = {"°", "′", "″"};
    for (size_t part = 0; part < 3 && at < given->count && is_number(given->items[at]); part++, at++) {
        wiki_compose_value(composition, given->items[at]);
        compose(composition, marks[part]);
    }
    if (at < given->count && given->items[at].size == 1 && isupper((unsigned char)given->items[at].data[0]))
        wiki_compose_value(composition, given->items[at++]);
    return at;
}

void wiki_compose_coordinates(struct wiki_composition *composition) {
    struct positions given;
    read_positions(composition, &given);
    const struct span *display = wiki_argument_text(composition->arguments, "display");
    if (given.count < 2 || !is_number(given.items[0]) ||
        (display && (span_is(*display, "title") || span_is(*display, "t"))))
        return;
    bool decimal =
        is_number(given.items[1]) && (given.count == 2 || (!is_number(given.items[2]) && given.items[2].size != 1));
    if (decimal) {
        wiki_compose_value(composition, given.items[0]);
        compose(composition, "°, ");
        wiki_compose_value(composition, given.items[1]);
        compose(composition, "°");
        return;
    }
    size_t at = compose_angle(composition, &given, 0);
    compose(composition, " ");
    compose_angle(composition, &given, at);
}
