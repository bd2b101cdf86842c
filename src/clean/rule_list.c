/*
 * Look-ups in lists, and taking URLs apart for them as RefinedWeb (Penedo et al. 2023, appendix G.1) does. Knows
 * nothing of rules.
 */
#include "clean/rule_list.h"

#include <stdlib.h>
#include <string.h>
#include <unicode/uchar.h>

#include "base/memory.h"
#include "clean/word_key.h"
#include "text/utf8.h"

/* URLs are looked at to this length, which bounds the work. */
#define URL_MAX 4096

size_t rule_lists_find(const struct rule_lists *lists, struct span name) {
    size_t i = 0;
    while (i < lists->count && !span_is(name, lists->items[i].name))
        i++;
    return i;
}

size_t rule_lists_add(struct rule_lists *lists, struct span name) {
    size_t i = rule_lists_find(lists, name);
    if (i == lists->count) {
        lists->items = memory_resize(lists->items, lists->count + 1, sizeof *lists->items);
        lists->items[lists->count++] = (struct rule_list){.name = memory_copy(name.data, name.size)};
    }
    return i;
}

void rule_lists_release(struct rule_lists *lists) {
    for (size_t i = 0; i < lists->count; i++) {
        struct rule_list *list = &lists->items[i];
        for (size_t entry = 0; entry < list->count; entry++)
            free(list->entries[entry]);
        free(list->entries);
        free(list->slots);
        free(list->name);
    }
    free(lists->items);
    *lists = (struct rule_lists){0};
}

void rule_list_add(struct rule_list *list, struct span entry) {
    struct bytes folded = {0};
    if (list->count == list->capacity) {
        list->capacity = list->capacity ? 2 * list->capacity : 32;
        list->entries = memory_resize(list->entries, list->capacity, sizeof *list->entries);
    }
    for (size_t i = 0; i < entry.size;) {
        uint32_t code;
        i += utf8_decode_valid(entry.data + i, &code);
        utf8_append(&folded, (uint32_t)u_tolower((UChar32)code));
    }
    bytes_text(&folded);
    list->entries[list->count++] = folded.data;
}

void rule_list_finish(struct rule_list *list) {
    size_t capacity = 256; /* words that are in no short list are told at the first look */
    while (capacity < 2 * list->count)
        capacity *= 2;
    free(list->slots);
    list->slots = memory_zeroed(capacity, sizeof *list->slots);
    list->mask = capacity - 1;
    for (size_t entry = 0; entry < list->count; entry++) {
        uint64_t hash = word_key(span_of(list->entries[entry]));
        size_t i = (size_t)hash & list->mask;
        while (list->slots[i] != 0 && list->slots[i] != hash)
            i = (i + 1) & list->mask;
        list->slots[i] = hash;
    }
}

bool rule_list_has(const struct rule_list *list, uint64_t hash) {
    if (hash == 0)
        return false;
    size_t i = (size_t)hash & list->mask;
    while (list->slots[i] != 0 && list->slots[i] != hash)
        i = (i + 1) & list->mask;
    return list->slots[i] != 0;
}

static bool has_text(const struct rule_list *list, struct span text) {
    return rule_list_has(list, word_key(text));
}

/* ---- URLs ---- */

static bool is_alphanumeric(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* The URL in small letters, cut to the size of the buffer. */
static struct span url_fold(struct span url, char folded[URL_MAX]) {
    size_t size = url.size < URL_MAX ? url.size : URL_MAX;
    for (size_t i = 0; i < size; i++)
        folded[i] = (char)(url.data[i] >= 'A' && url.data[i] <= 'Z' ? url.data[i] + 32 : url.data[i]);
    return (struct span){folded, size};
}

/* The URL behind its scheme and the two slashes. */
static struct span without_scheme(struct span url) {
    const char *slashes = url.size >= 2 ? memmem(url.data, url.size, "//", 2) : NULL;
    bool begins = slashes && (slashes == url.data || slashes[-1] == ':');
    size_t skip = begins ? (size_t)(slashes - url.data) + 2 : 0;
    return (struct span){url.data + skip, url.size - skip};
}

static struct span url_host(struct span url) {
    struct span rest = without_scheme(url);
    size_t size = 0;
    while (size < rest.size && !strchr("/?#\\", rest.data[size]))
        size++;
    const char *user = size ? memrchr(rest.data, '@', size) : NULL;
    struct span host = {user ? user + 1 : rest.data, user ? size - (size_t)(user + 1 - rest.data) : size};
    const char *port = host.size ? memrchr(host.data, ':', host.size) : NULL;
    if (port)
        host.size = (size_t)(port - host.data);
    while (host.size > 0 && host.data[host.size - 1] == '.')
        host.size--;
    return host;
}

bool rule_list_has_domain(const struct rule_list *list, struct span url) {
    char folded[URL_MAX];
    struct span host = url_host(url_fold(url, folded));
    while (host.size > 0) {
        if (has_text(list, host))
            return true;
        const char *dot = memchr(host.data, '.', host.size);
        if (!dot)
            return false;
        host = (struct span){dot + 1, host.size - (size_t)(dot + 1 - host.data)};
    }
    return false;
}

bool rule_list_has_address(const struct rule_list *list, struct span url) {
    char folded[URL_MAX];
    struct span rest = without_scheme(url_fold(url, folded));
    if (rest.size >= 4 && memcmp(rest.data, "www.", 4) == 0)
        rest = (struct span){rest.data + 4, rest.size - 4};
    while (rest.size > 0 && rest.data[rest.size - 1] == '/')
        rest.size--;
    return has_text(list, rest);
}

struct listed rule_list_count_words(const struct rule_list *list, struct span url) {
    char folded[URL_MAX];
    uint64_t seen[64]; /* different words are told apart up to so many */
    struct listed listed = {0};
    url = url_fold(url, folded);
    for (size_t i = 0; i < url.size;) {
        size_t start = i, known = 0;
        while (i < url.size && is_alphanumeric(url.data[i]))
            i++;
        listed.words += i > start;
        uint64_t hash = i > start ? word_key((struct span){url.data + start, i - start}) : 0;
        if (rule_list_has(list, hash)) {
            listed.count++;
            while (known < listed.kinds && seen[known] != hash)
                known++;
            if (known == listed.kinds && known < sizeof seen / sizeof *seen)
                seen[listed.kinds++] = hash;
        }
        i += i == start;
    }
    return listed;
}

bool rule_list_has_letters(const struct rule_list *list, struct span url) {
    char letters[URL_MAX];
    size_t size = 0;
    url = url_fold(url, letters);
    for (size_t i = 0; i < url.size; i++)
        if (is_alphanumeric(letters[i]))
            letters[size++] = letters[i];
    for (size_t i = 0; i < list->count; i++)
        if (memmem(letters, size, list->entries[i], strlen(list->entries[i])))
            return true;
    return false;
}
