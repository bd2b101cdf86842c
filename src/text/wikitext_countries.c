/*
 * Countries: "{{TR}}" and "{{GER}}" show a flag and, in the wiki's language, the country's name.
 */
#include <ctype.h>
#include <string.h>
#include <unicode/uloc.h>
#include <unicode/uregion.h>
#include <unicode/ustring.h>

#include "text/wikitext_markup.h"

#define CODE_MAX 3
#define NAME_UNITS 128

/* Codes of sports' federations and of habit, where they are not ISO's. */
static const char *const ALIASES[][2] = {
    {"ALG", "DZ"}, {"BUL", "BG"}, {"CHI", "CL"}, {"CRC", "CR"}, {"CRO", "HR"}, {"DEN", "DK"}, {"GER", "DE"},
    {"GRE", "GR"}, {"GUA", "GT"}, {"HON", "HN"}, {"INA", "ID"}, {"IRI", "IR"}, {"KSA", "SA"}, {"KUW", "KW"},
    {"LAT", "LV"}, {"LIB", "LB"}, {"MAS", "MY"}, {"MON", "MC"}, {"NED", "NL"}, {"NEP", "NP"}, {"NGR", "NG"},
    {"PAR", "PY"}, {"PHI", "PH"}, {"POR", "PT"}, {"PUR", "PR"}, {"RSA", "ZA"}, {"SLO", "SI"}, {"SRI", "LK"},
    {"SUI", "CH"}, {"TPE", "TW"}, {"UAE", "AE"}, {"UK", "GB"},  {"URU", "UY"}, {"VIE", "VN"}, {"ZIM", "ZW"}};

/* The country's code in ISO 3166, or NULL where the name is none. */
static const char *find_country(struct span name) {
    char code[CODE_MAX + 1] = "";
    if (name.size < 2 || name.size > CODE_MAX)
        return NULL;
    for (size_t i = 0; i < name.size; i++) {
        if (!isupper((unsigned char)name.data[i]))
            return NULL;
        code[i] = name.data[i];
    }
    for (size_t i = 0; i < sizeof ALIASES / sizeof ALIASES[0]; i++) {
        if (strcmp(code, ALIASES[i][0]) == 0)
            return ALIASES[i][1];
    }
    UErrorCode status = U_ZERO_ERROR;
    const URegion *region = uregion_getRegionFromCode(code, &status);
    bool known = U_SUCCESS(status) && uregion_getType(region) == URGN_TERRITORY;
    return known ? uregion_getRegionCode(region) : NULL;
}

bool wiki_country_append(struct span name, struct span lang, struct bytes *out) {
    const char *country = find_country(name);
    char locale[ULOC_FULLNAME_CAPACITY] = "", place[16] = "und_";
    UChar wide[NAME_UNITS];
    char text[3 * NAME_UNITS];
    UErrorCode status = U_ZERO_ERROR;
    int32_t size = 0;
    if (!country || strlen(country) > 3)
        return false;
    strcat(place, country);
    if (lang.size > 0 && lang.size < sizeof locale)
        memcpy(locale, lang.data, lang.size);
    int32_t units = uloc_getDisplayCountry(place, locale[0] ? locale : "en", wide, NAME_UNITS, &status);
    if (U_FAILURE(status) || units >= NAME_UNITS)
        return false;
    u_strToUTF8(text, sizeof text, &size, wide, units, &status);
    if (U_FAILURE(status) || size == 0)
        return false;
    bytes_append(out, text, (size_t)size);
    return true;
}
