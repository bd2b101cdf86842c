/*
 * The shapes of byte sequences: where the standard's decoders see one character, and how much a malformed sequence
 * takes with it. Knows no character.
 */
#include "text/charset_sequences.h"

#include <stdint.h>
#include <string.h>

/* What the bytes at a place are: a sequence of `length`, or a malformed one, or one that ICU wants written otherwise.
 */
struct sequence {
    size_t length;
    const char *replacement; /* NULL where it can stay */
};

#define MALFORMED "\xFF"

static bool between(uint8_t byte, uint8_t first, uint8_t last) {
    return byte >= first && byte <= last;
}

/* A malformed sequence ends before its last byte where that is ASCII, which stands for itself. */
static struct sequence malformed(const uint8_t *at, size_t length) {
    return (struct sequence){length > 1 && at[length - 1] < 0x80 ? length - 1 : length, MALFORMED};
}

static struct sequence pair_or_malformed(const uint8_t *at, size_t size, bool is_pair) {
    if (size < 2)
        return malformed(at, 1);
    return is_pair ? (struct sequence){2, NULL} : malformed(at, 2);
}

static struct sequence big5_sequence(const uint8_t *at, size_t size) {
    if (!between(at[0], 0x81, 0xFE))
        return malformed(at, 1);
    return pair_or_malformed(at, size, size > 1 && (between(at[1], 0x40, 0x7E) || between(at[1], 0xA1, 0xFE)));
}

static struct sequence euc_kr_sequence(const uint8_t *at, size_t size) {
    if (!between(at[0], 0x81, 0xFE))
        return malformed(at, 1);
    return pair_or_malformed(
        at, size, size > 1 && (between(at[1], 0x41, 0x5A) || between(at[1], 0x61, 0x7A) || between(at[1], 0x81, 0xFE)));
}

static struct sequence shift_jis_sequence(const uint8_t *at, size_t size) {
    if (at[0] == 0x80 || between(at[0], 0xA1, 0xDF))
        return (struct sequence){1, NULL};
    if (!between(at[0], 0x81, 0x9F) && !between(at[0], 0xE0, 0xFC))
        return malformed(at, 1);
    return pair_or_malformed(at, size, size > 1 && (between(at[1], 0x40, 0x7E) || between(at[1], 0x80, 0xFC)));
}

/* ICU has a row of JIS X 0212, 0x8FF3A1 on, that the standard's index leaves empty. */
static struct sequence euc_jp_sequence(const uint8_t *at, size_t size) {
    if (at[0] == 0x8E)
        return pair_or_malformed(at, size, size > 1 && between(at[1], 0xA1, 0xDF));
    if (at[0] == 0x8F && size > 1 && between(at[1], 0xA1, 0xFE)) {
        if (size > 2 && between(at[2], 0xA1, 0xFE) && at[1] != 0xF3)
            return (struct sequence){3, NULL};
        return malformed(at, size < 3 ? 2 : 3);
    }
    if (at[0] != 0x8F && !between(at[0], 0xA1, 0xFE))
        return malformed(at, 1);
    return pair_or_malformed(at, size, size > 1 && at[0] != 0x8F && between(at[1], 0xA1, 0xFE));
}

static struct sequence gb18030_sequence(const uint8_t *at, size_t size) {
    if (at[0] == 0x80)
        return (struct sequence){1, "\xA2\xE3"}; /* the euro sign */
    if (at[0] == 0xFF)
        return malformed(at, 1);
    if (size < 2 || !between(at[1], 0x30, 0x39))
        return pair_or_malformed(at, size, size > 1 && (between(at[1], 0x40, 0x7E) || between(at[1], 0x80, 0xFE)));
    if ((size > 2 && !between(at[2], 0x81, 0xFE)) || (size > 3 && !between(at[3], 0x30, 0x39)))
        return malformed(at, 1);
    return size < 4 ? (struct sequence){size, MALFORMED} : (struct sequence){4, NULL};
}

/* IBM's table of Shift_JIS turns three control characters around. */
static const char *shift_jis_control(uint8_t byte) {
    return byte == 0x1A ? "\x7F" : byte == 0x1C ? "\x1A" : byte == 0x7F ? "\x1C" : NULL;
}

static const struct {
    const char *encoding;
    struct sequence (*sequence)(const uint8_t *at, size_t size);
    const char *(*control)(uint8_t byte);
} SHAPES[] = {
    {"Big5", big5_sequence, NULL},     {"EUC-KR", euc_kr_sequence, NULL},
    {"GBK", gb18030_sequence, NULL},   {"Shift_JIS", shift_jis_sequence, shift_jis_control},
    {"EUC-JP", euc_jp_sequence, NULL}, {"gb18030", gb18030_sequence, NULL},
};

bool charset_mend_sequences(const char *encoding, struct span data, struct bytes *mended) {
    const size_t count = sizeof SHAPES / sizeof SHAPES[0];
    const uint8_t *bytes = (const uint8_t *)data.data;
    size_t shape = 0, done = 0;
    while (shape < count && strcmp(SHAPES[shape].encoding, encoding) != 0)
        shape++;
    for (size_t i = 0; shape < count && i < data.size;) {
        struct sequence sequence = {1, NULL};
        if (bytes[i] >= 0x80)
            sequence = SHAPES[shape].sequence(bytes + i, data.size - i);
        else if (SHAPES[shape].control)
            sequence.replacement = SHAPES[shape].control(bytes[i]);
        if (sequence.replacement) {
            bytes_append(mended, data.data + done, i - done);
            bytes_append_text(mended, sequence.replacement);
            done = i + sequence.length;
        }
        i += sequence.length;
    }
    if (done > 0)
        bytes_append(mended, data.data + done, data.size - done);
    return done > 0;
}
