/*
 * Digests as archives state them. The hashes are nettle's; here is only how their values are written.
 */
#include <ctype.h>
#include <nettle/nettle-meta.h>
#include <string.h>
#include <strings.h>

#include "crawl/archive.h"

#define DIGEST_SIZE_MAX 64

/* The algorithm of a label such as "sha1", "SHA-256" or "md5"; NULL for others. */
static const struct nettle_hash *find_hash(struct span label) {
    static const struct {
        const char *name;
        const struct nettle_hash *hash;
    } hashes[] = {{"sha1", &nettle_sha1}, {"sha256", &nettle_sha256}, {"sha512", &nettle_sha512}, {"md5", &nettle_md5}};
    char name[8] = "";
    size_t size = 0;
    for (size_t i = 0; i < label.size; i++) {
        if (label.data[i] == '-')
            continue;
        if (size == sizeof name - 1)
            return NULL;
        name[size++] = (char)tolower((unsigned char)label.data[i]);
    }
    for (size_t i = 0; i < sizeof hashes / sizeof hashes[0]; i++) {
        if (strcmp(name, hashes[i].name) == 0)
            return hashes[i].hash;
    }
    return NULL;
}

static void write_hex(const uint8_t *digest, size_t size, char *out) {
    for (size_t i = 0; i < size; i++) {
        *out++ = "0123456789abcdef"[digest[i] >> 4];
        *out++ = "0123456789abcdef"[digest[i] & 15];
    }
    *out = '\0';
}

/* RFC 4648, without padding. */
static void write_base32(const uint8_t *digest, size_t size, char *out) {
    unsigned pending = 0, bits = 0;
    for (size_t i = 0; i < size; i++) {
        pending = (pending << 8 | digest[i]) & 0xFFFF;
        for (bits += 8; bits >= 5; bits -= 5)
            *out++ = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[pending >> (bits - 5) & 31];
    }
    if (bits)
        *out++ = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[pending << (5 - bits) & 31];
    *out = '\0';
}

int digest_check(struct span stated, struct span data) {
    const char *colon = memchr(stated.data, ':', stated.size);
    const struct nettle_hash *hash =
        colon ? find_hash((struct span){stated.data, (size_t)(colon - stated.data)}) : NULL;
    if (!hash)
        return -1;
    struct span value = {colon + 1, stated.size - (size_t)(colon + 1 - stated.data)};
    while (value.size && value.data[value.size - 1] == '=')
        value.size--;
    union {
        struct nettle_hash *align;
        char bytes[512];
    } context;
    uint8_t digest[DIGEST_SIZE_MAX];
    char text[2 * DIGEST_SIZE_MAX + 1];
    bool hex = value.size == 2 * (size_t)hash->digest_size;
    if (!hex && value.size != ((size_t)hash->digest_size * 8 + 4) / 5)
        return -1;
    hash->init(&context);
    hash->update(&context, data.size, (const uint8_t *)data.data);
    hash->digest(&context, hash->digest_size, digest);
    if (hex)
        write_hex(digest, hash->digest_size, text);
    else
        write_base32(digest, hash->digest_size, text);
    return strncasecmp(text, value.data, value.size) == 0;
}
