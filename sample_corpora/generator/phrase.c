/* Expands templates. Knows slots and choices, not what the text is for. */
#include "phrase.h"

#include <string.h>

void values_draw(struct values *values, const struct material *material, struct random *random) {
    values->product = random_below(random, material_words(material, "product")->count);
    values->city = random_below(random, material_words(material, "city")->count);
    values->name = random_below(random, material_words(material, "name")->count);
    values->month = random_below(random, 12);
    values->day = 2 + (unsigned)random_below(random, 27); /* French has a form of its own for the first */
    values->tens = 10 * (1 + (unsigned)random_below(random, 9));
    values->order = 10000 + (unsigned)random_below(random, 90000);
    values->person = 10 + (unsigned)random_below(random, 990);
}

/* Slots that are computed. False for a slot of words.txt. */
static bool append_computed(struct random *random, const struct values *values, struct span name, struct bytes *out) {
    static const char *const mail[] = {"com", "org", "net"};
    /* Public resolvers: addresses that a rule for personal data must find and that belong to nobody in private. */
    static const char *const addresses[] = {"8.8.8.8", "1.1.1.1", "9.9.9.9"};
    if (span_is(name, "day"))
        bytes_append_format(out, "%u", values->day);
    else if (span_is(name, "tens"))
        bytes_append_format(out, "%u", values->tens);
    else if (span_is(name, "digit"))
        bytes_append_format(out, "%u", (unsigned)random_below(random, 10));
    else if (span_is(name, "order"))
        bytes_append_format(out, "%u", values->order);
    else if (span_is(name, "email"))
        bytes_append_format(out, "customer%u@example.%s", values->person, mail[values->person % 3]);
    else if (span_is(name, "address"))
        bytes_append_text(out, addresses[random_below(random, 3)]);
    else
        return false;
    return true;
}

/* The line of a list that the values choose; lists without a value of their own have one line or are drawn from. */
static size_t chosen_line(struct random *random, const struct values *values, struct span name, size_t count) {
    if (name.size >= 7 && memcmp(name.data + name.size - 7, "product", 7) == 0)
        return values->product;
    if (span_is(name, "city"))
        return values->city;
    if (span_is(name, "name"))
        return values->name;
    if (span_is(name, "month"))
        return values->month;
    return random_below(random, count);
}

static void append_slot(const struct material *material, struct random *random, const struct values *values,
                        struct span name, struct bytes *out) {
    if (append_computed(random, values, name, out))
        return;
    size_t start = out->size;
    bool capital = name.size > 6 && memcmp(name.data + name.size - 6, "_start", 6) == 0;
    if (capital)
        name.size -= 6;
    const struct section *section = material_find(material, name);
    phrase_expand(material, random, values, section->entries[chosen_line(random, values, name, section->count)].text,
                  out);
    if (capital && out->data[start] >= 'a' && out->data[start] <= 'z')
        out->data[start] = (char)(out->data[start] - 'a' + 'A');
}

/* The end of the choice that opens at text.data[at], and in *picked the alternative number `pick` (counted where picked
 * is NULL). */
static size_t find_alternative(struct span text, size_t at, size_t *count, size_t pick, struct span *picked) {
    size_t depth = 0, start = at + 1;
    *count = 0;
    for (size_t i = at;; i++) {
        char byte = text.data[i];
        depth += byte == '(';
        if ((byte == '|' && depth == 1) || (byte == ')' && depth == 1)) {
            if (picked && *count == pick)
                *picked = (struct span){text.data + start, i - start};
            ++*count;
            start = i + 1;
        }
        if (byte == ')' && --depth == 0)
            return i;
    }
}

void phrase_expand(const struct material *material, struct random *random, const struct values *values,
                   struct span text, struct bytes *out) {
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] == '(') {
            size_t count, ignored;
            struct span picked;
            find_alternative(text, i, &count, 0, NULL);
            i = find_alternative(text, i, &ignored, random_below(random, count), &picked);
            phrase_expand(material, random, values, picked, out);
        } else if (text.data[i] == '{') {
            size_t end = i + 1;
            while (text.data[end] != '}')
                end++;
            append_slot(material, random, values, (struct span){text.data + i + 1, end - i - 1}, out);
            i = end;
        } else {
            bytes_append_byte(out, text.data[i]);
        }
    }
}

void phrase_draw(const struct material *material, struct random *random, const struct values *values,
                 const struct section *section, char marker, struct bytes *out) {
    size_t index = random_below(random, section_count(section, marker));
    phrase_expand(material, random, values, section_entry(section, marker, index), out);
}
