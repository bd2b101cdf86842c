/*
 * The half-column of Windows-1252 that differs from Latin-1 (as the WHATWG Encoding Standard has it).
 */
#include "clean/windows1252.h"

static const uint16_t characters[32] = {
    0x20AC, 0x81,   0x201A, 0x192,  0x201E, 0x2026, 0x2020, 0x2021, 0x2C6,  0x2030, 0x160,
    0x2039, 0x152,  0x8D,   0x17D,  0x8F,   0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x2DC,  0x2122, 0x161,  0x203A, 0x153,  0x9D,   0x17E,  0x178,
};

uint32_t windows1252_decode(uint8_t byte) {
    return byte >= 0x80 && byte < 0xA0 ? characters[byte - 0x80] : byte;
}

uint8_t windows1252_encode(uint32_t code) {
    if (code >= 0x80 && code < 0xC0)
        return (uint8_t)code;
    if (code < 0x152 || code > 0x2122)
        return 0;
    for (uint8_t i = 0; i < 32; i++)
        if (characters[i] == code)
            return (uint8_t)(0x80 + i);
    return 0;
}
