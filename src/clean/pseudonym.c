/*
 * Pseudonyms. The hash is nettle's; here is what counts as the same, and how the name is written. Knows nothing of
 * rules or records.
 */
#include "clean/pseudonym.h"

#include <nettle/hmac.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/input.h"
#include "base/memory.h"

#define KEY_MIN 16
#define KEY_MAX 4096
#define NAME_SIZE 10 /* of five bits each: a million people share none, but for a chance of one in two thousand */

struct pseudonyms {
    struct hmac_sha256_ctx keyed; /* copied for each name */
};

int pseudonyms_load(struct pseudonyms **pseudonyms, const char *path, struct error *error) {
    char key[KEY_MAX + 1];
    struct input *input;
    *pseudonyms = NULL;
    if (input_open(&input, path, error))
        return -1;
    ssize_t size = input_read(input, key, sizeof key, error);
    input_close(input);
    if (size < 0)
        return -1;
    while (size > 0 && (key[size - 1] == '\n' || key[size - 1] == '\r'))
        size--;
    if (size < KEY_MIN || size > KEY_MAX)
        return error_set(error, ERROR_DATA, ERROR_NO_POSITION, "%s: a key has %d to %d bytes", path, KEY_MIN, KEY_MAX);
    *pseudonyms = memory_zeroed(1, sizeof **pseudonyms);
    hmac_sha256_set_key(&(*pseudonyms)->keyed, (size_t)size, (const uint8_t *)key);
    return 0;
}

void pseudonyms_free(struct pseudonyms *pseudonyms) {
    free(pseudonyms);
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/* True for a number with signs between its digits. */
static bool is_number(struct span found) {
    for (size_t i = 0; i < found.size; i++)
        if (!is_digit(found.data[i]) && !memchr("+-()/ .", found.data[i], 7))
            return false;
    return true;
}

/* An address of four numbers, in which the dots say something. */
static bool is_dotted(struct span found) {
    size_t dots = 0;
    for (size_t i = 0; i < found.size; i++) {
        if (!is_digit(found.data[i]) && found.data[i] != '.')
            return false;
        dots += found.data[i] == '.';
    }
    return dots == 3;
}

/* What does not count in front: that of mentions, and the 00 that is the same as +. */
static size_t prefix_size(struct span found, bool number) {
    static const char *const prefixes[] = {"@", "u/", "/u/"};
    if (number)
        return found.size > 2 && memcmp(found.data, "00", 2) == 0 ? 2 : 0;
    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++) {
        size_t size = strlen(prefixes[i]);
        if (found.size > size && memcmp(found.data, prefixes[i], size) == 0)
            return size;
    }
    return 0;
}

void pseudonym_append(const struct pseudonyms *pseudonyms, struct span found, struct bytes *out) {
    static const char digits[] = "abcdefghijklmnopqrstuvwxyz234567";
    struct hmac_sha256_ctx hash = pseudonyms->keyed;
    uint8_t digest[8];
    bool number = is_number(found) && !is_dotted(found);
    for (size_t i = prefix_size(found, number); i < found.size; i++) {
        char c = found.data[i];
        if (number ? !is_digit(c) : c == ' ')
            continue;
        uint8_t byte = (uint8_t)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
        hmac_sha256_update(&hash, 1, &byte);
    }
    hmac_sha256_digest(&hash, sizeof digest, digest);
    uint64_t bits = 0;
    for (size_t i = 0; i < sizeof digest; i++)
        bits = bits << 8 | digest[i];
    for (unsigned i = 0; i < NAME_SIZE; i++)
        bytes_append_byte(out, digits[bits >> (59 - 5 * i) & 31]);
}
