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

/* Whether issuers of cards have numbers that begin so, and so long (ISO/IEC 7812-1, annex A, as the networks publish).
 */
static size_t issuer(struct span match) {
    unsigned front = 0, digits = 0;
    for (size_t i = 0; i < match.size; i++)
        if (is_digit(match.data[i])) {
            front = digits < 4 ? front * 10 + (unsigned)(match.data[i] - '0') : front;
            digits++;
        }
    bool known;
    if (front >= 4000 && front < 5000)
        known = digits == 13 || digits == 16 || digits == 19;
    else if ((front >= 5100 && front < 5600) || (front >= 2221 && front <= 2720) || (front >= 3528 && front < 3590))
        known = digits == 16;
    else if ((front >= 3400 && front < 3500) || (front >= 3700 && front < 3800))
        known = digits == 15;
    else if ((front >= 3000 && front < 3060) || (front >= 3600 && front < 3700) || (front >= 3800 && front < 4000))
        known = digits == 14;
    else
        known = digits >= 16 && ((front >= 6200 && front < 6300) || front == 6011 || (front >= 6440 && front < 6600) ||
                                 (front >= 2200 && front < 2205) || (front >= 5000 && front < 5100) ||
                                 (front >= 5600 && front < 5900) || front == 6304 || front == 6759);
    return known ? match.size : 0;
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

/* The three-digit ones that are assigned. */
static bool is_three_digit_code(unsigned code) {
    static const uint16_t codes[] = {
        211, 212, 213, 216, 218, 220, 221, 222, 223, 224, 225, 226, 227, 228, 229, 230, 231, 232, 233, 234, 235,
        236, 237, 238, 239, 240, 241, 242, 243, 244, 245, 246, 247, 248, 249, 250, 251, 252, 253, 254, 255, 256,
        257, 258, 260, 261, 262, 263, 264, 265, 266, 267, 268, 269, 290, 291, 297, 298, 299, 350, 351, 352, 353,
        354, 355, 356, 357, 358, 359, 370, 371, 372, 373, 374, 375, 376, 377, 378, 380, 381, 382, 383, 385, 386,
        387, 389, 420, 421, 423, 500, 501, 502, 503, 504, 505, 506, 507, 508, 509, 590, 591, 592, 593, 594, 595,
        596, 597, 598, 599, 670, 672, 673, 674, 675, 676, 677, 678, 679, 680, 681, 682, 683, 685, 686, 687, 688,
        689, 690, 691, 692, 800, 808, 850, 852, 853, 855, 856, 870, 880, 881, 882, 883, 886, 888, 960, 961, 962,
        963, 964, 965, 966, 967, 968, 970, 971, 972, 973, 974, 975, 976, 977, 979, 992, 993, 994, 995, 996, 998};
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        if (codes[i] == code)
            return true;
    return false;
}

/*
 * An international number: a country code that exists, and 8 to 15 digits in all (E.164), ten or more where nothing
 * divides them, as integers with a sign are shorter. Those of North America have eleven. Begins with + or 00.
 */
static size_t phone(struct span match) {
    unsigned digits[18], count = 0;
    unsigned front = 0; /* digits before the first divider */
    size_t start = match.size >= 2 && match.data[0] == '0' ? 2 : 1;
    for (size_t i = start; i < match.size && count < 18; i++)
        if (is_digit(match.data[i]))
            digits[count++] = (unsigned)(match.data[i] - '0');
        else if (front == 0)
            front = count;
    bool divided = front > 0;
    bool trunk = memmem(match.data, match.size, "(0)", 3) != NULL; /* which some write, and nobody dials */
    if (count < (divided ? 8 : 10) || count > 15U + trunk)
        return 0;
    if (digits[0] == 1 && (count != 11 || digits[1] < 2))
        return 0;
    unsigned size = digits[0] == 1 || digits[0] == 7                                    ? 1
                    : is_two_digit_code(digits[0] * 10 + digits[1])                     ? 2
                    : is_three_digit_code(digits[0] * 100 + digits[1] * 10 + digits[2]) ? 3
                                                                                        : 0;
    /* Columns of numbers begin with zeros, too: there the code stands apart, and no zero follows but Italy's. */
    if (start == 2 && (front != size || (digits[size] == 0 && !trunk && digits[0] * 10 + digits[1] != 39)))
        return 0;
    return size > 0 ? match.size : 0;
}

/* ---- national numbers ---- */

/* The digits of a match, at most size of them; returns how many there are. */
static size_t digits_read(struct span match, unsigned *digits, size_t size) {
    size_t count = 0;
    for (size_t i = 0; i < match.size; i++)
        if (is_digit(match.data[i])) {
            if (count < size)
                digits[count] = (unsigned)(match.data[i] - '0');
            count++;
        }
    return count;
}

/* The North American numbering plan: area and exchange begin with 2 to 9 and are no service codes (N11). */
static size_t nanp(struct span match) {
    unsigned d[11];
    size_t count = digits_read(match, d, 11);
    const unsigned *n = count == 11 && d[0] == 1 ? d + 1 : d;
    if (count != 10 && n == d)
        return 0;
    bool area = n[0] >= 2 && n[1] != 9 && !(n[1] == 1 && n[2] == 1);
    bool exchange = n[3] >= 2 && !(n[4] == 1 && n[5] == 1);
    return area && exchange ? match.size : 0;
}

/* A year of this time and the last. */
static bool is_year(const unsigned *d) {
    return (d[0] == 1 && d[1] == 9) || (d[0] == 2 && d[1] == 0);
}

/* A number as countries write their own: 7 to 13 digits, not all the same, and no date or span of years. */
static size_t national_phone(struct span match) {
    unsigned d[13];
    size_t count = digits_read(match, d, 13);
    bool varied = false;
    if (count < 7 || count > 13)
        return 0;
    for (size_t i = 1; i < count; i++)
        varied |= d[i] != d[0];
    bool years = count == 8 && is_year(d) && (is_year(d + 4) || (d[4] * 10 + d[5] <= 12 && d[6] * 10 + d[7] <= 31));
    bool date = count == 8 && is_year(d + 4) && d[0] * 10 + d[1] <= 31 && d[2] * 10 + d[3] <= 31;
    return varied && !years && !date ? match.size : 0;
}

static bool is_date(unsigned month, unsigned day) {
    return month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

/* United States: no number has an area of 000, 666 or 9xx, a group of 00 or a serial of 0000. */
static size_t ssn(struct span match) {
    unsigned d[9];
    if (digits_read(match, d, 9) != 9)
        return 0;
    unsigned area = d[0] * 100 + d[1] * 10 + d[2], group = d[3] * 10 + d[4];
    unsigned serial = d[5] * 1000 + d[6] * 100 + d[7] * 10 + d[8];
    return area && area != 666 && area < 900 && group && serial ? match.size : 0;
}

/* Sweden: a date, six or eight digits, four more, and Luhn's sum over the last ten. A day above 60 is a coordination
 * number. */
static size_t personnummer(struct span match) {
    unsigned d[12], sum = 0;
    size_t count = digits_read(match, d, 12);
    if (count != 10 && count != 12)
        return 0;
    const unsigned *n = d + (count - 10);
    unsigned day = n[4] * 10 + n[5];
    for (size_t i = 0; i < 10; i++) {
        unsigned weighed = i % 2 ? n[i] : 2 * n[i];
        sum += weighed > 9 ? weighed - 9 : weighed;
    }
    return is_date(n[2] * 10 + n[3], day > 60 ? day - 60 : day) && sum % 10 == 0 ? match.size : 0;
}

/* China (GB 11643): a place, a date, and a check character by ISO 7064 MOD 11-2, X for ten. */
static size_t resident_id(struct span match) {
    unsigned d[18], remainder = 0;
    if (match.size != 18 || digits_read((struct span){match.data, 17}, d, 17) != 17)
        return 0;
    d[17] = is_digit(match.data[17]) ? (unsigned)(match.data[17] - '0') : 10;
    for (size_t i = 0; i < 18; i++)
        remainder = (remainder * 2 + d[i]) % 11;
    bool date = is_year(d + 6) && is_date(d[10] * 10 + d[11], d[12] * 10 + d[13]);
    return date && remainder == 1 ? match.size : 0;
}

/* Brazil: eleven digits, the last two of them check digits mod 11. */
static size_t cpf(struct span match) {
    unsigned d[11];
    bool varied = false;
    if (digits_read(match, d, 11) != 11)
        return 0;
    for (size_t i = 1; i < 11; i++)
        varied |= d[i] != d[0];
    for (size_t check = 9; check < 11; check++) {
        unsigned sum = 0;
        for (size_t i = 0; i < check; i++)
            sum += d[i] * (unsigned)(check + 1 - i);
        if (sum * 10 % 11 % 10 != d[check])
            return 0;
    }
    return varied ? match.size : 0;
}

/* France: thirteen digits and the 97-complement of their remainder. (Corsica's letters are left out.) */
static size_t nir(struct span match) {
    unsigned d[15];
    uint64_t number = 0;
    if (digits_read(match, d, 15) != 15)
        return 0;
    for (size_t i = 0; i < 13; i++)
        number = number * 10 + d[i];
    return 97 - number % 97 == d[13] * 10 + d[14] ? match.size : 0;
}

/* The Netherlands: nine digits, whose sum weighed 9 to 2 and -1 is a multiple of 11. */
static size_t bsn(struct span match) {
    unsigned d[9], sum = 0;
    if (digits_read(match, d, 9) != 9)
        return 0;
    for (size_t i = 0; i < 8; i++)
        sum += d[i] * (unsigned)(9 - i);
    return sum > 0 && sum % 11 == d[8] % 11 ? match.size : 0;
}

/* Spain: eight digits (X, Y, Z before seven stand for 0, 1, 2) and the letter of their remainder mod 23. */
static size_t dni(struct span match) {
    unsigned number = 0, count = 0;
    char letter = match.size > 0 ? match.data[match.size - 1] : 0;
    for (size_t i = 0; i + 1 < match.size; i++) {
        char c = match.data[i];
        unsigned digit = is_digit(c) ? (unsigned)(c - '0') : i == 0 && c >= 'X' && c <= 'Z' ? (unsigned)(c - 'X') : 10;
        number = digit < 10 ? number * 10 + digit : number;
        count += digit < 10;
    }
    return count == 8 && letter == "TRWAGMYFPDXBNJZSQVHLCKE"[number % 23] ? match.size : 0;
}

static const struct {
    const char *name;
    verifier *check;
} verifiers[] = {{"luhn", luhn},
                 {"issuer", issuer},
                 {"iban", iban},
                 {"ipv4", ipv4},
                 {"ipv6", ipv6},
                 {"routable", routable},
                 {"phone", phone},
                 {"national_phone", national_phone},
                 {"nanp", nanp},
                 {"ssn", ssn},
                 {"personnummer", personnummer},
                 {"resident_id", resident_id},
                 {"cpf", cpf},
                 {"nir", nir},
                 {"bsn", bsn},
                 {"dni", dni}};

verifier *verifier_find(struct span name) {
    for (size_t i = 0; i < sizeof verifiers / sizeof verifiers[0]; i++)
        if (span_is(name, verifiers[i].name))
            return verifiers[i].check;
    return NULL;
}

void verifier_list(struct bytes *out) {
    for (size_t i = 0; i < sizeof verifiers / sizeof verifiers[0]; i++) {
        bytes_append_text(out, i > 0 ? ", " : "");
        bytes_append_text(out, verifiers[i].name);
    }
}
