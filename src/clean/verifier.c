/*
 * Checks of card numbers, bank accounts, network addresses and telephone numbers. Each looks at one match and nothing
 * else.
 */
#include "clean/verifier.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <string.h>

#define ADDRESS_MAX 48

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/* The check digit of card numbers (ISO/IEC 7812-1, annex B), over 12 to 19 digits; other characters are separators. One
 * digit repeated passes the sum where it is 0, and is no card. */
static size_t luhn(struct span match) {
    unsigned sum = 0, digits = 0;
    bool varied = false;
    char last = 0;
    for (size_t i = match.size; i-- > 0;) {
        if (!is_digit(match.data[i]))
            continue;
        unsigned digit = (unsigned)(match.data[i] - '0');
        unsigned weighed = digits % 2 ? 2 * digit : digit;
        sum += weighed > 9 ? weighed - 9 : weighed;
        varied |= digits > 0 && match.data[i] != last;
        last = match.data[i];
        digits++;
    }
    return digits >= 12 && digits <= 19 && varied && sum % 10 == 0 ? match.size : 0;
}

/* Lengths of IBANs by country (ISO 13616 registry). */
static const char iban_lengths[] =
    "AD24AE23AL28AT20AZ28BA20BE16BG22BH22BI27BR29BY28CH21CR22CY28CZ24DE22DJ27DK18DO28EE20EG29ES24"
    "FI18FK18FO18FR27GB22GE22GI23GL18GR27GT28HR21HU28IE22IL23IQ23IS26IT27JO30KW30KZ20LB28LC32LI21"
    "LT20LU20LV21LY25MC27MD24ME22MK19MN20MR27MT31MU30NI28NL18NO15OM23PK24PL28PS29PT25QA29RO24RS22"
    "RU33SA24SC31SD18SE24SI19SK24SM27SO23ST25SV28TL23TN24TR26UA29VA22VG24XK20YE30";

static size_t iban_length(const char *country) {
    for (const char *at = iban_lengths; *at; at += 4)
        if (at[0] == country[0] && at[1] == country[1])
            return (size_t)((at[2] - '0') * 10 + at[3] - '0');
    return 0;
}

/* ISO 13616: the country's length, and the number mod 97, its first four characters moved to the end, is 1. What the
 * pattern took beyond the country's length is given back. */
static size_t iban(struct span match) {
    char compact[40];
    size_t count = 0, end = 0;
    size_t length = match.size >= 4 ? iban_length(match.data) : 0;
    for (size_t i = 0; i < match.size && count < length; i++)
        if (match.data[i] != ' ') {
            compact[count++] = match.data[i];
            end = i + 1;
        }
    if (length == 0 || count < length || (end < match.size && match.data[end] != ' '))
        return 0;
    unsigned remainder = 0;
    for (size_t i = 0; i < length; i++) {
        char c = compact[(i + 4) % length];
        remainder = is_digit(c) ? remainder * 10 + (unsigned)(c - '0') : remainder * 100 + (unsigned)(c - 'A') + 10;
        remainder %= 97;
    }
    return remainder == 1 ? end : 0;
}

static bool address_read(struct span match, int family, void *address) {
    char text[ADDRESS_MAX];
    if (match.size >= sizeof text)
        return false;
    memcpy(text, match.data, match.size);
    text[match.size] = 0;
    return inet_pton(family, text, address) == 1;
}

/* Octets of at most 255 without leading zeros. */
static size_t ipv4(struct span match) {
    unsigned char octets[4];
    return address_read(match, AF_INET, octets) ? match.size : 0;
}

static size_t ipv6(struct span match) {
    unsigned char octets[16];
    return address_read(match, AF_INET6, octets) ? match.size : 0;
}

/* IPv4 ranges that are not globally routable (IANA special-purpose registry, multicast and reserved space). */
static const struct {
    uint32_t network;
    unsigned bits;
} special_ipv4[] = {
    {0x00000000, 8},  {0x0A000000, 8},  {0x64400000, 10}, {0x7F000000, 8},  {0xA9FE0000, 16},
    {0xAC100000, 12}, {0xC0000000, 24}, {0xC0000200, 24}, {0xC0586300, 24}, {0xC0A80000, 16},
    {0xC6120000, 15}, {0xC6336400, 24}, {0xCB007100, 24}, {0xE0000000, 3},
};

/* Addresses of the public network: others name nobody. */
static size_t routable(struct span match) {
    unsigned char octets[16];
    if (address_read(match, AF_INET, octets)) {
        uint32_t address = (uint32_t)octets[0] << 24 | (uint32_t)octets[1] << 16 | (uint32_t)octets[2] << 8 | octets[3];
        for (size_t i = 0; i < sizeof special_ipv4 / sizeof special_ipv4[0]; i++)
            if ((address ^ special_ipv4[i].network) >> (32 - special_ipv4[i].bits) == 0)
                return 0;
        return match.size;
    }
    if (!address_read(match, AF_INET6, octets))
        return 0;
    bool global = octets[0] >> 5 == 1; /* 2000::/3 */
    bool documentation = memcmp(octets, "\x20\x01\x0D\xB8", 4) == 0;
    return global && !documentation ? match.size : 0;
}

/* Country codes of E.164 by their first digits: zones 1 and 7 are one digit, these two digits, the rest three. */
static bool is_two_digit_code(unsigned code) {
    static const unsigned char codes[] = {20, 27, 30, 31, 32, 33, 34, 36, 39, 40, 41, 43, 44, 45, 46,
                                          47, 48, 49, 51, 52, 53, 54, 55, 56, 57, 58, 60, 61, 62, 63,
                                          64, 65, 66, 81, 82, 84, 86, 90, 91, 92, 93, 94, 95, 98};
    return memchr(codes, (int)code, sizeof codes) != NULL;
}

/* Three-digit codes are assigned in these tens. */
static bool is_three_digit_code(unsigned code) {
    static const unsigned char tens[] = {21, 22, 23, 24, 25, 26, 29, 35, 37, 38, 42, 50,
                                         59, 67, 68, 69, 80, 85, 87, 88, 96, 97, 99};
    return memchr(tens, (int)(code / 10), sizeof tens) != NULL;
}

/* An international number: a country code that exists, and 8 to 15 digits in all (E.164). Begins with + or 00. */
static size_t phone(struct span match) {
    unsigned digits[18], count = 0;
    size_t i = match.size >= 2 && match.data[0] == '0' ? 2 : 0;
    for (; i < match.size && count < 18; i++)
        if (is_digit(match.data[i]))
            digits[count++] = (unsigned)(match.data[i] - '0');
    if (count < 8 || count > 16) /* with the (0) that some write */
        return 0;
    bool assigned = digits[0] == 1 || digits[0] == 7 || is_two_digit_code(digits[0] * 10 + digits[1]) ||
                    is_three_digit_code(digits[0] * 100 + digits[1] * 10 + digits[2]);
    return assigned ? match.size : 0;
}

verifier *verifier_find(struct span name) {
    static const struct {
        const char *name;
        verifier *check;
    } verifiers[] = {{"luhn", luhn}, {"iban", iban},         {"ipv4", ipv4},
                     {"ipv6", ipv6}, {"routable", routable}, {"phone", phone}};
    for (size_t i = 0; i < sizeof verifiers / sizeof verifiers[0]; i++)
        if (span_is(name, verifiers[i].name))
            return verifiers[i].check;
    return NULL;
}
